// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/precision_panel.h"

#include "app/models/layer_table_model.h"
#include "app/models/plan_problems.h"
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"

#include <QLabel>
#include <QVBoxLayout>

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

void setFormat(core::Treatment& treatment, const QString& value)
{
    if (auto format = core::NumberFormat::named(value.toStdString()))
        treatment.format = format.value();
}

void setScale(core::Treatment& treatment, const QString& value)
{
    if (auto rule = core::ScaleRule::parse(value.toStdString()))
        treatment.scale = rule.value();
}

void setClip(core::Treatment& treatment, const QString& value)
{
    if (auto rule = core::ClipRule::parse(value.toStdString()))
        treatment.clip = rule.value();
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
    m_line = new FormatNumberLine(this);
    m_line->setEmptyHint(tr("Choose a number format for the weights to see its levels over this layer's weights."));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(sectionLabel(tr("Weights"), this));
    layout->addWidget(m_format);
    layout->addWidget(m_scale);
    layout->addWidget(m_clip);
    layout->addWidget(sectionLabel(tr("Inputs"), this));
    layout->addWidget(m_inputFormat);
    layout->addWidget(m_inputRange);
    layout->addWidget(m_line, 1);
    connect(&m_quantizing, &JobRunner::failed, &exploration, &Exploration::tellProblem);
}

void PrecisionPanel::makeFields()
{
    m_format =
        new ChoiceField({QStringLiteral("weightFormat"), tr("Format"),
                         tr("The levels a stored weight can take, in units of its scale. Fewer levels mean fewer bits to store and cheaper "
                            "multiplications, and a coarser copy of the trained weight."),
                         formatChoices(), QStringLiteral("fp32")},
                        this);
    m_scale = new ChoiceField(
        {QStringLiteral("weightScale"), tr("Scale"),
         tr("Which weights share one scale factor. The fewer share it, the closer the levels lie to the weights, and the more "
            "scales have to be stored (groups of 64: QLoRA, 2023; rows: one per output channel)."),
         scaleChoices(), QStringLiteral("row")},
        this);
    m_clip = new ChoiceField(
        {QStringLiteral("weightClip"), tr("Clip"),
         tr("Which magnitude the outermost level stands for: the largest weight, or less where clipping a few outliers lets "
            "all others be represented more finely."),
         clipChoices(), QStringLiteral("absmax")},
        this);
    m_inputFormat =
        new ChoiceField({QStringLiteral("inputFormat"), tr("Format"),
                         tr("The number format of what flows into the layer. Its scale is calibrated on training samples, never on the "
                            "scored ones."),
                         formatChoices(), QStringLiteral("fp32")},
                        this);
    m_inputRange = new ChoiceField(
        {QStringLiteral("inputRange"), tr("Range"),
         tr("Which input value the outermost level stands for, found on the calibration samples. A percentile gives up rare "
            "large values for finer steps."),
         rangeChoices(), QStringLiteral("percentile:99.9")},
        this);

    connect(m_format, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setFormat, tr("weights %1").arg(value)); });
    connect(m_scale, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setScale, tr("weight scale %1").arg(value)); });
    connect(m_clip, &ChoiceField::chosen, this,
            [this](const QString& value) { chooseWeights(value, setClip, tr("weight clip %1").arg(value)); });
    connect(m_inputFormat, &ChoiceField::chosen, this, [this](const QString& value) {
        const auto format = core::NumberFormat::named(value.toStdString());
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
    exploration().editLayers(words, [&](const auto&, core::LayerTreatment& treatment) {
        core::WeightPlan uniform;
        uniform.palette = {treatment.weights.palette.front()};
        apply(uniform.palette.front(), value);
        treatment.weights = uniform;
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
    show(m_inputFormat, [](const Treatment& t) { return QString::fromStdString(t.activations.format.name()); });
    show(m_inputRange, [](const Treatment& t) { return QString::fromStdString(t.activations.range.text()); });

    // A scale or a range means nothing to a number that stays as it is.
    const bool exactWeights = m_format->value() == QLatin1String("fp32"), exactInputs = m_inputFormat->value() == QLatin1String("fp32");
    m_scale->setEnabled(!exactWeights);
    m_clip->setEnabled(!exactWeights);
    m_inputRange->setEnabled(!exactInputs);

    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    const PlanProblems problems(exploration().flaws());
    m_format->setProblem(problems.ofField(layer, "weights.format"));
    m_scale->setProblem(problems.ofField(layer, "weights.scale"));
    m_clip->setProblem(problems.ofField(layer, "weights.clip"));
    m_inputFormat->setProblem(problems.ofField(layer, "activations.format"));
    m_inputRange->setProblem(problems.ofField(layer, "activations.range"));
}

void PrecisionPanel::showNumberLine()
{
    const core::LayerIndex current = exploration().currentLayer();
    const bool shown = current.isValid() && exploration().treatment(current).weights.palette.front().format.levels().size() > 1;
    if (!shown) {
        m_line->clear();
        return;
    }
    m_quantizing.start([this, layers = exploration().source().layers, current,
                        treatment = exploration().treatment(current).weights.palette.front()](const core::RunControl&,
                                                                                              const JobRunner::Tell&) -> JobRunner::Answer {
        const core::WeightedLayer& layer = layers->at(current.value());
        const core::QuantizedMatrix quantized = core::quantizeWeights(layer.weights, {treatment});
        NumberLineFigure figure{QString::fromStdString(layer.name), treatment.format,
                                normalisedWeights(layer.weights, quantized.scales, treatment.scale), scaleSentence(treatment.scale)};
        return [this, figure = std::move(figure)] { m_line->showFormat(figure); };
    });
}

} // namespace app
