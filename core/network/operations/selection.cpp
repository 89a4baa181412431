// SPDX-License-Identifier: Apache-2.0
// Operations whose result depends on the order or the presence of elements. Where a shape depends on elements, it is known
// only when they are.
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core {

namespace {

/// A total order of numbers: NaN is larger than everything, so sorting stays defined.
template <class T>
bool isLess(T a, T b)
{
    if constexpr (std::is_floating_point_v<T>)
        if (std::isnan(a) || std::isnan(b))
            return !std::isnan(a) && std::isnan(b);
    return a < b;
}

struct TopKSizes { std::size_t axis; std::int64_t count; };

Result<TopKSizes> topKSizes(const Call& call)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(-1));
    std::int64_t count = call.attributes().integer("k", -1);
    if (call.has(1)) {
        CORE_TRY(count, call.integer(1));
    }
    if (count < 0 || count > call.shape(0)[axis])
        return call.problem(fmt::format("k is {}; {} and axis {}", count, call.inputText(0), axis));
    return TopKSizes{axis, count};
}

Result<Descriptions> describeTopK(const Call& call)
{
    CORE_TRY(const TopKSizes sizes, topKSizes(call));
    Shape shape = call.shape(0);
    shape[sizes.axis] = sizes.count;
    return Descriptions{{call.type(0), shape, std::nullopt}, {DataType::Int64, shape, std::nullopt}};
}

/// Of equal elements the one with the lower index comes first.
template <class T>
void computeTopK(const Call& call, const TopKSizes& sizes, Outputs& outputs)
{
    const Shape& shape = call.shape(0);
    const bool isLargest = call.attributes().integer("largest", 1) != 0;
    const std::int64_t outer = product(std::span(shape).first(sizes.axis)), inner = product(std::span(shape).subspan(sizes.axis + 1)), along = shape[sizes.axis];
    T* values = outputs.edit<T>(0).data();
    std::int64_t* indices = outputs.edit<std::int64_t>(1).data();
    std::vector<std::int64_t> order(static_cast<std::size_t>(along));
    for (std::int64_t i = 0; i < outer; ++i)
        for (std::int64_t k = 0; k < inner; ++k) {
            const T* lane = call.values<T>(0).data() + i * along * inner + k;
            std::iota(order.begin(), order.end(), 0);
            std::partial_sort(order.begin(), order.begin() + sizes.count, order.end(), [&](std::int64_t a, std::int64_t b) {
                const T left = lane[a * inner], right = lane[b * inner];
                if (isLess(left, right) || isLess(right, left))
                    return isLess(left, right) != isLargest;
                return a < b;
            });
            for (std::int64_t rank = 0; rank < sizes.count; ++rank) {
                const std::int64_t target = (i * sizes.count + rank) * inner + k;
                indices[target] = order[static_cast<std::size_t>(rank)];
                values[target] = lane[indices[target] * inner];
            }
        }
}

Result<void> runTopK(const Call& call, Outputs& outputs)
{
    CORE_TRY(const TopKSizes sizes, topKSizes(call));
    visitNumber(call.type(0), [&]<class T>() { computeTopK<T>(call, sizes, outputs); });
    return success();
}

Problem dependsOnElements(const Call& call)
{
    return call.problem("its shape depends on elements that are computed while the network runs; constants are wanted");
}

Result<Descriptions> describeNonZero(const Call& call)
{
    if (!call.isKnown(0))
        return dependsOnElements(call);
    const Tensor truths = converted(call.tensor(0), DataType::Bool);
    const auto values = truths.values<bool>();
    return oneOutput(DataType::Int64, {static_cast<std::int64_t>(call.rank(0)), std::count(values.begin(), values.end(), true)});
}

Result<void> runNonZero(const Call& call, Outputs& outputs)
{
    const Tensor truths = converted(call.tensor(0), DataType::Bool);
    const auto values = truths.values<bool>();
    const Shape& shape = call.shape(0);
    const Shape strides = contiguousStrides(shape);
    const std::int64_t count = outputs.shape(0)[1];
    const auto out = outputs.edit<std::int64_t>(0);
    std::int64_t found = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i])
            continue;
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            out[static_cast<std::size_t>(static_cast<std::int64_t>(axis) * count + found)] = static_cast<std::int64_t>(i) / strides[axis] % shape[axis];
        ++found;
    }
    return success();
}

/// The data as slices along an axis (or as single elements), and which of them are the first of their kind.
struct UniqueSlices {
    std::int64_t outer = 1, along = 1, inner = 1;
    std::vector<std::int64_t> first;     // for each distinct slice, where it occurs first
    std::vector<std::int64_t> inverse;   // for each slice, which distinct one it is
    std::vector<std::int64_t> counts;
};

