// SPDX-License-Identifier: Apache-2.0
#include "core/plan/storage.h"

#include <algorithm>

namespace core {

namespace {

constexpr double kBiasBits = 32, kScaleBits = 16;

double weightBitsOf(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    if (treatment.cim)
        return static_cast<double>(treatment.cim->weightBits) * static_cast<double>(layer.weights.size()) + kScaleBits * layer.rows;
    const WeightPlan& weights = treatment.weights;
    const PaletteChoices choices{weights.rows, weights.channels, static_cast<std::size_t>(layer.columnsPerChannel)};
    return quantizeWeights(layer.weights, weights.palette, choices).storedBits;
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
