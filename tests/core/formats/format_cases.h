// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tests of this room share: named formats and treatments, and values to try them on.

#include "core/base/noise.h"
#include "core/formats/treatment.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <QtTest>

#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

namespace format_cases {

inline constexpr std::uint64_t kSeed = 20260802;

inline core::NumberFormat named(const std::string& name)
{
    const core::Result<core::NumberFormat> format = core::NumberFormat::named(name);
    if (!format)
        qFatal("%s", format.error().text().c_str());
    return format.value();
}

inline core::Treatment treatment(const char* format, const char* scale = "row", const char* clip = "absmax", int points = 1)
{
    return {named(format), core::ScaleRule::parse(scale).value(), core::ClipRule::parse(clip).value(), points};
}

inline core::RowMatrix matrix(std::initializer_list<std::initializer_list<float>> rows)
{
    core::RowMatrix result(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows.begin()->size()));
    Eigen::Index r = 0;
    for (const auto& row : rows) {
        Eigen::Index c = 0;
        for (const float value : row)
            result(r, c++) = value;
        ++r;
    }
    return result;
}

enum class Distribution { Gaussian, Laplace, Uniform };

inline core::RowMatrix randomRows(Distribution distribution, int rows, int columns)
{
    const core::NoiseStream noise(kSeed, core::NoisePurpose::Test);
    core::RowMatrix result(rows, columns);
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; c += 4) {
            const core::NoiseStream::Counter counter{static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(c), 0};
            const auto gaussians = noise.gaussians(counter);
            const auto uniforms = noise.uniforms(counter);
            for (std::size_t i = 0; i < 4 && c + static_cast<int>(i) < columns; ++i) {
                const double centred = 2 * uniforms[i] - 1;
                const double laplace = -std::copysign(std::log(1 - std::abs(centred)), centred);
                const double value = distribution == Distribution::Gaussian ? static_cast<double>(gaussians[i])
                                     : distribution == Distribution::Laplace ? laplace
                                                                             : centred;
                result(r, c + static_cast<int>(i)) = static_cast<float>(value);
            }
        }
    return result;
}

inline std::vector<float> toVector(const core::RowMatrix& values) { return {values.data(), values.data() + values.size()}; }

inline std::uint32_t bitsOf(float value) { return std::bit_cast<std::uint32_t>(value); }

/// All names of the grammar whose code has at most `bits` bits.
inline std::vector<std::string> namesUpTo(double bits)
{
    std::vector<std::string> names{"nf4", "sp2-4", "apot4", "ternary", "int1"};
    for (int n = 2; n <= 16; ++n)
        for (const char* prefix : {"int", "uint", "pot", "odd"})
            names.push_back(prefix + std::to_string(n));
    names.push_back("odd1");
    for (int exponent = 1; exponent <= 8; ++exponent)
        for (int mantissa = 1; mantissa <= 14; ++mantissa)
            for (const char* suffix : {"", "ieee"})
                names.push_back("e" + std::to_string(exponent) + "m" + std::to_string(mantissa) + suffix);
    std::vector<std::string> narrow;
    for (const std::string& name : names)
        if (const auto format = core::NumberFormat::named(name); format && format.value().storageBits() <= bits)
            narrow.push_back(name);
    return narrow;
}

/// Any bits at all, so subnormals, infinities and NaN too; and Gaussians, where the levels are.
inline std::vector<float> anyValues(std::size_t count)
{
    const core::NoiseStream noise(kSeed, core::NoisePurpose::Test);
    std::vector<float> values;
    for (std::uint32_t i = 0; values.size() < count; ++i) {
        for (const std::uint32_t word : noise.words({i, 0, 0}))
            values.push_back(std::bit_cast<float>(word));
        for (const float gaussian : noise.gaussians({i, 1, 0}))
            values.push_back(3 * gaussian);
    }
    using Limits = std::numeric_limits<float>;
    for (const float edge : {0.0f, -0.0f, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::denorm_min(), -Limits::denorm_min(), Limits::max(), Limits::min(),
                             65504.0f, 65519.996f, 65520.0f, 0.5f, -0.5f, 1.5f, 2.5f, 8388607.5f, 8388609.0f, 16777217.0f})
        values.push_back(edge);
    return values;
}

/// Each threshold and level with the floats beside it, of both signs.
inline std::vector<float> criticalValues(const core::NumberFormat& format)
{
    std::vector<float> values;
    for (const auto& list : {format.thresholds(), format.levels()})
        for (const float value : list)
            for (const float x : {std::nextafter(value, -HUGE_VALF), value, std::nextafter(value, HUGE_VALF)})
                values.push_back(x);
    return values;
}

/// Runs the check once for each instruction set compiled in that this processor has.
template <class Check>
void onEveryTarget(Check&& check)
{
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        check(target);
        if (QTest::currentTestFailed())
            break;
    }
    hwy::SetSupportedTargetsForTest(0);
}

}  // namespace format_cases
