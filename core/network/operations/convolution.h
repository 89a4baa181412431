// SPDX-License-Identifier: Apache-2.0
#pragma once
// The convolution that defines the meaning of all others, for floats and for integers whose zero points are taken off.

#include "core/network/operations/window.h"

#include <algorithm>

namespace core {

struct ConvolutionSizes {
    Window window;
    std::int64_t batch = 0, inChannels = 0, outChannels = 0, groups = 1;

    Shape outputShape() const;
};

/// From operand `x` (N x C x axes) and `w` (M x C/group x kernel); checks channels, groups and, where it is there, the
/// bias operand (M).
Result<ConvolutionSizes> convolutionSizes(const Call& call, std::size_t w, std::optional<std::size_t> bias);

/// y = sum over (input channel of the group, kernel z, y, x) of w * x, added in that order; padding adds nothing.
template <class T>
void convolve(const ConvolutionSizes& sizes, const T* x, const T* w, T* y)
{
    const Window& window = sizes.window;
    const std::int64_t groupIn = sizes.inChannels / sizes.groups, groupOut = sizes.outChannels / sizes.groups;
    const std::int64_t inHeight = window.in[1], inWidth = window.in[2], outHeight = window.out[1], outWidth = window.out[2];
    std::fill_n(y, sizes.batch * sizes.outChannels * window.outCount(), T{0});
    for (std::int64_t plane = 0; plane < sizes.batch * sizes.outChannels; ++plane) {
        const std::int64_t sample = plane / sizes.outChannels, channel = plane % sizes.outChannels;
        const std::int64_t firstIn = sample * sizes.inChannels + channel / groupOut * groupIn;
        T* sums = y + plane * window.outCount();
        for (std::int64_t c = 0; c < groupIn; ++c) {
            const T* image = x + (firstIn + c) * window.inCount();
            const T* kernel = w + (channel * groupIn + c) * window.kernelCount();
            for (std::int64_t kz = 0; kz < window.kernel[0]; ++kz)
                for (std::int64_t ky = 0; ky < window.kernel[1]; ++ky)
                    for (std::int64_t kx = 0; kx < window.kernel[2]; ++kx) {
                        const T weight = *kernel++;
                        const auto depths = window.validOutputs(0, kz), rows = window.validOutputs(1, ky), columns = window.validOutputs(2, kx);
                        for (std::int64_t oz = depths.begin; oz < depths.end; ++oz)
                            for (std::int64_t oy = rows.begin; oy < rows.end; ++oy) {
                                const T* in = image + (window.source(0, oz, kz) * inHeight + window.source(1, oy, ky)) * inWidth;
                                T* out = sums + (oz * outHeight + oy) * outWidth;
                                const std::int64_t step = window.stride[2], shift = window.source(2, 0, kx);
                                if (step == 1)
                                    for (std::int64_t ox = columns.begin; ox < columns.end; ++ox)
                                        out[ox] += weight * in[ox + shift];
                                else
                                    for (std::int64_t ox = columns.begin; ox < columns.end; ++ox)
                                        out[ox] += weight * in[ox * step + shift];
                            }
                    }
        }
    }
}

}  // namespace core
