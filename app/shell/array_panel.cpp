// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/array_panel.h"

#include "app/models/plan_problems.h"
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"
#include "app/views/chart_style.h"
#include "app/views/knob_row.h"

#include <QCheckBox>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <cmath>

namespace app {
namespace {

using core::ArrayTreatment;

QString variationValue(core::Variation::Model model)
{
    return model == core::Variation::Model::Proportional ? QStringLiteral("proportional") : QStringLiteral("independent");
}

core::Variation::Model variationModel(const QString& value)
{
    return value == QLatin1String("independent") ? core::Variation::Model::Independent : core::Variation::Model::Proportional;
}

int whole(double value) { return static_cast<int>(std::lround(value)); }

KnobSpec wholeKnob(const char* objectName, const QString& name, const QString& unit, double minimum, double maximum, double defaultValue,
                   const QString& tip)
{
    KnobSpec spec;
    spec.objectName = QString::fromLatin1(objectName);
    spec.name = name;
    spec.unit = unit;
    spec.tip = tip;
    spec.minimum = minimum;
    spec.maximum = maximum;
    spec.step = 1;
    spec.decimals = 0;
    spec.defaultValue = defaultValue;
    return spec;
}

KnobSpec percentKnob(const char* objectName, const QString& name, double maximum, double defaultValue, const QString& tip)
{
    KnobSpec spec = wholeKnob(objectName, name, QStringLiteral("%"), 0, maximum, defaultValue, tip);
    spec.step = 0.1;
    spec.decimals = 1;
    spec.minimumText = ArrayPanel::tr("none");
    return spec;
}

KnobSpec sizeKnob(const char* objectName, const QString& name, double defaultValue, const QString& tip)
{
    KnobSpec spec = wholeKnob(objectName, name, QString(), 4, 1024, defaultValue, tip);
    spec.scale = KnobScale::Logarithmic;
    spec.smallest = 4;
    return spec;
}

}  // namespace

ArrayPanel::ArrayPanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Selected | Settings, QStringLiteral("arrayPanel"), parent)
{
    m_where = new QLabel(this);
    m_where->setObjectName(QStringLiteral("arrayWhere"));
    QFont bold = m_where->font();
    bold.setBold(true);
    m_where->setFont(bold);
    m_switch = new QCheckBox(tr("Computed in an analog array"), this);
    m_switch->setObjectName(QStringLiteral("arraySwitch"));
    m_switch->setToolTip(
        tr("<p>Off: the main path is digital and exact up to its formats. On: weights are conductances of memory cells, inputs arrive bit "
           "by bit, and each column's current is converted by a small ADC.</p>"));
    connect(m_switch, &QCheckBox::clicked, this, [this](bool on) { switchArray(on); });

    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(makeKnobs());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 2, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(m_switch);
    layout->addWidget(scroll, 1);
}

