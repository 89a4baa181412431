// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/precision_panel.h"

#include "app/exploration/palette_edit.h"
#include "app/models/entry_weights.h"
#include "app/models/layer_table_model.h"
#include "app/models/number_text.h"
#include "app/models/plan_problems.h"
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace app {
namespace {

QString scaleSentence(const core::ScaleRule& rule)
{
    switch (rule.kind) {
    case core::ScaleRule::Kind::Tensor: return PrecisionPanel::tr("one scale for the layer");
    case core::ScaleRule::Kind::Row: return PrecisionPanel::tr("one scale per row");
    case core::ScaleRule::Kind::Group: return PrecisionPanel::tr("one scale per %1 weights").arg(rule.length);
    case core::ScaleRule::Kind::Vector: return PrecisionPanel::tr("one integer scale per %1 weights").arg(rule.length);
    case core::ScaleRule::Kind::Block: return PrecisionPanel::tr("one power of two per %1 weights").arg(rule.length);
    }
    return {};
}

} // namespace

PrecisionPanel::PrecisionPanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Selected, QStringLiteral("precisionPanel"), parent)
{
    m_where = new QLabel(this);
    m_where->setObjectName(QStringLiteral("precisionWhere"));
    m_where->setTextFormat(Qt::PlainText);
    QFont bold = m_where->font();
    bold.setBold(true);
    m_where->setFont(bold);
    makeFields();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(sectionLabel(tr("Weights"), this));
    layout->addWidget(m_format);
    layout->addWidget(m_scale);
    layout->addWidget(m_clip);
    layout->addWidget(m_points);
    layout->addWidget(sectionLabel(tr("Inputs"), this));
    layout->addWidget(m_inputFormat);
    layout->addWidget(m_inputRange);
    layout->addWidget(makeLine(), 1);
    connect(&exploration, &Exploration::weightHovered, this, [this](const std::optional<WeightPlace>& weight) {
        if (isVisible())
            showMarker(weight);
    });
    connect(&m_quantizing, &JobRunner::failed, &exploration, &Exploration::tellProblem);
}

QWidget* PrecisionPanel::makeLine()
{
    auto* framed = new QWidget(this);
    m_line = new FormatNumberLine(framed);
    m_line->setEmptyHint(tr("Choose a number format for the weights to see its levels over this layer's weights."));
    auto* logarithmic = new QCheckBox(tr("log counts"), framed);
    logarithmic->setObjectName(QStringLiteral("logCounts"));
    logarithmic->setFont(smallFont(font()));
    logarithmic->setToolTip(m_line->logCountsAction()->toolTip());
    connect(logarithmic, &QCheckBox::toggled, m_line, &FormatNumberLine::setLogCounts);
    connect(m_line->logCountsAction(), &QAction::toggled, logarithmic, &QCheckBox::setChecked);
    auto* head = new QHBoxLayout;
    head->addWidget(sectionLabel(tr("Levels over the weights"), framed), 1);
    head->addWidget(logarithmic);
    m_entries = new QComboBox(framed);
    m_entries->setObjectName(QStringLiteral("lineEntry"));
    m_entries->setAccessibleName(tr("Palette entry whose levels are shown"));
    m_entries->setToolTip(tr("This layer is mixed: choose whose levels, and whose weights, the line shows"));
    m_entries->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_entries->setMinimumContentsLength(12);
    m_entries->hide();
    connect(m_entries, &QComboBox::activated, this, &PrecisionPanel::showNumberLine);
    auto* layout = new QVBoxLayout(framed);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_entries);
    layout->addWidget(m_line, 1);
    return framed;
}

