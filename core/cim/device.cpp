// SPDX-License-Identifier: Apache-2.0
#include "core/cim/device.h"

#include <Eigen/Dense>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr std::size_t kMostLevels = 32, kLeastLevels = 3, kLeastCells = 8;

/// Cells of one target each, or, where targets are many, of equal shares of the sorted cells.
std::vector<std::vector<MeasuredCell>> levelsOf(std::vector<MeasuredCell> cells)
{
    std::stable_sort(cells.begin(), cells.end(), [](const MeasuredCell& a, const MeasuredCell& b) { return a.target < b.target; });
    std::vector<std::vector<MeasuredCell>> levels;
    for (const MeasuredCell& cell : cells) {
        if (levels.empty() || levels.back().front().target != cell.target)
            levels.emplace_back();
        levels.back().push_back(cell);
    }
    if (levels.size() <= kMostLevels)
        return levels;
    levels.assign(kMostLevels, {});
    for (std::size_t i = 0; i < cells.size(); ++i)
        levels[i * kMostLevels / cells.size()].push_back(cells[i]);
    return levels;
}

FittedLevel describe(const std::vector<MeasuredCell>& cells)
{
    FittedLevel level;
    level.cells = cells.size();
    const auto count = static_cast<double>(cells.size());
    double misses = 0.0;
    for (const MeasuredCell& cell : cells) {
        level.target += cell.target / count;
        misses += (cell.measured - cell.target) / count;
    }
    level.mean = level.target + misses;
    double squares = 0.0;
    for (const MeasuredCell& cell : cells)
        squares += std::pow(cell.measured - cell.target - misses, 2);
    level.deviation = std::sqrt(squares / (count - 1.0));
    return level;
}

}  // namespace

ArrayTreatment withDevice(ArrayTreatment treatment, const Device& device)
{
    treatment.bitsPerCell = std::min(device.bitsPerCell, treatment.weightBits);
    treatment.variation = device.variation;
    treatment.readNoise = device.readNoise;
    const double seconds = treatment.drift.seconds;
    const auto compensation = treatment.drift.compensation;
    treatment.drift = device.drift;
    treatment.drift.seconds = seconds;
    treatment.drift.compensation = compensation;
    treatment.stuck = device.stuck;
    treatment.onOffRatio = device.onOffRatio;
    treatment.onMicrosiemens = device.onMicrosiemens;
    return treatment;
}

Result<DeviceFit> fitDevice(std::span<const MeasuredCell> cells)
{
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (!std::isfinite(cells[i].target) || !std::isfinite(cells[i].measured) || cells[i].target < 0.0)
            return Problem{
                fmt::format("cell {}", i + 1),
                fmt::format("target {}, measured {}; wanted finite numbers and no negative target", cells[i].target, cells[i].measured)};
    DeviceFit fit;
    for (const auto& level : levelsOf({cells.begin(), cells.end()}))
        if (level.size() >= kLeastCells)
            fit.levels.push_back(describe(level));
    if (fit.levels.size() < kLeastLevels)
        return Problem{"cells", fmt::format("{} with {} levels of at least {} cells each; wanted {} such levels", cells.size(),
                                            fit.levels.size(), kLeastCells, kLeastLevels)};
    fit.largest = std::max_element(cells.begin(), cells.end(), [](const MeasuredCell& a, const MeasuredCell& b) {
                      return a.target < b.target;
                  })->target;
    if (!(fit.largest > 0.0))
        return Problem{"target", "0 for every cell; wanted a largest conductance above 0"};

    const auto count = static_cast<Eigen::Index>(fit.levels.size());
    Eigen::MatrixXd powers(count, 3);
    Eigen::VectorXd wanted(count);
    for (Eigen::Index i = 0; i < count; ++i) {
        const FittedLevel& level = fit.levels[static_cast<std::size_t>(i)];
        const double r = level.target / fit.largest, weight = std::sqrt(static_cast<double>(level.cells));
        powers.row(i) << weight, weight * r, weight * r * r;
        wanted(i) = weight * level.deviation / fit.largest;
    }
    const Eigen::Vector3d solution = powers.colPivHouseholderQr().solve(wanted);
    fit.variation.model = Variation::Model::Polynomial;
    fit.variation.sigma = 0.0;
    fit.variation.coefficients = {solution(0), solution(1), solution(2)};

    double squares = 0.0, all = 0.0;
    for (FittedLevel& level : fit.levels) {
        const double r = level.target / fit.largest;
        level.fitted = std::max(0.0, solution(0) + r * (solution(1) + r * solution(2))) * fit.largest;
        squares += static_cast<double>(level.cells) * std::pow((level.deviation - level.fitted) / fit.largest, 2);
        all += static_cast<double>(level.cells);
    }
    fit.residual = std::sqrt(squares / all);
    const double least = fit.levels.front().mean, most = fit.levels.back().mean;
    fit.onOffRatio = least > most / 1000.0 ? most / least : 0.0;
    if (fit.onOffRatio < 1.1)
        fit.onOffRatio = 0.0;  // levels do not tell it
    return fit;
}

}  // namespace core
