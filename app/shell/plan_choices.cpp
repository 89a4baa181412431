// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/plan_choices.h"

#include "app/views/chart_style.h"
#include "core/io/plan_formats.h"
#include "core/plan/accumulator_plan.h"
#include "core/plan/precision_plan.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QLabel>

namespace app {
namespace {

const QLatin1String kCodebook("codebook:");

QString say(const char* words) { return QCoreApplication::translate("PlanChoices", words); }

Choice formatChoice(const core::CatalogueEntry& entry)
{
    const QString name = QString::fromStdString(entry.name), title = QString::fromStdString(entry.title);
    QString tip = title;
    if (!entry.source.empty())
        tip += QStringLiteral(" (") + QString::fromStdString(entry.source) + u')';
    return {name, name, tip};
}

std::vector<Choice> choicesOf(std::initializer_list<const char*> formats)
{
    std::vector<Choice> choices;
    for (const char* name : formats)
        for (const core::CatalogueEntry& entry : core::formatCatalogue())
            if (entry.name == name)
                choices.push_back(formatChoice(entry));
    return choices;
}

template <class T>
QString problemOf(const core::Result<T>& read)
{
    return read ? QString() : QString::fromStdString(read.error().message);
}

} // namespace

QStringList formatCompletions()
{
    QStringList names;
    const auto offer = [&](const QString& name) {
        if (!names.contains(name) && core::NumberFormat::named(name.toStdString()))
            names << name;
    };
    for (const core::CatalogueEntry& entry : core::formatCatalogue())
        offer(QString::fromStdString(entry.name));
    // The grammar's numbered families; what it does not know is not offered.
    for (const char* family : {"int%1", "uint%1", "pot%1", "odd%1"})
        for (int bits = 1; bits <= 16; ++bits)
            offer(QString::fromLatin1(family).arg(bits));
    for (int exponentBits = 1; exponentBits <= 8; ++exponentBits)
        for (int mantissaBits = 1; mantissaBits <= 10; ++mantissaBits)
            offer(QStringLiteral("e%1m%2").arg(exponentBits).arg(mantissaBits));
    return names;
}

core::Result<core::NumberFormat> typedFormat(const QString& name)
{
    if (!name.startsWith(kCodebook))
        return core::NumberFormat::named(name.toStdString());
    // The whole path is kept, so the plan may be saved anywhere.
    const QString file = QFileInfo(name.mid(kCodebook.size())).absoluteFilePath();
    return core::formatNamed((kCodebook + file).toStdString(), {});
}

QString formatProblem(const QString& name)
{
    const auto format = typedFormat(name);
    if (format || name.startsWith(kCodebook))
        return problemOf(format);
    return say("\"%1\" is no format. Try int4, uint8, e4m3, e3m4, nf4, pot4, sp2-4, apot4, odd2, ternary, bf16, fp32.").arg(name.left(24));
}

QString sumFormatProblem(const QString& name)
{
    const auto format = core::NumberFormat::named(name.toStdString());
    if (format && core::isSumFormat(format.value()))
        return {};
    return say("\"%1\" is no float. Try fp32, fp16, bf16, tf32, e5m2, e4m3, e4m3ieee, or any eXmY.").arg(name.left(24));
}

QString sumBlockProblem(const QString& block)
{
    bool isNumber = false;
    const int length = block.toInt(&isNumber);
    if (block == QLatin1String("root") || (isNumber && length >= 0 && length <= core::kLargestSumBlock))
        return {};
    return say("\"%1\": wanted how many products a block has, or 0 for one chain.").arg(block.left(24));
}

QString rangeProblem(const QString& range) { return problemOf(core::RangeRule::parse(range.toStdString())); }

ChoiceField::Spec formatField(const QString& prefix, const QString& tip)
{
    return {prefix + QStringLiteral("Format"), say("Format"), tip, formatChoices(), QStringLiteral("fp32"), formatProblem, formatCompletions()};
}

ChoiceField::Spec scaleField(const QString& prefix)
{
    return {prefix + QStringLiteral("Scale"), say("Scale"),
            say("Which weights share one scale factor. The fewer share it, the closer the levels lie to the weights, and the more "
                "scales have to be stored (groups of 64: QLoRA, 2023; rows: one per output channel). Type group:48, vector:16 or "
                "block:32 for other lengths."),
            scaleChoices(), QStringLiteral("row"),
            [](const QString& text) { return problemOf(core::ScaleRule::parse(text.toStdString())); }};
}

ChoiceField::Spec clipField(const QString& prefix)
{
    return {prefix + QStringLiteral("Clip"), say("Clip"),
            say("Which magnitude the outermost level stands for: the largest weight, or less where clipping a few outliers lets "
                "all others be represented more finely. Type percentile:99.5 for another share."),
            clipChoices(), QStringLiteral("absmax"),
            [](const QString& text) { return problemOf(core::ClipRule::parse(text.toStdString())); }};
}

ChoiceField::Spec pointsField(const QString& prefix)
{
    return {prefix + QStringLiteral("Points"), say("Points"),
            say("How many low-bit vectors add up to a row: the second represents what the first leaves over, and so on. Each costs "
                "the bits and the multiplications of the first again (multipoint quantization, arXiv 2002.09049)."),
            pointChoices(), QStringLiteral("1")};
}

void setFormat(core::Treatment& treatment, const QString& value)
{
    if (auto format = typedFormat(value))
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

void setPoints(core::Treatment& treatment, const QString& value) { treatment.points = std::max(1, value.toInt()); }

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
            {QStringLiteral("group:16"), say("groups of 16"), say("16 neighbouring weights of a row share a scale")},
            {QStringLiteral("vector:16"), say("vectors of 16"),
             say("16 neighbouring weights share an 8-bit integer scale under their row's scale (VS-Quant, MLSys 2021)")},
            {QStringLiteral("block:32"), say("blocks of 32"),
             say("32 neighbouring weights share a power of two (e8m0), as in OCP Microscaling Formats 1.0, 2023")}};
}

