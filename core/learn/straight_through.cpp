// SPDX-License-Identifier: Apache-2.0
#include "core/learn/straight_through.h"

#include <algorithm>
#include <limits>

namespace core {

ValueRange passRange(const ActivationQuantizer& quantizer)
{
    constexpr float kLargest = std::numeric_limits<float>::max();
    if (quantizer.format.isFloat32())
        return {-kLargest, kLargest};
    return {quantizer.applyScalar(-kLargest), quantizer.applyScalar(kLargest)};
}

void passMask(const InputTreatment& treatment, const InputGeometry& geometry, std::span<const float> x, std::span<float> mask)
{
    std::fill(mask.begin(), mask.end(), 1.0f);
    if (treatment.quantizers().empty())
        return;
    std::vector<ValueRange> ranges;
    for (const ActivationQuantizer& quantizer : treatment.quantizers())
        ranges.push_back(passRange(quantizer));
    const auto& entries = treatment.entries();
    const auto channels = static_cast<std::size_t>(geometry.channels), positions = static_cast<std::size_t>(geometry.positions);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t channel = geometry.isChannelLast ? i % channels : i / positions % channels;
        const ValueRange range = entries.empty() ? ranges.front() : ranges[entries[channel % entries.size()]];
        mask[i] = x[i] >= range.low && x[i] <= range.high ? 1.0f : 0.0f;
    }
}

void maskOutside(ValueRange range, std::span<const float> x, std::span<float> gradient)
{
    for (std::size_t i = 0; i < x.size(); ++i)
        gradient[i] = x[i] >= range.low && x[i] <= range.high ? gradient[i] : 0.0f;
}

}  // namespace core
