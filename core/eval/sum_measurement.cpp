// SPDX-License-Identifier: Apache-2.0
#include "core/eval/sum_measurement.h"

#include "core/base/parallel.h"
#include "core/engine/degraded_walk.h"
#include "core/engine/layer_sums.h"
#include "core/engine/lowering.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr std::int64_t kVectorsAtOnce = 64;
constexpr std::size_t kRankedComponents = 20'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Vectors = RowMatrix;  // vectors x columns

/// One layer with everything around it that its sums need.
struct Scene {
    Scene(const EngineContext& from, const WeightedLayer& of, const CompiledLayerPtr& by)
        : layer(of),
          compiled(*by),
          bias(biasOf(*from.network, from.groups[from.groupOfLayer[of.index.value()]], *by)),
          sums(of.index, of.groups, by, bias),
          shape(from.values[from.inputOf(of.index).value()].shape),
          patches(*from.network, of, shape, from.values[from.outputOf(of.index).value()].shape)
    {
    }

    bool isInteger() const { return compiled.treatment.accumulator.integer.has_value(); }
    Tensor treated(const Tensor& input) const
    {
        Tensor rounded(DataType::Float32, input.shape());
        const auto to = rounded.edit<float>();
        if (compiled.input.isExact())
            std::copy(input.values<float>().begin(), input.values<float>().end(), to.begin());
        else
            compiled.input.apply(InputGeometry::of(layer, input.shape()), input.values<float>(), to);
        return rounded;
    }
    void gather(const Tensor& input, std::int64_t vector, int group, float* out) const
    {
        patches.gather(input.values<float>().data(), vector, group, 0.0f, out);
    }

    const WeightedLayer& layer;
    const CompiledLayer& compiled;
    std::vector<float> bias;
    LayerSums sums;
    Shape shape;
    Patches patches;
};

/// Components of some vectors in one group, rows x vectors.
struct Components {
    std::vector<float> value;
    SumWatch watch;
    RowMatrixD exact, size;  // sum w x + b, sum |w x| + |b|: of the rounded weights and inputs

    double error(std::size_t at) const { return static_cast<double>(value[at]) - exact.data()[at]; }
    double condition(std::size_t at) const { return size.data()[at] == 0 ? 0 : size.data()[at] / std::abs(exact.data()[at]); }
};

/// `read`: what the sums read, `rounded`: as the weights meet it; the two differ for integers only.
Components look(const Scene& scene, int group, const Vectors& read, const Vectors& rounded, std::int64_t firstVector, std::uint64_t run,
                SumScratch& scratch)
{
    const std::int64_t rows = scene.sums.rows();
    Components result;
    result.value.resize(static_cast<std::size_t>(rows * read.rows()));
    scene.sums.multiply({group, read.data(), read.rows(), firstVector, run}, result.value.data(), scratch, &result.watch);
    const RowMatrixD weights = scene.compiled.weights.middleRows(group * rows, rows).cast<double>(), inputs = rounded.cast<double>();
    result.exact = weights * inputs.transpose();
    result.size = weights.cwiseAbs() * inputs.cwiseAbs().transpose();
    for (std::int64_t row = 0; row < rows && !scene.bias.empty(); ++row) {
        const double bias = scene.bias[static_cast<std::size_t>(group * rows + row)];
        result.exact.row(row).array() += bias;
        result.size.row(row).array() += std::abs(bias);
    }
    return result;
}

/// What one stretch of vectors adds to the figures.
struct Part {
    std::int64_t components = 0, recomputed = 0, middle = 0, overflows = 0, beyond = 0, bounded = 0;
    std::vector<float> conditions, ratios;
    std::vector<std::pair<float, float>> ranked;  // kappa', relative error
    std::vector<std::uint8_t> rowOverflows;
    std::size_t thinning = 1;  // every so many components are ranked

    void add(const Scene& scene, const SumBound& bound, int group, std::int64_t firstVector, const Components& seen);
    void add(const Part& other);
};