std::vector<Choice> pointChoices()
{
    return {{QStringLiteral("1"), say("one vector"), say("A row is rounded once")},
            {QStringLiteral("2"), say("two vectors"), say("A second vector of the same format represents what the first leaves over")},
            {QStringLiteral("3"), say("three vectors"), say("Three vectors of the same format add up to a row")},
            {QStringLiteral("4"), say("four vectors"), say("Four vectors of the same format add up to a row")}};
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
            {QStringLiteral("mse"), say("least squares"), say("The range with the smallest squared error on the calibration samples")},
            {QStringLiteral("dynamic"), say("of each sample"), say("Measured anew on every sample as it arrives; needs no calibration")},
            {QStringLiteral("dynamic:token"), say("of each token"),
             say("Measured anew for each vector a matrix product reads, for each position of a picture")},
            {QStringLiteral("daq"), say("by distribution"),
             say("From mean and deviation of each channel of each sample (distribution-aware quantization, arXiv 2012.11230)")}};
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
            {QStringLiteral("fisher"), say("the loss"),
             say("The same regression, each output weighted by how much the loss minds its error (Fisher information)")},
            {QStringLiteral("qera"), say("weights and input moments"),
             say("The weight error, scaled by the root of the inputs' second moments (QERA, arXiv 2410.06040)")},
            {QStringLiteral("lqer"), say("weights and input sizes"),
             say("Singular vectors of the weight error, each input scaled by its mean magnitude (LQER, arXiv 2402.02446)")},
            {QStringLiteral("svd"), say("weights only"),
             say("Singular vectors of the weight error; needs no data, and wins little because rounding error is nearly white")},
            {QStringLiteral("trained"), say("the loss, trained"),
             say("A and B learned by gradient (Adam) from where the closed form leaves them, judged by training samples kept back: takes a "
                 "while, in the background, and is one undo step when it has ended (Neural Precision Polarization, arXiv 2411.05845)")}};
}

std::vector<Choice> fitDeviceChoices()
{
    return {{QStringLiteral("own"), say("this chip"), say("Each chip's path is fitted to that chip's own errors (chip in the loop)")},
            {QStringLiteral("mean"), say("the ideal chip"), say("Fitted to a chip without variation: what a designer knows before the chip is made")},
            {QStringLiteral("average:8"), say("eight others"), say("Fitted to the errors of eight other chips taken together")},
            {QStringLiteral("chip:1"), say("chip 1"), say("Fitted to chip 1, whichever chip it then runs on: shows how badly paths transfer")}};
}

std::vector<Choice> surrogateInputChoices()
{
    return {{QStringLiteral("exact"), say("unrounded"), say("The recovery path reads the layer's input before it is rounded")},
            {QStringLiteral("quantized"), say("rounded"), say("The recovery path reads what the main path reads")}};
}

std::vector<Choice> surrogateFormatChoices() { return choicesOf({"fp32", "fp16", "bf16", "e4m3", "int8"}); }

std::vector<Choice> mappingChoices()
{
    return {{QStringLiteral("differential"), say("differential"), say("A pair of cells per weight, one for each sign")},
            {QStringLiteral("offset"), say("offset"), say("One cell per weight on a raised zero, which is subtracted digitally")},
            {QStringLiteral("one-sided"), say("two's complement"), say("One side of cells; the top bit has a cell of its own and counts negative")}};
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
    // In the order of core::Variation::Model.
    return {{QStringLiteral("proportional"), say("of its own value"), say("Sigma in parts of the cell's own conductance")},
            {QStringLiteral("independent"), say("of the largest"), say("Sigma in parts of the largest conductance, the same for every cell")},
            {QStringLiteral("log-normal"), say("log-normal"), say("The conductance times exp(sigma z); its mean is kept")},
            {QStringLiteral("capacitor"), say("capacitor mismatch"), say("6.64 % over the root of the capacitance in femtofarads (28 nm, arXiv 2507.09776)")},
            {QStringLiteral("polynomial"), say("measured"), say("A polynomial in the conductance: phase-change programming, or a fit to measured cells")}};
}