template <class T>
UniqueSlices findUnique(const Call& call, UniqueSlices slices)
{
    const T* data = call.values<T>(0).data();
    const auto isBefore = [&](std::int64_t a, std::int64_t b) {   // lexicographic; NaN last
        for (std::int64_t i = 0; i < slices.outer; ++i)
            for (std::int64_t k = 0; k < slices.inner; ++k) {
                const T left = data[(i * slices.along + a) * slices.inner + k], right = data[(i * slices.along + b) * slices.inner + k];
                if (isLess(left, right) || isLess(right, left))
                    return isLess(left, right);
            }
        return false;
    };
    std::vector<std::int64_t> order(static_cast<std::size_t>(slices.along));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), isBefore);
    slices.inverse.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i == 0 || isBefore(order[i - 1], order[i])) {
            slices.first.push_back(order[i]);
            slices.counts.push_back(0);
        }
        slices.inverse[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(slices.first.size()) - 1;
        ++slices.counts.back();
    }
    if (call.attributes().integer("sorted", 1) != 0)
        return slices;
    // In the order of first occurrence instead.
    std::vector<std::int64_t> rank(slices.first.size()), newPlace(rank.size());
    std::iota(rank.begin(), rank.end(), 0);
    std::sort(rank.begin(), rank.end(), [&](std::int64_t a, std::int64_t b) { return slices.first[static_cast<std::size_t>(a)] < slices.first[static_cast<std::size_t>(b)]; });
    UniqueSlices sorted = slices;
    for (std::size_t i = 0; i < rank.size(); ++i) {
        const auto old = static_cast<std::size_t>(rank[i]);
        newPlace[old] = static_cast<std::int64_t>(i);
        sorted.first[i] = slices.first[old];
        sorted.counts[i] = slices.counts[old];
    }
    for (std::int64_t& place : sorted.inverse)
        place = newPlace[static_cast<std::size_t>(place)];
    return sorted;
}

Result<UniqueSlices> uniqueSlices(const Call& call)
{
    if (!call.isKnown(0))
        return dependsOnElements(call);
    UniqueSlices slices;
    slices.along = product(call.shape(0));
    if (call.attributes().has("axis")) {
        CORE_TRY(const std::size_t axis, call.axisAttribute(0));
        const auto sizes = std::span(call.shape(0));
        slices = {product(sizes.first(axis)), sizes[axis], product(sizes.subspan(axis + 1)), {}, {}, {}};
    }
    return visitType(call.type(0), [&]<class T>() -> UniqueSlices {
        if constexpr (std::is_arithmetic_v<T>)
            return findUnique<T>(call, slices);
        else
            return slices;   // 16-bit floats have been widened before
    });
}

Result<Descriptions> describeUnique(const Call& call)
{
    // Describing looks at elements, which for 16-bit floats are widened only for the run.
    if (call.type(0) == DataType::Float16 || call.type(0) == DataType::BFloat16)
        return call.problem(fmt::format("{}; float32, float64 or integers are wanted", call.inputText(0)));
    CORE_TRY(const UniqueSlices slices, uniqueSlices(call));
    const auto count = static_cast<std::int64_t>(slices.first.size());
    Shape shape{count};
    if (call.attributes().has("axis")) {
        CORE_TRY(const std::size_t axis, call.axisAttribute(0));
        shape = call.shape(0);
        shape[axis] = count;
    }
    const TensorDescription list{DataType::Int64, {count}, std::nullopt};
    return Descriptions{{call.type(0), shape, std::nullopt}, list, {DataType::Int64, {slices.along}, std::nullopt}, list};
}

Result<void> runUnique(const Call& call, Outputs& outputs)
{
    CORE_TRY(const UniqueSlices slices, uniqueSlices(call));
    visitBits(call.type(0), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        for (std::int64_t i = 0; i < slices.outer; ++i)
            for (const std::int64_t slice : slices.first)
                out = std::copy_n(in + (i * slices.along + slice) * slices.inner, slices.inner, out);
    });
    const std::vector<std::int64_t>* lists[] = {&slices.first, &slices.inverse, &slices.counts};
    for (std::size_t i = 0; i < 3; ++i)
        if (call.wantsOutput(i + 1))
            std::copy(lists[i]->begin(), lists[i]->end(), outputs.edit<std::int64_t>(i + 1).begin());
    return success();
}

constexpr Operation kOperations[] = {
    {"NonZero", "X:T", Nature::Moves, describeNonZero, runNonZero},
    {"TopK", "X:N K:i?", Nature::Selects, describeTopK, runTopK},
    {"Unique", "X:T", Nature::Moves, describeUnique, runUnique},
};

}  // namespace

std::span<const Operation> selectionOperations() { return kOperations; }

}  // namespace core
