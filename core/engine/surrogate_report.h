// SPDX-License-Identifier: Apache-2.0
#pragma once
// How far a layer's recovery path can reach, told by the spectrum of its error.

#include <cstdint>
#include <vector>

namespace core {

/// Squared errors are sums over the calibration outputs the fit looked at.
struct SurrogateReport {
    int rank = 0;                            // fitted
    std::int64_t vectors = 0;                // calibration vectors the fit looked at
    std::vector<double> singularValues;      // of the fitted correction, descending: rank k removes the first k
    std::vector<double> removedEnergy;       // squared output error that rank k+1 removes beyond rank k
    std::vector<double> gains;               // the same in the measure the fit minimised; fisher: in units of the loss
    double signalEnergy = 0;                 // squared reference output
    double residualEnergy = 0;               // squared output error at rank 0
    /// What no rank removes: noise, rounding and clipping that do not depend linearly on the input.
    double floorEnergy() const;
    /// Signal over what is left at `rank`, in dB; infinity where nothing is left.
    double predictedSqnr(int rank) const;
};

}  // namespace core
