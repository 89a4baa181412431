// SPDX-License-Identifier: Apache-2.0
#pragma once
// How one integer weight becomes cells: slices of a few bits, on one or two sides, each cell with its own errors.
// The functions here define what a cell holds; see core/cim/README.md, "From a weight to its cells".

#include "core/cim/array_treatment.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace core {

/// Some neighbouring bits of a weight, held by one cell as a digit 0 ... largestDigit(). Conductances are counted in
/// digits: the largest digit of a slice stands for the largest conductance of the device.
struct WeightSlice {
    int firstBit = 0, bits = 1;
    bool isSign = false;  // the top bit of a two's complement: it counts negative
    int largestDigit() const { return (1 << bits) - 1; }
    double placeValue() const { return static_cast<double>(1 << firstBit) * (isSign ? -1.0 : 1.0); }
    bool operator==(const WeightSlice&) const = default;
};

struct WeightPlanes {
    std::vector<WeightSlice> slices;  // ascending place value; the last one may be narrower
    int sides = 1;                    // 2: a positive and a negative array whose currents are subtracted before the converter
    int offset = 0;                   // added to a weight before it is sliced, subtracted digitally afterwards
    int largestWeight = 1;            // weights are -largestWeight ... largestWeight

    static WeightPlanes of(const ArrayTreatment& treatment);

    std::size_t cellsPerWeight() const { return slices.size() * static_cast<std::size_t>(sides); }
    int digit(int weight, std::size_t slice, int side) const;
    void digits(std::span<const std::int8_t> weights, std::size_t slice, int side, std::span<float> out) const;
    static float sign(int side) { return side == 0 ? 1.0f : -1.0f; }
};

}  // namespace core
