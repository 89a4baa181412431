// SPDX-License-Identifier: Apache-2.0
#include "core/plan/mixtures.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace core {

namespace {

constexpr std::uint8_t kPowerOfTwo = 0, kFourBit = 1, kEightBit = 2;

Treatment rowTreatment(const std::string& format) { return {NumberFormat::named(format).value(), {}, {ClipRule::Kind::Mse}}; }

Eigen::MatrixXd squaredErrors(const RowMatrix& weights, const Treatment& treatment)
{
    return (weights - quantizeWeights(weights, {treatment}).values).cast<double>().array().square();
}

Eigen::VectorXd variances(const RowMatrix& weights)
{
    const Eigen::MatrixXd values = weights.cast<double>();
    return (values.colwise() - values.rowwise().mean()).rowwise().squaredNorm() / static_cast<double>(values.cols());
}

/// The rows in ascending order of a key, ties in order of the rows.
std::vector<Eigen::Index> ordered(std::vector<Eigen::Index> rows, const Eigen::VectorXd& key)
{
    std::ranges::stable_sort(rows, {}, [&](Eigen::Index row) { return key[row]; });
    return rows;
}

/// An item takes a better option: `slope` less error for each of `cost` more.
struct Step {
    std::size_t item, option;
    double slope, cost;
};

/// The steps along the lower convex hull from the cheapest option, the steepest first.
void addHullSteps(std::size_t item, const Eigen::Ref<const Eigen::MatrixXd>& errors, const std::vector<double>& costs,
                  std::vector<Step>& steps)
{
    const auto error = [&](std::size_t option) { return errors(static_cast<Eigen::Index>(item), static_cast<Eigen::Index>(option)); };
    for (std::size_t from = 0; from + 1 < costs.size();) {
        std::size_t best = from;
        double slope = 0;
        for (std::size_t to = from + 1; to < costs.size(); ++to)
            if (const double found = (error(from) - error(to)) / (costs[to] - costs[from]); found > slope) {
                slope = found;
                best = to;
            }
        if (best == from)
            return;
        steps.push_back({item, best, slope, costs[best] - costs[from]});
        from = best;
    }
}

/// The steepest step of any item from where it is that costs no more than `left`.
std::optional<Step> bestStepWithin(double left, const std::vector<std::uint8_t>& choices, const Eigen::Ref<const Eigen::MatrixXd>& errors,
                                   const std::vector<double>& costs)
{
    std::optional<Step> best;
    for (std::size_t item = 0; item < choices.size(); ++item)
        for (std::size_t option = choices[item] + std::size_t{1}; option < costs.size(); ++option) {
            const auto row = static_cast<Eigen::Index>(item);
            const double cost = costs[option] - costs[choices[item]];
            const double slope = (errors(row, choices[item]) - errors(row, static_cast<Eigen::Index>(option))) / cost;
            if (cost <= left && slope > (best ? best->slope : 0.0))
                best = Step{item, option, slope, cost};
        }
    return best;
}

}  // namespace

WeightPlan mixedRows(const WeightedLayer& layer, RowShares shares)
{
    const std::size_t rows = layer.weights.rows() > 0 ? static_cast<std::size_t>(layer.weights.rows()) : 0;
    const std::size_t eightBit = std::max<std::size_t>(1, (static_cast<std::size_t>(shares.eightBit) * rows + 50) / 100);
    const std::size_t powerOfTwo = static_cast<std::size_t>(shares.powerOfTwo) * rows / 100;

    WeightPlan weights{
        {rowTreatment("pot4"), rowTreatment("int4"), rowTreatment("int8")}, std::vector<std::uint8_t>(rows, kFourBit), {}, {}};
    std::vector<Eigen::Index> order(rows);
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    order = ordered(std::move(order), -squaredErrors(layer.weights, weights.palette[kPowerOfTwo]).rowwise().sum());
    const auto rest = order.begin() + static_cast<std::ptrdiff_t>(std::min(eightBit, rows));
    std::for_each(order.begin(), rest, [&](Eigen::Index row) { weights.rows[static_cast<std::size_t>(row)] = kEightBit; });

    std::vector<Eigen::Index> others(rest, order.end());
    std::ranges::sort(others);
    others = ordered(std::move(others), variances(layer.weights));
    others.resize(std::min(powerOfTwo, others.size()));
    for (const Eigen::Index row : others)
        weights.rows[static_cast<std::size_t>(row)] = kPowerOfTwo;
    return weights;
}

WeightPlan mixedChannels(const WeightedLayer& layer, const std::vector<int>& bits, double meanBits)
{
    WeightPlan weights{{}, {}, {}, {}};
    Eigen::MatrixXd errors(layer.channels(), static_cast<Eigen::Index>(bits.size()));
    for (std::size_t option = 0; option < bits.size(); ++option) {
        weights.palette.push_back(rowTreatment("odd" + std::to_string(bits[option])));
        const Eigen::RowVectorXd columns = squaredErrors(layer.weights, weights.palette.back()).colwise().sum();
        for (Eigen::Index channel = 0; channel < errors.rows(); ++channel)
            errors(channel, static_cast<Eigen::Index>(option)) =
                columns.segment(channel * layer.columnsPerChannel, layer.columnsPerChannel).sum();
    }
    weights.channels = cheapestChoices(errors, {bits.begin(), bits.end()}, meanBits);
    return weights;
}

std::vector<std::uint8_t> cheapestChoices(const Eigen::Ref<const Eigen::MatrixXd>& errors, const std::vector<double>& costs,
                                          double meanCost)
{
    assert(static_cast<std::size_t>(errors.cols()) == costs.size() && std::ranges::is_sorted(costs) && costs.size() <= 256);
    const auto items = static_cast<std::size_t>(errors.rows());
    std::vector<Step> steps;
    for (std::size_t item = 0; item < items; ++item)
        addHullSteps(item, errors, costs, steps);
    std::ranges::stable_sort(steps, std::ranges::greater(), &Step::slope);

    constexpr double kHair = 1e-9;  // a mean such as 7/6 is not exact
    double left = (meanCost - costs.front() + kHair) * static_cast<double>(items);
    std::vector<std::uint8_t> choices(items, 0);
    std::vector<bool> isFull(items, false);  // an item that missed a step takes no later one
    for (const Step& step : steps) {
        if (step.cost > left || isFull[step.item]) {
            isFull[step.item] = true;
            continue;
        }
        left -= step.cost;
        choices[step.item] = static_cast<std::uint8_t>(step.option);
    }
    while (const auto step = bestStepWithin(left, choices, errors, costs)) {  // options off the hull, for what is left
        left -= step->cost;
        choices[step->item] = static_cast<std::uint8_t>(step->option);
    }
    return choices;
}

}  // namespace core
