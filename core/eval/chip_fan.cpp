// SPDX-License-Identifier: Apache-2.0
#include "core/eval/chip_fan.h"

#include "core/eval/chip_statistics.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

std::vector<std::size_t> places(std::size_t samples, int most)
{
    constexpr double kFirst = 32;
    std::vector<std::size_t> result;
    const double factor = std::pow(std::max(1.0, static_cast<double>(samples) / kFirst), 1.0 / (most - 1));
    for (int i = 0; i < most; ++i) {
        const auto place = static_cast<std::size_t>(std::llround(kFirst * std::pow(factor, i)));
        if (place < samples && (result.empty() || place > result.back()))
            result.push_back(place);
    }
    result.push_back(samples);
    if (result.size() > static_cast<std::size_t>(most))
        result.erase(result.end() - 2);
    return result;
}

}  // namespace

std::vector<FanPoint> chipFan(const ChipAnswers& answers, int most)
{
    const std::size_t samples = answers.samples.size(), chips = answers.right.size();
    if (samples == 0 || chips == 0)
        return {};
    const std::vector<std::size_t> at = places(samples, std::max(2, most));
    std::vector<std::vector<double>> shares(at.size());  // by place, every chip's
    for (const auto& right : answers.right) {
        std::int64_t sum = 0;
        std::size_t sample = 0;
        for (std::size_t i = 0; i < at.size(); ++i) {
            for (; sample < at[i]; ++sample)
                sum += right[sample];
            shares[i].push_back(static_cast<double>(sum) / (static_cast<double>(answers.reads) * static_cast<double>(at[i])));
        }
    }
    std::vector<FanPoint> fan;
    for (std::size_t i = 0; i < at.size(); ++i) {
        double sum = 0;
        const double first = shares[i].front();
        for (const double share : shares[i])
            sum += share;
        std::sort(shares[i].begin(), shares[i].end());
        fan.push_back({static_cast<std::int64_t>(at[i]), sum / static_cast<double>(chips), percentileOf(shares[i], 0.05),
                       percentileOf(shares[i], 0.95), first});
    }
    return fan;
}

}  // namespace core
