// SPDX-License-Identifier: GPL-3.0-or-later
// The knobs of the array dock: what each is called, means and edits.
#include "app/shell/array_panel.h"

#include "app/shell/knob_specs.h"
#include "app/shell/plan_choices.h"

#include "core/io/library.h"

#include <QFileDialog>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {
namespace {

using core::ArrayTreatment;
using core::Drift;
using core::Variation;

KnobSpec sizeKnob(const char* objectName, const QString& name, double defaultValue, const QString& tip)
{
    return logarithmic(wholeKnob(objectName, name, QString(), 4, 1024, defaultValue, tip));
}

/// Laws that a sigma says nothing about are set by the device.
template <Variation ArrayTreatment::*part>
QString ofDevice(const ArrayTreatment& array)
{
    const Variation::Model model = (array.*part).model;
    const bool usesSigma =
        model != Variation::Model::Capacitor && model != Variation::Model::Polynomial && model != Variation::Model::Flicker;
    return usesSigma ? QString() : ArrayPanel::tr("The law below has no sigma: the device sets how much.");
}

QString ofDrift(const ArrayTreatment& array)
{
    return array.drift.model == Drift::Model::Constant ? QString() : ArrayPanel::tr("The law above sets each cell's exponent.");
}

}  // namespace

QWidget* ArrayPanel::makeKnobs()
{
    auto* page = new QWidget(this);
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 0, 6, 0);
    m_body = new QWidget(page);
    auto* layout = new QVBoxLayout(m_body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    addCells(*layout);
    addConverter(*layout);
    addTime(*layout);
    addTile(*layout);
    addChips(*layout);
    pageLayout->addWidget(m_body);
    pageLayout->addStretch(1);
    return page;
}

