// SPDX-License-Identifier: Apache-2.0
#include "core/engine/layer_compiler.h"

#include "core/base/hash.h"
#include "core/engine/array_step.h"
#include "core/engine/layer_sums.h"
#include "core/engine/lowering.h"
#include "core/formats/packing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// The integer format an array reads: unsigned where the calibrated range has no negative part.
ActivationQuantizer arrayInput(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment)
{
    const ValueRange extremes = calibration.inputRange(layer.index, {RangeRule::Kind::Max, 100.0}, {});
    const bool isSigned = extremes.low < 0;
    const int bits = treatment.cim->inputBits;
    const NumberFormat format((isSigned ? "int" : "uint") + std::to_string(bits), IntegerFormat{bits, isSigned}, bits);
    const ValueRange range = calibration.inputRange(layer.index, treatment.activations.range, format);
    return fitActivationQuantizer(format, isSigned ? range.low : 0.0f, range.high);
}

InputTreatment withScales(InputTreatment input, const ChannelScales& scales)
{
    input.scaleChannels(scales.inputs);
    return input;
}

std::vector<std::uint32_t> channelsOf(const WeightPlan& weights, std::size_t entry)
{
    std::vector<std::uint32_t> channels;
    for (std::size_t channel = 0; channel < weights.channels.size(); ++channel)
        if (weights.channels[channel] == entry)
            channels.push_back(static_cast<std::uint32_t>(channel));
    return channels;
}

std::vector<Eigen::Index> columnsOf(const WeightedLayer& layer, const WeightPlan& weights, std::span<const std::uint32_t> channels)
{
    const auto width = static_cast<std::size_t>(layer.columns) / weights.channels.size();
    std::vector<Eigen::Index> columns;
    for (const std::uint32_t channel : channels)
        for (std::size_t c = 0; c < width; ++c)
            columns.push_back(static_cast<Eigen::Index>(channel * width + c));
    return columns;
}

/// The main path in integers where weights and activations allow it; nothing where one entry does not.
std::vector<IntegerPart> integerParts(const WeightedLayer& layer, const WeightPlan& weights, const RowMatrix& values, const InputTreatment& input)
{
    const bool isOverChannels = !weights.channels.empty();
    if ((isOverChannels && layer.groups > 1) || !input.channelScales().empty())
        return {};
    std::vector<IntegerPart> parts;
    for (std::size_t entry = 0; entry < input.quantizers().size(); ++entry) {
        IntegerPart part{channelsOf(weights, entry), {}, {}, input.quantizers()[entry], {}};
        if (isOverChannels && part.channels.empty())
            continue;
        const auto coding = codingOf(part.input);
        const auto integers = isOverChannels ? integerForm(values(Eigen::all, columnsOf(layer, weights, part.channels))) : integerForm(values);
        if (!coding || !integers)
            return {};
        part.coding = *coding;
        part.codes = integers->codes;
        for (const float step : integers->steps)
            part.scales.push_back(step * coding->step);
        parts.push_back(std::move(part));
    }
    return parts;
}

PaletteChoices choicesOf(const WeightedLayer& layer, const WeightPlan& weights)
{
    if (weights.channels.empty())
        return PaletteChoices::overRows(weights.rows);
    return PaletteChoices::overChannels(weights.channels, static_cast<std::size_t>(layer.columns) / weights.channels.size());
}

/// The digital main path's weights, as shipped: scaled channels, levels, turned bits. The values are those of unscaled channels.
QuantizedMatrix roundedWeights(const WeightedLayer& layer, const LayerTreatment& treatment, const WeightAdvice& advice)
{
    const bool isScaled = advice.scales && !advice.scales->isNone();
    const std::vector<Treatment>& palette = treatment.weights.palette;
    const PaletteChoices choices = choicesOf(layer, treatment.weights);
    const RowMatrix weights = isScaled ? advice.scales->applied(layer, layer.weights) : layer.weights;
    QuantizedMatrix quantized = quantizeWeights(weights, palette, choices);
    if (advice.moments) {
        InputMoments moments = *advice.moments;
        if (isScaled)
            moments.scaleBy(*advice.scales, layer);
        const OutputErrors errors = moments.errorsOf(weights, quantized.values, kRoundingPrior);
        quantized = roundAdaptively(weights, std::move(quantized), palette, choices, errors, advice.threads).matrix;
    }
    if (!treatment.weights.flips.empty())
        quantized = withFlips(std::move(quantized), palette, choices, treatment.weights.flips);
    if (isScaled)
        advice.scales->takeBack(layer, quantized.values);
    return quantized;
}

