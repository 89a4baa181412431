// SPDX-License-Identifier: Apache-2.0
#include "core/cim/weight_planes.h"

#include <algorithm>

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

void WeightPlanes::digits(std::span<const std::int8_t> weights, std::size_t slice, int side, std::span<float> out) const
{
    const int first = slices[slice].firstBit, mask = slices[slice].largestDigit();
    const int sign = sides == 1 || side == 0 ? 1 : -1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const int stored = sides == 1 ? weights[i] + offset : std::max(0, sign * weights[i]);
        out[i] = static_cast<float>((stored >> first) & mask);
    }
}

void programmedConductances(const Variation& variation, const WeightSlice& slice, std::span<const float> digits, std::span<const float> z,
                            std::span<float> out)
{
    const auto sigma = static_cast<float>(variation.sigma);
    const auto largest = static_cast<float>(slice.largestDigit());
    const bool isIndependent = variation.model == Variation::Model::Independent;
    for (std::size_t i = 0; i < digits.size(); ++i)
        out[i] = digits[i] + sigma * (isIndependent ? largest : digits[i]) * z[i];
}

float programmedConductance(const Variation& variation, const WeightSlice& slice, int digit, float z)
{
    const int measure = variation.model == Variation::Model::Independent ? slice.largestDigit() : digit;
    return static_cast<float>(digit) + static_cast<float>(variation.sigma) * static_cast<float>(measure) * z;
}

float readVariance(const Variation& readNoise, const WeightSlice& slice, float conductance)
{
    const bool independent = readNoise.model == Variation::Model::Independent;
    const float deviation = static_cast<float>(readNoise.sigma) * (independent ? static_cast<float>(slice.largestDigit()) : conductance);
    return deviation * deviation;
}

}  // namespace core
