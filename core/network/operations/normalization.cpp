// SPDX-License-Identifier: Apache-2.0
// Normalizations by mean and deviation. Every quotient divides where the definition divides.
#include "core/network/operations/registry.h"
#include "core/network/operations/strided_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// Operand `input` holds one number per channel (axis 1 of operand 0); it is read in operand 0's type.
Result<void> checkPerChannel(const Call& call, std::size_t input)
{
    const std::int64_t channels = call.rank(0) < 2 ? 1 : call.shape(0)[1];
    if (call.shape(input) != Shape{channels})
        return call.problem(fmt::format("{}; one number for each of {} channels is wanted", call.inputText(input), channels));
    return success();
}

bool isTraining(const Call& call) { return call.attributes().integer("training_mode", 0) != 0; }

Result<Descriptions> describeBatchNormalization(const Call& call)
{
    if (call.attributes().integer("spatial", 1) == 0)
        return call.problem("attribute spatial is 0; only normalization per channel is known");
    for (std::size_t input = 1; input < 5; ++input)
        CORE_TRY(checkPerChannel(call, input));
    Descriptions outputs{{call.type(0), call.shape(0), std::nullopt}};
    if (isTraining(call))
        for (const std::size_t statistic : {std::size_t{3}, std::size_t{4}})
            outputs.push_back({call.type(statistic), call.shape(statistic), std::nullopt});
    return outputs;
}

struct Planes {
    std::int64_t samples, channels, plane;
};

Planes planesOf(const Call& call)
{
    const Shape& shape = call.shape(0);
    return {shape.empty() ? 1 : shape[0], shape.size() < 2 ? 1 : shape[1], shape.size() < 2 ? 1 : product(std::span(shape).subspan(2))};
}

/// Mean and biased variance of a channel over all samples, as training sees them.
template <class T>
void channelStatistics(const Call& call, const Planes& planes, std::vector<T>& mean, std::vector<T>& variance)
{
    const T* in = call.values<T>(0).data();
    const auto count = static_cast<double>(planes.samples * planes.plane);
    for (std::int64_t channel = 0; channel < planes.channels; ++channel) {
        const auto sumOf = [&](auto term) {
            double sum = 0;
            for (std::int64_t sample = 0; sample < planes.samples; ++sample)
                for (std::int64_t i = 0; i < planes.plane; ++i)
                    sum += term(static_cast<double>(in[(sample * planes.channels + channel) * planes.plane + i]));
            return sum;
        };
        const double center = sumOf([](double x) { return x; }) / count;
        mean[static_cast<std::size_t>(channel)] = static_cast<T>(center);
        variance[static_cast<std::size_t>(channel)] = static_cast<T>(sumOf([center](double x) { return (x - center) * (x - center); }) / count);
    }
}

/// A running statistic: momentum parts of the old one, the rest of this batch's.
template <class T>
Tensor blended(const Tensor& old, const std::vector<T>& batch, float momentum)
{
    Tensor result = converted(old, DataTypeOf<T>::value);
    const auto values = result.edit<T>();
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = values[i] * static_cast<T>(momentum) + batch[i] * (T{1} - static_cast<T>(momentum));
    return converted(result, old.type());
}

/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, per channel.
template <class T>
void computeBatchNormalization(const Call& call, Outputs& outputs)
{
    const Planes planes = planesOf(call);
    const DataType type = DataTypeOf<T>::value;
    const Tensor scales = converted(call.tensor(1), type), shifts = converted(call.tensor(2), type);
    const Tensor givenMean = converted(call.tensor(3), type), givenVariance = converted(call.tensor(4), type);
    std::vector<T> mean(givenMean.values<T>().begin(), givenMean.values<T>().end());
    std::vector<T> variance(givenVariance.values<T>().begin(), givenVariance.values<T>().end());
    if (isTraining(call)) {
        channelStatistics(call, planes, mean, variance);
        const float momentum = call.attributes().real("momentum", 0.9f);
        if (call.wantsOutput(1))
            outputs.set(1, blended(call.tensor(3), mean, momentum));
        if (call.wantsOutput(2))
            outputs.set(2, blended(call.tensor(4), variance, momentum));
    }
    const auto epsilon = static_cast<T>(call.attributes().real("epsilon", 1e-5f));
    const T* in = call.values<T>(0).data();
    T* out = outputs.edit<T>(0).data();
    for (std::int64_t plane = 0; plane < planes.samples * planes.channels; ++plane) {
        const auto channel = static_cast<std::size_t>(plane % planes.channels);
        const T scale = scales.values<T>()[channel], shift = shifts.values<T>()[channel], center = mean[channel];
        const T deviation = std::sqrt(variance[channel] + epsilon);
        for (std::int64_t i = plane * planes.plane; i < (plane + 1) * planes.plane; ++i)
            out[i] = scale * (in[i] - center) / deviation + shift;
    }
}

