// SPDX-License-Identifier: Apache-2.0
// Operations that move elements to other places, all of them strided copies.
#include "core/network/operations/broadcast.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace core {

namespace {

Result<std::vector<std::size_t>> permutationOf(const Call& call)
{
    const std::size_t rank = call.rank(0);
    const std::vector<std::int64_t> list = call.attributes().integers("perm");
    if (list.empty()) {
        std::vector<std::size_t> reversed(rank);
        std::iota(reversed.rbegin(), reversed.rend(), std::size_t{0});
        return reversed;
    }
    std::vector<std::size_t> permutation;
    for (const std::int64_t entry : list) {
        CORE_TRY(const auto axis, call.axis(entry, rank));
        if (std::find(permutation.begin(), permutation.end(), axis) != permutation.end())
            return call.problem(fmt::format("perm lists axis {} twice", axis));
        permutation.push_back(axis);
    }
    if (permutation.size() != rank)
        return call.problem(fmt::format("perm lists {} axes; {}", permutation.size(), call.inputText(0)));
    return permutation;
}

Shape permuted(const Shape& shape, const std::vector<std::size_t>& permutation)
{
    Shape result;
    for (const std::size_t axis : permutation)
        result.push_back(shape[axis]);
    return result;
}

Result<Descriptions> describeTranspose(const Call& call)
{
    CORE_TRY(const auto permutation, permutationOf(call));
    return oneOutput(call.type(0), permuted(call.shape(0), permutation));
}

Result<void> runTranspose(const Call& call, Outputs& outputs)
{
    CORE_TRY(const auto permutation, permutationOf(call));
    const Shape& shape = outputs.shape(0);
    copyStrided(call.tensor(0), {0, permuted(contiguousStrides(call.shape(0)), permutation)}, outputs.tensor(0), {0, contiguousStrides(shape)}, shape);
    return success();
}

Result<Descriptions> describeConcat(const Call& call)
{
    // Before opset 4 the axis had a default.
    CORE_TRY(const auto axis, call.axisAttribute(1));
    Shape shape = call.shape(0);
    for (std::size_t input = 1; input < call.inputCount(); ++input) {
        if (!call.has(input))
            return call.problem(fmt::format("input {} is missing", call.inputName(input)));
        Shape other = call.shape(input);
        if (other.size() == shape.size()) {
            shape[axis] = saturatingSum(shape[axis], other[axis]);
            other[axis] = shape[axis];
        }
        if (other != shape)
            return call.problem(fmt::format("{}; but for axis {} it must be as {}", call.inputText(input), axis, call.inputText(0)));
    }
    return oneOutput(call.type(0), std::move(shape));
}

Result<void> runConcat(const Call& call, Outputs& outputs)
{
    CORE_TRY(const auto axis, call.axisAttribute(1));
    const Shape strides = contiguousStrides(outputs.shape(0));
    Tensor& out = outputs.tensor(0);
    std::int64_t offset = 0;
    for (std::size_t input = 0; input < call.inputCount(); ++input) {
        copyStrided(call.tensor(input), {0, contiguousStrides(call.shape(input))}, out, {offset, strides}, call.shape(input));
        offset += strides[axis] * call.shape(input)[axis];
    }
    return success();
}

/// The sizes of the parts along the axis: listed (attribute, or operand since opset 13), or as equal as can be.
Result<std::vector<std::int64_t>> splitSizes(const Call& call, std::size_t axis)
{
    const std::int64_t size = call.shape(0)[axis];
    std::vector<std::int64_t> parts = call.attributes().integers("split");
    if (call.has(1)) {
        CORE_TRY(parts, call.integers(1));
    }
    if (parts.empty()) {
        const std::int64_t count = std::max<std::int64_t>(static_cast<std::int64_t>(call.outputCount()), 1);
        const std::int64_t part = (size + count - 1) / count;
        if (size % count != 0 && !call.attributes().has("num_outputs"))
            return call.problem(fmt::format("{}; axis {} does not split into {} equal parts", call.inputText(0), axis, count));
        for (std::int64_t i = 0; i < count; ++i)
            parts.push_back(std::clamp<std::int64_t>(size - i * part, 0, part));
    }
    std::int64_t total = 0;
    for (const std::int64_t part : parts)
        total = part < 0 ? std::numeric_limits<std::int64_t>::max() : saturatingSum(total, part);
    if (parts.size() != call.outputCount() || total != size)
        return call.problem(fmt::format("{}; {} sizes that add up to {} are wanted for axis {}", call.inputText(0), call.outputCount(), size, axis));
    return parts;
}

Result<Descriptions> describeSplit(const Call& call)
{
    CORE_TRY(const auto axis, call.axisAttribute(0));
    CORE_TRY(const auto parts, splitSizes(call, axis));
    Descriptions outputs;
    for (const std::int64_t part : parts) {
        outputs.push_back({call.type(0), call.shape(0), std::nullopt});
        outputs.back().shape[axis] = part;
    }
    return outputs;
}

Result<void> runSplit(const Call& call, Outputs& outputs)
{
    CORE_TRY(const auto axis, call.axisAttribute(0));
    const Shape strides = contiguousStrides(call.shape(0));
    std::int64_t offset = 0;
    for (std::size_t part = 0; part < call.outputCount(); ++part) {
        const Shape& shape = outputs.shape(part);
        copyStrided(call.tensor(0), {offset, strides}, outputs.tensor(part), {0, contiguousStrides(shape)}, shape);
        offset += strides[axis] * shape[axis];
    }
    return success();
}

struct SliceSteps {
    Shape extents;
    StridedSide source;
};

Result<std::vector<std::int64_t>> sliceList(const Call& call, std::size_t input, const char* attribute, std::vector<std::int64_t> fallback)
{
    if (call.opset() < 10)
        return call.attributes().integers(attribute, std::move(fallback));
    if (!call.has(input))
        return fallback;
    return call.integers(input);
}

Result<SliceSteps> sliceSteps(const Call& call)
{
    const Shape& in = call.shape(0);
    CORE_TRY(const auto starts, sliceList(call, 1, "starts", {}));
    CORE_TRY(const auto ends, sliceList(call, 2, "ends", {}));
    std::vector<std::int64_t> everyAxis(starts.size());
    std::iota(everyAxis.begin(), everyAxis.end(), 0);
    CORE_TRY(const auto axes, sliceList(call, 3, "axes", everyAxis));
    CORE_TRY(const auto steps, sliceList(call, 4, "steps", std::vector<std::int64_t>(starts.size(), 1)));
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        return call.problem(fmt::format("there are {} starts, {} ends, {} axes and {} steps; as many of each are wanted", starts.size(), ends.size(),
                                        axes.size(), steps.size()));
    CORE_TRY(call.axes(axes, in.size()));   // says which is out of range or listed twice

    SliceSteps result{in, {0, contiguousStrides(in)}};
    for (std::size_t i = 0; i < starts.size(); ++i) {
        CORE_TRY(const auto axis, call.axis(axes[i], in.size()));
        const std::int64_t size = in[axis], step = std::max(steps[i], -std::numeric_limits<std::int64_t>::max());
        if (step == 0)
            return call.problem(fmt::format("the step on axis {} is 0", axis));
        const auto fromFront = [size](std::int64_t place) { return place < 0 ? saturatingSum(place, size) : place; };
        const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
        const std::int64_t start = std::clamp(fromFront(starts[i]), step > 0 ? 0 : std::min<std::int64_t>(0, high), std::max<std::int64_t>(high, 0));
        const std::int64_t end = std::clamp(fromFront(ends[i]), low, std::max(low, high));
        const std::int64_t span = step > 0 ? end - start : start - end;
        const std::int64_t count = size == 0 || span <= 0 ? 0 : (span - 1) / std::abs(step) + 1;
        std::int64_t& stride = result.source.strides[axis];
        result.source.offset += count > 0 ? start * stride : 0;
        stride = count > 1 ? stride * step : 0;
        result.extents[axis] = count;
    }
    return result;
}

Result<Descriptions> describeSlice(const Call& call)
{
    CORE_TRY(SliceSteps steps, sliceSteps(call));
    return oneOutput(call.type(0), std::move(steps.extents));
}

Result<void> runSlice(const Call& call, Outputs& outputs)
{
    CORE_TRY(const auto steps, sliceSteps(call));
    copyStrided(call.tensor(0), steps.source, outputs.tensor(0), {0, contiguousStrides(steps.extents)}, steps.extents);
    return success();
}

Result<Descriptions> describeExpand(const Call& call)
{
    CORE_TRY(Shape wanted, call.integers(1));
    const Shape& in = call.shape(0);
    if (wanted.size() < in.size())
        wanted.insert(wanted.begin(), in.size() - wanted.size(), 1);
    const std::size_t lead = wanted.size() - in.size();
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        std::int64_t& size = wanted[lead + axis];
        if (size != in[axis] && size != 1 && in[axis] != 1)
            return call.problem(fmt::format("{}; it does not broadcast to [{}]", call.inputText(0), shapeText(wanted)));
        size = size == 1 ? in[axis] : size;
    }
    return oneOutput(call.type(0), std::move(wanted));
}

