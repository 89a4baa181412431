// SPDX-License-Identifier: Apache-2.0
#pragma once
// A layer's array as somebody with a probe would see it: what the cells of one tile conduct, plane by plane, and the column
// sums that reach the converters.

#include "core/engine/polarized_network.h"

namespace core {

/// The cells of one weight slice on one side, in one tile: conductances[row * outputs + output], in digits.
struct TilePlane {
    WeightSlice slice;
    int side = 0;                          // 1: counts negative
    std::vector<float> conductances;
};

/// Column sums of one slice over sample inputs, all tiles, outputs and planes.
struct SumsOfSlice {
    WeightSlice slice;
    double least = 0.0, greatest = 0.0;    // in digits
    std::vector<double> shares;            // of the sums, in bins of equal width from least to greatest
    ColumnConverter converter;             // as calibrated
    double clipped = 0.0;                  // share of the sums outside its range
    double quantile(double share) const;   // by the bins
};

struct ArrayView {
    LayerIndex layer;
    int group = 0;
    std::int64_t tile = 0, tiles = 1;      // along the inputs
    std::int64_t firstRow = 0, rows = 0;   // of the tile: the layer's inputs it holds
    std::int64_t firstOutput = 0, outputs = 0;
    std::vector<TilePlane> planes;
    std::vector<SumsOfSlice> sums;
    ArrayTreatment treatment;
};

/// Tile `tile` (clamped) of the first group, with as many outputs as a tile has columns. A problem where the layer is not in an array.
Result<ArrayView> arrayView(const Calibration& calibration, const PolarizedNetwork& network, LayerIndex layer, std::int64_t tile);

}  // namespace core
