// SPDX-License-Identifier: Apache-2.0
#include "core/cim/column_converter.h"

#include <algorithm>
#include <cmath>

namespace core {

float ColumnConverter::code(float sum) const
{
    if (ideal)
        return sum;
    return std::nearbyint(std::min(std::max(sum * gain + offset, lowCode), highCode));
}

float ColumnConverter::code(float sum, const ColumnErrors& errors) const
{
    if (ideal)
        return sum;
    const float steps = sum * gain + offset;
    const float middle = (lowCode + highCode) * 0.5f, perHalf = 2.0f / (highCode - lowCode);
    const float u = std::min(std::max((steps - middle) * perHalf, -1.0f), 1.0f);
    const float real = steps * errors.gain + errors.offset + errors.bow * (1.0f - u * u);
    return std::nearbyint(std::min(std::max(real, lowCode), highCode));
}

ColumnConverter ColumnConverter::comparator(double middle, double distance)
{
    ColumnConverter converter;
    converter.ideal = false;
    converter.step = 2.0 * (distance > 0.0 ? distance : 1.0);
    converter.gain = static_cast<float>(1.0 / converter.step);
    converter.lowCode = 0.0f;
    converter.highCode = 1.0f;
    converter.base = middle - converter.step / 2.0;
    converter.offset = static_cast<float>(0.5 - middle / converter.step);
    return converter;
}

ColumnConverter ColumnConverter::over(double low, double high, int bits)
{
    ColumnConverter converter;
    if (bits == 0)
        return converter;
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
    if (!(high > low))
        high = low + 1.0;  // a column that never conducts: any step reads its zeros

    const double steps = std::exp2(bits) - 1.0;
    converter.ideal = false;
    converter.step = (high - low) / steps;
    converter.gain = static_cast<float>(steps / (high - low));
    converter.lowCode = static_cast<float>(-std::nearbyint(-low / converter.step));
    converter.highCode = converter.lowCode + static_cast<float>(steps);
    return converter;
}

SumHistogram::SumHistogram(double low, double high)
    : m_low(low), m_width(high > low ? (high - low) / static_cast<double>(kBins) : 1.0), m_weights(kBins, 0.0)
{
}

void SumHistogram::add(std::span<const float> sums, double weight)
{
    if (sums.empty())
        return;
    if (isEmpty())
        m_least = m_greatest = sums.front();
    const auto low = static_cast<float>(m_low), binsPerUnit = static_cast<float>(1.0 / m_width);
    constexpr auto last = static_cast<float>(kBins - 1);
    for (const float sum : sums) {
        m_least = std::min(m_least, sum);
        m_greatest = std::max(m_greatest, sum);
        m_weights[static_cast<std::size_t>(std::min(std::max((sum - low) * binsPerUnit, 0.0f), last))] += weight;
    }
    m_total += weight * static_cast<double>(sums.size());
}

double SumHistogram::quantile(double share) const
{
    if (share >= 1.0)
        return greatest();
    double below = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        below += m_weights[bin];
        if (m_weights[bin] > 0.0 && below >= share * m_total)
            return std::clamp(middle(bin), least(), greatest());
    }
    return greatest();
}

std::vector<double> SumHistogram::counts(std::size_t count) const
{
    std::vector<double> result(count, 0.0);
    const double span = greatest() - least();
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        if (m_weights[bin] == 0.0)
            continue;
        const double part = span > 0.0 ? (std::clamp(middle(bin), least(), greatest()) - least()) / span : 0.0;
        result[std::min(count - 1, static_cast<std::size_t>(part * static_cast<double>(count)))] += m_weights[bin];
    }
    return result;
}

double SumHistogram::shareOutside(double low, double high) const
{
    double outside = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin)
        if (middle(bin) < low || middle(bin) > high)
            outside += m_weights[bin];
    return isEmpty() ? 0.0 : outside / m_total;
}

double SumHistogram::mean() const
{
    double sum = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin)
        sum += m_weights[bin] * middle(bin);
    return isEmpty() ? 0.0 : sum / m_total;
}

double SumHistogram::meanDistance(double from) const
{
    double sum = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin)
        sum += m_weights[bin] * std::abs(middle(bin) - from);
    return isEmpty() ? 0.0 : sum / m_total;
}

double SumHistogram::meanSquaredError(const ColumnConverter& converter) const
{
    double error = 0.0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        if (m_weights[bin] == 0.0)
            continue;
        const double sum = middle(bin);
        const double miss = converter.value(converter.code(static_cast<float>(sum))) - sum;
        error += m_weights[bin] * miss * miss;
    }
    return isEmpty() ? 0.0 : error / m_total;
}

ColumnConverter fitConverter(const Converter& orders, const SumHistogram& sums)
{
    if (orders.isComparator) {
        // Sums of both signs are told apart by their sign, sums of one by their mean.
        const double middle = sums.least() < 0.0 ? 0.0 : sums.mean();
        return ColumnConverter::comparator(middle, sums.meanDistance(middle));
    }
    const auto over = [&](double low, double high) { return ColumnConverter::over(low, high, orders.bits); };
    switch (orders.range.kind) {
    case ConverterRange::Kind::Full:
    case ConverterRange::Kind::Max: return over(sums.least(), sums.greatest());
    case ConverterRange::Kind::Percentile: {
        const double share = orders.range.percentile / 100.0;
        return over(sums.quantile(1.0 - share), sums.quantile(share));
    }
    case ConverterRange::Kind::Mse: {
        constexpr int kShrinks = 64;
        ColumnConverter best = over(sums.least(), sums.greatest());
        double leastError = sums.meanSquaredError(best);
        for (int shrink = kShrinks - 1; shrink > 0; --shrink) {
            const double part = static_cast<double>(shrink) / kShrinks;
            const ColumnConverter candidate = over(part * sums.least(), part * sums.greatest());
            const double error = sums.meanSquaredError(candidate);
            if (error < leastError) {
                leastError = error;
                best = candidate;
            }
        }
        return best;
    }
    }
    return over(sums.least(), sums.greatest());
}

}  // namespace core