/// The weights as the symmetric integers that cells hold, with the scale of each row.
struct WeightCodes { std::vector<std::int8_t> codes; std::vector<float> rowScales; };

WeightCodes weightCodes(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    const int bits = treatment.cim->weightBits;
    const NumberFormat format("int" + std::to_string(bits), IntegerFormat{bits, true}, bits);
    const Treatment& asked = treatment.weights.palette.front();
    const ScaleRule scale{asked.scale.kind == ScaleRule::Kind::Tensor ? ScaleRule::Kind::Tensor : ScaleRule::Kind::Row, 0};
    const QuantizedMatrix quantized = quantizeWeights(layer.weights, {Treatment{format, scale, asked.clip}});
    WeightCodes result;
    result.codes.reserve(static_cast<std::size_t>(layer.weights.size()));
    for (Eigen::Index row = 0; row < layer.weights.rows(); ++row) {
        const float step = quantized.scales.size() == 1 ? quantized.scales.front() : quantized.scales[static_cast<std::size_t>(row)];
        result.rowScales.push_back(step);
        for (Eigen::Index column = 0; column < layer.weights.cols(); ++column)
            result.codes.push_back(static_cast<std::int8_t>(std::lround(quantized.values(row, column) / step)));
    }
    return result;
}

Result<ArrayPath> programArrays(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment,
                                const ActivationQuantizer& input, std::uint64_t chip)
{
    const WeightCodes codes = weightCodes(layer, treatment);
    const bool isSigned = std::get<IntegerFormat>(input.format.spec()).isSigned;
    const int rows = layer.rows / layer.groups;
    ArrayPath path;
    path.rowScales = codes.rowScales;
    for (int group = 0; group < layer.groups; ++group) {
        const std::size_t count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(layer.columns);
        const std::span<const std::int8_t> weights(codes.codes.data() + static_cast<std::size_t>(group) * count, count);
        CORE_TRY(auto array, ArrayLayer::program(*treatment.cim, weights, rows, layer.columns,
                                                          {isSigned, static_cast<int>(input.zeroPoint)},
                                                          {layer.index, static_cast<std::uint32_t>(group), chip}));
        path.arrays.push_back(std::move(array));
    }
    const Converter& adc = treatment.cim->adc;
    if (adc.isComparator || (adc.bits > 0 && adc.range.kind != ConverterRange::Kind::Full))
        for (int group = 0; group < layer.groups; ++group) {
            CORE_TRY(const ConverterInputs inputs, converterInputs(calibration, layer, input, group));
            path.arrays[static_cast<std::size_t>(group)].calibrate(inputs.codes, inputs.vectors);
        }
    return path;
}

void addTo(Hasher& hasher, const SumRule& sum)
{
    hasher.text(sum.format.name()).add(sum.products).add(sum.order).add(sum.block).text(sum.outerFormat().name()).add(sum.randomBits.value_or(0));
}

void addTo(Hasher& hasher, const ScorePlan& plan)
{
    addTo(hasher, plan.low);
    hasher.text(plan.high.name()).add(plan.tolerance);
}

void addTo(Hasher& hasher, const AccumulatorPlan& plan)
{
    addTo(hasher, plan.sum);
    hasher.add(plan.seed);
    if (plan.integer)
        hasher.add(plan.integer->bits).add(plan.integer->overflow);
    if (const auto& mixed = plan.mixed) {
        hasher.text(mixed->high.name()).add(mixed->tolerance).add(mixed->condition).add(mixed->tile).add(mixed->last).add(mixed->highRows);
        if (mixed->middle)
            hasher.text(mixed->middle->format.name()).add(mixed->middle->tolerance);
    }
}