void PrecisionPanel::makeFields()
{
    const QString prefix = QStringLiteral("weight");
    m_format = new ChoiceField(
        formatField(prefix, tr("The levels a stored weight can take, in units of its scale. Fewer levels mean fewer bits to store and "
                               "cheaper multiplications, and a coarser copy of the trained weight. Type any name of the grammar.")),
        this);
    m_scale = new ChoiceField(scaleField(prefix), this);
    m_clip = new ChoiceField(clipField(prefix), this);
    m_points = new ChoiceField(pointsField(prefix), this);
    m_inputFormat =
        new ChoiceField(formatField(QStringLiteral("input"), tr("The number format of what flows into the layer. Type any name of the "
                                                                "grammar.")),
                        this);
    m_inputRange = new ChoiceField(
        {QStringLiteral("inputRange"), tr("Range"),
         tr("Which input value the outermost level stands for: found once on calibration samples, never on the scored ones, or anew on "
            "every sample. A percentile gives up rare large values for finer steps; type percentile:99.5 for another share."),
         rangeChoices(), QStringLiteral("percentile:99.9"), rangeProblem},
        this);

    connect(m_format, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setFormat, tr("weights %1").arg(value)); });
    connect(m_scale, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setScale, tr("weight scale %1").arg(value)); });
    connect(m_clip, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setClip, tr("weight clip %1").arg(value)); });
    connect(m_points, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setPoints, tr("%1 weight vectors a row").arg(value)); });
    connect(m_inputFormat, &ChoiceField::chosen, this, [this](const QString& value) {
        const auto format = typedFormat(value);
        if (format)
            exploration().editLayers(tr("inputs %1").arg(value),
                                     [&](const auto&, core::LayerTreatment& treatment) { treatment.activations.format = format.value(); });
    });
    connect(m_inputRange, &ChoiceField::chosen, this, [this](const QString& value) {
        const auto rule = core::RangeRule::parse(value.toStdString());
        if (rule)
            exploration().editLayers(tr("input range %1").arg(value),
                                     [&](const auto&, core::LayerTreatment& treatment) { treatment.activations.range = rule.value(); });
    });
}

/// A row-wise mixture becomes uniform: its first treatment, changed as chosen, for all rows.
void PrecisionPanel::chooseWeights(const QString& value, void (*apply)(core::Treatment&, const QString&), const QString& words)
{
    exploration().editLayers(words, [&](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
        core::WeightPlan uniform;
        uniform.palette = {treatment.weights.palette.front()};
        uniform.flips = treatment.weights.flips;
        apply(uniform.palette.front(), value);
        treatment.weights = withoutLostFlips(uniform, layer.columnsPerChannel);
    });
}

void PrecisionPanel::refresh(Changes)
{
    m_where->setText(editedLayersText());
    setEnabled(exploration().isOpen());
    showFields();
    showNumberLine();
}

void PrecisionPanel::showFields()
{
    const auto show = [this](ChoiceField* field, const auto& read) {
        const std::optional<QString> common = commonValue(exploration(), read);
        if (common)
            field->setValue(*common);
        else
            field->setMixed(tr("mixed"));
    };
    using Treatment = core::LayerTreatment;
    const auto ofWeights = [](const Treatment& treatment, auto&& read) {
        return treatment.weights.palette.size() == 1 ? QString::fromStdString(read(treatment.weights.palette.front()))
                                                     : weightsText(treatment.weights);
    };
    show(m_format, [&](const Treatment& t) { return ofWeights(t, [](const core::Treatment& w) { return w.format.name(); }); });
    show(m_scale, [&](const Treatment& t) { return ofWeights(t, [](const core::Treatment& w) { return w.scale.text(); }); });
    show(m_clip, [&](const Treatment& t) { return ofWeights(t, [](const core::Treatment& w) { return w.clip.text(); }); });
    show(m_points, [&](const Treatment& t) { return ofWeights(t, [](const core::Treatment& w) { return std::to_string(w.points); }); });
    show(m_inputFormat, [](const Treatment& t) { return QString::fromStdString(t.activations.format.name()); });
    show(m_inputRange, [](const Treatment& t) { return QString::fromStdString(t.activations.range.text()); });

    // A scale or a range means nothing to a number that stays as it is.
    const bool exactWeights = m_format->value() == QLatin1String("fp32"), exactInputs = m_inputFormat->value() == QLatin1String("fp32");
    m_scale->setEnabled(!exactWeights);
    m_clip->setEnabled(!exactWeights);
    m_points->setEnabled(!exactWeights);
    m_inputRange->setEnabled(!exactInputs);

    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    const PlanProblems problems(exploration().flaws());
    m_format->setProblem(problems.ofField(layer, "weights.format"));
    m_scale->setProblem(problems.ofField(layer, "weights.scale"));
    m_clip->setProblem(problems.ofField(layer, "weights.clip"));
    m_points->setProblem(problems.ofField(layer, "weights.points"));
    m_inputFormat->setProblem(problems.ofField(layer, "activations.format"));
    m_inputRange->setProblem(problems.ofField(layer, "activations.range"));
}

