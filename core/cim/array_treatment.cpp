// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_treatment.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace core {

namespace {

constexpr double kLowestPercentile = 50.0;

bool isPercentile(double value)
{
    return value > kLowestPercentile && value <= 100.0;   // false for NaN
}

void wantBetween(Problems& problems, const char* key, int found, int low, int high)
{
    if (found < low || found > high)
        problems.push_back({key, fmt::format("{}; wanted {} to {}", found, low, high)});
}

void wantSigma(Problems& problems, const char* key, double found)
{
    if (!(found >= 0.0 && found <= 1.0))
        problems.push_back({key, fmt::format("{}; wanted 0 to 1", found)});
}

}  // namespace

std::string ConverterRange::text() const
{
    switch (kind) {
    case Kind::Full: return "full";
    case Kind::Max: return "max";
    case Kind::Percentile: return fmt::format("percentile:{}", percentile);
    case Kind::Mse: return "mse";
    }
    return {};
}

Result<ConverterRange> ConverterRange::parse(std::string_view text)
{
    const double unused = ConverterRange{}.percentile;
    if (text == "full")
        return ConverterRange{Kind::Full, unused};
    if (text == "max")
        return ConverterRange{Kind::Max, unused};
    if (text == "mse")
        return ConverterRange{Kind::Mse, unused};

    constexpr std::string_view prefix = "percentile:";
    if (text.starts_with(prefix)) {
        double value = 0.0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + prefix.size(), end, value);
        if (error == std::errc{} && stop == end && isPercentile(value))
            return ConverterRange{Kind::Percentile, value};
    }
    return Problem{{}, fmt::format("converter range \"{}\"; wanted full, max, mse or percentile:P with P above 50 and at most 100", text)};
}

Problems check(const ArrayTreatment& treatment)
{
    Problems problems;
    // 4096 rows of 8-bit cells keep four shifted column sums under 2^24, so an ideal tile stays exact in float.
    wantBetween(problems, "cim.array.rows", treatment.rows, 1, 4096);
    wantBetween(problems, "cim.array.columns", treatment.columns, 1, 4096);
    wantBetween(problems, "cim.input_bits", treatment.inputBits, 1, 8);
    wantBetween(problems, "cim.weight_bits", treatment.weightBits, 2, 8);
    if (treatment.weightBits >= 2 && treatment.weightBits <= 8)
        wantBetween(problems, "cim.bits_per_cell", treatment.bitsPerCell, 1, treatment.weightBits);
    wantBetween(problems, "cim.adc.bits", treatment.adc.bits, 0, 16);
    if (treatment.adc.range.kind == ConverterRange::Kind::Percentile && !isPercentile(treatment.adc.range.percentile))
        problems.push_back(
            {"cim.adc.range", fmt::format("percentile {}; wanted above 50 and at most 100", treatment.adc.range.percentile)});
    wantSigma(problems, "cim.variation.sigma", treatment.variation.sigma);
    wantSigma(problems, "cim.read_noise.sigma", treatment.readNoise.sigma);
    return problems;
}

}  // namespace core
