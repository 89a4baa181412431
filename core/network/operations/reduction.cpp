// SPDX-License-Identifier: Apache-2.0
// Reductions over axes, positions of extremes, running sums. Every sum is added in row-major order of its terms.
#include "core/network/operations/integer_arithmetic.h"
#include "core/network/operations/registry.h"
#include "core/network/operations/strided_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace core {

namespace {

/// Which axes go: an operand in newer opsets, an attribute in older ones; none means all unless the node says otherwise.
Result<std::vector<bool>> reducedAxes(const Call& call)
{
    std::vector<std::int64_t> list = call.attributes().integers("axes");
    if (call.has(1)) {
        CORE_TRY(list, call.integers(1));
    }
    const std::size_t rank = call.rank(0);
    if (list.empty())
        return std::vector<bool>(rank, call.attributes().integer("noop_with_empty_axes", 0) == 0);
    CORE_TRY(const std::vector<std::size_t> axes, call.axes(list, rank));
    std::vector<bool> isReduced(rank, false);
    for (const std::size_t axis : axes)
        isReduced[axis] = true;
    return isReduced;
}

Shape keptShape(const Shape& shape, const std::vector<bool>& isReduced)
{
    Shape kept = shape;
    for (std::size_t axis = 0; axis < kept.size(); ++axis)
        kept[axis] = isReduced[axis] ? 1 : kept[axis];
    return kept;
}

Result<Descriptions> describeReduction(const Call& call)
{
    CORE_TRY(const std::vector<bool> isReduced, reducedAxes(call));
    const bool keeps = call.attributes().integer("keepdims", 1) != 0;
    Shape shape;
    for (std::size_t axis = 0; axis < isReduced.size(); ++axis)
        if (!isReduced[axis] || keeps)
            shape.push_back(isReduced[axis] ? 1 : call.shape(0)[axis]);
    return oneOutput(call.type(0), std::move(shape));
}

/// result = start, then result = take(result, element) for every element, in row-major order.
template <class T, class Take>
void accumulate(const Call& call, const std::vector<bool>& isReduced, std::span<T> result, T start, Take take)
{
    std::fill(result.begin(), result.end(), start);
    const Shape& in = call.shape(0);
    Shape target = contiguousStrides(keptShape(in, isReduced));
    for (std::size_t axis = 0; axis < in.size(); ++axis)
        target[axis] = isReduced[axis] ? 0 : target[axis];
    const T* source = call.values<T>(0).data();
    const StridedLoop<2> loop(in, {contiguousStrides(in), target});
    loop.forEachRun([&](const std::array<std::int64_t, 2>& offsets, std::int64_t count, const std::array<std::int64_t, 2>& steps) {
        const T* element = source + offsets[0];
        T* sum = result.data() + offsets[1];
        if (steps[1] != 0) {
            for (std::int64_t i = 0; i < count; ++i)
                sum[i] = take(sum[i], element[i]);
            return;
        }
        T own = *sum;
        for (std::int64_t i = 0; i < count; ++i)
            own = take(own, element[i]);
        *sum = own;
    });
}

template <class Take, class Finish>
Result<void> reduce(const Call& call, Outputs& outputs, auto start, Take take, Finish finish)
{
    CORE_TRY(const std::vector<bool> isReduced, reducedAxes(call));
    visitNumber(call.type(0), [&]<class T>() {
        const auto result = outputs.edit<T>(0);
        accumulate<T>(call, isReduced, result, start.template operator()<T>(), take);
        const std::int64_t terms = result.empty() ? 0 : call.tensor(0).size() / static_cast<std::int64_t>(result.size());
        std::transform(result.begin(), result.end(), result.begin(), [&](T value) { return finish(value, terms); });
    });
    return success();
}

constexpr auto kZero = []<class T>() { return T{0}; };
constexpr auto kOne = []<class T>() { return T{1}; };
constexpr auto kLowest = []<class T>() { return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest(); };
constexpr auto kHighest = []<class T>() { return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max(); };
constexpr auto kAsIs = []<class T>(T value, std::int64_t) { return value; };
constexpr auto kAdd = []<class T>(T sum, T x) { return wrapping(sum, x, std::plus<>()); };
constexpr auto kAddSquare = []<class T>(T sum, T x) { return wrapping(sum, wrapping(x, x, std::multiplies<>()), std::plus<>()); };
constexpr auto kAddAbsolute = []<class T>(T sum, T x) { return x < T{0} ? wrapping(sum, x, std::minus<>()) : wrapping(sum, x, std::plus<>()); };
constexpr auto kSquareRoot = []<class T>(T value, std::int64_t) { return static_cast<T>(std::sqrt(static_cast<double>(value))); };
constexpr auto kLogarithm = []<class T>(T value, std::int64_t) { return static_cast<T>(std::log(static_cast<double>(value))); };
constexpr auto kPerTerm = []<class T>(T value, std::int64_t terms) {
    if constexpr (std::is_integral_v<T>)   // integers divide in 64 bits, where a count always fits
        return terms == 0 ? T{0} : static_cast<T>(static_cast<std::int64_t>(value) / terms);
    else
        return value / static_cast<T>(terms);
};

Result<void> runReduceL1(const Call& call, Outputs& outputs) { return reduce(call, outputs, kZero, kAddAbsolute, kAsIs); }
Result<void> runReduceL2(const Call& call, Outputs& outputs) { return reduce(call, outputs, kZero, kAddSquare, kSquareRoot); }
Result<void> runReduceLogSum(const Call& call, Outputs& outputs) { return reduce(call, outputs, kZero, kAdd, kLogarithm); }
Result<void> runReduceMax(const Call& call, Outputs& outputs) { return reduce(call, outputs, kLowest, []<class T>(T a, T b) { return largerOf(a, b); }, kAsIs); }
Result<void> runReduceMean(const Call& call, Outputs& outputs) { return reduce(call, outputs, kZero, kAdd, kPerTerm); }
Result<void> runReduceMin(const Call& call, Outputs& outputs) { return reduce(call, outputs, kHighest, []<class T>(T a, T b) { return smallerOf(a, b); }, kAsIs); }
Result<void> runReduceProd(const Call& call, Outputs& outputs)
{
    return reduce(call, outputs, kOne, []<class T>(T a, T b) { return wrapping(a, b, std::multiplies<>()); }, kAsIs);
}
Result<void> runReduceSum(const Call& call, Outputs& outputs) { return reduce(call, outputs, kZero, kAdd, kAsIs); }
Result<void> runReduceSumSquare(const Call& call, Outputs& outputs) { return reduce(call, outputs, kZero, kAddSquare, kAsIs); }

/// Of a running log-sum-exp, m + log(s): a larger element becomes the new m. Pairs (m, s) stay exact where e^x overflows.
Result<void> runReduceLogSumExp(const Call& call, Outputs& outputs)
{
    CORE_TRY(const std::vector<bool> isReduced, reducedAxes(call));
    visitFloat(call.type(0), [&]<class T>() {
        const auto result = outputs.edit<T>(0);
        std::vector<T> largest(result.size());
        accumulate<T>(call, isReduced, largest, -std::numeric_limits<T>::infinity(), []<class U>(U a, U b) { return largerOf(a, b); });
        std::fill(result.begin(), result.end(), T{0});
        const Shape& in = call.shape(0);
        Shape target = contiguousStrides(keptShape(in, isReduced));
        for (std::size_t axis = 0; axis < in.size(); ++axis)
            target[axis] = isReduced[axis] ? 0 : target[axis];
        const T* source = call.values<T>(0).data();
        StridedLoop<2>(in, {contiguousStrides(in), target}).forEachRun([&](const auto& offsets, std::int64_t count, const auto& steps) {
            for (std::int64_t i = 0; i < count; ++i) {
                const auto sum = static_cast<std::size_t>(offsets[1] + i * steps[1]);
                result[sum] += std::isinf(largest[sum]) ? T{1} : std::exp(source[offsets[0] + i] - largest[sum]);
            }
        });
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] = std::isinf(largest[i]) ? largest[i] : largest[i] + std::log(result[i]);
    });
    return success();
}

