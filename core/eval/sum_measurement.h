// SPDX-License-Identifier: Apache-2.0
#pragma once
// Takes a layer's running sums once more, slowly, and looks at them.

#include "core/engine/polarized_network.h"
#include "core/eval/sum_figures.h"

namespace core {

/// `inputs`: what arrives at the layer, batch by batch. The layer must have an accumulator of its own. At most about
/// kFigureProducts products are summed.
Result<SumFigures> sumFigures(const EngineContext& context, const WeightedLayer& layer, const CompiledLayerPtr& compiled,
                              const std::vector<Tensor>& inputs, int threads = 0, const RunControl& control = {});
inline constexpr std::int64_t kFigureProducts = std::int64_t{1} << 26;

/// The layer reads what really arrives under `network`; `sample` is one preprocessed sample (first axis 1). A layer that the
/// engine sums itself is a problem.
Result<SumSample> sumSample(const EngineContext& context, const PolarizedNetwork& network, LayerIndex layer, const Tensor& sample);

}  // namespace core