Result<void> runExpand(const Call& call, Outputs& outputs)
{
    const Shape& shape = outputs.shape(0);
    copyStrided(call.tensor(0), {0, broadcastStrides(call.shape(0), shape)}, outputs.tensor(0), {0, contiguousStrides(shape)}, shape);
    return success();
}

/// How often each axis is repeated; before opset 6 one axis, by operands `tiles` and `axis`.
Result<std::vector<std::int64_t>> tileRepeats(const Call& call)
{
    CORE_TRY(std::vector<std::int64_t> repeats, call.integers(1));
    if (call.opset() < 6) {
        if (repeats.size() != 1 || !call.has(2))
            return call.problem("inputs tiles and axis with one number each are wanted");
        CORE_TRY(const auto listed, call.integer(2));
        CORE_TRY(const auto axis, call.axis(listed, call.rank(0)));
        std::vector<std::int64_t> all(call.rank(0), 1);
        all[axis] = repeats[0];
        return all;
    }
    if (repeats.size() != call.rank(0))
        return call.problem(fmt::format("repeats has {} numbers; {}", repeats.size(), call.inputText(0)));
    return repeats;
}

Result<Descriptions> describeTile(const Call& call)
{
    CORE_TRY(const auto repeats, tileRepeats(call));
    Shape shape = call.shape(0);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (repeats[axis] < 0)
            return call.problem(fmt::format("axis {} is repeated {} times", axis, repeats[axis]));
        shape[axis] = saturatingProduct(shape[axis], repeats[axis]);
    }
    return oneOutput(call.type(0), std::move(shape));
}

