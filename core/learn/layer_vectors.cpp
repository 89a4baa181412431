// SPDX-License-Identifier: Apache-2.0
#include "core/learn/layer_vectors.h"

#include "core/engine/patches.h"

namespace core {

void forEachGroup(const EngineContext& context, const WeightedLayer& layer, const GradientChunk& chunk, const std::function<void(int, const LayerVectors&)>& use)
{
    const Tensor input = chunk.layerInput(layer.index), gradient = chunk.outputGradient(layer.index);
    const Patches patches(*context.network, layer, input.shape(), gradient.shape());
    const Eigen::Index rows = layer.rows / layer.groups;
    LayerVectors made{RowMatrix(patches.vectors(), patches.columns()), RowMatrix(patches.vectors(), rows), patches.vectors() / chunk.count};
    for (int group = 0; group < layer.groups; ++group) {
        for (std::int64_t v = 0; v < patches.vectors(); ++v) {
            patches.gather(input.values<float>().data(), v, group, 0.0f, made.inputs.row(v).data());
            for (Eigen::Index row = 0; row < rows; ++row)
                made.gradients(v, row) = gradient.values<float>()[static_cast<std::size_t>(patches.outputOffset(v, group * rows + row))];
        }
        use(group, made);
    }
}

}  // namespace core
