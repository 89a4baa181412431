// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reverse-mode gradients of a loss through a whole network: with respect to every weighted layer's weights, bias and
// recovery path, every layer's output and the network's input. Quantizers are passed straight through.

#include "core/base/run_control.h"
#include "core/engine/engine_context.h"
#include "core/learn/loss.h"

#include <functional>
#include <memory>

namespace core {

class Program;

/// How a weighted layer computes in a pass: y = W x~ + B (A x) + b. What is not set is as the network has it.
struct LayerSetting {
    std::optional<RowMatrix> weights;          // effective W, quantized or not: the gradient passes straight through to it
    std::optional<std::vector<float>> bias;    // only where the layer has one
    InputTreatment input;                      // x~: the gradient passes where x lies within the quantizer's range, else it is zero
    std::optional<RecoveryPath> recovery;      // A x or A x~, as it says; not beside a grouped convolution
    /// Measured main path (arrays): computes the layer's output from its input in place of W x~ + b, which still gives the
    /// gradient. A program of this layer alone at the graph's batch.
    std::shared_ptr<const Program> measured;
};

/// Every layer as a compiled network has it; one on arrays is measured. `batch` of the context is to be the graph's.
Result<std::vector<LayerSetting>> settingsOf(const EngineContext& context, std::span<const CompiledLayerPtr> compiled);

struct LayerGradient {
    RowMatrix weights;         // rows x columns
    std::vector<float> bias;   // rows, or empty
    RowMatrix down, up;        // of the recovery path, or empty
};

/// Some samples of a pass as one worker sees them, gradients of each sample's own loss. Tensors are row-major copies with
/// `count` samples on the first axis (a Dense layer's samples lie one after another whatever its axes).
class GradientChunk {
public:
    virtual ~GradientChunk() = default;
    std::size_t index = 0;         // chunks are numbered in the order of the samples
    std::int64_t first = 0;        // sample of the request
    std::int64_t count = 0;

    virtual Tensor layerInput(LayerIndex layer) const = 0;       // x, before any quantizer
    virtual Tensor layerOutput(LayerIndex layer) const = 0;      // y
    virtual Tensor outputGradient(LayerIndex layer) const = 0;   // dLoss/dy
};

struct GradientRequest {
    std::span<const LayerSetting> settings = {};   // by LayerIndex; empty: the network as it is
    const Tensor& inputs;                          // preprocessed samples on the first axis, any number from 1 up
    const Objective& objective;                    // of the same samples
    bool ofWeights = true;                         // fill weights and bias
    bool ofRecovery = true;                        // fill down and up
    bool ofInput = false;                          // fill input
    int threads = 0;
    /// Called by the workers, for chunks in any order and several at once: reduce over chunk.index afterwards.
    std::function<void(const GradientChunk&)> visit = {};
};

/// Loss and gradients are means over the samples. Bits do not depend on the number of threads.
struct Gradients {
    double loss = 0;
    std::vector<double> losses;               // by sample
    Tensor outputs;                           // of the network, by sample
    std::vector<LayerGradient> layers;        // by LayerIndex
    Tensor input;                             // by sample: of that sample's own loss
};

class GradientGraph {
public:
    /// For runs of `batch` samples at once (0: chosen by the size of the activations; a fixed first axis keeps its size). A node
    /// that has to hand a gradient on and cannot is a problem. Shares the context's network and layers.
    static Result<std::shared_ptr<const GradientGraph>> build(std::shared_ptr<const EngineContext> context, std::int64_t batch = 0);
    ~GradientGraph();

    std::int64_t batch() const;
    const EngineContext& context() const;
    const std::vector<WeightedLayer>& layers() const { return context().layers; }

    /// A stop gives a problem "stopped" (engine_context.h).
    Result<Gradients> differentiate(const GradientRequest& request, const RunControl& control = {}) const;

    /// The network's output alone, for any number of samples; the same bits as differentiate's.
    Result<Tensor> run(const Tensor& inputs, std::span<const LayerSetting> settings = {}, int threads = 0, const RunControl& control = {}) const;

private:
    struct State;
    explicit GradientGraph(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// The operations a gradient passes through, sorted; weighted layers' included.
std::vector<std::string> differentiableOperations();

}  // namespace core