void Part::add(const Scene& scene, const SumBound& bound, int group, std::int64_t firstVector, const Components& seen)
{
    const std::int64_t vectors = std::ssize(seen.value) / scene.sums.rows();
    rowOverflows.resize(static_cast<std::size_t>(scene.layer.rows));
    for (std::size_t i = 0; i < seen.value.size(); ++i) {
        const double error = std::abs(seen.error(i));
        const bool overflowed = seen.watch.overflowed[i] != 0, isLow = seen.watch.choices[i] == SumChoice::Low;
        ++components;
        recomputed += isLow ? 0 : 1;
        middle += seen.watch.choices[i] == SumChoice::Middle ? 1 : 0;
        overflows += overflowed ? 1 : 0;
        conditions.push_back(static_cast<float>(seen.condition(i)));
        rowOverflows[static_cast<std::size_t>(group * scene.sums.rows()) + i / static_cast<std::size_t>(vectors)] |=
            seen.watch.overflowed[i];
        if (scene.isInteger() || overflowed)
            continue;
        if (isLow && bound.saysSomething()) {
            const double most = bound.of(seen.size.data()[i]);
            beyond += error <= most ? 0 : 1;
            ++bounded;
            if (error > 0)
                ratios.push_back(static_cast<float>(most / error));
        }
        // How well kappa' orders the errors of low sums: of all of them, those that were taken again too.
        const float low = seen.watch.low[i], through = activationCondition(scene.compiled.sums->activation, low);
        const std::size_t number = static_cast<std::size_t>(firstVector * scene.layer.rows) + i;
        if (through > 0 && number % thinning == 0 && seen.exact.data()[i] != 0)
            ranked.emplace_back(componentCondition(through, 1, low),
                                static_cast<float>(std::abs(static_cast<double>(low) / seen.exact.data()[i] - 1)));
    }
}

void Part::add(const Part& other)
{
    components += other.components;
    recomputed += other.recomputed;
    middle += other.middle;
    overflows += other.overflows;
    beyond += other.beyond;
    bounded += other.bounded;
    conditions.insert(conditions.end(), other.conditions.begin(), other.conditions.end());
    ratios.insert(ratios.end(), other.ratios.begin(), other.ratios.end());
    ranked.insert(ranked.end(), other.ranked.begin(), other.ranked.end());
    rowOverflows.resize(std::max(rowOverflows.size(), other.rowOverflows.size()));
    for (std::size_t row = 0; row < other.rowOverflows.size(); ++row)
        rowOverflows[row] |= other.rowOverflows[row];
}

