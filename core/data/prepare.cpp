// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace core {

namespace {

/// Where one sample's elements lie and which channel of mean and deviation each belongs to. Elements of an image are
/// walked as (channel, y, x); of anything else as one channel after the other, each of one element.
struct SampleGeometry {
    std::int64_t channels = 1, rows = 1, columns = 1;
    std::int64_t channelStride = 1, rowStride = 1, columnStride = 1;  // in elements
    std::int64_t size() const { return channels * rows * columns; }
};

Shape withoutFirst(const Shape& shape) { return shape.empty() ? Shape{} : Shape(shape.begin() + 1, shape.end()); }

Result<SampleGeometry> geometryOf(const Shape& sample, SampleLayout layout)
{
    const auto wrongRank = [&](const char* wanted) {
        return Problem{"dataset",
                       fmt::format("a stored sample is {}; layout \"{}\" wants {}", shapeText(sample), layoutName(layout), wanted)};
    };
    switch (layout) {
    case SampleLayout::HeightWidth:
        if (sample.size() != 2)
            return wrongRank("rows x columns");
        return SampleGeometry{1, sample[0], sample[1], 0, sample[1], 1};
    case SampleLayout::HeightWidthChannel:
        if (sample.size() != 3)
            return wrongRank("rows x columns x channels");
        return SampleGeometry{sample[2], sample[0], sample[1], 1, sample[1] * sample[2], sample[2]};
    case SampleLayout::ChannelHeightWidth:
        if (sample.size() != 3)
            return wrongRank("channels x rows x columns");
        return SampleGeometry{sample[0], sample[1], sample[2], sample[1] * sample[2], sample[2], 1};
    case SampleLayout::Sequence:
    case SampleLayout::Features: break;
    }
    return SampleGeometry{elementCount(sample), 1, 1, 1, 1, 1};
}

bool isImage(SampleLayout layout)
{
    return layout == SampleLayout::HeightWidth || layout == SampleLayout::HeightWidthChannel || layout == SampleLayout::ChannelHeightWidth;
}

/// The shape a sample has once it is laid out; empty where the stored layout cannot become the wanted one.
std::optional<Shape> laidOut(const Shape& sample, const SampleGeometry& geometry, SampleLayout stored, TensorLayout wanted)
{
    switch (wanted) {
    case TensorLayout::ChannelHeightWidth:
        return isImage(stored) ? std::optional(Shape{geometry.channels, geometry.rows, geometry.columns}) : std::nullopt;
    case TensorLayout::HeightWidthChannel:
        return isImage(stored) ? std::optional(Shape{geometry.rows, geometry.columns, geometry.channels}) : std::nullopt;
    case TensorLayout::Sequence:
    case TensorLayout::Features: return sample;
    case TensorLayout::Flat: return Shape{geometry.size()};
    }
    return std::nullopt;
}

bool fits(const Shape& found, const Shape& wanted)
{
    if (found.size() != wanted.size())
        return false;
    for (std::size_t axis = 0; axis < found.size(); ++axis)
        if (wanted[axis] >= 0 && found[axis] != wanted[axis])
            return false;
    return true;
}

std::string wantedText(const Shape& shape)
{
    if (shape.empty())
        return "scalar";
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : "x") + (size < 0 ? std::string("?") : std::to_string(size));
    return text;
}

/// One value per channel from a list of none, one, or one per channel.
Result<std::vector<float>> perChannel(const std::vector<double>& values, double fallback, std::int64_t channels, const char* what)
{
    if (values.size() > 1 && static_cast<std::int64_t>(values.size()) != channels)
        return Problem{"preprocessing", fmt::format("{} has {} values; a sample has {} channels or features, so 1 or {} are wanted", what,
                                                    values.size(), channels, channels)};
    std::vector<float> result(static_cast<std::size_t>(channels), static_cast<float>(fallback));
    for (std::size_t i = 0; i < result.size() && !values.empty(); ++i)
        result[i] = static_cast<float>(values[values.size() == 1 ? 0 : i]);
    return result;
}

