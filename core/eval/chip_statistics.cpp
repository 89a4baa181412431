// SPDX-License-Identifier: Apache-2.0
#include "core/eval/chip_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core {

namespace {

double meanOf(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double squaresAround(std::span<const double> values, double mean)
{
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return squares;
}

/// 0 where there is one value only.
double varianceOf(std::span<const double> values)
{
    return values.size() > 1 ? squaresAround(values, meanOf(values)) / static_cast<double>(values.size() - 1) : 0.0;
}

}  // namespace

double percentileOf(std::span<const double> sorted, double share)
{
    if (sorted.empty())
        return 0.0;
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

ChipStatistics chipStatistics(std::span<const double> readTop1, int reads)
{
    ChipStatistics result;
    const auto perChip = static_cast<std::size_t>(reads);
    double within = 0;
    for (std::size_t first = 0; first + perChip <= readTop1.size(); first += perChip) {
        const auto own = readTop1.subspan(first, perChip);
        result.top1.push_back(reads == 1 ? own.front() : meanOf(own));
        within += varianceOf(own);
    }
    result.count = static_cast<int>(result.top1.size());
    result.reads = reads;
    if (reads > 1)
        result.readTop1.assign(readTop1.begin(), readTop1.end());
    result.mean = meanOf(result.top1);
    const double between = varianceOf(result.top1);
    result.standardDeviation = std::sqrt(between);
    within /= static_cast<double>(result.count);
    result.readDeviation = std::sqrt(within);
    result.chipDeviation = std::sqrt(std::max(0.0, between - within / static_cast<double>(reads)));

    std::vector<double> sorted = result.top1;
    std::sort(sorted.begin(), sorted.end());
    result.min = sorted.front();
    result.max = sorted.back();
    result.low = percentileOf(sorted, 0.05);
    result.high = percentileOf(sorted, 0.95);
    return result;
}

Proportion yieldAt(const ChipStatistics& chips, double threshold)
{
    constexpr double kRounding = 1e-12;   // a chip's accuracy is a mean of its reads
    const auto reached = std::count_if(chips.top1.begin(), chips.top1.end(), [&](double top1) { return top1 >= threshold - kRounding; });
    return {static_cast<std::int64_t>(reached), static_cast<std::int64_t>(chips.top1.size())};
}

}  // namespace core