/// The accumulator of the plan, where it is not the engine's own.
Result<std::optional<SumPath>> sumPath(const Calibration& calibration, const WeightedLayer& layer, const CompiledLayer& compiled)
{
    const AccumulatorPlan& plan = compiled.treatment.accumulator;
    if (plan.isEngineSum())
        return std::optional<SumPath>();
    if (plan.integer && compiled.integers.empty())
        return Problem{layer.name, "accumulator.integer: its weights or activations are not integers of at most 8 bits times a step; "
                                   "wanted int2 to int8 by row or tensor"};
    if (plan.integer && layer.columns > kMostSumColumns)
        return Problem{layer.name,
                       fmt::format("accumulator.integer: {} products a sum; at most {} are added up", layer.columns, kMostSumColumns)};
    SumPath path{activationBehind(*calibration.context().network, layer), isLastLayer(*calibration.context().network, layer), {}};
    if (plan.mixed && plan.mixed->isStatic()) {
        const EngineContext& context = calibration.context();
        const std::vector<float> bias = biasOf(*context.network, context.groups[context.groupOfLayer[layer.index.value()]], compiled);
        CORE_TRY(path.highRows, chooseHighRows(calibration, layer, compiled.weights, bias, plan.mixed->highRows));
    }
    return std::optional(std::move(path));
}

}  // namespace

Result<ConverterInputs> converterInputs(const Calibration& calibration, const WeightedLayer& layer, const ActivationQuantizer& input, int group)
{
    constexpr std::int64_t kVectors = 256;   // each gives a sum for every output, tile and pair of planes
    const EngineContext& context = calibration.context();
    CORE_TRY(const auto reference, calibration.reference(Calibration::kConverterSamples, 0));
    const Shape shape = context.values[context.inputOf(layer.index).value()].shape;
    const Patches patches(*context.network, layer, shape, context.values[context.outputOf(layer.index).value()].shape);
    const std::int64_t total = patches.vectors() * static_cast<std::int64_t>(reference->inputs.size());
    const std::int64_t stride = std::max<std::int64_t>(1, total / kVectors) | 1;
    const std::uint8_t zero = zeroByte(input);
    const auto columns = static_cast<std::size_t>(patches.columns());
    ConverterInputs made;
    std::vector<std::uint8_t> all(static_cast<std::size_t>(elementCount(shape)));
    std::int64_t encoded = -1;
    for (std::int64_t at = 0; at < total; at += stride, ++made.vectors) {
        const std::int64_t batch = at / patches.vectors();
        if (batch != encoded) {
            encodeBytes(input, reference->layerInputs[static_cast<std::size_t>(batch)][layer.index.value()].values<float>(), all);
            encoded = batch;
        }
        made.codes.resize(made.codes.size() + columns);
        patches.gather(all.data(), at % patches.vectors(), group, zero, made.codes.data() + made.codes.size() - columns);
    }
    return made;
}

Result<InputTreatment> inputTreatment(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment, const ChannelScales& scales)
{
    if (treatment.cim)
        return InputTreatment(arrayInput(calibration, layer, treatment));
    const ActivationPlan& plan = treatment.activations;
    const WeightPlan& weights = treatment.weights;
    if (!weights.channels.empty()) {
        std::vector<ActivationQuantizer> quantizers;
        for (std::size_t entry = 0; entry < weights.palette.size(); ++entry) {
            const NumberFormat format = channelActivation(weights.palette[entry].format, plan.format);
            CORE_TRY(const ValueRange range, calibration.channelRange(layer.index, {weights.channels, static_cast<std::uint8_t>(entry), scales.inputs}, plan.range, format));
            quantizers.push_back(fitActivationQuantizer(format, range.low, range.high));
        }
        return withScales(InputTreatment(std::move(quantizers), weights.channels), scales);
    }
    if (plan.range.isDynamic())
        return withScales(InputTreatment(plan.format, plan.range.kind), scales);
    if (!scales.inputs.empty()) {
        CORE_TRY(const ValueRange range, calibration.channelRange(layer.index, {{}, 0, scales.inputs}, plan.range, plan.format));
        return withScales(InputTreatment(fitActivationQuantizer(plan.format, range.low, range.high)), scales);
    }
    const ValueRange range = calibration.inputRange(layer.index, plan.range, plan.format);
    return InputTreatment(fitActivationQuantizer(plan.format, range.low, range.high));
}