void ArrayPanel::addCells(QVBoxLayout& layout)
{
    const ArrayTreatment usual;
    layout.addWidget(sectionLabel(tr("Cells"), m_body));
    m_devices = core::bundledDevices();
    std::vector<Choice> devices;
    for (const core::Device& device : m_devices)
        devices.push_back(
            {QString::fromStdString(device.name), QString::fromStdString(device.title), QString::fromStdString(device.source)});
    m_device =
        new ChoiceField({QStringLiteral("arrayDevice"), tr("Device"),
                         tr("What kind of memory cell the arrays are built of: sets everything below that belongs to the cells. A table of "
                            "measured conductances (…) makes one of its own."),
                         devices, QStringLiteral("ideal")},
                        m_body);
    connect(m_device, &ChoiceField::chosen, this, [this](const QString& name) { takeDevice(name); });
    auto* measured = new QToolButton(m_body);
    measured->setObjectName(QStringLiteral("measuredDevice"));
    measured->setText(QStringLiteral("…"));
    measured->setToolTip(tr("Fit a device to measured conductances: a CSV of two columns, target and measured"));
    connect(measured, &QToolButton::clicked, this, [this] {
        const QString file = QFileDialog::getOpenFileName(this, tr("Measured conductances or a device"), QString(),
                                                          tr("Measured cells and devices (*.csv *.json)"));
        if (!file.isEmpty())
            fitDeviceFrom(file);
    });
    auto* row = new QHBoxLayout;
    row->addWidget(m_device, 1);
    row->addWidget(measured);
    layout.addLayout(row);
    m_deviceSource = remark("deviceSource", m_body);
    layout.addWidget(m_deviceSource);

    addKnob(
        layout,
        partKnob("sigmaKnob", tr("Variation σ"), QStringLiteral("%"), 50, usual.variation.sigma * 100,
                 tr("How much the cells of a chip differ from what was meant, as standard deviation. It is fixed when the chip is made, so "
                    "a recovery "
                    "path fitted on that chip can correct most of it.")),
        "cim.variation", [](const ArrayTreatment& array) { return array.variation.sigma * 100; },
        [](ArrayTreatment& array, double value) { array.variation.sigma = value / 100; }, ofDevice<&ArrayTreatment::variation>);
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("variationModel"), tr("Varies as"), tr("What the variation is measured against, and by which law."),
                         variationChoices(), QStringLiteral("proportional")},
                        m_body),
        "cim.variation", [](const ArrayTreatment& array) { return nameIn(variationChoices(), array.variation.model); },
        [](ArrayTreatment& array, const QString& value) { array.variation.model = valueIn<Variation::Model>(variationChoices(), value); });
    addKnob(
        layout,
        partKnob(
            "readNoiseKnob", tr("Read noise σ"), QStringLiteral("%"), 20, usual.readNoise.sigma * 100,
            tr("Noise that is drawn anew at every read. No recovery path removes it: it is what is left when the rank no longer helps.")),
        "cim.read_noise", [](const ArrayTreatment& array) { return array.readNoise.sigma * 100; },
        [](ArrayTreatment& array, double value) { array.readNoise.sigma = value / 100; }, ofDevice<&ArrayTreatment::readNoise>);
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("readNoiseModel"), tr("Trembles as"), tr("By which law a cell's reads differ."), readNoiseChoices(),
                         QStringLiteral("proportional")},
                        m_body),
        "cim.read_noise",
        [](const ArrayTreatment& array) {
            return array.readNoise.model == Variation::Model::Flicker       ? QStringLiteral("flicker")
                   : array.readNoise.model == Variation::Model::Independent ? QStringLiteral("independent")
                                                                            : QStringLiteral("proportional");
        },
        [](ArrayTreatment& array, const QString& value) {
            array.readNoise.model = value == QLatin1String("flicker")       ? Variation::Model::Flicker
                                    : value == QLatin1String("independent") ? Variation::Model::Independent
                                                                            : Variation::Model::Proportional;
        });
    addKnob(
        layout,
        fineKnob("stuckOnKnob", tr("Stuck on"), QStringLiteral("%"), 20, 0.01, 2, tr("none"),
                 tr("Cells that conduct all they can, whatever was written.")),
        "cim.stuck", [](const ArrayTreatment& array) { return array.stuck.on * 100; },
        [](ArrayTreatment& array, double value) { array.stuck.on = value / 100; });
    addKnob(
        layout,
        fineKnob("stuckOffKnob", tr("Stuck off"), QStringLiteral("%"), 20, 0.01, 2, tr("none"),
                 tr("Cells that stay empty, whatever was written.")),
        "cim.stuck", [](const ArrayTreatment& array) { return array.stuck.off * 100; },
        [](ArrayTreatment& array, double value) { array.stuck.off = value / 100; });
    addKnob(
        layout,
        fineKnob("onOffKnob", tr("On/off ratio"), QString(), 1e5, 1.5, 1, tr("infinite"),
                 tr("How many times more a full cell conducts than an empty one. What empty cells conduct is subtracted, but varies and "
                    "takes up the converter's range.")),
        "cim.on_off_ratio", [](const ArrayTreatment& array) { return array.onOffRatio; },
        [](ArrayTreatment& array, double value) { array.onOffRatio = value; });
    addKnob(
        layout,
        fineKnob("wireKnob", tr("Wires"), QStringLiteral("Ω"), 100, 0.01, 2, tr("none"),
                 tr("Resistance of the wire between two neighbouring cells. Cells far from the driver and from the converter lose part of "
                    "their current.")),
        "cim.wire_ohms", [](const ArrayTreatment& array) { return array.wireOhms; },
        [](ArrayTreatment& array, double value) { array.wireOhms = value; });
}

void ArrayPanel::addTime(QVBoxLayout& layout)
{
    const ArrayTreatment usual;
    layout.addWidget(sectionLabel(tr("Time"), m_body));
    addKnob(
        layout,
        fineKnob("driftKnob", tr("Drift time"), QStringLiteral("s"), 315576000, 1, 0, tr("none"),
                 tr("How long ago the cells were programmed, up to ten years. Their conductance falls as a power of time: g (1 + t / 20 "
                    "s)^-ν.")),
        "cim.drift", [](const ArrayTreatment& array) { return array.drift.seconds; },
        [](ArrayTreatment& array, double value) { array.drift.seconds = value; });
    m_age = remark("driftAge", m_body);
    layout.addWidget(m_age);
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("driftModel"), tr("Drifts as"), tr("What a cell's exponent ν depends on."), driftChoices(),
                         QStringLiteral("constant")},
                        m_body),
        "cim.drift", [](const ArrayTreatment& array) { return nameIn(driftChoices(), array.drift.model); },
        [](ArrayTreatment& array, const QString& value) { array.drift.model = valueIn<Drift::Model>(driftChoices(), value); });
    addKnob(
        layout,
        fineKnob("driftExponentKnob", tr("Exponent ν"), QString(), 0.5, 0.001, 3, tr("none"),
                 tr("Mean exponent of the drift, where it is the same for all cells.")),
        "cim.drift", [](const ArrayTreatment& array) { return array.drift.nu; },
        [](ArrayTreatment& array, double value) { array.drift.nu = value; }, ofDrift);
    addKnob(
        layout,
        fineKnob("driftSpreadKnob", tr("Spread of ν"), QString(), 0.2, 0.001, 3, tr("none"),
                 tr("Standard deviation of the exponent from cell to cell: what no single factor compensates.")),
        "cim.drift", [](const ArrayTreatment& array) { return array.drift.nuSigma; },
        [](ArrayTreatment& array, double value) { array.drift.nuSigma = value; }, ofDrift);
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("driftCompensation"), tr("Compensated"),
                         tr("Outputs are multiplied by what a read with every row on gave once, over what it gives now."),
                         compensationChoices(), QStringLiteral("none")},
                        m_body),
        "cim.drift", [](const ArrayTreatment& array) { return nameIn(compensationChoices(), array.drift.compensation); },
        [](ArrayTreatment& array, const QString& value) {
            array.drift.compensation = valueIn<Drift::Compensation>(compensationChoices(), value);
        });
}

