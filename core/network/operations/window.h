// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a sliding window stands: kernel, strides, dilations and pads of convolutions and pools, for one to three axes.

#include "core/network/operations/call.h"

#include <array>

namespace core {

/// Always three axes (depth, height, width); missing ones have size 1.
struct Window {
    using Sizes = std::array<std::int64_t, 3>;
    Sizes in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, padBegin{0, 0, 0}, padEnd{0, 0, 0};
    std::size_t axes = 0;   // how many are real; they are the last ones

    Shape outputSizes() const { return {out.end() - static_cast<std::ptrdiff_t>(axes), out.end()}; }
    std::int64_t inCount() const { return in[0] * in[1] * in[2]; }
    std::int64_t outCount() const { return out[0] * out[1] * out[2]; }
    std::int64_t kernelCount() const { return kernel[0] * kernel[1] * kernel[2]; }
    /// Where kernel position k of output position `o` reads along an axis; outside [0, in) is padding.
    std::int64_t source(std::size_t axis, std::int64_t o, std::int64_t k) const { return o * stride[axis] - padBegin[axis] + k * dilation[axis]; }

    struct Range { std::int64_t begin, end; };
    /// The output positions along an axis whose kernel position k reads inside the input.
    Range validOutputs(std::size_t axis, std::int64_t k) const;
};

enum class Rounding { Down, Up };   // of the number of window positions (ceil_mode)

/// From attributes kernel_shape, strides, dilations, pads, auto_pad against operand 0 (N x C x axes).
/// `kernel` is the kernel's size where weights tell it, empty where the attribute must.
Result<Window> slidingWindow(const Call& call, const Shape& kernel, Rounding rounding = Rounding::Down);

/// The window of a transposed convolution: `in` and `out` as of the convolution it transposes, so `out` is operand 0's
/// size and `in` the result's.
Result<Window> transposedWindow(const Call& call, const Shape& kernel);

}  // namespace core