struct Lanes { std::int64_t outer, along, inner; };

Lanes lanesOf(const Shape& shape, std::size_t axis)
{
    const auto sizes = std::span(shape);
    return {product(sizes.first(axis)), shape[axis], product(sizes.subspan(axis + 1))};
}

/// Calls visit(first) with the offset of every lane along the axis; its elements are `inner` apart.
template <class Visit>
void forEachLane(const Lanes& lanes, Visit visit)
{
    for (std::int64_t outer = 0; outer < lanes.outer; ++outer)
        for (std::int64_t inner = 0; inner < lanes.inner; ++inner)
            visit(outer * lanes.along * lanes.inner + inner);
}

Result<Descriptions> describeArgument(const Call& call)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(0));
    Shape shape = call.shape(0);
    if (shape[axis] == 0)
        return call.problem(fmt::format("{}; axis {} must not be empty", call.inputText(0), axis));
    if (call.attributes().integer("keepdims", 1) != 0)
        shape[axis] = 1;
    else
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    return oneOutput(DataType::Int64, std::move(shape));
}

template <class Better>
Result<void> runArgument(const Call& call, Outputs& outputs, Better isBetter)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(0));
    const bool takesLast = call.attributes().integer("select_last_index", 0) != 0;
    const Lanes lanes = lanesOf(call.shape(0), axis);
    std::int64_t* out = outputs.edit<std::int64_t>(0).data();
    visitNumber(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        forEachLane(lanes, [&](std::int64_t first) {
            std::int64_t best = 0;
            for (std::int64_t i = 1; i < lanes.along; ++i) {
                const T value = in[first + i * lanes.inner], record = in[first + best * lanes.inner];
                if (isBetter(value, record) || (takesLast && value == record))
                    best = i;
            }
            *out++ = best;
        });
    });
    return success();
}