QWidget* ArrayPanel::makeKnobs()
{
    const ArrayTreatment usual;
    auto* page = new QWidget(this);
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 0, 6, 0);
    m_body = new QWidget(page);
    auto* layout = new QVBoxLayout(m_body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);

    layout->addWidget(sectionLabel(tr("What is not ideal"), m_body));
    addKnob(
        *layout,
        percentKnob("sigmaKnob", tr("Variation σ"), 50, usual.variation.sigma * 100,
                    tr("How much the cells of a chip differ from what was meant, as standard deviation. It is fixed when the chip is made, "
                       "so a recovery "
                       "path fitted on that chip can correct most of it.")),
        "cim.variation", [](const ArrayTreatment& array) { return array.variation.sigma * 100; },
        [](ArrayTreatment& array, double value) { array.variation.sigma = value / 100; });
    addChoice(
        *layout,
        new ChoiceField({QStringLiteral("variationModel"), tr("σ in parts"), tr("What the variation is measured against."),
                         variationChoices(), variationValue(usual.variation.model)},
                        m_body),
        "cim.variation", [](const ArrayTreatment& array) { return variationValue(array.variation.model); },
        [](ArrayTreatment& array, const QString& value) { array.variation.model = variationModel(value); });
    addKnob(
        *layout,
        percentKnob(
            "readNoiseKnob", tr("Read noise σ"), 20, usual.readNoise.sigma * 100,
            tr("Noise that is drawn anew at every read. No recovery path removes it: it is what is left when the rank no longer helps.")),
        "cim.read_noise", [](const ArrayTreatment& array) { return array.readNoise.sigma * 100; },
        [](ArrayTreatment& array, double value) { array.readNoise.sigma = value / 100; });

    layout->addWidget(sectionLabel(tr("Converter"), m_body));
    KnobSpec adcBits = wholeKnob(
        "adcBitsKnob", tr("ADC"), tr("bits"), 0, 14, usual.adc.bits,
        tr("Bits of the converter that reads a column. Energy per conversion roughly doubles with every bit beyond eight; too few "
           "bits round the column sums, and no rank wins that back."));
    adcBits.minimumText = tr("ideal");
    addKnob(
        *layout, adcBits, "cim.adc", [](const ArrayTreatment& array) { return static_cast<double>(array.adc.bits); },
        [](ArrayTreatment& array, double value) { array.adc.bits = whole(value); });
    addChoice(
        *layout,
        new ChoiceField({QStringLiteral("adcRange"), tr("ADC range"),
                         tr("Which column sum is the converter's full scale. A calibrated range is often worth two bits, because real sums "
                            "lie far below "
                            "all rows on."),
                         converterRangeChoices(), QString::fromStdString(usual.adc.range.text())},
                        m_body),
        "cim.adc.range", [](const ArrayTreatment& array) { return QString::fromStdString(array.adc.range.text()); },
        [](ArrayTreatment& array, const QString& value) {
            if (const auto range = core::ConverterRange::parse(value.toStdString()))
                array.adc.range = range.value();
        });

    layout->addWidget(sectionLabel(tr("Tile"), m_body));
    addKnob(
        *layout,
        sizeKnob("arrayRowsKnob", tr("Rows"), usual.rows,
                 tr("Inputs that are summed in one conversion. More rows mean fewer conversions and larger sums for the same converter.")),
        "cim.array", [](const ArrayTreatment& array) { return static_cast<double>(array.rows); },
        [](ArrayTreatment& array, double value) { array.rows = whole(value); });
    addKnob(
        *layout, sizeKnob("arrayColumnsKnob", tr("Columns"), usual.columns, tr("Cells across one tile; wider layers take several tiles.")),
        "cim.array", [](const ArrayTreatment& array) { return static_cast<double>(array.columns); },
        [](ArrayTreatment& array, double value) { array.columns = whole(value); });
    addKnob(
        *layout,
        wholeKnob("inputBitsKnob", tr("Input"), tr("bits"), 1, 8, usual.inputBits,
                  tr("Bits of the inputs; each is one plane and one read.")),
        "cim.input_bits", [](const ArrayTreatment& array) { return static_cast<double>(array.inputBits); },
        [](ArrayTreatment& array, double value) { array.inputBits = whole(value); });
    addKnob(
        *layout,
        wholeKnob("weightBitsKnob", tr("Weights"), tr("bits"), 2, 8, usual.weightBits, tr("Bits of the weights as the array stores them.")),
        "cim.weight_bits", [](const ArrayTreatment& array) { return static_cast<double>(array.weightBits); },
        [](ArrayTreatment& array, double value) { array.weightBits = whole(value); });
    addKnob(
        *layout,
        wholeKnob("cellBitsKnob", tr("Cell"), tr("bits"), 1, 4, usual.bitsPerCell, tr("Bits one memory cell holds as an analog level.")),
        "cim.bits_per_cell", [](const ArrayTreatment& array) { return static_cast<double>(array.bitsPerCell); },
        [](ArrayTreatment& array, double value) { array.bitsPerCell = whole(value); });
    addChoice(
        *layout,
        new ChoiceField({QStringLiteral("cellMapping"), tr("Signs"),
                         tr("How a cell, which can only conduct, stands for a negative weight."), mappingChoices(),
                         QStringLiteral("differential")},
                        m_body),
        "cim.mapping",
        [](const ArrayTreatment& array) {
            return array.mapping == core::CellMapping::Differential ? QStringLiteral("differential") : QStringLiteral("offset");
        },
        [](ArrayTreatment& array, const QString& value) {
            array.mapping = value == QLatin1String("offset") ? core::CellMapping::Offset : core::CellMapping::Differential;
        });
    addChoice(
        *layout,
        new ChoiceField({QStringLiteral("planeScheme"), tr("Bit planes"),
                         tr("What is taken apart into bits, each read and converted by itself."), planeChoices(),
                         QStringLiteral("input+weight")},
                        m_body),
        "cim.planes",
        [](const ArrayTreatment& array) {
            return array.planes == core::PlaneScheme::Input ? QStringLiteral("input") : QStringLiteral("input+weight");
        },
        [](ArrayTreatment& array, const QString& value) {
            array.planes = value == QLatin1String("input") ? core::PlaneScheme::Input : core::PlaneScheme::InputAndWeight;
        });

    layout->addWidget(sectionLabel(tr("Chips"), m_body));
    addKnob(
        *layout,
        wholeKnob("chipSeedKnob", tr("Chip number"), QString(), 1, 64, static_cast<double>(usual.chipSeed),
                  tr("Which chip is looked at: the same number gives the same cells, every time.")),
        "cim.chip_seed", [](const ArrayTreatment& array) { return static_cast<double>(array.chipSeed); },
        [](ArrayTreatment& array, double value) { array.chipSeed = static_cast<std::uint64_t>(whole(value)); });
    m_chips = new KnobRow(
        wholeKnob("chipCountKnob", tr("Chips made"), QString(), 1, 64, 1,
                  tr("How many chips are scored. Each differs by its cells alone, so the spread is what production would see.")),
        m_body);
    connect(m_chips, &KnobRow::valueChanged, this, [this](double value) {
        EvaluationSettings settings = exploration().settings();
        settings.chips = whole(value);
        exploration().changeSettings(settings);
    });
    layout->addWidget(m_chips);
    pageLayout->addWidget(m_body);
    pageLayout->addStretch(1);
    return page;
}

