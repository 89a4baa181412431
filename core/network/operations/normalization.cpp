// SPDX-License-Identifier: Apache-2.0
// Normalizations and the softmax family. Every quotient divides where the definition divides.
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

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

/// A tensor as outer x along x inner, where `along` is what a softmax normalizes over: one axis since opset 13, before
/// that all axes from `axis` on.
struct Lanes {
    std::int64_t outer, along, inner;
};

Result<Lanes> softmaxLanes(const Call& call)
{
    const Shape& shape = call.shape(0);
    const bool isFlattening = call.opset() < 13;
    const std::int64_t axis = call.attributes().integer("axis", isFlattening ? 1 : -1);
    if (isFlattening && axis == static_cast<std::int64_t>(shape.size()))
        return Lanes{product(shape), 1, 1};
    CORE_TRY(const std::size_t front, call.axis(axis, shape.size()));
    const auto sizes = std::span(shape);
    if (isFlattening)
        return Lanes{product(sizes.first(front)), product(sizes.subspan(front)), 1};
    return Lanes{product(sizes.first(front)), shape[front], product(sizes.subspan(front + 1))};
}

Result<Descriptions> describeSoftmax(const Call& call)
{
    CORE_TRY(softmaxLanes(call));
    return likeFirstInput(call);
}

/// Calls normalize(in, out, count, step) for every lane that holds anything.
template <class Normalize>
Result<void> runLanes(const Call& call, Outputs& outputs, Normalize normalize)
{
    CORE_TRY(const Lanes lanes, softmaxLanes(call));
    visitFloat(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        T* out = outputs.edit<T>(0).data();
        for (std::int64_t outer = 0; outer < lanes.outer && lanes.along > 0; ++outer)
            for (std::int64_t inner = 0; inner < lanes.inner; ++inner) {
                const std::int64_t first = outer * lanes.along * lanes.inner + inner;
                normalize(in + first, out + first, lanes.along, lanes.inner);
            }
    });
    return success();
}

template <class T>
T largest(const T* in, std::int64_t count, std::int64_t step)
{
    T best = in[0];
    for (std::int64_t i = 1; i < count; ++i)
        best = std::max(best, in[i * step]);
    return best;
}

Result<void> runSoftmax(const Call& call, Outputs& outputs)
{
    return runLanes(call, outputs, []<class T>(const T* in, T* out, std::int64_t count, std::int64_t step) {
        const T top = largest(in, count, step);
        T sum = 0;
        for (std::int64_t i = 0; i < count; ++i)
            sum += out[i * step] = std::exp(in[i * step] - top);
        for (std::int64_t i = 0; i < count; ++i)
            out[i * step] /= sum;
    });
}

Result<void> runLogSoftmax(const Call& call, Outputs& outputs)
{
    return runLanes(call, outputs, []<class T>(const T* in, T* out, std::int64_t count, std::int64_t step) {
        const T top = largest(in, count, step);
        T sum = 0;
        for (std::int64_t i = 0; i < count; ++i)
            sum += std::exp(in[i * step] - top);
        const T logarithm = std::log(sum);
        for (std::int64_t i = 0; i < count; ++i)
            out[i * step] = in[i * step] - top - logarithm;
    });
}

/// 1 at the first of the largest elements, 0 elsewhere.
Result<void> runHardmax(const Call& call, Outputs& outputs)
{
    return runLanes(call, outputs, []<class T>(const T* in, T* out, std::int64_t count, std::int64_t step) {
        const T top = largest(in, count, step);
        bool isFound = false;
        for (std::int64_t i = 0; i < count; ++i) {
            const bool isHit = !isFound && in[i * step] == top;
            out[i * step] = isHit ? T{1} : T{0};
            isFound = isFound || isHit;
        }
    });
}

constexpr Operation kOperations[] = {
    {"BatchNormalization", "X:F scale:f B:f input_mean:f input_var:f", Nature::Computes, describeBatchNormalization, runBatchNormalization},
    {"Hardmax", "input:F", Nature::Selects, describeSoftmax, runHardmax},
    {"LogSoftmax", "input:F", Nature::Computes, describeSoftmax, runLogSoftmax},
    {"Softmax", "input:F", Nature::Computes, describeSoftmax, runSoftmax},
};

}  // namespace

std::span<const Operation> normalizationOperations() { return kOperations; }

}  // namespace core
