// SPDX-License-Identifier: Apache-2.0
// Operations that move elements to or from places an operand names. An index counts from the back when negative; one that
// is out of range is a problem that says which.
#include "core/network/operations/integer_arithmetic.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace core {

namespace {

/// The indices counted from the front; `sizeOf(i)` is the size of the axis index i is for.
template <class SizeOf>
Result<std::vector<std::int64_t>> indicesOf(const Call& call, std::size_t input, SizeOf sizeOf)
{
    CORE_TRY(std::vector<std::int64_t> indices, call.integers(input));
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::int64_t size = sizeOf(i);
        if (indices[i] < -size || indices[i] >= size)
            return call.problem(fmt::format("input {}, element {} is {}; the axis has {} places", call.inputName(input), i, indices[i], size));
        indices[i] += indices[i] < 0 ? size : 0;
    }
    return indices;
}

std::span<const std::int64_t> sizesBefore(const Shape& shape, std::size_t axis) { return std::span(shape).first(axis); }
std::span<const std::int64_t> sizesFrom(const Shape& shape, std::size_t axis) { return std::span(shape).subspan(axis); }

Result<Descriptions> describeGather(const Call& call)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(0));
    const Shape& data = call.shape(0);
    Shape shape(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), call.shape(1).begin(), call.shape(1).end());
    shape.insert(shape.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
    return oneOutput(call.type(0), std::move(shape));
}

Result<void> runGather(const Call& call, Outputs& outputs)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(0));
    const Shape& data = call.shape(0);
    CORE_TRY(const std::vector<std::int64_t> indices, indicesOf(call, 1, [&](std::size_t) { return data[axis]; }));
    const std::int64_t outer = product(sizesBefore(data, axis)), block = product(sizesFrom(data, axis + 1));
    visitBits(call.type(0), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        for (std::int64_t i = 0; i < outer; ++i)
            for (const std::int64_t index : indices)
                out = std::copy_n(in + (i * data[axis] + index) * block, block, out);
    });
    return success();
}

/// GatherElements and ScatterElements: the indices' shape may be smaller than the data's, but for the axis never larger.
Result<std::size_t> elementsAxis(const Call& call)
{
    CORE_TRY(const std::size_t axis, call.axisAttribute(0));
    bool fits = call.rank(1) == call.rank(0);
    for (std::size_t i = 0; fits && i < call.rank(0); ++i)
        fits = i == axis || call.shape(1)[i] <= call.shape(0)[i];
    if (!fits)
        return call.problem(fmt::format("{} and {}; indices must not be larger but on axis {}", call.inputText(0), call.inputText(1), axis));
    return axis;
}

/// Calls visit(position in the indices, position in the data) for every index.
template <class Visit>
Result<void> forEachElementIndex(const Call& call, Visit visit)
{
    CORE_TRY(const std::size_t axis, elementsAxis(call));
    const Shape& shape = call.shape(1);
    CORE_TRY(const std::vector<std::int64_t> indices, indicesOf(call, 1, [&](std::size_t) { return call.shape(0)[axis]; }));
    const Shape strides = contiguousStrides(call.shape(0));
    Shape position(shape.size(), 0);
    std::int64_t base = 0;   // of the position in the data, the axis left out
    for (std::size_t i = 0; i < indices.size(); ++i) {
        visit(i, static_cast<std::size_t>(base + indices[i] * strides[axis]));
        for (std::size_t k = shape.size(); k-- > 0;) {
            base += k == axis ? 0 : strides[k];
            if (++position[k] < shape[k])
                break;
            base -= k == axis ? 0 : strides[k] * shape[k];
            position[k] = 0;
        }
    }
    return success();
}

Result<Descriptions> describeGatherElements(const Call& call)
{
    CORE_TRY(elementsAxis(call));
    return oneOutput(call.type(0), call.shape(1));
}

Result<void> runGatherElements(const Call& call, Outputs& outputs)
{
    return visitBits(call.type(0), [&]<class Bits>() -> Result<void> {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        return forEachElementIndex(call, [&](std::size_t index, std::size_t data) { out[index] = in[data]; });
    });
}