Result<void> runBatchNormalization(const Call& call, Outputs& outputs)
{
    visitFloat(call.type(0), [&]<class T>() { computeBatchNormalization<T>(call, outputs); });
    return success();
}

/// LayerNormalization's axes: everything from `axis` on is one row.
struct NormalizedRows {
    std::int64_t rows, length;
    Shape statistics;   // the shape of mean and inverse deviation: one number per row
};

Result<NormalizedRows> normalizedRows(const Call& call)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(-1));
    const auto sizes = std::span(call.shape(0));
    NormalizedRows rows{product(sizes.first(axis)), product(sizes.subspan(axis)), call.shape(0)};
    std::fill(rows.statistics.begin() + static_cast<std::ptrdiff_t>(axis), rows.statistics.end(), 1);
    for (std::size_t input = 1; input < call.inputCount(); ++input) {
        // Scale and shift broadcast to a row; anything else would differ from row to row.
        const Shape& shape = call.shape(input);
        const bool isWhole = product(shape) == rows.length && shape.size() <= sizes.size()
                             && std::equal(shape.rbegin(), shape.rend(), sizes.rbegin(), [](std::int64_t own, std::int64_t of) { return own == of || own == 1; });
        if (!isWhole && product(shape) != 1)
            return call.problem(fmt::format("{}; {} numbers, one for each place of a row, are wanted", call.inputText(input), rows.length));
    }
    return rows;
}

Result<Descriptions> describeLayerNormalization(const Call& call)
{
    CORE_TRY(NormalizedRows rows, normalizedRows(call));
    // Mean and deviation are kept in float32 (stash_type 1) unless the operand is wider.
    const DataType statistics = call.type(0) == DataType::Float64 ? DataType::Float64 : DataType::Float32;
    return Descriptions{{call.type(0), call.shape(0), std::nullopt}, {statistics, rows.statistics, std::nullopt}, {statistics, rows.statistics, std::nullopt}};
}

/// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, variance around the mean, per row.
template <class T>
void computeLayerNormalization(const Call& call, const NormalizedRows& rows, Outputs& outputs)
{
    const auto epsilon = static_cast<T>(call.attributes().real("epsilon", 1e-5f));
    const auto scale = call.values<T>(1);
    const auto shift = call.has(2) ? call.values<T>(2) : std::span<const T>();
    const std::size_t scaleStep = scale.size() == 1 ? 0 : 1, shiftStep = shift.size() == 1 ? 0 : 1;
    const auto length = static_cast<std::size_t>(rows.length);
    T* means = call.wantsOutput(1) ? outputs.edit<T>(1).data() : nullptr;
    T* inverses = call.wantsOutput(2) ? outputs.edit<T>(2).data() : nullptr;
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows.rows); ++row) {
        const auto in = call.values<T>(0).subspan(row * length, length);
        const auto out = outputs.edit<T>(0).subspan(row * length, length);
        T sum = 0;
        for (const T value : in)
            sum += value;
        const T mean = sum / static_cast<T>(length);
        T squares = 0;
        for (const T value : in)
            squares += (value - mean) * (value - mean);
        const T deviation = std::sqrt(squares / static_cast<T>(length) + epsilon);
        for (std::size_t i = 0; i < length; ++i)
            out[i] = (in[i] - mean) / deviation * scale[i * scaleStep];
        if (!shift.empty())
            for (std::size_t i = 0; i < length; ++i)
                out[i] += shift[i * shiftStep];
        if (means)
            means[row] = mean;
        if (inverses)
            inverses[row] = T{1} / deviation;
    }
}

Result<void> runLayerNormalization(const Call& call, Outputs& outputs)
{
    CORE_TRY(const NormalizedRows rows, normalizedRows(call));
    visitFloat(call.type(0), [&]<class T>() { computeLayerNormalization<T>(call, rows, outputs); });
    return success();
}

Result<Descriptions> describeInstanceNormalization(const Call& call)
{
    if (call.rank(0) < 2)
        return call.problem(fmt::format("{}; batch and channels are wanted", call.inputText(0)));
    CORE_TRY(checkPerChannel(call, 1));
    CORE_TRY(checkPerChannel(call, 2));
    return likeFirstInput(call);
}

/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, mean and variance of each plane.
Result<void> runInstanceNormalization(const Call& call, Outputs& outputs)
{
    const Planes planes = planesOf(call);
    visitFloat(call.type(0), [&]<class T>() {
        const auto epsilon = static_cast<T>(call.attributes().real("epsilon", 1e-5f));
        const auto count = static_cast<std::size_t>(planes.plane);
        for (std::size_t plane = 0; plane < static_cast<std::size_t>(planes.samples * planes.channels); ++plane) {
            const auto channel = plane % static_cast<std::size_t>(planes.channels);
            const auto in = call.values<T>(0).subspan(plane * count, count);
            const auto out = outputs.edit<T>(0).subspan(plane * count, count);
            T sum = 0, squares = 0;
            for (const T value : in)
                sum += value;
            const T mean = sum / static_cast<T>(count);
            for (const T value : in)
                squares += (value - mean) * (value - mean);
            const T deviation = std::sqrt(squares / static_cast<T>(count) + epsilon), scale = call.values<T>(1)[channel], shift = call.values<T>(2)[channel];
            for (std::size_t i = 0; i < count; ++i)
                out[i] = scale * (in[i] - mean) / deviation + shift;
        }
    });
    return success();
}

