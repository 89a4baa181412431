// SPDX-License-Identifier: Apache-2.0
#include "core/formats/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace core {

float quantizeValue(const NumberFormat& format, CodeGrid grid, float x)
{
    if (std::isnan(x) || format.isFloat32())
        return x;
    const float inScales = x / grid.scale;
    if (const auto* codes = std::get_if<IntegerRange>(&format.rounding().rule)) {
        const float code = std::clamp(std::nearbyint(inScales) + grid.zeroPoint, codes->lowest, codes->highest);
        return grid.scale * (code - grid.zeroPoint);
    }
    return grid.scale * format.nearestLevel(inScales);
}

void quantizeValues(const NumberFormat& format, CodeGrid grid, std::span<const float> in, std::span<float> out)
{
    std::transform(in.begin(), in.end(), out.begin(), [&](float x) { return quantizeValue(format, grid, x); });
}

double squaredError(const NumberFormat& format, CodeGrid grid, std::span<const float> values)
{
    std::array<float, 16> sums{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float error = values[i] - quantizeValue(format, grid, values[i]);
        sums[i % 16] += error * error;
    }
    double total = 0;
    for (const float sum : sums)
        total += static_cast<double>(sum);
    return total;
}

ValueRange rangeOf(std::span<const float> values)
{
    ValueRange range;
    for (const float value : values) {
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
    return range;
}

}  // namespace core
