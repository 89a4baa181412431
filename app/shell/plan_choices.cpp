// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/plan_choices.h"

#include "app/views/chart_style.h"
#include "core/formats/number_format.h"

#include <QCoreApplication>
#include <QLabel>

namespace app {
namespace {

QString say(const char* words) { return QCoreApplication::translate("PlanChoices", words); }

Choice formatChoice(const core::CatalogueEntry& entry)
{
    const QString name = QString::fromStdString(entry.name), title = QString::fromStdString(entry.title);
    QString tip = title;
    if (!entry.source.empty())
        tip += QStringLiteral(" (") + QString::fromStdString(entry.source) + u')';
    return {name, name, tip};
}

} // namespace

std::vector<Choice> formatChoices()
{
    std::vector<Choice> choices;
    for (const core::CatalogueEntry& entry : core::formatCatalogue())
        choices.push_back(formatChoice(entry));
    return choices;
}

std::vector<Choice> scaleChoices()
{
    return {{QStringLiteral("tensor"), say("whole layer"), say("One scale for all weights of the layer")},
            {QStringLiteral("row"), say("each row"), say("One scale per output channel")},
            {QStringLiteral("group:128"), say("groups of 128"), say("128 neighbouring weights of a row share a scale")},
            {QStringLiteral("group:64"), say("groups of 64"), say("64 neighbouring weights of a row share a scale (QLoRA's choice)")},
            {QStringLiteral("group:32"), say("groups of 32"), say("32 neighbouring weights of a row share a scale")},
            {QStringLiteral("group:16"), say("groups of 16"), say("16 neighbouring weights of a row share a scale")}};
}

std::vector<Choice> clipChoices()
{
    return {{QStringLiteral("absmax"), say("largest weight"), say("Nothing is clipped: the outermost level is the largest magnitude")},
            {QStringLiteral("mse"), say("least squares"), say("The clip with the smallest squared error, of 33 tried")},
            {QStringLiteral("percentile:99.9"), say("99.9 % of weights"), say("One weight in a thousand is clipped")},
            {QStringLiteral("percentile:99"), say("99 % of weights"), say("One weight in a hundred is clipped")}};
}

std::vector<Choice> rangeChoices()
{
    return {{QStringLiteral("max"), say("largest seen"), say("The largest value on the calibration samples")},
            {QStringLiteral("percentile:99.99"), say("99.99 % of values"), say("One value in ten thousand is clipped")},
            {QStringLiteral("percentile:99.9"), say("99.9 % of values"), say("One value in a thousand is clipped")},
            {QStringLiteral("percentile:99"), say("99 % of values"), say("One value in a hundred is clipped")},
            {QStringLiteral("mse"), say("least squares"), say("The range with the smallest squared error on the calibration samples")}};
}

std::vector<Choice> converterRangeChoices()
{
    return {{QStringLiteral("full"), say("full scale"), say("All rows on at once; real sums lie far below, so most codes are never used")},
            {QStringLiteral("max"), say("largest seen"), say("The largest column sum of each weight plane on the calibration samples")},
            {QStringLiteral("percentile:99.9"), say("99.9 % of sums"), say("Calibrated per weight plane; rare large sums are clipped")},
            {QStringLiteral("percentile:99"), say("99 % of sums"), say("Calibrated per weight plane; one sum in a hundred is clipped")},
            {QStringLiteral("mse"), say("least squares"), say("The range with the smallest squared conversion error")}};
}

std::vector<Choice> surrogateMethodChoices()
{
    return {{QStringLiteral("activation"), say("activations"),
             say("Reduced-rank regression of the layer's output error on the inputs it really gets: the best correction of each rank")},
            {QStringLiteral("svd"), say("weights only"),
             say("Singular vectors of the weight error; needs no data, and wins little because rounding error is nearly white")}};
}

std::vector<Choice> surrogateInputChoices()
{
    return {{QStringLiteral("exact"), say("unrounded"), say("The recovery path reads the layer's input before it is rounded")},
            {QStringLiteral("quantized"), say("rounded"), say("The recovery path reads what the main path reads")}};
}

std::vector<Choice> surrogateFormatChoices()
{
    std::vector<Choice> choices;
    for (const char* name : {"fp32", "fp16", "bf16", "e4m3", "int8"})
        for (const core::CatalogueEntry& entry : core::formatCatalogue())
            if (entry.name == name)
                choices.push_back(formatChoice(entry));
    return choices;
}

std::vector<Choice> mappingChoices()
{
    return {{QStringLiteral("differential"), say("differential"), say("A pair of cells per weight, one for each sign")},
            {QStringLiteral("offset"), say("offset"), say("One cell per weight on a raised zero, which is subtracted digitally")}};
}

std::vector<Choice> planeChoices()
{
    return {
        {QStringLiteral("input+weight"), say("inputs and weights"), say("One conversion per pair of bit planes: cells hold single bits")},
        {QStringLiteral("input"), say("inputs only"),
         say("One conversion per input plane: a cell holds a whole weight as an analog level")}};
}

std::vector<Choice> variationChoices()
{
    return {
        {QStringLiteral("proportional"), say("of its own value"), say("Sigma in parts of the cell's own conductance")},
        {QStringLiteral("independent"), say("of the largest"), say("Sigma in parts of the largest conductance, the same for every cell")}};
}

QLabel* sectionLabel(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setFont(smallFont(parent->font()));
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setContentsMargins(0, 4, 0, 0);
    return label;
}

} // namespace app