double quantile(std::vector<float>& values, double share)
{
    if (values.empty())
        return 0;
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

/// Of levels that are no integers the codes are signed bytes.
InputType inputType(const IntegerPart& part)
{
    const auto* const format = std::get_if<IntegerFormat>(&part.input.format.spec());
    return format ? InputType{format->bits, format->isSigned} : InputType{8, true};
}

CodeInterval codeInterval(const IntegerPart& part)
{
    const InputType type = inputType(part);
    if (type.isSigned)
        return {-((1 << (type.bits - 1)) - 1), (1 << (type.bits - 1)) - 1};
    return {-part.coding.zeroPoint, (1 << type.bits) - 1 - part.coding.zeroPoint};
}

/// The part's own columns of one row.
std::span<const std::int8_t> rowOf(const IntegerPart& part, const WeightedLayer& layer, std::size_t row)
{
    const std::size_t columns = part.codes.size() / static_cast<std::size_t>(layer.rows);
    return std::span(part.codes).subspan(row * columns, columns);
}

void certifyIntegers(const Scene& scene, SumFigures& figures)
{
    const IntegerSumRule& rule = *scene.compiled.treatment.accumulator.integer;
    double widest = 1;  // of the weights' codes
    for (const Treatment& entry : scene.compiled.treatment.weights.palette)
        widest = std::max(widest, entry.format.storageBits());
    const int weightBits = static_cast<int>(std::ceil(widest));
    figures.leastSafeBits = 64;
    for (std::size_t row = 0; row < figures.rows.size(); ++row) {
        SafeBits bits{1, 1, {}, 1};
        bool isFirst = true;
        for (const IntegerPart& part : scene.compiled.integers) {  // each has sums of its own
            const auto weights = rowOf(part, scene.layer, row);
            const SafeBits own = safeBits(weights, codeInterval(part), inputType(part), weightBits);
            const bool areCentred = own.centred && (isFirst || bits.centred);
            bits = {std::max(bits.exact, own.exact), std::max(bits.weights, own.weights),
                    areCentred ? std::optional(std::max(bits.centred.value_or(0), *own.centred)) : std::nullopt,
                    std::max(bits.types, own.types)};
            isFirst = false;
            if (!fits(rule, sumExtremes(weights, codeInterval(part))))
                figures.rows[row] = OverflowVerdict::Can;
        }
        figures.leastSafeBits = std::min(figures.leastSafeBits, bits.exact);
        figures.mostSafeBits = std::max(figures.mostSafeBits, bits.exact);
        figures.safeBits.push_back(bits);
    }
}

/// The largest magnitude that a rounded input can have; infinite where inputs are not rounded to a fixed range.
double largestInput(const InputTreatment& input)
{
    const ActivationQuantizer* const quantizer = input.uniform();
    if (!quantizer || quantizer->format.isFloat32())
        return kInfinity;
    if (const auto* integer = std::get_if<IntegerFormat>(&quantizer->format.spec()); integer && !integer->isSigned) {
        const double top = std::ldexp(1.0, integer->bits) - 1, zero = quantizer->zeroPoint;
        return static_cast<double>(quantizer->scale) * std::max(zero, top - zero);
    }
    return static_cast<double>(quantizer->scale) * static_cast<double>(quantizer->format.largestLevel());
}

void certifyFloats(const Scene& scene, const SumBound& bound, SumFigures& figures)
{
    const double most = largestInput(scene.compiled.input);
    for (std::size_t row = 0; row < figures.rows.size(); ++row) {
        const auto r = static_cast<Eigen::Index>(row);
        const double bias = scene.bias.empty() ? 0.0 : std::abs(static_cast<double>(scene.bias[row]));
        const double norm = scene.compiled.weights.row(r).cast<double>().cwiseAbs().sum();
        const double size = norm == 0 ? bias : norm * most + bias;
        if (!cannotOverflow(scene.compiled.treatment.accumulator.sum, bound, size))
            figures.rows[row] = OverflowVerdict::Can;
    }
}

void countCost(const AccumulatorPlan& plan, SumFigures& figures)
{
    if (!plan.mixed)
        return;
    const double low = plan.sum.format.storageBits();
    const double high = plan.mixed->high.storageBits() / low,
                 middle = plan.mixed->middle ? plan.mixed->middle->format.storageBits() / low : 0;
    const double highShare = figures.recomputedFraction - figures.middleFraction;
    figures.uniformCost = high;
    if (plan.mixed->isStatic())
        figures.cost = 1 - highShare + highShare * high;
    else
        figures.cost = (plan.mixed->condition == MixedSum::Condition::Full ? 2 : 1) + figures.middleFraction * middle + highShare * high;
}

SumFigures figuresOf(const Scene& scene, const SumBound& bound, Part all)
{
    const AccumulatorPlan& plan = scene.compiled.treatment.accumulator;
    SumFigures figures;
    figures.perturbation = plan.integer ? 0 : bound.perturbation;  // codes add up exactly
    figures.rows.assign(static_cast<std::size_t>(scene.layer.rows), OverflowVerdict::Cannot);
    if (plan.integer)
        certifyIntegers(scene, figures);
    else
        certifyFloats(scene, bound, figures);
    for (std::size_t row = 0; row < all.rowOverflows.size(); ++row)
        if (all.rowOverflows[row])
            figures.rows[row] = OverflowVerdict::Does;
    const auto share = [&](std::int64_t some) {
        return all.components > 0 ? static_cast<double>(some) / static_cast<double>(all.components) : 0.0;
    };
    figures.components = all.components;
    figures.recomputedFraction = share(all.recomputed);
    figures.middleFraction = share(all.middle);
    figures.overflowRate = share(all.overflows);
    figures.condition = {quantile(all.conditions, 0.5), quantile(all.conditions, 0.9), quantile(all.conditions, 0.99)};
    figures.beyondBound = all.bounded > 0 ? static_cast<double>(all.beyond) / static_cast<double>(all.bounded) : 0;
    if (!all.ratios.empty())
        figures.boundOverError = quantile(all.ratios, 0.5);
    if (!bound.saysSomething() && !plan.integer && all.ranked.size() > 1) {
        std::vector<double> conditions, errors;
        for (const auto& [condition, error] : all.ranked) {
            conditions.push_back(condition);
            errors.push_back(error);
        }
        figures.rankCorrelation = rankCorrelation(conditions, errors);
    }
    countCost(plan, figures);
    return figures;
}

}  // namespace

