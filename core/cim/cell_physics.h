// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one cell does: the conductance a digit asks for, what is written instead, what becomes of it with time, and how much
// a read of it trembles. Conductances are counted in digits: a slice's largest digit stands for the largest conductance.

#include "core/cim/weight_planes.h"

#include <span>

namespace core {

/// What an empty cell conducts, in digits: the largest digit over the on/off ratio.
float leastConductance(double onOffRatio, const WeightSlice& slice);
/// What a digit counts, in digits of conductance: 1 - 1 / ratio.
double digitSpan(double onOffRatio);
/// leastConductance + digit * digitSpan.
float nominalConductance(double onOffRatio, const WeightSlice& slice, float digit);

/// What is written where `nominal` was meant, with a unit Gaussian z for every cell: the formulas of Variation::Model.
void writeCells(const Variation& variation, const WeightSlice& slice, std::span<const float> nominal, std::span<const float> z,
                std::span<float> written);

/// Conductances after drift.seconds, in place; z as above.
void driftCells(const Drift& drift, const WeightSlice& slice, std::span<const float> z, std::span<float> cells);

/// Variance of one read of a cell of this conductance, in digits squared, while its row is on and `seconds` after it was
/// programmed (Flicker only: deviation g Qs sqrt(ln((t + 250 ns) / 500 ns)), Qs = min(0.0088 / r^0.65, 0.2); aihwkit's model).
float readVariance(const Variation& readNoise, const WeightSlice& slice, float conductance, double seconds = 0.0);

}  // namespace core
