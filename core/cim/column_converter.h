// SPDX-License-Identifier: Apache-2.0
#pragma once
// The converter at the foot of a column: clamps a column sum to its range and rounds it to 2^bits - 1 steps; and how a
// range is chosen from the sums a calibration set makes.

#include "core/cim/array_treatment.h"

#include <cstddef>
#include <span>
#include <vector>

namespace core {

/// What is wrong with the converter of one column of one tile: code = round(clamp(gain s + offset + bow (1 - u^2))), s the
/// sum in steps, u from -1 to 1 over the converter's range.
struct ColumnErrors {
    float gain = 1.0f, offset = 0.0f, bow = 0.0f;
    bool operator==(const ColumnErrors&) const = default;
};

/// Codes are whole numbers counted from zero, so that no current reads as exactly zero: code c stands for c * step.
/// Rounding ties go to the even code. An ideal converter's code is the sum itself.
struct ColumnConverter {
    float gain = 1.0f;                      // steps per unit of column sum; the definition multiplies by it
    double step = 1.0;                      // units of column sum per code
    float lowCode = 0.0f, highCode = 0.0f;  // highCode - lowCode = 2^bits - 1
    bool ideal = true;
    // A comparator's: its two codes 0 and 1 stand for base and base + step, and the step between them lies where it should.
    float offset = 0.0f;  // added to the steps
    double base = 0.0;    // what code 0 stands for

    float code(float sum) const;
    float code(float sum, const ColumnErrors& errors) const;
    double value(float code) const { return base + static_cast<double>(code) * step; }
    double low() const { return static_cast<double>(lowCode) * step; }
    double high() const { return static_cast<double>(highCode) * step; }
    bool operator==(const ColumnConverter&) const = default;

    /// 2^bits - 1 steps over [low, high] widened to hold zero, then moved by at most half a step so that zero is a code.
    /// bits 0: ideal. One bit over a two-sided range has the codes 0 and 1.
    static ColumnConverter over(double low, double high, int bits);
    /// Codes 0 below and 1 above `middle`, which stand for middle - distance and middle + distance.
    static ColumnConverter comparator(double middle, double distance);
};

/// Weighted counts of column sums in bins of equal width, with the exact extremes beside them.
class SumHistogram {
public:
    static constexpr std::size_t kBins = 8192;

    /// Sums outside [low, high] count in the outermost bins.
    SumHistogram(double low, double high);

    void add(std::span<const float> sums, double weight);
    bool isEmpty() const { return m_total == 0.0; }
    double least() const { return static_cast<double>(m_least); }
    double greatest() const { return static_cast<double>(m_greatest); }
    /// The sum below which `share` (0 ... 1) of the weight lies, to one bin's width; never beyond the extremes.
    double quantile(double share) const;
    /// Weight in `count` bins of equal width from least() to greatest().
    std::vector<double> counts(std::size_t count) const;
    double total() const { return m_total; }
    /// The share of the weight outside a converter's range.
    double shareOutside(double low, double high) const;
    double mean() const;
    double meanDistance(double from) const;
    /// Weighted mean squared error a converter makes on these sums (each taken at the middle of its bin).
    double meanSquaredError(const ColumnConverter& converter) const;

private:
    double middle(std::size_t bin) const { return m_low + (static_cast<double>(bin) + 0.5) * m_width; }

    double m_low, m_width;
    float m_least = 0.0f, m_greatest = 0.0f;
    double m_total = 0.0;
    std::vector<double> m_weights;
};

/// Max: the extremes. Percentile P: the (100 - P)th and Pth percentile. Mse: the least squared error among the extremes
/// shrunk to 1/64 ... 64/64. All widened to hold zero. Range `full` needs no sums and is not fitted here.
ColumnConverter fitConverter(const Converter& orders, const SumHistogram& sums);

}  // namespace core