std::vector<Choice> readNoiseChoices()
{
    return {{QStringLiteral("proportional"), say("of its own value"), say("Sigma in parts of the cell's own conductance")},
            {QStringLiteral("independent"), say("of the largest"), say("Sigma in parts of the largest conductance, the same for every cell")},
            {QStringLiteral("flicker"), say("1/f noise"), say("Phase-change cells' 1/f noise, which grows with time (IBM's analog hardware kit)")}};
}

std::vector<Choice> driftChoices()
{
    return {{QStringLiteral("constant"), say("all alike"), say("Every cell's exponent has the same mean and spread")},
            {QStringLiteral("phase-change"), say("phase change"), say("The exponent depends on the conductance (IBM's analog hardware kit)")}};
}

std::vector<Choice> compensationChoices()
{
    return {{QStringLiteral("none"), say("not"), say("Outputs fade as the cells do")},
            {QStringLiteral("global"), say("by one factor"), say("One digital factor for all outputs of a layer")},
            {QStringLiteral("column"), say("by column"), say("One digital factor for each output")}};
}

std::vector<Choice> columnReaderChoices()
{
    return {{QStringLiteral("converter"), say("converters"), say("An ADC of the bits above")},
            {QStringLiteral("comparator"), say("comparators"), say("One bit: above or below the middle (ADC-free arrays, arXiv 2309.01771)")}};
}

std::vector<Choice> dacChoices()
{
    return {{QStringLiteral("1"), say("1 bit"), say("A row is on or off")},
            {QStringLiteral("2"), say("2 bits"), say("4 levels of a row's voltage")},
            {QStringLiteral("4"), say("4 bits"), say("16 levels of a row's voltage")},
            {QStringLiteral("8"), say("8 bits"), say("All input bits at once: one read")}};
}

std::vector<Choice> sumFormatChoices() { return choicesOf({"fp32", "fp16", "bf16", "tf32", "e5m2", "e4m3", "e4m3ieee"}); }

std::vector<Choice> productChoices()
{
    // In the order of core::ProductRounding.
    return {{QStringLiteral("rounded"), say("rounded too"), say("Every product is rounded to the sum's format, then every sum")},
            {QStringLiteral("fp32"), QStringLiteral("fp32"), say("A product keeps fp32 until it is added")},
            {QStringLiteral("fused"), say("fused"),
             say("w x + s is rounded once, as a fused multiply-add (the emulation of arXiv 2503.15568)")}};
}

std::vector<Choice> sumOrderChoices()
{
    // In the order of core::SumOrder.
    return {
        {QStringLiteral("sequential"), say("one by one"), say("One product after the other: the error may grow with their number")},
        {QStringLiteral("pairwise"), say("pairwise"), say("A binary tree, neighbours first: the error grows with the logarithm")},
        {QStringLiteral("kahan"), say("Kahan's"), say("A second number carries what rounding lost: the error hardly grows (Higham, 4.3)")}};
}

std::vector<Choice> sumBlockChoices()
{
    return {{QStringLiteral("0"), say("one chain"), say("All products of a row join one sum")},
            {QStringLiteral("8"), say("blocks of 8"), say("As the kernels that arXiv 2503.15568 measured with")},
            {QStringLiteral("28"), say("blocks of 28"), say("The root of 784: the least error for as many products")},
            {QStringLiteral("root"), say("√n, by layer"),
             say("The root of each layer's number of products: the shortest chains of roundings")}};
}

std::vector<Choice> sumOverflowChoices()
{
    // In the order of core::IntegerOverflow.
    return {
        {QStringLiteral("wrap"), say("wraps"),
         say("Two's complement: past the largest number comes the smallest (WrapNet, arXiv 2007.13242)")},
        {QStringLiteral("saturate"), say("saturates"), say("The sum stays at the end it passed, so the order of the products matters")}};
}

std::vector<Choice> conditionChoices()
{
    // In the order of core::MixedSum::Condition.
    return {{QStringLiteral("magnitude"), say("1 / |v|"),
             say("What the activation passes on, over the sum's magnitude: what the paper computes")},
            {QStringLiteral("full"), say("full"),
             say("The condition of the inner product, its numerator summed low as well: a second product")}};
}

std::vector<Choice> lastLayerChoices()
{
    // In the order of core::MixedSum::LastLayer.
    return {{QStringLiteral("identity"), say("as it is"), say("Every logit's condition counts")},
            {QStringLiteral("rectified"), say("as behind a ReLU"), say("Negative logits are never taken again, as in the authors' code")},
            {QStringLiteral("margin"), say("by margin"), say("Only the largest logit and those that may overtake it")}};
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