/// Applies value(element, channel) to every stored element and writes it in the wanted order.
template <class In, class Out, class Value>
void layOut(const Tensor& stored, const SampleGeometry& from, TensorLayout layout, Tensor& result, Value&& value)
{
    const In* in = stored.values<In>().data();
    Out* out = result.edit<Out>().data();
    const bool channelLast = layout == TensorLayout::HeightWidthChannel;
    // Flat, Sequence and Features keep the stored order, so their target strides are the source's.
    const bool asStored = layout == TensorLayout::Flat || layout == TensorLayout::Sequence || layout == TensorLayout::Features;
    const std::int64_t channelStride = asStored ? from.channelStride : channelLast ? 1 : from.rows * from.columns;
    const std::int64_t rowStride = asStored ? from.rowStride : channelLast ? from.columns * from.channels : from.columns;
    const std::int64_t columnStride = asStored ? from.columnStride : channelLast ? from.channels : 1;
    for (std::int64_t sample = 0; sample < stored.dimension(0); ++sample, in += from.size(), out += from.size())
        for (std::int64_t c = 0; c < from.channels; ++c)
            for (std::int64_t y = 0; y < from.rows; ++y)
                for (std::int64_t x = 0; x < from.columns; ++x)
                    out[c * channelStride + y * rowStride + x * columnStride] =
                        value(in[c * from.channelStride + y * from.rowStride + x * from.columnStride], static_cast<std::size_t>(c));
}

}  // namespace

Result<SampleSet> prepare(const Split& split, SampleLayout stored, const Preprocessing& preprocessing, const Shape& sampleShape)
{
    const Tensor& inputs = split.inputs;
    if (inputs.rank() == 0)
        return Problem{"dataset", "samples are a scalar; the first axis has to count samples"};
    const Shape sample = withoutFirst(inputs.shape());
    CORE_TRY(auto geometry, geometryOf(sample, stored));
    const std::optional<Shape> shape = laidOut(sample, geometry, stored, preprocessing.layout);
    if (!shape)
        return Problem{"dataset",
                       fmt::format("samples are {} laid out as \"{}\"; the network reads {} laid out as \"{}\"", shapeText(sample),
                                   layoutName(stored), wantedText(sampleShape), layoutName(preprocessing.layout))};
    if (!fits(*shape, sampleShape))
        return Problem{"dataset", fmt::format("samples are {} ({} as stored); the network reads {}", shapeText(*shape), shapeText(sample),
                                              wantedText(sampleShape))};

    Shape whole = *shape;
    whole.insert(whole.begin(), inputs.dimension(0));
    SampleSet result{Tensor::uninitialized(preprocessing.type, std::move(whole)), split.labels};
    if (preprocessing.type == DataType::Int64) {
        if (inputs.type() == DataType::UInt8)
            layOut<std::uint8_t, std::int64_t>(inputs, geometry, preprocessing.layout, result.inputs,
                                               [](std::uint8_t v, std::size_t) { return std::int64_t{v}; });
        else if (inputs.type() == DataType::Int64)
            layOut<std::int64_t, std::int64_t>(inputs, geometry, preprocessing.layout, result.inputs,
                                               [](std::int64_t v, std::size_t) { return v; });
        else
            return Problem{"dataset", fmt::format("samples are {}; the network reads tokens, so whole numbers (uint8 or int64) are wanted",
                                                  dataTypeName(inputs.type()))};
        return result;
    }
    if (preprocessing.type != DataType::Float32)
        return Problem{"preprocessing", fmt::format("type is {}; wanted float32 or int64", dataTypeName(preprocessing.type))};

    CORE_TRY(auto mean, perChannel(preprocessing.mean, 0.0, geometry.channels, "mean"));
    CORE_TRY(auto deviation, perChannel(preprocessing.standardDeviation, 1.0, geometry.channels, "std"));
    for (const float one : deviation)
        if (!(one > 0.0f) || !std::isfinite(one))
            return Problem{"preprocessing", fmt::format("std is {}; wanted a positive number", one)};
    // Single precision, one operation after the other: the arithmetic the networks were trained and measured with.
    const float scale = static_cast<float>(preprocessing.scale);
    const auto standardize = [&](auto v, std::size_t channel) {
        return (static_cast<float>(v) * scale - mean[channel]) / deviation[channel];
    };
    switch (inputs.type()) {
    case DataType::UInt8: layOut<std::uint8_t, float>(inputs, geometry, preprocessing.layout, result.inputs, standardize); break;
    case DataType::Int64: layOut<std::int64_t, float>(inputs, geometry, preprocessing.layout, result.inputs, standardize); break;
    case DataType::Float32: layOut<float, float>(inputs, geometry, preprocessing.layout, result.inputs, standardize); break;
    default:
        return Problem{"dataset", fmt::format("samples are stored as {}; wanted uint8, int64 or float32", dataTypeName(inputs.type()))};
    }
    return result;
}

}  // namespace core
