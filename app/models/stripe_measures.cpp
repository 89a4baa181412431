// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/stripe_measures.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace app {
namespace {

QString say(const char* words) { return QCoreApplication::translate("StripeMeasures", words); }

/// `measure` of every stripe's weights: a row, or the columns of an input channel over all rows.
template <class Measure>
std::vector<float> ofStripes(const core::WeightedLayer& layer, PaletteAxis axis, const Measure& measure)
{
    std::vector<float> values;
    const int stripes = stripeCount(layer, axis);
    values.reserve(static_cast<std::size_t>(stripes));
    for (int stripe = 0; stripe < stripes; ++stripe) {
        if (axis == PaletteAxis::Rows)
            values.push_back(static_cast<float>(measure(0, stripe, layer.columns, 1)));
        else
            values.push_back(static_cast<float>(measure(stripe * layer.columnsPerChannel, 0, layer.columnsPerChannel, layer.rows)));
    }
    return values;
}

Eigen::MatrixXd block(const core::RowMatrix& matrix, int column, int row, int columns, int rows)
{
    return matrix.block(row, column, rows, columns).cast<double>();
}

}  // namespace

QString stripeMeasureName(StripeMeasure measure)
{
    switch (measure) {
    case StripeMeasure::Index: return say("index");
    case StripeMeasure::WeightError: return say("weight error");
    case StripeMeasure::Variance: return say("variance");
    case StripeMeasure::Magnitude: return say("largest magnitude");
    case StripeMeasure::OutputError: return say("output error");
    }
    return {};
}

QString stripeMeasureUnit(StripeMeasure measure)
{
    const bool isShare = measure == StripeMeasure::WeightError || measure == StripeMeasure::OutputError;
    return isShare ? QStringLiteral("%") : QString();
}

QString stripeMeasureTip(StripeMeasure measure)
{
    switch (measure) {
    case StripeMeasure::Index: return say("The order in which the layer has them");
    case StripeMeasure::WeightError:
        return say("Length of (stored − trained) over length of trained, the stripe's weights taken as vectors: what rounding "
                   "does to them under the present plan");
    case StripeMeasure::Variance:
        return say("Mean squared distance of the trained weights from their mean. RMSMP (arXiv 2111.00153) gives rows of small "
                   "variance powers of two");
    case StripeMeasure::Magnitude: return say("The largest trained weight: under one scale per row it sets the step of all others");
    case StripeMeasure::OutputError:
        return say("Measured error of the row's output over the output, fed with the reference's inputs; of the newest report");
    }
    return {};
}

std::vector<float> stripeVariances(const core::WeightedLayer& layer, PaletteAxis axis)
{
    return ofStripes(layer, axis, [&](int column, int row, int columns, int rows) {
        const Eigen::MatrixXd own = block(layer.weights, column, row, columns, rows);
        return own.size() == 0 ? 0.0 : (own.array() - own.mean()).square().mean();
    });
}

std::vector<float> stripeMagnitudes(const core::WeightedLayer& layer, PaletteAxis axis)
{
    return ofStripes(layer, axis, [&](int column, int row, int columns, int rows) {
        const Eigen::MatrixXd own = block(layer.weights, column, row, columns, rows);
        return own.size() == 0 ? 0.0 : own.cwiseAbs().maxCoeff();
    });
}

std::vector<float> stripeWeightErrors(const core::WeightedLayer& layer, const core::RowMatrix& stored, PaletteAxis axis)
{
    return ofStripes(layer, axis, [&](int column, int row, int columns, int rows) {
        const Eigen::MatrixXd trained = block(layer.weights, column, row, columns, rows);
        const double size = trained.norm();
        return size > 0 ? 100 * (block(stored, column, row, columns, rows) - trained).norm() / size : 0.0;
    });
}

std::vector<int> largestFirst(const std::vector<float>& values)
{
    std::vector<int> order(values.size());
    std::iota(order.begin(), order.end(), 0);
    const auto size = [&](int stripe) {
        const float value = values[static_cast<std::size_t>(stripe)];
        return std::isnan(value) ? -INFINITY : value;
    };
    std::ranges::stable_sort(order, std::greater<>(), size);
    return order;
}

std::vector<int> largestShare(const std::vector<float>& values, double percent)
{
    const double wanted = std::ceil(static_cast<double>(values.size()) * std::clamp(percent, 0.0, 100.0) / 100 - 1e-9);
    std::vector<int> chosen = largestFirst(values);
    chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(wanted)));
    std::erase_if(chosen, [&](int stripe) { return std::isnan(values[static_cast<std::size_t>(stripe)]); });
    std::ranges::sort(chosen);
    return chosen;
}

std::vector<int> everyNth(int count, int k)
{
    std::vector<int> chosen;
    for (int stripe = 0; stripe < count; stripe += std::max(1, k))
        chosen.push_back(stripe);
    return chosen;
}

}  // namespace app
