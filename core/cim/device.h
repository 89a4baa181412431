// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kind of memory cell as an array sees it, and how one is made from conductances somebody measured.

#include "core/cim/array_treatment.h"

#include <span>
#include <vector>

namespace core {

struct Device {
    std::string name, title;
    std::string source;  // of the numbers
    int bitsPerCell = 1;
    Variation variation{Variation::Model::Proportional, 0.0};
    Variation readNoise{Variation::Model::Proportional, 0.0};
    Drift drift;  // how it drifts; the seconds are the array's
    StuckCells stuck;
    double onOffRatio = 0.0;  // 0: cells switch off entirely
    double onMicrosiemens = 25.0;
};

/// The array built of such cells; its geometry, converters, time and seed stay.
ArrayTreatment withDevice(ArrayTreatment treatment, const Device& device);

/// A cell that was written and read back, in any one unit.
struct MeasuredCell {
    double target = 0.0, measured = 0.0;
};

/// What a fit says about the cells of one target (or of neighbouring ones, where there are too many targets).
struct FittedLevel {
    double target = 0.0;  // mean
    std::size_t cells = 0;
    double mean = 0.0, deviation = 0.0;  // of what was measured
    double fitted = 0.0;                 // the deviation the model has there
    double offset() const { return mean - target; }
};

struct DeviceFit {
    /// Polynomial in the share of the largest target; deviations are about each level's own mean.
    Variation variation;
    double largest = 0.0;     // target
    double onOffRatio = 0.0;  // largest over smallest mean; 0: a smallest mean of no more than a thousandth
    std::vector<FittedLevel> levels;
    double residual = 0.0;  // root mean square of deviation - fitted over the cells, in parts of the largest target
};

/// Least squares of the levels' deviations, weighed by their cells. Problems: fewer than 3 levels of at least 8 cells,
/// targets that are negative or not finite, a largest target of 0.
Result<DeviceFit> fitDevice(std::span<const MeasuredCell> cells);

}  // namespace core
