// SPDX-License-Identifier: Apache-2.0
#include "core/plan/storage.h"

#include <algorithm>

namespace core {

namespace {

constexpr double kBiasBits = 32, kScaleBits = 16;

double weightBitsOf(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    const auto rows = static_cast<std::size_t>(layer.rows), columns = static_cast<std::size_t>(layer.columns);
    if (treatment.cim)
        return static_cast<double>(treatment.cim->weightBits) * static_cast<double>(rows * columns) + kScaleBits * layer.rows;
    const WeightPlan& weights = treatment.weights;
    if (weights.isUniform())
        return storedBits(weights.palette.front(), rows, columns);
    const std::vector<std::uint8_t>& choices = weights.rows.empty() ? weights.channels : weights.rows;
    double bits = 0;
    for (std::size_t entry = 0; entry < weights.palette.size(); ++entry) {
        const auto count = static_cast<std::size_t>(std::ranges::count(choices, static_cast<std::uint8_t>(entry)));
        if (count > 0)
            bits += weights.rows.empty()
                        ? storedBits(weights.palette[entry], rows, count * static_cast<std::size_t>(layer.columnsPerChannel))
                        : storedBits(weights.palette[entry], count, columns);
    }
    return bits;
}

}  // namespace

LayerStorage storageOf(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    const bool hasBias = !layer.bias.empty() || (treatment.correction && treatment.correction->bias);
    LayerStorage storage{weightBitsOf(layer, treatment), hasBias ? kBiasBits * layer.rows : 0, 0};
    if (treatment.surrogate) {
        const int rank = std::min({treatment.surrogate->rank, layer.rows, layer.columns});
        storage.recoveryBits = treatment.surrogate->format.storageBits() * rank * (layer.columns * layer.groups + layer.rows);
    }
    return storage;
}

}  // namespace core