/// Every axis becomes two, repeats and size; along the repeats the source stands still.
Result<void> runTile(const Call& call, Outputs& outputs)
{
    CORE_TRY(const auto repeats, tileRepeats(call));
    const Shape& in = call.shape(0);
    const Shape inStrides = contiguousStrides(in), outStrides = contiguousStrides(outputs.shape(0));
    Shape extents;
    StridedSide source, target;
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        extents.insert(extents.end(), {repeats[axis], in[axis]});
        source.strides.insert(source.strides.end(), {0, inStrides[axis]});
        target.strides.insert(target.strides.end(), {outStrides[axis] * in[axis], outStrides[axis]});
    }
    copyStrided(call.tensor(0), source, outputs.tensor(0), target, extents);
    return success();
}

Result<std::int64_t> blockSize(const Call& call)
{
    const std::int64_t block = call.attributes().integer("blocksize", 0);
    if (block < 1 || block > 1 << 15)
        return call.problem(fmt::format("blocksize is {}; a size from 1 up is wanted", block));
    if (call.rank(0) != 4)
        return call.problem(fmt::format("{}; four axes are wanted", call.inputText(0)));
    return block;
}

Result<Descriptions> describeDepthToSpace(const Call& call)
{
    CORE_TRY(const auto block, blockSize(call));
    const std::string mode = call.attributes().text("mode", "DCR");
    const Shape& in = call.shape(0);
    if (in[1] % (block * block) != 0 || (mode != "DCR" && mode != "CRD"))
        return call.problem(fmt::format("{}; channels a multiple of {} and mode DCR or CRD are wanted", call.inputText(0), block * block));
    return oneOutput(call.type(0), {in[0], in[1] / (block * block), saturatingProduct(in[2], block), saturatingProduct(in[3], block)});
}