void ArrayPanel::addKnob(QVBoxLayout& layout, const KnobSpec& spec, const std::string& field, double (*read)(const ArrayTreatment&),
                         void (*write)(ArrayTreatment&, double))
{
    auto* knob = new KnobRow(spec, m_body);
    followGestures(knob);
    connect(knob, &KnobRow::valueChanged, this, [this, spec, write](double value) {
        editArray(
            QStringLiteral("%1 %2 %3").arg(spec.name).arg(value, 0, 'f', spec.decimals).arg(spec.unit).trimmed(),
            [&](ArrayTreatment& array) { write(array, value); }, gesture());
    });
    layout.addWidget(knob);
    m_knobs.push_back({knob, read, field});
}

void ArrayPanel::addChoice(QVBoxLayout& layout, ChoiceField* choice, const std::string& field, QString (*read)(const ArrayTreatment&),
                           void (*write)(ArrayTreatment&, const QString&))
{
    connect(choice, &ChoiceField::chosen, this, [this, write](const QString& value) {
        editArray(tr("array %1").arg(value), [&](ArrayTreatment& array) { write(array, value); });
    });
    layout.addWidget(choice);
    m_choices.push_back({choice, read, field});
}

void ArrayPanel::editArray(const QString& words, const std::function<void(ArrayTreatment&)>& change, Gesture during)
{
    exploration().editLayers(
        words,
        [&](const core::WeightedLayer&, core::LayerTreatment& treatment) {
            if (treatment.cim)
                change(*treatment.cim);
        },
        during);
}

void ArrayPanel::switchArray(bool on)
{
    exploration().editLayers(on ? tr("in an analog array") : tr("digital"),
                             [on](const core::WeightedLayer&, core::LayerTreatment& treatment) {
                                 if (!on)
                                     treatment.cim.reset();
                                 else if (!treatment.cim)
                                     treatment.cim = ArrayTreatment{};
                             });
}

void ArrayPanel::refresh(Changes)
{
    m_where->setText(editedLayersText());
    setEnabled(exploration().isOpen());
    QPalette outlined = palette();  // an empty box must be seen on dark ground too
    outlined.setColor(QPalette::Base, mixed(outlined.color(QPalette::Base), outlined.color(QPalette::Text), isDark(outlined) ? 0.3 : 0.0));
    m_switch->setPalette(outlined);
    std::vector<ArrayTreatment> arrays;  // of the edited layers that have one: they are what the knobs edit
    const auto edited = exploration().editedLayers();
    for (const core::LayerIndex layer : edited)
        if (const auto array = exploration().treatment(layer).cim)
            arrays.push_back(*array);
    const bool some = !arrays.empty();
    m_switch->setCheckState(!some ? Qt::Unchecked : arrays.size() == edited.size() ? Qt::Checked : Qt::PartiallyChecked);
    m_body->setEnabled(some);

    const ArrayTreatment shown = some ? arrays.front() : ArrayTreatment{};
    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    const PlanProblems problems(exploration().flaws());
    for (const BoundKnob& bound : m_knobs) {
        bound.knob->setValue(bound.read(shown));
        bound.knob->setMixed(
            std::ranges::any_of(arrays, [&](const ArrayTreatment& array) { return bound.read(array) != bound.read(shown); }));
        bound.knob->setProblem(problems.ofField(layer, bound.field));
    }
    for (const BoundChoice& bound : m_choices) {
        if (std::ranges::any_of(arrays, [&](const ArrayTreatment& array) { return bound.read(array) != bound.read(shown); }))
            bound.choice->setMixed(tr("mixed"));
        else
            bound.choice->setValue(bound.read(shown));
        bound.choice->setProblem(problems.ofField(layer, bound.field));
    }
    m_chips->setValue(exploration().settings().chips);
}

}  // namespace app