void ArrayPanel::addConverter(QVBoxLayout& layout)
{
    const ArrayTreatment usual;
    layout.addWidget(sectionLabel(tr("Converter"), m_body));
    KnobSpec adcBits = wholeKnob(
        "adcBitsKnob", tr("ADC"), tr("bits"), 0, 14, usual.adc.bits,
        tr("Bits of the converter that reads a column. Energy per conversion roughly doubles with every bit beyond eight; too few "
           "bits round the column sums, and no rank wins that back."));
    adcBits.minimumText = tr("ideal");
    addKnob(
        layout, adcBits, "cim.adc", [](const ArrayTreatment& array) { return static_cast<double>(array.adc.bits); },
        [](ArrayTreatment& array, double value) { array.adc.bits = whole(value); });
    addChoice(
        layout,
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
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("columnReader"), tr("Columns read by"),
                         tr("A converter of so many bits, or no more than a comparator."), columnReaderChoices(),
                         QStringLiteral("converter")},
                        m_body),
        "cim.adc",
        [](const ArrayTreatment& array) { return array.adc.isComparator ? QStringLiteral("comparator") : QStringLiteral("converter"); },
        [](ArrayTreatment& array, const QString& value) { array.adc.isComparator = value == QLatin1String("comparator"); });
    addKnob(
        layout,
        partKnob("adcOffsetKnob", tr("Offset σ"), tr("LSB"), 8, 0,
                 tr("How much converters' zeros differ, in steps; fixed when a chip is made.")),
        "cim.adc", [](const ArrayTreatment& array) { return array.adc.offsetLsb; },
        [](ArrayTreatment& array, double value) { array.adc.offsetLsb = value; });
    addKnob(
        layout,
        partKnob("adcGainKnob", tr("Gain σ"), QStringLiteral("%"), 20, 0,
                 tr("How much converters' gains differ; fixed when a chip is made.")),
        "cim.adc", [](const ArrayTreatment& array) { return array.adc.gainSigma * 100; },
        [](ArrayTreatment& array, double value) { array.adc.gainSigma = value / 100; });
    addKnob(
        layout,
        partKnob("adcInlKnob", tr("INL σ"), tr("LSB"), 8, 0,
                 tr("Integral non-linearity: the height of a bow over the range, in steps; fixed when a chip is made.")),
        "cim.adc", [](const ArrayTreatment& array) { return array.adc.inlLsb; },
        [](ArrayTreatment& array, double value) { array.adc.inlLsb = value; });
    addKnob(
        layout,
        fineKnob("thermalKnob", tr("Thermal noise"), QStringLiteral("%"), 10, 0.01, 2, tr("none"),
                 tr("Noise of every conversion, as standard deviation in parts of full scale (ASiM, arXiv 2411.11022).")),
        "cim.conversion_noise", [](const ArrayTreatment& array) { return array.conversionNoise.thermal * 100; },
        [](ArrayTreatment& array, double value) { array.conversionNoise.thermal = value / 100; });
    addKnob(
        layout,
        fineKnob("nonlinearKnob", tr("Small-sum noise"), QStringLiteral("%"), 10, 0.01, 2, tr("none"),
                 tr("Noise of a conversion that falls with the root of how many cells are on, in parts of full scale (ASiM, arXiv "
                    "2411.11022).")),
        "cim.conversion_noise", [](const ArrayTreatment& array) { return array.conversionNoise.nonlinear * 100; },
        [](ArrayTreatment& array, double value) { array.conversionNoise.nonlinear = value / 100; });
}

