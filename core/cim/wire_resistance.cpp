// SPDX-License-Identifier: Apache-2.0
#include "core/cim/wire_resistance.h"

#include <Eigen/SparseCholesky>

#include <cassert>

namespace core {

namespace {

/// Adds, for every place along a line of currents drawn from its start, the voltage lost on the way there:
/// ohms * sum over k of current[k] * (min(place, k) + 1).
template <class Current, class Take>
void addDrops(std::int64_t places, double ohms, const Current& current, const Take& take)
{
    double behind = 0.0;
    for (std::int64_t k = 0; k < places; ++k)
        behind += current(k);
    double drop = 0.0;
    for (std::int64_t place = 0; place < places; ++place) {
        drop += ohms * behind;  // this piece carries what all places from here on draw
        take(place, drop);
        behind -= current(place);
    }
}

}  // namespace

std::vector<float> wireFactors(const WiredTile& tile, double activity)
{
    assert(static_cast<std::int64_t>(tile.siemens.size()) == tile.rows * tile.columns);
    std::vector<double> drops(tile.siemens.size(), 0.0);
    const auto at = [&](std::int64_t row, std::int64_t column) { return static_cast<std::size_t>(row * tile.columns + column); };
    const auto g = [&](std::int64_t row, std::int64_t column) { return static_cast<double>(tile.siemens[at(row, column)]); };
    for (std::int64_t row = 0; row < tile.rows; ++row)
        addDrops(
            tile.columns, tile.ohms, [&](std::int64_t k) { return g(row, k); },
            [&](std::int64_t k, double drop) { drops[at(row, k)] += drop; });
    for (std::int64_t column = 0; column < tile.columns; ++column) {
        const auto fromGround = [&](std::int64_t k) { return tile.rows - 1 - k; };
        addDrops(
            tile.rows, tile.ohms, [&](std::int64_t k) { return activity * g(fromGround(k), column); },
            [&](std::int64_t k, double drop) {
                // Its own row is on for certain.
                const double own = (1.0 - activity) * tile.ohms * static_cast<double>(k + 1) * g(fromGround(k), column);
                drops[at(fromGround(k), column)] += drop + own;
            });
    }
    std::vector<float> factors(drops.size());
    for (std::size_t i = 0; i < drops.size(); ++i)
        factors[i] = static_cast<float>(1.0 / (1.0 + drops[i]));
    return factors;
}

std::vector<double> columnCurrents(const WiredTile& tile, std::span<const double> rowVolts)
{
    assert(static_cast<std::int64_t>(rowVolts.size()) == tile.rows && tile.ohms > 0.0);
    using Matrix = Eigen::SparseMatrix<double>;
    const std::int64_t nodes = tile.rows * tile.columns;
    const double wire = 1.0 / tile.ohms;
    std::vector<Eigen::Triplet<double>> entries;
    Eigen::VectorXd driven = Eigen::VectorXd::Zero(2 * nodes);
    const auto index = [](std::int64_t value) { return static_cast<int>(value); };
    const auto join = [&](std::int64_t a, std::int64_t b, double siemens) {
        entries.emplace_back(index(a), index(a), siemens);
        entries.emplace_back(index(b), index(b), siemens);
        entries.emplace_back(index(a), index(b), -siemens);
        entries.emplace_back(index(b), index(a), -siemens);
    };
    for (std::int64_t row = 0; row < tile.rows; ++row)
        for (std::int64_t column = 0; column < tile.columns; ++column) {
            const std::int64_t onRow = row * tile.columns + column, onColumn = nodes + onRow;
            if (rowVolts[static_cast<std::size_t>(row)] != 0.0)
                join(onRow, onColumn, static_cast<double>(tile.siemens[static_cast<std::size_t>(onRow)]));
            if (column == 0) {
                entries.emplace_back(index(onRow), index(onRow), wire);
                driven(onRow) += wire * rowVolts[static_cast<std::size_t>(row)];
            } else {
                join(onRow - 1, onRow, wire);
            }
            if (row + 1 < tile.rows)
                join(onColumn, onColumn + tile.columns, wire);
            else
                entries.emplace_back(index(onColumn), index(onColumn), wire);
        }
    Matrix conductance(2 * nodes, 2 * nodes);
    conductance.setFromTriplets(entries.begin(), entries.end());
    const Eigen::SimplicialLDLT<Matrix> solver(conductance);
    const Eigen::VectorXd volts = solver.solve(driven);
    std::vector<double> currents;
    for (std::int64_t column = 0; column < tile.columns; ++column)
        currents.push_back(volts(nodes + (tile.rows - 1) * tile.columns + column) * wire);
    return currents;
}

}  // namespace core