Result<void> runArgMax(const Call& call, Outputs& outputs) { return runArgument(call, outputs, std::greater<>()); }
Result<void> runArgMin(const Call& call, Outputs& outputs) { return runArgument(call, outputs, std::less<>()); }

Result<std::size_t> cumSumAxis(const Call& call)
{
    CORE_TRY(const std::int64_t axis, call.integer(1));
    return call.axis(axis, call.rank(0));
}

Result<Descriptions> describeCumSum(const Call& call)
{
    if (call.isKnown(1)) {
        CORE_TRY(cumSumAxis(call));
    }
    return likeFirstInput(call);
}

Result<void> runCumSum(const Call& call, Outputs& outputs)
{
    CORE_TRY(const std::size_t axis, cumSumAxis(call));
    const bool isExclusive = call.attributes().integer("exclusive", 0) != 0, isReverse = call.attributes().integer("reverse", 0) != 0;
    const Lanes lanes = lanesOf(call.shape(0), axis);
    visitNumber(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        T* out = outputs.edit<T>(0).data();
        forEachLane(lanes, [&](std::int64_t first) {
            T sum = 0;
            for (std::int64_t i = 0; i < lanes.along; ++i) {
                const std::int64_t place = first + (isReverse ? lanes.along - 1 - i : i) * lanes.inner;
                const T next = wrapping(sum, in[place], std::plus<>());
                out[place] = isExclusive ? sum : next;
                sum = next;
            }
        });
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"ArgMax", "data:N", Nature::Selects, describeArgument, runArgMax},
    {"ArgMin", "data:N", Nature::Selects, describeArgument, runArgMin},
    {"CumSum", "x:N axis:i", Nature::Computes, describeCumSum, runCumSum},
    {"ReduceL1", "data:N axes:i?", Nature::Computes, describeReduction, runReduceL1},
    {"ReduceL2", "data:N axes:i?", Nature::Computes, describeReduction, runReduceL2},
    {"ReduceLogSum", "data:N axes:i?", Nature::Computes, describeReduction, runReduceLogSum},
    {"ReduceLogSumExp", "data:F axes:i?", Nature::Computes, describeReduction, runReduceLogSumExp},
    {"ReduceMax", "data:N axes:i?", Nature::Selects, describeReduction, runReduceMax},
    {"ReduceMean", "data:N axes:i?", Nature::Computes, describeReduction, runReduceMean},
    {"ReduceMin", "data:N axes:i?", Nature::Selects, describeReduction, runReduceMin},
    {"ReduceProd", "data:N axes:i?", Nature::Computes, describeReduction, runReduceProd},
    {"ReduceSum", "data:N axes:i?", Nature::Computes, describeReduction, runReduceSum},
    {"ReduceSumSquare", "data:N axes:i?", Nature::Computes, describeReduction, runReduceSumSquare},
};

}  // namespace

std::span<const Operation> reductionOperations() { return kOperations; }

}  // namespace core