/// The entries of a mixed layer, with how many rows or input channels take each; the one on show stays on show.
void PrecisionPanel::showEntries(const core::WeightPlan& orders)
{
    const int before = std::max(0, m_entries->currentIndex());
    m_entries->clear();
    m_entries->setVisible(!orders.isUniform());
    if (orders.isUniform())
        return;
    const auto count = static_cast<int>(orders.palette.size());
    for (int entry = 0; entry < count; ++entry) {
        const core::Treatment& treatment = orders.palette[static_cast<std::size_t>(entry)];
        const auto stripes = static_cast<qulonglong>(stripesOfEntry(orders, static_cast<std::size_t>(entry)));
        m_entries->addItem(
            (orders.rows.empty() ? tr("%1 of %2: %3 %4, %5 channels") : tr("%1 of %2: %3 %4, %5 rows"))
                .arg(entry + 1)
                .arg(count)
                .arg(QString::fromStdString(treatment.format.name()), QString::fromStdString(treatment.scale.text()))
                .arg(stripes));
    }
    m_entries->setCurrentIndex(before < count ? before : 0);
}

void PrecisionPanel::showNumberLine()
{
    const core::LayerIndex current = exploration().currentLayer();
    const core::WeightPlan orders = current.isValid() ? exploration().treatment(current).weights : core::WeightPlan{};
    showEntries(orders);
    const auto entry = static_cast<std::size_t>(std::max(0, m_entries->currentIndex()));
    const core::Treatment treatment = orders.palette.at(entry);
    if (!current.isValid() || treatment.format.levels().size() <= 1) {
        m_normalised.clear();
        m_line->clear();
        return;
    }
    m_quantizing.start([this, layers = exploration().source().layers, current, orders, entry](const core::RunControl&,
                                                                                              const JobRunner::Tell&) -> JobRunner::Answer {
        const core::WeightedLayer& layer = layers->at(current.value());
        const core::Treatment& shown = orders.palette[entry];
        std::vector<float> normalised = weightsInScales(layer, orders, entry);
        NumberLineFigure figure{QString::fromStdString(layer.name), shown.format, {}, scaleSentence(shown.scale)};
        std::ranges::copy_if(normalised, std::back_inserter(figure.normalised), [](float weight) { return !std::isnan(weight); });
        if (!orders.isUniform())
            figure.scaleText += tr("; entry %1 of %2 alone").arg(entry + 1).arg(orders.palette.size());
        return [this, figure = std::move(figure), normalised = std::move(normalised), columns = layer.columns] {
            takeLine(figure, normalised, columns);
        };
    });
}

void PrecisionPanel::takeLine(NumberLineFigure figure, std::vector<float> normalised, int columns)
{
    m_normalised = std::move(normalised);
    m_columns = columns;
    m_line->showFormat(std::move(figure));
    showMarker({});
}

/// The weight the mouse is over, else the one under the microscope.
void PrecisionPanel::showMarker(std::optional<WeightPlace> hovered)
{
    const std::optional<WeightPlace> place = hovered ? hovered : exploration().selection().weight;
    const auto at = [this](const WeightPlace& weight) {
        return static_cast<std::size_t>(weight.row) * static_cast<std::size_t>(m_columns) + static_cast<std::size_t>(weight.column);
    };
    if (!place || place->row < 0 || place->column < 0 || place->column >= m_columns || at(*place) >= m_normalised.size() ||
        std::isnan(m_normalised[at(*place)])) {
        m_line->setMarker({});
        return;
    }
    const double normalised = static_cast<double>(m_normalised[at(*place)]);
    m_line->setMarker(NumberLineMarker{
        normalised, tr("row %1, column %2: %3").arg(place->row).arg(place->column).arg(shortNumberText(normalised))});
}

} // namespace app
