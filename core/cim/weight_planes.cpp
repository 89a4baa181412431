// SPDX-License-Identifier: Apache-2.0
#include "core/cim/weight_planes.h"

#include <algorithm>
#include <cassert>

namespace core {

WeightPlanes WeightPlanes::of(const ArrayTreatment& treatment)
{
    WeightPlanes planes;
    const bool differential = treatment.mapping == CellMapping::Differential;
    planes.sides = differential ? 2 : 1;
    planes.offset = differential ? 0 : 1 << (treatment.weightBits - 1);
    planes.largestWeight = (1 << (treatment.weightBits - 1)) - 1;

    const int storedBits = differential ? treatment.weightBits - 1 : treatment.weightBits;
    const int cellBits = treatment.planes == PlaneScheme::Input ? storedBits : treatment.bitsPerCell;
    for (int first = 0; first < storedBits; first += cellBits)
        planes.slices.push_back({first, std::min(cellBits, storedBits - first)});
    return planes;
}

int WeightPlanes::digit(int weight, std::size_t slice, int side) const
{
    const int stored = sides == 1 ? weight + offset : std::max(0, side == 0 ? weight : -weight);
    return (stored >> slices[slice].firstBit) & slices[slice].largestDigit();
}

void programWeight(const WeightPlanes& planes, const Variation& variation, const NoiseStream& chip, std::uint32_t row, std::uint32_t column,
                   int weight, std::span<float> cells)
{
    assert(cells.size() == planes.cellsPerWeight());
    const std::size_t slices = planes.slices.size();
    const auto sigma = static_cast<float>(variation.sigma);
    const bool independent = variation.model == Variation::Model::Independent;

    for (int side = 0; side < planes.sides; ++side) {
        // Four cells share a counter: (row, column, 2 * (slice / 4) + side). A quad of empty cells of the proportional
        // model draws nothing, which changes no other cell's number.
        std::array<float, 4> z{};
        bool drawn = false;
        for (std::size_t slice = 0; slice < slices; ++slice) {
            if (slice % 4 == 0)
                drawn = false;
            const int digit = planes.digit(weight, slice, side);
            float error = 0.0f;
            if (sigma > 0.0f && (independent || digit != 0)) {
                if (!drawn)
                    z = chip.gaussians({row, column, static_cast<std::uint32_t>(2 * (slice / 4)) + static_cast<std::uint32_t>(side)});
                drawn = true;
                const int measure = independent ? planes.slices[slice].largestDigit() : digit;
                error = sigma * static_cast<float>(measure) * z[slice % 4];
            }
            cells[static_cast<std::size_t>(side) * slices + slice] = static_cast<float>(digit) + error;
        }
    }
}

float readVariance(const Variation& readNoise, const WeightSlice& slice, float conductance)
{
    const bool independent = readNoise.model == Variation::Model::Independent;
    const float deviation = static_cast<float>(readNoise.sigma) * (independent ? static_cast<float>(slice.largestDigit()) : conductance);
    return deviation * deviation;
}

}  // namespace core
