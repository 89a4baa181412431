// SPDX-License-Identifier: Apache-2.0
// Pad: a frame of a constant, of the edge, of a mirror image or of the other side; negative pads cut off.
#include "core/network/operations/registry.h"
#include "core/network/operations/strided_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace core {

namespace {

struct Pads {
    std::vector<std::int64_t> begin, end;   // per axis
    std::string mode;
};

constexpr std::int64_t kLargestPad = std::int64_t{1} << 40;

Result<std::vector<std::int64_t>> padList(const Call& call)
{
    if (call.opset() >= 11) {
        if (!call.has(1))
            return call.problem("input pads is missing");
        return call.integers(1);
    }
    return call.attributes().integers(call.opset() < 2 ? "paddings" : "pads");
}

Result<Pads> padsOf(const Call& call)
{
    const std::size_t rank = call.rank(0);
    CORE_TRY(const std::vector<std::int64_t> list, padList(call));
    std::vector<std::size_t> axes(rank);
    for (std::size_t axis = 0; axis < rank; ++axis)
        axes[axis] = axis;
    if (call.has(3)) {
        CORE_TRY(const std::vector<std::int64_t> listed, call.integers(3));
        CORE_TRY(call.axes(listed, rank));
        axes.clear();
        for (const std::int64_t one : listed) {
            CORE_TRY(axes.emplace_back(), call.axis(one, rank));
        }
    }
    if (list.size() != 2 * axes.size())
        return call.problem(fmt::format("pads has {} numbers; a begin and an end for each of {} axes are wanted", list.size(), axes.size()));
    Pads pads{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 0), call.attributes().text("mode", "constant")};
    if (pads.mode != "constant" && pads.mode != "reflect" && pads.mode != "edge" && pads.mode != "wrap")
        return call.problem(fmt::format("mode is '{}'; constant, reflect, edge or wrap is wanted", pads.mode));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t begin = list[i], end = list[axes.size() + i], size = call.shape(0)[axes[i]];
        if (std::max(std::abs(std::max(begin, -kLargestPad - 1)), std::abs(std::max(end, -kLargestPad - 1))) > kLargestPad || size + begin + end < 0)
            return call.problem(fmt::format("axis {} of size {} is padded by {} and {}", axes[i], size, begin, end));
        if (pads.mode != "constant" && size == 0 && begin + end > 0)
            return call.problem(fmt::format("axis {} is empty; there is nothing to pad with", axes[i]));
        pads.begin[axes[i]] = begin;
        pads.end[axes[i]] = end;
    }
    return pads;
}

Result<Descriptions> describePad(const Call& call)
{
    CORE_TRY(const Pads pads, padsOf(call));
    if (call.has(2) && product(call.shape(2)) != 1)
        return call.problem(fmt::format("{}; a single element is wanted", call.inputText(2)));
    Shape shape = call.shape(0);
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        shape[axis] += pads.begin[axis] + pads.end[axis];
    return oneOutput(call.type(0), std::move(shape));
}

/// Fills the whole result, then copies the part of the input that stays.
void padConstant(const Call& call, const Pads& pads, Outputs& outputs)
{
    Tensor& out = outputs.tensor(0);
    const Tensor value = call.has(2) ? call.tensor(2) : converted(Tensor::scalar(call.opset() < 11 ? call.attributes().real("value", 0.0f) : 0.0f), call.type(0));
    visitBits(call.type(0), [&]<class Bits>() { std::fill_n(editBitsOf<Bits>(out), out.size(), *bitsOf<Bits>(value)); });
    const Shape inStrides = contiguousStrides(call.shape(0)), outStrides = contiguousStrides(out.shape());
    Shape kept = call.shape(0);
    StridedSide source{0, inStrides}, target{0, outStrides};
    for (std::size_t axis = 0; axis < kept.size(); ++axis) {
        const std::int64_t cutBegin = std::max<std::int64_t>(-pads.begin[axis], 0), cutEnd = std::max<std::int64_t>(-pads.end[axis], 0);
        kept[axis] = std::max<std::int64_t>(kept[axis] - cutBegin - cutEnd, 0);
        source.offset += cutBegin * inStrides[axis];
        target.offset += std::max<std::int64_t>(pads.begin[axis], 0) * outStrides[axis];
    }
    if (product(kept) > 0)
        copyStrided(call.tensor(0), source, out, target, kept);
}

/// Where place `place` of a padded axis takes its element from; `place` counts from the first element of the input.
std::int64_t sourcePlace(const std::string& mode, std::int64_t place, std::int64_t size)
{
    if (mode == "edge" || size == 1)
        return std::clamp<std::int64_t>(place, 0, size - 1);
    const std::int64_t period = mode == "wrap" ? size : 2 * (size - 1);
    const std::int64_t inside = ((place % period) + period) % period;
    return inside < size ? inside : period - inside;
}

/// One axis after the other, each a copy of whole blocks.
void padFromInside(const Call& call, const Pads& pads, Outputs& outputs)
{
    Tensor current = call.tensor(0);
    for (std::size_t axis = 0; axis < call.rank(0); ++axis) {
        if (pads.begin[axis] == 0 && pads.end[axis] == 0)
            continue;
        Shape shape = current.shape();
        const std::int64_t size = shape[axis];
        shape[axis] += pads.begin[axis] + pads.end[axis];
        const std::int64_t outer = product(std::span(shape).first(axis)), block = product(std::span(shape).subspan(axis + 1));
        Tensor next = Tensor::uninitialized(current.type(), shape);
        visitBits(current.type(), [&]<class Bits>() {
            const Bits* in = bitsOf<Bits>(current);
            Bits* out = editBitsOf<Bits>(next);
            for (std::int64_t i = 0; i < outer; ++i)
                for (std::int64_t place = 0; place < shape[axis]; ++place)
                    out = std::copy_n(in + (i * size + sourcePlace(pads.mode, place - pads.begin[axis], size)) * block, block, out);
        });
        current = std::move(next);
    }
    outputs.set(0, std::move(current));
}

Result<void> runPad(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Pads pads, padsOf(call));
    if (pads.mode == "constant")
        padConstant(call, pads, outputs);
    else
        padFromInside(call, pads, outputs);
    return success();
}

constexpr Operation kOperations[] = {
    {"Pad", "data:T pads:i? constant_value:T? axes:i?", Nature::Moves, describePad, runPad},
};

}  // namespace

std::span<const Operation> paddingOperations() { return kOperations; }

}  // namespace core