Result<SumFigures> sumFigures(const EngineContext& context, const WeightedLayer& layer, const CompiledLayerPtr& compiled,
                              const std::vector<Tensor>& inputs, int threads, const RunControl& control)
{
    const Scene scene(context, layer, compiled);
    const SumBound bound = sumBound(compiled->treatment.accumulator.sum, layer.columns, !scene.bias.empty());
    const std::int64_t total = scene.patches.vectors() * std::ssize(inputs),
                       products = static_cast<std::int64_t>(layer.rows) * layer.columns;
    const std::int64_t wanted = std::clamp<std::int64_t>(kFigureProducts / std::max<std::int64_t>(1, products), 1, total);
    const std::int64_t stride = (total + wanted - 1) / wanted, count = (total + stride - 1) / stride;
    std::vector<Tensor> rounded(inputs.size());
    forEachChunk(inputs.size(), 1, threads, [&](const Chunk& chunk) {
        rounded[chunk.index] = scene.treated(inputs[chunk.index]);
        return !control.stopped();
    });
    if (control.stopped())
        return stoppedProblem();
    std::vector<Part> parts(static_cast<std::size_t>((count + kVectorsAtOnce - 1) / kVectorsAtOnce));
    forEachChunk(parts.size(), 1, threads, [&](const Chunk& chunk) {
        Part& part = parts[chunk.index];
        part.thinning = 1 + static_cast<std::size_t>(count * layer.rows) / kRankedComponents;
        const std::int64_t first = static_cast<std::int64_t>(chunk.index) * kVectorsAtOnce, used = std::min(kVectorsAtOnce, count - first);
        SumScratch scratch;
        Vectors read(used, layer.columns), meets(used, layer.columns);
        for (int group = 0; group < layer.groups; ++group) {
            for (std::int64_t v = 0; v < used; ++v) {
                const std::int64_t at = (first + v) * stride;
                const auto batch = static_cast<std::size_t>(at / scene.patches.vectors());
                scene.gather(rounded[batch], at % scene.patches.vectors(), group, meets.row(v).data());
                scene.gather(scene.isInteger() ? inputs[batch] : rounded[batch], at % scene.patches.vectors(), group, read.row(v).data());
            }
            part.add(scene, bound, group, first, look(scene, group, read, meets, first, 0, scratch));
        }
        return !control.stopped();
    });
    if (control.stopped())
        return stoppedProblem();
    Part all;
    for (const Part& part : parts)
        all.add(part);
    return figuresOf(scene, bound, std::move(all));
}

