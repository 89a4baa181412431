// SPDX-License-Identifier: Apache-2.0
#include "core/cim/weight_planes.h"

#include <algorithm>

namespace core {

WeightPlanes WeightPlanes::of(const ArrayTreatment& treatment)
{
    WeightPlanes planes;
    const bool differential = treatment.mapping == CellMapping::Differential, oneSided = treatment.mapping == CellMapping::OneSided;
    planes.sides = differential ? 2 : 1;
    planes.offset = treatment.mapping == CellMapping::Offset ? 1 << (treatment.weightBits - 1) : 0;
    planes.largestWeight = (1 << (treatment.weightBits - 1)) - 1;

    const int storedBits = treatment.mapping == CellMapping::Offset ? treatment.weightBits : treatment.weightBits - 1;
    const int cellBits = treatment.planes == PlaneScheme::Input ? storedBits : treatment.bitsPerCell;
    for (int first = 0; first < storedBits; first += cellBits)
        planes.slices.push_back({first, std::min(cellBits, storedBits - first)});
    if (oneSided)
        planes.slices.push_back({storedBits, 1, true});
    return planes;
}

int WeightPlanes::digit(int weight, std::size_t slice, int side) const
{
    const int stored = sides == 1 ? weight + offset : std::max(0, side == 0 ? weight : -weight);
    return (stored >> slices[slice].firstBit) & slices[slice].largestDigit();
}

void WeightPlanes::digits(std::span<const std::int8_t> weights, std::size_t slice, int side, std::span<float> out) const
{
    const int first = slices[slice].firstBit, mask = slices[slice].largestDigit();
    const int sign = sides == 1 || side == 0 ? 1 : -1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const int stored = sides == 1 ? weights[i] + offset : std::max(0, sign * weights[i]);
        out[i] = static_cast<float>((stored >> first) & mask);
    }
}

}  // namespace core