/// How a scattered element meets the one that is there.
enum class Meeting { Replace, Add, Multiply, Largest, Smallest };

Result<Meeting> meetingOf(const Call& call)
{
    const std::string text = call.attributes().text("reduction", "none");
    if (text == "none")
        return Meeting::Replace;
    if (call.type(0) != DataType::Bool && text == "add")
        return Meeting::Add;
    if (call.type(0) != DataType::Bool && text == "mul")
        return Meeting::Multiply;
    if (call.type(0) != DataType::Bool && text == "max")
        return Meeting::Largest;
    if (call.type(0) != DataType::Bool && text == "min")
        return Meeting::Smallest;
    return call.problem(fmt::format("reduction is '{}' of {}; none, or add, mul, max, min of numbers is wanted", text, dataTypeName(call.type(0))));
}

template <class T>
T meet(Meeting meeting, T there, T update)
{
    switch (meeting) {
    case Meeting::Replace: break;
    case Meeting::Add: return wrapping(there, update, std::plus<>());
    case Meeting::Multiply: return wrapping(there, update, std::multiplies<>());
    case Meeting::Largest: return largerOf(there, update);
    case Meeting::Smallest: return smallerOf(there, update);
    }
    return update;
}

Result<Descriptions> describeScatterElements(const Call& call)
{
    CORE_TRY(elementsAxis(call));
    CORE_TRY(meetingOf(call));
    if (call.shape(2) != call.shape(1))
        return call.problem(fmt::format("{} and {}; equal shapes are wanted", call.inputText(1), call.inputText(2)));
    return likeFirstInput(call);
}

/// Calls scatter.operator()<T>(result, updates, meet) on a copy of the data.
template <class Scatter>
Result<void> runScatter(const Call& call, Outputs& outputs, Scatter scatter)
{
    CORE_TRY(const Meeting meeting, meetingOf(call));
    outputs.set(0, call.tensor(0));
    if (meeting == Meeting::Replace)
        return visitBits(call.type(0), [&]<class Bits>() -> Result<void> {
            return scatter(editBitsOf<Bits>(outputs.tensor(0)), bitsOf<Bits>(call.tensor(2)), [](Bits, Bits update) { return update; });
        });
    return visitNumber(call.type(0), [&]<class T>() -> Result<void> {
        return scatter(outputs.edit<T>(0).data(), call.values<T>(2).data(), [meeting](T there, T update) { return meet(meeting, there, update); });
    });
}

Result<void> runScatterElements(const Call& call, Outputs& outputs)
{
    return runScatter(call, outputs, [&](auto* result, const auto* updates, auto join) {
        return forEachElementIndex(call, [&](std::size_t index, std::size_t data) { result[data] = join(result[data], updates[index]); });
    });
}

/// GatherND and ScatterND: the last axis of the indices holds places on the first axes of the data.
struct PlaceIndices {
    std::vector<std::int64_t> offsets;   // in elements, one per block
    std::int64_t block = 1;              // elements per block
};

Result<std::size_t> placeDepth(const Call& call, std::size_t batchAxes)
{
    const std::size_t rank = call.rank(0), indexRank = call.rank(1);
    const bool hasRanks = indexRank >= 1 && batchAxes < indexRank && batchAxes <= rank;
    const std::int64_t depth = hasRanks ? call.shape(1).back() : -1;
    bool fits = hasRanks && depth >= 0 && depth <= static_cast<std::int64_t>(rank - batchAxes);
    for (std::size_t axis = 0; fits && axis < batchAxes; ++axis)
        fits = call.shape(0)[axis] == call.shape(1)[axis];
    if (!fits)
        return call.problem(fmt::format("{} and {} with batch_dims {}; the last axis of the indices must name axes of the data", call.inputText(0),
                                        call.inputText(1), batchAxes));
    return static_cast<std::size_t>(depth);
}