Result<void> runDepthToSpace(const Call& call, Outputs& outputs)
{
    const std::int64_t block = call.attributes().integer("blocksize", 0);
    const Shape& out = outputs.shape(0);
    const Shape& in = call.shape(0);
    const bool blocksFirst = call.attributes().text("mode", "DCR") == "DCR";
    const std::int64_t plane = in[2] * in[3];
    // Extents N, C', H, block, W, block. In DCR the channel is (i, j, c), in CRD it is (c, i, j).
    const std::int64_t byChannel = blocksFirst ? plane : block * block * plane, byColumn = blocksFirst ? out[1] * plane : plane;
    copyStrided(call.tensor(0), {0, {in[1] * plane, byChannel, in[3], byColumn * block, 1, byColumn}}, outputs.tensor(0),
                {0, contiguousStrides({out[0], out[1], in[2], block, in[3], block})}, {out[0], out[1], in[2], block, in[3], block});
    return success();
}

Result<Descriptions> describeSpaceToDepth(const Call& call)
{
    CORE_TRY(const auto block, blockSize(call));
    const Shape& in = call.shape(0);
    if (in[2] % block != 0 || in[3] % block != 0)
        return call.problem(fmt::format("{}; height and width must be multiples of {}", call.inputText(0), block));
    return oneOutput(call.type(0), {in[0], saturatingProduct(in[1], block * block), in[2] / block, in[3] / block});
}

Result<void> runSpaceToDepth(const Call& call, Outputs& outputs)
{
    const std::int64_t block = call.attributes().integer("blocksize", 0);
    const Shape& in = call.shape(0);
    const Shape extents{in[0], block, block, in[1], in[2] / block, in[3] / block};
    const std::int64_t plane = in[2] * in[3];
    copyStrided(call.tensor(0), {0, {in[1] * plane, in[3], 1, plane, in[3] * block, block}}, outputs.tensor(0), {0, contiguousStrides(extents)}, extents);
    return success();
}

constexpr Operation kOperations[] = {
    {"Concat", "inputs:T*", Nature::Moves, describeConcat, runConcat},
    {"DepthToSpace", "input:T", Nature::Moves, describeDepthToSpace, runDepthToSpace},
    {"Expand", "input:T shape:i", Nature::Moves, describeExpand, runExpand},
    {"Slice", "data:T starts:i? ends:i? axes:i? steps:i?", Nature::Moves, describeSlice, runSlice},
    {"SpaceToDepth", "input:T", Nature::Moves, describeSpaceToDepth, runSpaceToDepth},
    {"Split", "input:T split:i?", Nature::Moves, describeSplit, runSplit},
    {"Tile", "input:T repeats:n axis:n?", Nature::Moves, describeTile, runTile},
    {"Transpose", "data:T", Nature::Moves, describeTranspose, runTranspose},
};

}  // namespace

std::span<const Operation> rearrangeOperations() { return kOperations; }

}  // namespace core
