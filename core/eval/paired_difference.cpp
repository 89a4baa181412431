// SPDX-License-Identifier: Apache-2.0
#include "core/eval/paired_difference.h"

#include "core/eval/student.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

/// d(c, s) * readsFirst * readsSecond, in whole numbers; chip after chip.
struct Differences {
    std::size_t chips = 0, samples = 0;
    double unit = 1;  // of one
    std::vector<std::int32_t> values;
    std::int32_t at(std::size_t chip, std::size_t sample) const { return values[chip * samples + sample]; }
    bool areAlikeOnAllChips() const
    {
        for (std::size_t c = 1; c < chips; ++c)
            if (!std::equal(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(samples),
                            values.begin() + static_cast<std::ptrdiff_t>(c * samples)))
                return false;
        return true;
    }
};

Differences differences(const ChipAnswers& first, const ChipAnswers& second, std::size_t chips, std::size_t samples)
{
    Differences result{chips, samples, 1.0 / (static_cast<double>(first.reads) * second.reads), {}};
    result.values.reserve(chips * samples);
    for (std::size_t c = 0; c < chips; ++c)
        for (std::size_t s = 0; s < samples; ++s)
            result.values.push_back(second.right[c][s] * first.reads - first.right[c][s] * second.reads);
    return result;
}

/// The only chip beside itself: a chips' part of nothing.
Differences twice(Differences d)
{
    const std::vector<std::int32_t> own = d.values;
    d.values.insert(d.values.end(), own.begin(), own.end());
    d.chips = 2;
    return d;
}

constexpr double kZ = 1.959964;  // 97.5 % point of a unit Gaussian

/// One row of differences of -1, 0 and 1.
void takeMcNemar(PairedDifference& result, double samples)
{
    const auto gained = static_cast<double>(result.gained), lost = static_cast<double>(result.lost);
    result.method = PairedDifference::Method::McNemar;
    result.probability = std::min(1.0, 2.0 * fairCoinAtMost(std::min(result.gained, result.lost), result.gained + result.lost));
    const double only2 = (gained + 1) / (samples + 2), only1 = (lost + 1) / (samples + 2);
    const double half = kZ * std::sqrt((only2 + only1 - (only2 - only1) * (only2 - only1)) / (samples + 2));
    result.low = std::max(-1.0, only2 - only1 - half);
    result.high = std::min(1.0, only2 - only1 + half);
}

void takeCrossed(PairedDifference& result, const Differences& d)
{
    const auto chips = static_cast<double>(d.chips), samples = static_cast<double>(d.samples);
    std::vector<double> chipMeans(d.chips, 0.0), sampleMeans(d.samples, 0.0);
    double squares = 0;
    for (std::size_t c = 0; c < d.chips; ++c)
        for (std::size_t s = 0; s < d.samples; ++s) {
            const double value = d.at(c, s) * d.unit;
            chipMeans[c] += value / samples;
            sampleMeans[s] += value / chips;
            squares += value * value;
        }
    const double mean = result.difference;
    double ofChips = 0, ofSamples = 0;
    for (const double value : chipMeans)
        ofChips += samples * (value - mean) * (value - mean);
    for (const double value : sampleMeans)
        ofSamples += chips * (value - mean) * (value - mean);
    const double ofRest = std::max(0.0, squares - chips * samples * mean * mean - ofChips - ofSamples);
    double perChip = ofChips / (chips - 1), chipDegrees = chips - 1;
    const double perSample = d.samples > 1 ? ofSamples / (samples - 1) : 0.0;
    double rest = d.samples > 1 ? ofRest / ((chips - 1) * (samples - 1)) : 0.0;
    if (perChip < rest) {  // chips closer together than their rests allow tell nothing of chips: all of it is rest
        chipDegrees = (chips - 1) * samples;
        perChip = rest = (ofChips + ofRest) / chipDegrees;
    }

    const double both = perChip + std::max(perSample - rest, 0.0);
    const double deviation = std::sqrt(both / (chips * samples));
    // Where only rounding is left of the chips' part they do not differ, and the samples alone decide.
    const bool chipsDiffer = perChip > 1e-12 * both;
    const double degrees = chipsDiffer ? both * both / (perChip * perChip / chipDegrees) : std::numeric_limits<double>::infinity();
    const double half = student95(degrees) * deviation;
    result.method = PairedDifference::Method::Crossed;
    result.low = std::max(-1.0, mean - half);
    result.high = std::min(1.0, mean + half);
    result.probability = deviation > 0 ? twoSidedStudent(mean / deviation, degrees) : mean == 0 ? 1.0 : 0.0;
}

PairedDifference compared(const ChipAnswers& first, const ChipAnswers& second, std::size_t chips, std::size_t samples)
{
    const Differences d = differences(first, second, chips, samples);
    PairedDifference result;
    result.chips = static_cast<int>(chips);
    result.samples = static_cast<std::int64_t>(samples);
    std::int64_t sum = 0;
    for (const std::int32_t value : d.values)
        sum += value;
    result.difference = static_cast<double>(sum) * d.unit / (static_cast<double>(chips) * static_cast<double>(samples));
    for (std::size_t s = 0; s < samples; ++s) {
        result.gained += d.at(0, s) > 0 ? 1 : 0;
        result.lost += d.at(0, s) < 0 ? 1 : 0;
    }
    const bool isWhole = std::all_of(d.values.begin(), d.values.begin() + static_cast<std::ptrdiff_t>(samples),
                                     [&](std::int32_t value) { return value == 0 || std::abs(value) == first.reads * second.reads; });
    if (isWhole && d.areAlikeOnAllChips())
        takeMcNemar(result, static_cast<double>(samples));
    else if (chips > 1)
        takeCrossed(result, d);
    else  // reads of one chip, averaged: the samples alone decide
        takeCrossed(result, twice(d));
    return result;
}

}  // namespace

std::string_view pairedMethodName(PairedDifference::Method method)
{
    return method == PairedDifference::Method::McNemar ? "mcnemar" : "crossed";
}

Result<PairedDifference> pairedDifference(const ChipAnswers& first, const ChipAnswers& second)
{
    const std::size_t chips = std::min(first.right.size(), second.right.size());
    const std::size_t samples = std::min(first.samples.size(), second.samples.size());
    for (std::size_t s = 0; s < samples; ++s)
        if (first.samples[s] != second.samples[s])
            return Problem{
                "paired difference",
                fmt::format("sample {} of the first is sample {} of the second at place {}; wanted the same samples in the same order",
                            first.samples[s], second.samples[s], s)};
    if (first.seed != second.seed)
        return Problem{"paired difference", fmt::format("chips of seeds {} and {}; wanted the same chips", first.seed, second.seed)};
    if (chips == 0 || samples == 0)
        return Problem{"paired difference", fmt::format("{} chips and {} samples in common; wanted at least one of each", chips, samples)};
    return compared(first, second, chips, samples);
}

PairedDifference differenceToReference(const ChipAnswers& answers)
{
    if (answers.right.empty() || answers.samples.empty())
        return {};
    ChipAnswers reference;
    reference.right.assign(answers.right.size(), answers.referenceRight);
    return compared(reference, answers, answers.right.size(), answers.samples.size());
}

}  // namespace core
