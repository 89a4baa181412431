// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/window.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace core {

namespace {

constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;   // of a kernel, stride, dilation or pad

std::int64_t dividedUp(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// A list attribute of `count` sizes, each at least `smallest`.
Result<std::vector<std::int64_t>> sizesAttribute(const Call& call, const char* name, std::size_t count, std::int64_t smallest)
{
    std::vector<std::int64_t> sizes = call.attributes().integers(name, std::vector<std::int64_t>(count, smallest));
    if (sizes.size() != count)
        return call.problem(fmt::format("{} has {} numbers; {} are wanted", name, sizes.size(), count));
    for (const std::int64_t size : sizes)
        if (size < smallest || size > kLargestSize)
            return call.problem(fmt::format("{} is [{}]; numbers from {} up are wanted", name, fmt::join(sizes, ", "), smallest));
    return sizes;
}

struct PlainWindow {
    std::vector<std::int64_t> kernel, strides, dilations, pads;   // pads: begins, then ends
    std::string autoPad;

    std::int64_t reach(std::size_t axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }
};

Result<PlainWindow> plainWindow(const Call& call, const Shape& kernel, std::size_t axes)
{
    PlainWindow plain;
    CORE_TRY(plain.kernel, sizesAttribute(call, "kernel_shape", axes, 1));
    if (!kernel.empty()) {
        if (call.attributes().has("kernel_shape") && plain.kernel != kernel)
            return call.problem(fmt::format("kernel_shape is {}, the weights are {}", shapeText(plain.kernel), shapeText(kernel)));
        plain.kernel = kernel;
    } else if (!call.attributes().has("kernel_shape")) {
        return call.problem("attribute kernel_shape is missing");
    }
    for (const std::int64_t size : plain.kernel)
        if (size < 1)
            return call.problem(fmt::format("the kernel is {}; sizes from 1 up are wanted", shapeText(plain.kernel)));
    CORE_TRY(plain.strides, sizesAttribute(call, "strides", axes, 1));
    CORE_TRY(plain.dilations, sizesAttribute(call, "dilations", axes, 1));
    CORE_TRY(plain.pads, sizesAttribute(call, "pads", 2 * axes, 0));
    plain.autoPad = call.attributes().text("auto_pad", "NOTSET");
    if (plain.autoPad.empty())
        plain.autoPad = "NOTSET";
    if (plain.autoPad != "NOTSET" && plain.autoPad != "VALID" && plain.autoPad != "SAME_UPPER" && plain.autoPad != "SAME_LOWER")
        return call.problem(fmt::format("auto_pad is '{}'; NOTSET, VALID, SAME_UPPER or SAME_LOWER is wanted", plain.autoPad));
    if (plain.autoPad == "VALID")
        std::fill(plain.pads.begin(), plain.pads.end(), 0);
    return plain;
}

Result<std::size_t> spatialAxes(const Call& call)
{
    const std::size_t rank = call.rank(0);
    if (rank < 3 || rank > 5)
        return call.problem(fmt::format("{}; batch, channels and one to three further axes are wanted", call.inputText(0)));
    return rank - 2;
}

}  // namespace

Window::Range Window::validOutputs(std::size_t axis, std::int64_t k) const
{
    const std::int64_t shift = k * dilation[axis] - padBegin[axis];   // source = o * stride + shift
    const std::int64_t begin = shift >= 0 ? 0 : dividedUp(-shift, stride[axis]);
    const std::int64_t end = shift >= in[axis] ? 0 : dividedUp(in[axis] - shift, stride[axis]);
    return {std::min(begin, out[axis]), std::max(std::min(begin, out[axis]), std::min(end, out[axis]))};
}

Result<Window> slidingWindow(const Call& call, const Shape& kernel, Rounding rounding)
{
    CORE_TRY(const std::size_t axes, spatialAxes(call));
    CORE_TRY(const PlainWindow plain, plainWindow(call, kernel, axes));
    Window window;
    window.axes = axes;
    for (std::size_t i = 0; i < axes; ++i) {
        const std::size_t axis = 3 - axes + i;
        const std::int64_t in = call.shape(0)[2 + i], stride = plain.strides[i], reach = plain.reach(i);
        std::int64_t begin = plain.pads[i], end = plain.pads[axes + i], out = 0;
        if (plain.autoPad == "SAME_UPPER" || plain.autoPad == "SAME_LOWER") {
            out = dividedUp(in, stride);
            const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * stride + reach - in);
            begin = plain.autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
            end = total - begin;
        } else {
            const std::int64_t room = in + begin + end - reach;
            if (room < 0)
                return call.problem(fmt::format("{}; with pads {} and {} a window of {} does not fit on axis {}", call.inputText(0), begin, end, reach, 2 + i));
            out = (rounding == Rounding::Up ? dividedUp(room, stride) : room / stride) + 1;
            if (rounding == Rounding::Up && (out - 1) * stride >= in + begin)
                --out;   // a window that would start behind the input reads nothing
        }
        window.in[axis] = in;
        window.out[axis] = out;
        window.kernel[axis] = plain.kernel[i];
        window.stride[axis] = stride;
        window.dilation[axis] = plain.dilations[i];
        window.padBegin[axis] = begin;
        window.padEnd[axis] = end;
    }
    return window;
}

Result<Window> transposedWindow(const Call& call, const Shape& kernel)
{
    CORE_TRY(const std::size_t axes, spatialAxes(call));
    CORE_TRY(const PlainWindow plain, plainWindow(call, kernel, axes));
    CORE_TRY(const std::vector<std::int64_t> outputPadding, sizesAttribute(call, "output_padding", axes, 0));
    std::vector<std::int64_t> outputShape;
    if (call.attributes().has("output_shape")) {
        // Some writers list batch and channels too.
        outputShape = call.attributes().integers("output_shape");
        if (outputShape.size() == axes + 2)
            outputShape.erase(outputShape.begin(), outputShape.begin() + 2);
        if (outputShape.size() != axes || std::any_of(outputShape.begin(), outputShape.end(), [](std::int64_t size) { return size < 0 || size > kLargestSize; }))
            return call.problem(fmt::format("output_shape has {} numbers; {} sizes are wanted", outputShape.size(), axes));
    }
    Window window;
    window.axes = axes;
    for (std::size_t i = 0; i < axes; ++i) {
        const std::size_t axis = 3 - axes + i;
        const std::int64_t in = call.shape(0)[2 + i], stride = plain.strides[i];
        const std::int64_t full = saturatingSum(saturatingProduct(in - 1, stride), outputPadding[i] + plain.reach(i));
        std::int64_t begin = plain.pads[i], out = full - begin - plain.pads[axes + i];
        const bool isSame = plain.autoPad == "SAME_UPPER" || plain.autoPad == "SAME_LOWER";
        if (isSame || !outputShape.empty()) {
            out = outputShape.empty() ? saturatingProduct(in, stride) : outputShape[i];
            const std::int64_t total = std::max<std::int64_t>(0, full - out);
            begin = plain.autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
        }
        window.in[axis] = out;
        window.out[axis] = in;
        window.kernel[axis] = plain.kernel[i];
        window.stride[axis] = stride;
        window.dilation[axis] = plain.dilations[i];
        window.padBegin[axis] = begin;
        window.padEnd[axis] = std::max<std::int64_t>(0, full - out - begin);
    }
    return window;
}

}  // namespace core
