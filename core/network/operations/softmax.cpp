// SPDX-License-Identifier: Apache-2.0
// The softmax family. The largest element is taken off first, so no exponential overflows.
#include "core/network/operations/registry.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

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
    {"Hardmax", "input:F", Nature::Selects, describeSoftmax, runHardmax},
    {"LogSoftmax", "input:F", Nature::Computes, describeSoftmax, runLogSoftmax},
    {"Softmax", "input:F", Nature::Computes, describeSoftmax, runSoftmax},
};

}  // namespace

std::span<const Operation> softmaxOperations() { return kOperations; }

}  // namespace core
