// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the resistance of a tile's own wires takes off its currents. Rows are driven at their first column, columns end in a
// virtual ground behind their last row; every piece of wire between two neighbouring cells, between the driver and the first
// cell and between the last cell and the ground has the same resistance.

#include <cstdint>
#include <span>
#include <vector>

namespace core {

struct WiredTile {
    std::int64_t rows = 0, columns = 0;  // of cells
    double ohms = 0.0;                   // of a piece of wire
    std::span<const float> siemens;      // rows x columns
};

/// The part of its current that each cell keeps (rows x columns, at most 1) when its row is on and the share `activity` of the
/// other rows is: 1 / (1 + d), d the voltage that all currents, as if undisturbed, would take off the cell's own.
/// An approximation; `columnCurrents` is what it approximates.
std::vector<float> wireFactors(const WiredTile& tile, double activity);

/// Currents into the grounds, in amperes, for these voltages of the rows' drivers; a row at 0 is not selected, its cells are
/// cut off by their transistors (1T1R). The exact solution of Kirchhoff's laws at
/// the 2 rows columns nodes.
std::vector<double> columnCurrents(const WiredTile& tile, std::span<const double> rowVolts);

}  // namespace core
