// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/sum_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

float choiceShare(core::SumChoice choice)
{
    switch (choice) {
    case core::SumChoice::Low: return 0.0F;
    case core::SumChoice::Middle: return 0.5F;
    case core::SumChoice::High: break;
    }
    return 1.0F;
}

float decadesOf(float condition)
{
    if (!(condition > 0))
        return std::numeric_limits<float>::quiet_NaN();
    return static_cast<float>(std::min(std::log10(static_cast<double>(condition)), kMostDecadesOfCondition));
}

float figureOf(const core::SumSample& sample, std::size_t component, SumMeasure measure)
{
    switch (measure) {
    case SumMeasure::Condition: return decadesOf(sample.condition[component]);
    case SumMeasure::Recomputed: return choiceShare(sample.choices[component]);
    case SumMeasure::Overflow: return sample.overflowed[component] != 0 ? 1.0F : 0.0F;
    case SumMeasure::Error: break;
    }
    return sample.error[component];
}

}  // namespace

core::RowMatrix sumMatrix(const std::vector<core::SumSample>& samples, SumMeasure measure)
{
    if (samples.empty())
        return {};
    const core::SumSample& first = samples.front();
    const auto positions = static_cast<Eigen::Index>(first.positions), count = static_cast<Eigen::Index>(samples.size());
    core::RowMatrix matrix(first.rows, positions > 1 ? positions : count);
    for (Eigen::Index column = 0; column < matrix.cols(); ++column) {
        const core::SumSample& sample = samples[positions > 1 ? 0 : static_cast<std::size_t>(column)];
        for (Eigen::Index row = 0; row < matrix.rows(); ++row)
            matrix(row, column) = figureOf(sample, static_cast<std::size_t>(row * positions + (positions > 1 ? column : 0)), measure);
    }
    return matrix;
}

}  // namespace app