void ArrayPanel::addTile(QVBoxLayout& layout)
{
    const ArrayTreatment usual;
    layout.addWidget(sectionLabel(tr("Tile"), m_body));
    addKnob(
        layout,
        sizeKnob("arrayRowsKnob", tr("Rows (inputs)"), usual.rows,
                 tr("Inputs that are summed in one conversion. More of them mean fewer conversions and larger sums for the same converter.")),
        "cim.array", [](const ArrayTreatment& array) { return static_cast<double>(array.rows); },
        [](ArrayTreatment& array, double value) { array.rows = whole(value); });
    addKnob(
        layout, sizeKnob("arrayColumnsKnob", tr("Columns (outputs)"), usual.columns, tr("Cells across one tile; wider layers take several tiles.")),
        "cim.array", [](const ArrayTreatment& array) { return static_cast<double>(array.columns); },
        [](ArrayTreatment& array, double value) { array.columns = whole(value); });
    addKnob(
        layout,
        wholeKnob("inputBitsKnob", tr("Input"), tr("bits"), 1, 8, usual.inputBits, tr("Bits of the inputs, which arrive plane by plane.")),
        "cim.input_bits", [](const ArrayTreatment& array) { return static_cast<double>(array.inputBits); },
        [](ArrayTreatment& array, double value) { array.inputBits = whole(value); });
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("dacBits"), tr("A plane has"),
                         tr("Bits of the inputs that are applied as one level of the row's voltage, and read at once."), dacChoices(),
                         QStringLiteral("1")},
                        m_body),
        "cim.dac_bits", [](const ArrayTreatment& array) { return QString::number(array.dacBits); },
        [](ArrayTreatment& array, const QString& value) { array.dacBits = value.toInt(); });
    addKnob(
        layout,
        wholeKnob("weightBitsKnob", tr("Weights"), tr("bits"), 2, 8, usual.weightBits, tr("Bits of the weights as the array stores them.")),
        "cim.weight_bits", [](const ArrayTreatment& array) { return static_cast<double>(array.weightBits); },
        [](ArrayTreatment& array, double value) { array.weightBits = whole(value); });
    addKnob(
        layout,
        wholeKnob("cellBitsKnob", tr("Cell"), tr("bits"), 1, 8, usual.bitsPerCell, tr("Bits one memory cell holds as an analog level.")),
        "cim.bits_per_cell", [](const ArrayTreatment& array) { return static_cast<double>(array.bitsPerCell); },
        [](ArrayTreatment& array, double value) { array.bitsPerCell = whole(value); });
    addChoice(
        layout,
        new ChoiceField({QStringLiteral("cellMapping"), tr("Signs"),
                         tr("How a cell, which can only conduct, stands for a negative weight."), mappingChoices(),
                         QStringLiteral("differential")},
                        m_body),
        "cim.mapping", [](const ArrayTreatment& array) { return nameIn(mappingChoices(), array.mapping); },
        [](ArrayTreatment& array, const QString& value) { array.mapping = valueIn<core::CellMapping>(mappingChoices(), value); });
    addChoice(
        layout,
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
    KnobSpec hybrid = wholeKnob(
        "hybridKnob", tr("Digital levels"), QString(), 0, 8, 0,
        tr("Diagonals of the most significant pairs of planes that are computed digitally and exactly (hybrid arrays, arXiv 2411.11022)."));
    hybrid.minimumText = tr("none");
    addKnob(
        layout, hybrid, "cim.hybrid_levels", [](const ArrayTreatment& array) { return static_cast<double>(array.hybridLevels); },
        [](ArrayTreatment& array, double value) { array.hybridLevels = whole(value); });
}

void ArrayPanel::addChips(QVBoxLayout& layout)
{
    const ArrayTreatment usual;
    layout.addWidget(sectionLabel(tr("Chips"), m_body));
    addKnob(
        layout,
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
    layout.addWidget(m_chips);
    auto* effects = new QToolButton(m_body);
    effects->setObjectName(QStringLiteral("effectsButton"));
    effects->setText(tr("What each effect costs"));
    effects->setToolTip(tr("Each imperfection alone, and all but each: on the same chips and samples, in the Effects tab"));
    connect(effects, &QToolButton::clicked, this, &ArrayPanel::effectsWanted);
    layout.addWidget(effects);
}

}  // namespace app