namespace {

/// Places along a sum: at most 64, evenly spread, the last one its end.
std::vector<int> placesAlong(int columns)
{
    constexpr int kPlaces = 64;
    std::vector<int> places;
    for (int i = 1; i <= kPlaces; ++i)
        if (const int place = static_cast<int>(static_cast<std::int64_t>(columns) * i / kPlaces);
            place > 0 && (places.empty() || place > places.back()))
            places.push_back(place);
    return places;
}

/// Follows some components of a sample along their sums.
void followErrors(const Scene& scene, const std::vector<Vectors>& vectors, SumSample& sample)
{
    constexpr std::int64_t kFollowed = 64;
    const SumRule& rule = scene.compiled.treatment.accumulator.sum;
    sample.products = placesAlong(scene.layer.columns);
    const std::int64_t components = sample.rows * sample.positions, stride = std::max<std::int64_t>(1, components / kFollowed) | 1;
    for (const int products : sample.products) {
        double squares = 0;
        std::int64_t followed = 0;
        for (std::int64_t at = 0; at < components; at += stride) {
            const std::int64_t row = at / sample.positions, position = at % sample.positions;
            const auto count = static_cast<std::size_t>(products);
            const std::span<const float> weights(scene.compiled.weights.row(row).data(), count);
            const std::span<const float> inputs(vectors[static_cast<std::size_t>(row / scene.sums.rows())].row(position).data(), count);
            const SumPlace place{scene.compiled.treatment.accumulator.seed, static_cast<std::uint32_t>(position),
                                 static_cast<std::uint32_t>(row)};
            double exact = 0, size = 0;
            for (std::size_t k = 0; k < count; ++k) {
                exact += static_cast<double>(weights[k]) * static_cast<double>(inputs[k]);
                size += std::abs(static_cast<double>(weights[k]) * static_cast<double>(inputs[k]));
            }
            const double error = size > 0 ? (static_cast<double>(runningSum(rule, weights, inputs, {}, place).value) - exact) / size : 0.0;
            squares += error * error;
            ++followed;
        }
        sample.rootMeanSquareError.push_back(
            static_cast<float>(std::sqrt(squares / static_cast<double>(std::max<std::int64_t>(1, followed)))));
        sample.bound.push_back(static_cast<float>(sumBound(rule, products, false).relative));
    }
}

}  // namespace

Result<SumSample> sumSample(const EngineContext& context, const PolarizedNetwork& network, LayerIndex index, const Tensor& given)
{
    const WeightedLayer& layer = context.layers[index.value()];
    const CompiledLayerPtr& compiled = network.layers[index.value()];
    if (!compiled->sums)
        return Problem{layer.name, "accumulator: the engine's own fp32 sums, which nobody watches; wanted another accumulator in the plan"};
    constexpr int kOneThread = 1;
    DegradedWalk walk(context, batched(context, {given, {}}, 0, 1), kOneThread);
    CORE_TRY(const auto arrived, walk.inputOf(index, network.layers));
    const Scene scene(context, layer, compiled);
    const Tensor& input = arrived.front();
    const Tensor rounded = scene.treated(input);
    SumSample sample;
    sample.rows = layer.rows;
    sample.positions = layer.kind == LayerKind::Dense ? scene.patches.vectors() / context.batch : scene.patches.positions();
    std::vector<Vectors> vectors;
    SumScratch scratch;
    for (int group = 0; group < layer.groups; ++group) {
        Vectors read(sample.positions, layer.columns), meets(sample.positions, layer.columns);
        for (std::int64_t position = 0; position < sample.positions; ++position) {
            scene.gather(rounded, position, group, meets.row(position).data());
            scene.gather(scene.isInteger() ? input : rounded, position, group, read.row(position).data());
        }
        const Components seen = look(scene, group, read, meets, 0, 0, scratch);
        for (std::size_t i = 0; i < seen.value.size(); ++i) {
            sample.error.push_back(static_cast<float>(seen.error(i)));
            sample.condition.push_back(static_cast<float>(seen.condition(i)));
        }
        sample.value.insert(sample.value.end(), seen.value.begin(), seen.value.end());
        sample.choices.insert(sample.choices.end(), seen.watch.choices.begin(), seen.watch.choices.end());
        sample.overflowed.insert(sample.overflowed.end(), seen.watch.overflowed.begin(), seen.watch.overflowed.end());
        vectors.push_back(std::move(meets));
    }
    if (!scene.isInteger())
        followErrors(scene, vectors, sample);
    return sample;
}

}  // namespace core