Result<PlaceIndices> placeIndices(const Call& call, std::size_t batchAxes)
{
    CORE_TRY(const std::size_t depth, placeDepth(call, batchAxes));
    const Shape& data = call.shape(0);
    const Shape strides = contiguousStrides(data);
    PlaceIndices result;
    result.block = product(sizesFrom(data, batchAxes + depth));
    CORE_TRY(const std::vector<std::int64_t> indices, indicesOf(call, 1, [&](std::size_t i) { return data[batchAxes + i % depth]; }));
    const std::int64_t batches = product(sizesBefore(data, batchAxes)), perBatch = product(sizesFrom(data, batchAxes));
    const Shape& shape = call.shape(1);
    const std::int64_t places = product(std::span(shape).first(shape.size() - 1));
    for (std::int64_t place = 0; place < places; ++place) {
        std::int64_t offset = batches == 0 ? 0 : place / std::max<std::int64_t>(places / batches, 1) * perBatch;
        for (std::size_t k = 0; k < depth; ++k)
            offset += indices[static_cast<std::size_t>(place) * depth + k] * strides[batchAxes + k];
        result.offsets.push_back(offset);
    }
    return result;
}

Result<std::size_t> batchAxesOf(const Call& call)
{
    const std::int64_t count = call.attributes().integer("batch_dims", 0);
    if (count < 0 || count > static_cast<std::int64_t>(call.rank(0)))
        return call.problem(fmt::format("batch_dims is {}; 0 to {} is wanted", count, call.rank(0)));
    return static_cast<std::size_t>(count);
}

Result<Descriptions> describeGatherND(const Call& call)
{
    CORE_TRY(const std::size_t batchAxes, batchAxesOf(call));
    CORE_TRY(const std::size_t depth, placeDepth(call, batchAxes));
    Shape shape(call.shape(1).begin(), call.shape(1).end() - 1);
    const auto rest = sizesFrom(call.shape(0), batchAxes + depth);
    shape.insert(shape.end(), rest.begin(), rest.end());
    return oneOutput(call.type(0), std::move(shape));
}

Result<void> runGatherND(const Call& call, Outputs& outputs)
{
    CORE_TRY(const std::size_t batchAxes, batchAxesOf(call));
    CORE_TRY(const PlaceIndices places, placeIndices(call, batchAxes));
    visitBits(call.type(0), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        for (const std::int64_t offset : places.offsets)
            out = std::copy_n(in + offset, places.block, out);
    });
    return success();
}

Result<Descriptions> describeScatterND(const Call& call)
{
    CORE_TRY(const std::size_t depth, placeDepth(call, 0));
    CORE_TRY(meetingOf(call));
    Shape wanted(call.shape(1).begin(), call.shape(1).end() - 1);
    const auto rest = sizesFrom(call.shape(0), depth);
    wanted.insert(wanted.end(), rest.begin(), rest.end());
    if (call.shape(2) != wanted)
        return call.problem(fmt::format("{}; {} is wanted", call.inputText(2), shapeText(wanted)));
    return likeFirstInput(call);
}

Result<void> runScatterND(const Call& call, Outputs& outputs)
{
    CORE_TRY(const PlaceIndices places, placeIndices(call, 0));
    return runScatter(call, outputs, [&](auto* result, const auto* updates, auto join) -> Result<void> {
        for (const std::int64_t offset : places.offsets)
            for (std::int64_t i = 0; i < places.block; ++i, ++updates)
                result[offset + i] = join(result[offset + i], *updates);
        return success();
    });
}

/// Which places along the axis (or of the flattened data) a list of truths keeps.
Result<std::vector<std::int64_t>> keptPlaces(const Call& call, std::int64_t size)
{
    if (!call.isKnown(1) || call.rank(1) != 1)
        return call.problem(fmt::format("{}; a constant list is wanted", call.inputText(1)));
    const auto truths = call.values<bool>(1);
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < std::min(size, call.tensor(1).size()); ++i)
        if (truths[static_cast<std::size_t>(i)])
            places.push_back(i);
    return places;
}

