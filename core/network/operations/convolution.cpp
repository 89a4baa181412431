// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/convolution.h"

#include "core/network/operations/registry.h"

#include <fmt/format.h>

namespace core {

Shape ConvolutionSizes::outputShape() const
{
    Shape shape{batch, outChannels};
    for (const std::int64_t size : window.outputSizes())
        shape.push_back(size);
    return shape;
}

namespace {

/// Operand `input` holds one number per output channel.
Result<void> checkBias(const Call& call, std::size_t input, std::int64_t channels)
{
    if (call.has(input) && call.shape(input) != Shape{channels})
        return call.problem(fmt::format("{}; one number for each of {} output channels is wanted", call.inputText(input), channels));
    return success();
}

Result<std::int64_t> groupsOf(const Call& call, std::int64_t channels)
{
    const std::int64_t groups = call.attributes().integer("group", 1);
    if (groups < 1 || channels % groups != 0)
        return call.problem(fmt::format("group is {}; a divisor of {} channels is wanted", groups, channels));
    return groups;
}

Result<void> checkRanks(const Call& call, std::size_t w)
{
    if (call.rank(0) < 3 || call.rank(w) != call.rank(0))
        return call.problem(fmt::format("{} and {}; both need channels and one to three further axes", call.inputText(0), call.inputText(w)));
    return success();
}

template <class T>
void addBias(const Call& call, std::size_t input, std::int64_t positions, std::span<T> y)
{
    if (!call.has(input))
        return;
    const auto bias = call.values<T>(input);
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] += bias[(i / static_cast<std::size_t>(positions)) % bias.size()];
}

}  // namespace

Result<ConvolutionSizes> convolutionSizes(const Call& call, std::size_t w, std::optional<std::size_t> bias)
{
    CORE_TRY(checkRanks(call, w));
    ConvolutionSizes sizes;
    sizes.batch = call.shape(0)[0];
    sizes.inChannels = call.shape(0)[1];
    sizes.outChannels = call.shape(w)[0];
    CORE_TRY(sizes.groups, groupsOf(call, sizes.inChannels));
    if (saturatingProduct(call.shape(w)[1], sizes.groups) != sizes.inChannels || sizes.outChannels % sizes.groups != 0)
        return call.problem(fmt::format("{} and {}; with {} groups the weights must have {} channels and a multiple of {} rows", call.inputText(0),
                                        call.inputText(w), sizes.groups, sizes.inChannels / sizes.groups, sizes.groups));
    if (bias)
        CORE_TRY(checkBias(call, *bias, sizes.outChannels));
    CORE_TRY(sizes.window, slidingWindow(call, Shape(call.shape(w).begin() + 2, call.shape(w).end())));
    return sizes;
}

namespace {

Result<Descriptions> describeConv(const Call& call)
{
    CORE_TRY(const ConvolutionSizes sizes, convolutionSizes(call, 1, 2));
    return oneOutput(call.type(0), sizes.outputShape());
}

Result<void> runConv(const Call& call, Outputs& outputs)
{
    CORE_TRY(const ConvolutionSizes sizes, convolutionSizes(call, 1, 2));
    visitFloat(call.type(0), [&]<class T>() {
        convolve(sizes, call.values<T>(0).data(), call.values<T>(1).data(), outputs.edit<T>(0).data());
        addBias<T>(call, 2, sizes.window.outCount(), outputs.edit<T>(0));
    });
    return success();
}

struct TransposedSizes {
    Window window;   // in: the result, out: operand 0
    std::int64_t batch, inChannels, outChannels, groups;
};

Result<TransposedSizes> transposedSizes(const Call& call)
{
    CORE_TRY(checkRanks(call, 1));
    const std::int64_t channels = call.shape(0)[1];
    CORE_TRY(const std::int64_t groups, groupsOf(call, channels));
    if (call.shape(1)[0] != channels)
        return call.problem(fmt::format("{} and {}; the weights' first axis must be the input's channels", call.inputText(0), call.inputText(1)));
    const std::int64_t outChannels = saturatingProduct(call.shape(1)[1], groups);
    CORE_TRY(checkBias(call, 2, outChannels));
    CORE_TRY(const Window window, transposedWindow(call, Shape(call.shape(1).begin() + 2, call.shape(1).end())));
    return TransposedSizes{window, call.shape(0)[0], channels, outChannels, groups};
}

Result<Descriptions> describeConvTranspose(const Call& call)
{
    CORE_TRY(const TransposedSizes sizes, transposedSizes(call));
    Shape shape{sizes.batch, sizes.outChannels};
    shape.insert(shape.end(), sizes.window.in.end() - static_cast<std::ptrdiff_t>(sizes.window.axes), sizes.window.in.end());
    return oneOutput(call.type(0), std::move(shape));
}

/// Each input element adds its multiple of the kernel to the output, input channels and kernel positions in order.
template <class T>
void scatterConvolution(const TransposedSizes& sizes, const T* x, const T* w, T* y)
{
    const Window& window = sizes.window;
    const std::int64_t groupIn = sizes.inChannels / sizes.groups, groupOut = sizes.outChannels / sizes.groups;
    std::fill_n(y, sizes.batch * sizes.outChannels * window.inCount(), T{0});
    for (std::int64_t plane = 0; plane < sizes.batch * sizes.outChannels; ++plane) {
        const std::int64_t sample = plane / sizes.outChannels, channel = plane % sizes.outChannels, group = channel / groupOut;
        T* sums = y + plane * window.inCount();
        for (std::int64_t c = group * groupIn; c < (group + 1) * groupIn; ++c) {
            const T* image = x + (sample * sizes.inChannels + c) * window.outCount();
            const T* kernel = w + (c * groupOut + channel % groupOut) * window.kernelCount();
            for (std::int64_t kz = 0; kz < window.kernel[0]; ++kz)
                for (std::int64_t ky = 0; ky < window.kernel[1]; ++ky)
                    for (std::int64_t kx = 0; kx < window.kernel[2]; ++kx) {
                        const T weight = *kernel++;
                        const auto depths = window.validOutputs(0, kz), rows = window.validOutputs(1, ky), columns = window.validOutputs(2, kx);
                        for (std::int64_t z = depths.begin; z < depths.end; ++z)
                            for (std::int64_t r = rows.begin; r < rows.end; ++r) {
                                T* out = sums + (window.source(0, z, kz) * window.in[1] + window.source(1, r, ky)) * window.in[2];
                                const T* in = image + (z * window.out[1] + r) * window.out[2];
                                for (std::int64_t column = columns.begin; column < columns.end; ++column)
                                    out[window.source(2, column, kx)] += weight * in[column];
                            }
                    }
        }
    }
}

Result<void> runConvTranspose(const Call& call, Outputs& outputs)
{
    CORE_TRY(const TransposedSizes sizes, transposedSizes(call));
    visitFloat(call.type(0), [&]<class T>() {
        scatterConvolution(sizes, call.values<T>(0).data(), call.values<T>(1).data(), outputs.edit<T>(0).data());
        addBias<T>(call, 2, sizes.window.inCount(), outputs.edit<T>(0));
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"Conv", "X:F W:F B:F?", Nature::Computes, describeConv, runConv},
    {"ConvTranspose", "X:F W:F B:F?", Nature::Computes, describeConvTranspose, runConvTranspose},
};

}  // namespace

std::span<const Operation> convolutionOperations() { return kOperations; }

}  // namespace core