Result<Descriptions> describeLRN(const Call& call)
{
    const std::int64_t size = call.attributes().integer("size", 0);
    if (call.rank(0) < 2 || size < 1 || size > 1 << 20)
        return call.problem(fmt::format("{} with size {}; channels and a size from 1 up are wanted", call.inputText(0), size));
    return likeFirstInput(call);
}

/// y = x / (bias + alpha / size * sum of squares over the channels around)^beta.
Result<void> runLRN(const Call& call, Outputs& outputs)
{
    const Planes planes = planesOf(call);
    const std::int64_t size = call.attributes().integer("size", 1), before = (size - 1) / 2, after = size - 1 - before;
    const float alpha = call.attributes().real("alpha", 1e-4f), beta = call.attributes().real("beta", 0.75f), bias = call.attributes().real("bias", 1.0f);
    visitFloat(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        T* out = outputs.edit<T>(0).data();
        for (std::int64_t plane = 0; plane < planes.samples * planes.channels; ++plane) {
            const std::int64_t channel = plane % planes.channels, first = plane - std::min(channel, before);
            const std::int64_t last = plane + std::min(planes.channels - 1 - channel, after);
            for (std::int64_t i = 0; i < planes.plane; ++i) {
                T squares = 0;
                for (std::int64_t other = first; other <= last; ++other)
                    squares += in[other * planes.plane + i] * in[other * planes.plane + i];
                out[plane * planes.plane + i] = in[plane * planes.plane + i] / std::pow(static_cast<T>(bias) + static_cast<T>(alpha) / static_cast<T>(size) * squares, static_cast<T>(beta));
            }
        }
    });
    return success();
}

Result<Descriptions> describeMeanVariance(const Call& call)
{
    CORE_TRY(call.axes(call.attributes().integers("axes", {0, 2, 3}), call.rank(0)));
    return likeFirstInput(call);
}

/// y = (x - mean) / (sqrt(variance) + 1e-9) over the attribute's axes; the 1e-9 is from ONNX's function body.
Result<void> runMeanVariance(const Call& call, Outputs& outputs)
{
    const Shape& shape = call.shape(0);
    CORE_TRY(const std::vector<std::size_t> axes, call.axes(call.attributes().integers("axes", {0, 2, 3}), shape.size()));
    Shape kept = shape;
    for (const std::size_t axis : axes)
        kept[axis] = 1;
    Shape strides = contiguousStrides(kept);
    for (const std::size_t axis : axes)
        strides[axis] = 0;
    const StridedLoop<2> loop(shape, {contiguousStrides(shape), strides});
    visitFloat(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        T* out = outputs.edit<T>(0).data();
        const auto count = static_cast<std::size_t>(product(kept));
        const auto terms = static_cast<double>(product(shape)) / static_cast<double>(std::max<std::size_t>(count, 1));
        std::vector<double> means(count, 0.0), variances(count, 0.0);
        const auto forEach = [&](auto visit) {
            loop.forEachRun([&](const auto& offsets, std::int64_t length, const auto& steps) {
                for (std::int64_t i = 0; i < length; ++i)
                    visit(offsets[0] + i, static_cast<std::size_t>(offsets[1] + i * steps[1]));
            });
        };
        forEach([&](std::int64_t element, std::size_t group) { means[group] += static_cast<double>(in[element]) / terms; });
        forEach([&](std::int64_t element, std::size_t group) {
            const double offset = static_cast<double>(in[element]) - means[group];
            variances[group] += offset * offset / terms;
        });
        forEach([&](std::int64_t element, std::size_t group) {
            out[element] = static_cast<T>((static_cast<double>(in[element]) - means[group]) / (std::sqrt(variances[group]) + 1e-9));
        });
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"BatchNormalization", "X:F scale:f B:f input_mean:f input_var:f", Nature::Computes, describeBatchNormalization, runBatchNormalization},
    {"InstanceNormalization", "input:F scale:F B:F", Nature::Computes, describeInstanceNormalization, runInstanceNormalization},
    {"LRN", "X:F", Nature::Computes, describeLRN, runLRN},
    {"LayerNormalization", "X:F Scale:F B:F?", Nature::Computes, describeLayerNormalization, runLayerNormalization},
    {"MeanVarianceNormalization", "X:F", Nature::Computes, describeMeanVariance, runMeanVariance},
};

}  // namespace

std::span<const Operation> normalizationOperations() { return kOperations; }

}  // namespace core
