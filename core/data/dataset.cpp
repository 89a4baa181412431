// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <cassert>
#include <cstring>

namespace core {

namespace {

/// The samples at these indices of a tensor whose first axis counts samples.
Tensor gather(const Tensor& samples, const std::vector<std::int64_t>& indices)
{
    Shape shape = samples.shape();
    const auto stride = samples.dimension(0) == 0 ? std::size_t{0} : samples.byteCount() / static_cast<std::size_t>(samples.dimension(0));
    shape.front() = static_cast<std::int64_t>(indices.size());
    Tensor result = Tensor::uninitialized(samples.type(), std::move(shape));
    std::byte* out = result.editBytes().data();
    for (const std::int64_t index : indices) {
        assert(index >= 0 && index < samples.dimension(0));
        std::memcpy(out, samples.bytes().data() + static_cast<std::size_t>(index) * stride, stride);
        out += stride;
    }
    return result;
}

std::vector<std::int32_t> gather(const std::vector<std::int32_t>& labels, const std::vector<std::int64_t>& indices)
{
    if (labels.empty())
        return {};
    std::vector<std::int32_t> result;
    result.reserve(indices.size());
    for (const std::int64_t index : indices)
        result.push_back(labels.at(static_cast<std::size_t>(index)));
    return result;
}

}  // namespace

Split Split::pick(const std::vector<std::int64_t>& indices) const { return {gather(inputs, indices), gather(labels, indices)}; }

SampleSet SampleSet::slice(std::int64_t begin, std::int64_t end) const
{
    assert(0 <= begin && begin <= end && end <= samples());
    Shape shape = inputs.shape();
    const auto stride = samples() == 0 ? std::size_t{0} : inputs.byteCount() / static_cast<std::size_t>(samples());
    shape.front() = end - begin;
    SampleSet result{Tensor::uninitialized(inputs.type(), std::move(shape)), {}};
    std::memcpy(result.inputs.editBytes().data(), inputs.bytes().data() + static_cast<std::size_t>(begin) * stride,
                result.inputs.byteCount());
    if (!labels.empty())
        result.labels.assign(labels.begin() + begin, labels.begin() + end);
    return result;
}

SampleSet SampleSet::pick(const std::vector<std::int64_t>& indices) const { return {gather(inputs, indices), gather(labels, indices)}; }

std::string_view layoutName(TensorLayout layout)
{
    switch (layout) {
    case TensorLayout::ChannelHeightWidth: return "chw";
    case TensorLayout::HeightWidthChannel: return "hwc";
    case TensorLayout::Sequence: return "sequence";
    case TensorLayout::Features: return "features";
    case TensorLayout::Flat: return "flat";
    }
    return "unknown";
}

std::string_view layoutName(SampleLayout layout)
{
    switch (layout) {
    case SampleLayout::HeightWidth: return "hw";
    case SampleLayout::HeightWidthChannel: return "hwc";
    case SampleLayout::ChannelHeightWidth: return "chw";
    case SampleLayout::Sequence: return "sequence";
    case SampleLayout::Features: return "features";
    }
    return "unknown";
}

}  // namespace core