std::uint64_t mainPathHash(const WeightedLayer& layer, const LayerTreatment& treatment, const InputTreatment& input, std::uint64_t chip, const ChannelScales& scales)
{
    Hasher hasher;
    hasher.add(layer.index.value());
    input.addTo(hasher);
    for (const Treatment& entry : treatment.weights.palette) {
        hasher.text(entry.format.name()).text(entry.scale.text()).text(entry.clip.text()).add(entry.points);
        if (const auto* book = std::get_if<CodebookFormat>(&entry.format.spec()))
            hasher.all(std::span<const float>(book->levels));   // a codebook file may say something new under its old name
    }
    hasher.all(std::span<const std::uint8_t>(treatment.weights.rows));
    hasher.all(std::span<const std::uint8_t>(treatment.weights.channels));
    for (const CodeFlip& flip : treatment.weights.flips)
        hasher.add(flip.row).add(flip.column).add(flip.bit);
    hasher.all(std::span<const float>(scales.rows)).all(std::span<const float>(scales.inputs));
    if (treatment.correction && treatment.correction->needsSamples())
        hasher.add(treatment.correction->bias).add(treatment.correction->rounding).add(treatment.correction->calibrationSamples);
    if (!treatment.accumulator.isEngineSum())
        addTo(hasher, treatment.accumulator);
    if (treatment.scores)
        addTo(hasher, *treatment.scores);
    if (treatment.cim)
        hasher.add(hashOf(*treatment.cim)).add(chip);
    return hasher.value();
}

Result<std::shared_ptr<CompiledLayer>> compileMainPath(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment,
                                                       InputTreatment input, std::uint64_t chip, const WeightAdvice& advice)
{
    auto compiled = std::make_shared<CompiledLayer>();
    compiled->treatment = treatment;
    compiled->bias = layer.bias;
    compiled->input = std::move(input);
    if (treatment.cim) {
        CORE_TRY(compiled->array, programArrays(calibration, layer, treatment, *compiled->input.uniform(), chip));
        const WeightCodes codes = weightCodes(layer, treatment);
        compiled->weights.resize(layer.weights.rows(), layer.weights.cols());
        for (Eigen::Index i = 0; i < layer.weights.size(); ++i)
            compiled->weights.data()[i] = static_cast<float>(codes.codes[static_cast<std::size_t>(i)]) * codes.rowScales[static_cast<std::size_t>(i / layer.weights.cols())];
        compiled->storedBits = static_cast<double>(treatment.cim->weightBits) * static_cast<double>(layer.weights.size()) + 16.0 * layer.rows;
    } else {
        QuantizedMatrix quantized = roundedWeights(layer, treatment, advice);
        compiled->weights = std::move(quantized.values);
        compiled->integers = integerParts(layer, treatment.weights, compiled->weights, compiled->input);
        compiled->storedBits = quantized.storedBits;
        CORE_TRY(compiled->sums, sumPath(calibration, layer, *compiled));
    }
    compiled->mainHash = mainPathHash(layer, treatment, compiled->input, chip, advice.scales ? *advice.scales : ChannelScales{});
    return compiled;
}

Result<std::shared_ptr<CompiledLayer>> compileCorrectedPath(const Calibration& calibration, const CorrectionCase& at, const LayerTreatment& treatment,
                                                            InputTreatment input, std::uint64_t chip, const ChannelScales& scales, const RunControl& control)
{
    const CorrectionPlan& plan = *treatment.correction;
    std::optional<InputMoments> moments;
    std::string remark;
    if (plan.rounding == WeightRounding::Adaptive) {
        CORE_TRY(moments, measureInputs(at, input, plan.bias, control));
        if (!moments->isFinite()) {
            moments.reset();
            remark = at.layer.name + ": its input on the calibration samples is infinite or not a number; weights take their nearest levels";
        }
    }
    const WeightAdvice advice{&scales, moments ? &*moments : nullptr, at.threads};
    CORE_TRY(auto compiled, compileMainPath(calibration, at.layer, treatment, std::move(input), chip, advice));
    if (plan.bias) {
        CORE_TRY(const auto means, meanErrors(at, compiled, control));
        if (means) {
            auto corrected = std::make_shared<CompiledLayer>(*compiled);
            corrected->bias.resize(means->size(), 0.0f);
            for (std::size_t row = 0; row < means->size(); ++row)
                corrected->bias[row] += (*means)[row];
            compiled = std::move(corrected);
        } else {
            remark = at.layer.name + ": its output on the calibration samples is infinite or not a number; its bias is not corrected";
        }
    }
    compiled->remark = std::move(remark);
    return compiled;
}

}  // namespace core
