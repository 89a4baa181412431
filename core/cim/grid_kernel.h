// SPDX-License-Identifier: Apache-2.0
#pragma once
// The fast path where conductances lie on a grid so coarse that a tile's sums fit 16 bits: five rows a look-up, 32 vectors
// at once, and sums that are exact. core/cim/README.md, "Sixteen bits", says when and why.

#include "core/cim/tile_kernel.h"

namespace core {

/// The largest sum, either sign, that a tile's values can make.
double largestTileSum(const TiledCells& cells, std::size_t slice, std::span<const float> values);

/// The finest power of two at which sums up to `largest` still fit 16 bits after each of `rows` pairs of cells was rounded.
double gridStep(double largest, std::int64_t rows);

/// `values` (conductances or variances of `cells`, multiples of `step`) of one slice.
GridSums gridSums(const TiledCells& cells, std::size_t slice, std::span<const float> values, double step);

/// Does this machine have the instructions? Otherwise multiplyTiles computes the same sums in floats.
bool hasGridKernel();

/// multiplyTiles for cells that have grids.
void multiplyGrid(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers);

}  // namespace core
