// SPDX-License-Identifier: Apache-2.0
#pragma once
// What dense layers and convolutions share on their way forward and back.

#include "core/learn/gradient_step.h"
#include "core/learn/straight_through.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace core {

inline const RowMatrix& weightsOf(const LayerSetting& setting, const WeightedLayer& layer) { return setting.weights ? *setting.weights : layer.weights; }
inline const std::vector<float>& biasOf(const LayerSetting& setting, const WeightedLayer& layer) { return setting.bias ? *setting.bias : layer.bias; }

/// What the recovery path reads.
inline const float* recoveryInput(const LayerSetting& setting, const float* exact, const float* rounded)
{
    return setting.recovery->input == SurrogateInput::Quantized ? rounded : exact;
}

/// The layer's output from its input, both row-major, by the program that measures it.
inline Result<void> runMeasured(GradientFrame& frame, LayerIndex layer, std::span<const float> x, std::span<float> y)
{
    LayerMemory& memory = frame.layers[layer.value()];
    const auto& program = frame.prepared[layer.value()]->setting->measured;
    if (memory.measuredBy != program.get()) {
        memory.measured = Program::makeFrame(program);
        memory.measuredBy = program.get();
    }
    std::memcpy(memory.measured->input(0).data(), x.data(), x.size_bytes());
    CORE_TRY(memory.measured->run(frame.read));
    std::memcpy(y.data(), memory.measured->output(0).data(), y.size_bytes());
    return success();
}

}  // namespace core