Result<Descriptions> describeCompress(const Call& call)
{
    if (!call.attributes().has("axis")) {
        CORE_TRY(const std::vector<std::int64_t> places, keptPlaces(call, product(call.shape(0))));
        return oneOutput(call.type(0), {static_cast<std::int64_t>(places.size())});
    }
    CORE_TRY(const std::size_t axis, call.axisAttribute(0));
    CORE_TRY(const std::vector<std::int64_t> places, keptPlaces(call, call.shape(0)[axis]));
    Shape shape = call.shape(0);
    shape[axis] = static_cast<std::int64_t>(places.size());
    return oneOutput(call.type(0), std::move(shape));
}

Result<void> runCompress(const Call& call, Outputs& outputs)
{
    const Shape data = call.attributes().has("axis") ? call.shape(0) : Shape{call.tensor(0).size()};
    CORE_TRY(const std::size_t axis, call.axis(call.attributes().integer("axis", 0), data.size()));
    CORE_TRY(const std::vector<std::int64_t> places, keptPlaces(call, data[axis]));
    const std::int64_t outer = product(sizesBefore(data, axis)), block = product(sizesFrom(data, axis + 1));
    visitBits(call.type(0), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        for (std::int64_t i = 0; i < outer; ++i)
            for (const std::int64_t place : places)
                out = std::copy_n(in + (i * data[axis] + place) * block, block, out);
    });
    return success();
}

/// The first lengths[b] elements along the time axis in reverse order, for every b along the batch axis.
struct Reversal { std::size_t batchAxis, timeAxis; };

Result<Reversal> reversalOf(const Call& call)
{
    const std::int64_t batch = call.attributes().integer("batch_axis", 1), time = call.attributes().integer("time_axis", 0);
    const bool areFirstTwo = (batch == 0 && time == 1) || (batch == 1 && time == 0);
    if (!areFirstTwo || call.rank(0) < 2 || call.shape(1) != Shape{call.shape(0)[static_cast<std::size_t>(batch)]})
        return call.problem(fmt::format("batch_axis {}, time_axis {}, {}, {}; axes 0 and 1 and a length for each batch are wanted", batch, time,
                                        call.inputText(0), call.inputText(1)));
    return Reversal{static_cast<std::size_t>(batch), static_cast<std::size_t>(time)};
}

Result<Descriptions> describeReverseSequence(const Call& call)
{
    CORE_TRY(reversalOf(call));
    return likeFirstInput(call);
}

Result<void> runReverseSequence(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Reversal axes, reversalOf(call));
    const Shape& shape = call.shape(0);
    CORE_TRY(const std::vector<std::int64_t> lengths, call.integers(1));
    const Shape strides = contiguousStrides(shape);
    const std::int64_t block = product(sizesFrom(shape, 2)), times = shape[axes.timeAxis];
    for (const std::int64_t length : lengths)
        if (length < 0 || length > times)
            return call.problem(fmt::format("a sequence has length {}; 0 to {} is wanted", length, times));
    visitBits(call.type(0), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        for (std::int64_t batch = 0; batch < shape[axes.batchAxis]; ++batch)
            for (std::int64_t time = 0; time < times; ++time) {
                const std::int64_t length = lengths[static_cast<std::size_t>(batch)], source = time < length ? length - 1 - time : time;
                const std::int64_t base = batch * strides[axes.batchAxis];
                std::copy_n(in + base + source * strides[axes.timeAxis], block, out + base + time * strides[axes.timeAxis]);
            }
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"Compress", "input:T condition:b", Nature::Moves, describeCompress, runCompress},
    {"Gather", "data:T indices:i", Nature::Moves, describeGather, runGather},
    {"GatherElements", "data:T indices:i", Nature::Moves, describeGatherElements, runGatherElements},
    {"GatherND", "data:T indices:i", Nature::Moves, describeGatherND, runGatherND},
    {"ReverseSequence", "input:T sequence_lens:i", Nature::Moves, describeReverseSequence, runReverseSequence},
    {"Scatter", "data:T indices:i updates:T", Nature::Selects, describeScatterElements, runScatterElements},
    {"ScatterElements", "data:T indices:i updates:T", Nature::Selects, describeScatterElements, runScatterElements},
    {"ScatterND", "data:T indices:i updates:T", Nature::Selects, describeScatterND, runScatterND},
};

}  // namespace

std::span<const Operation> indexingOperations() { return kOperations; }

}  // namespace core
