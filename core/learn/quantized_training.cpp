// SPDX-License-Identifier: Apache-2.0
#include "core/learn/quantized_training.h"

#include "core/engine/layer_compiler.h"
#include "core/learn/training_run.h"

#include <fmt/format.h>

namespace core {

namespace {

std::span<float> flat(RowMatrix& matrix) { return {matrix.data(), static_cast<std::size_t>(matrix.size())}; }
std::span<const float> flat(const RowMatrix& matrix) { return {matrix.data(), static_cast<std::size_t>(matrix.size())}; }

PaletteChoices choicesOf(const WeightedLayer& layer, const WeightPlan& weights)
{
    if (weights.channels.empty())
        return PaletteChoices::overRows(weights.rows);
    return PaletteChoices::overChannels(weights.channels, static_cast<std::size_t>(layer.columns) / weights.channels.size());
}

class QuantizedLearner : public Learner {
public:
    QuantizedLearner(const GradientGraph& graph, const QuantizedTraining& training, std::vector<LayerTreatment> treatments, QuantizedTrainingState state)
        : m_graph(graph), m_training(training), m_treatments(std::move(treatments)), m_state(std::move(state)), m_settings(graph.layers().size())
    {
        ofWeights = true;
        m_state.moments.resize(graph.layers().size());
        m_kept = m_state;
    }

    /// Activation ranges as the engine will find them on the network as it is now.
    Result<void> beginEpoch(const RunControl& control) override
    {
        const EngineContext& context = m_graph.context();
        CORE_TRY(Network now, withParameters(*context.network, context.layers, m_state.current));
        CORE_TRY(const auto engine, prepareEngine(std::make_shared<const Network>(std::move(now))));
        const SampleSet seen = m_training.samples.slice(0, std::min(m_training.samples.samples(), m_training.calibrationSamples));
        CORE_TRY(const auto calibration, Calibration::observe(engine, seen, m_training.orders.threads, control));
        for (const WeightedLayer& layer : engine->layers) {
            CORE_TRY(m_settings[layer.index.value()].input, inputTreatment(*calibration, layer, m_treatments[layer.index.value()]));
        }
        quantize();
        return success();
    }

    const std::vector<LayerSetting>& settings() override { return m_settings; }

    void learn(const Gradients& gradients, double rateScale) override
    {
        for (std::size_t l = 0; l < m_settings.size(); ++l) {
            takeStep(m_training.orders.rule, m_state.moments[l].weights, flat(m_state.current[l].weights), flat(gradients.layers[l].weights), rateScale);
            takeStep(m_training.orders.rule, m_state.moments[l].bias, m_state.current[l].bias, gradients.layers[l].bias, rateScale);
        }
        quantize();
    }

    void keepBest() override { m_state.best = m_state.current; }
    void keepEpoch() override { m_kept = m_state; }

    QuantizedTrainingState take() { return std::move(m_kept); }

private:
    void quantize()
    {
        for (const WeightedLayer& layer : m_graph.layers()) {
            const std::size_t l = layer.index.value();
            const WeightPlan& plan = m_treatments[l].weights;
            m_settings[l].weights = quantizeWeights(m_state.current[l].weights, plan.palette, choicesOf(layer, plan)).values;
            m_settings[l].bias = m_state.current[l].bias;
        }
    }

    const GradientGraph& m_graph;
    const QuantizedTraining& m_training;
    std::vector<LayerTreatment> m_treatments;
    QuantizedTrainingState m_state, m_kept;
    std::vector<LayerSetting> m_settings;
};

/// The constant as the node wants it: W is rows x columns of what multiplies x.
Tensor weightConstant(const Node& node, const WeightedLayer& layer, const RowMatrix& weights, const Shape& shape)
{
    const bool isTransposed = layer.operation == "MatMul" || (layer.operation == "Gemm" && node.attributes.integer("transB", 0) == 0);
    RowMatrix placed = isTransposed ? RowMatrix(weights.transpose()) : weights;
    if (const float alpha = node.attributes.real("alpha", 1.0f); layer.operation == "Gemm" && alpha != 1.0f)
        placed /= alpha;
    return Tensor::of<float>(shape, std::span<const float>(placed.data(), static_cast<std::size_t>(placed.size())));
}

ValueIndex addConstant(Network& network, const std::string& name, Tensor tensor)
{
    network.values.push_back({name, DataType::Float32, std::nullopt, std::move(tensor)});
    return ValueIndex(network.values.size() - 1);
}

}  // namespace

Parameters parametersOf(const std::vector<WeightedLayer>& layers)
{
    Parameters parameters;
    for (const WeightedLayer& layer : layers)
        parameters.push_back({layer.weights, layer.bias});
    return parameters;
}

Result<Network> withParameters(const Network& network, const std::vector<WeightedLayer>& layers, const Parameters& parameters)
{
    if (parameters.size() != layers.size())
        return Problem{network.name, fmt::format("parameters of {} layers; the network has {}", parameters.size(), layers.size())};
    Network result = network;
    for (const WeightedLayer& layer : layers) {
        const LayerParameters& own = parameters[layer.index.value()];
        if (own.weights.rows() != layer.rows || own.weights.cols() != layer.columns || own.bias.size() != layer.bias.size())
            return Problem{layer.name, fmt::format("weights of {} x {} and a bias of {}; {} x {} and {} are wanted", own.weights.rows(), own.weights.cols(), own.bias.size(), layer.rows,
                                                   layer.columns, layer.bias.size())};
        Node& node = result.nodes[layer.node.value()];
        const bool isGemm = layer.operation == "Gemm";
        const float alpha = isGemm ? node.attributes.real("alpha", 1.0f) : 1.0f, beta = isGemm ? node.attributes.real("beta", 1.0f) : 1.0f;
        if (alpha == 0.0f || (beta == 0.0f && !own.bias.empty()))
            return Problem{layer.name, fmt::format("alpha is {} and beta {}; what is multiplied by zero cannot be written back", alpha, beta)};
        // A constant of its own: another node may read the one that was there.
        node.inputs[1] = addConstant(result, layer.name + ".trained_weights", weightConstant(node, layer, own.weights, network.constant(node.inputs[1])->shape()));
        if (own.bias.empty())
            continue;
        std::vector<float> bias = own.bias;
        for (float& value : bias)
            value /= beta;
        node.inputs[2] = addConstant(result, layer.name + ".trained_bias", Tensor::of(Shape{layer.rows}, bias));
    }
    return result;
}

Result<QuantizedTrainingState> trainQuantized(const GradientGraph& graph, const QuantizedTraining& training, QuantizedTrainingState state, const RunControl& control, const EpochListener& tell)
{
    const EngineContext& context = graph.context();
    std::vector<LayerTreatment> treatments;
    for (const WeightedLayer& layer : context.layers) {
        treatments.push_back(resolve(training.plan, layer.name));
        if (treatments.back().cim)
            return Problem{layer.name, "its weights are on arrays, whose cells are written once; quantization-aware training wants a digital layer"};
        if (!treatments.back().accumulator.isEngineSum() || treatments.back().scores)
            return Problem{layer.name, "its sums are of few bits, which training would not see; train without accumulator and scores, and evaluate with them"};
        if (!treatments.back().weights.flips.empty())
            return Problem{layer.name, "single bits of its codes are turned over, which is a fault and nothing to train towards; take the flips off the plan"};
    }
    if (state.current.empty())
        state.current = state.best = parametersOf(context.layers);
    CORE_TRY(withParameters(*context.network, context.layers, state.current));   // they fit
    const auto samples = TrainingSamples::split(graph, training.samples, training.orders, control);
    if (!samples && isStopped(samples.error())) {
        state.isStopped = true;
        return state;
    }
    if (!samples)
        return samples.error();
    state.remark = samples.value().remark();
    TrainingProgress progress = state.progress;
    QuantizedLearner learner(graph, training, std::move(treatments), std::move(state));
    CORE_TRY(const TrainingEnd end, runEpochs(graph, samples.value(), training.orders, learner, progress, control, tell));
    QuantizedTrainingState result = learner.take();
    result.progress = std::move(progress);
    result.isStopped = end == TrainingEnd::Stopped;
    return result;
}

}  // namespace core
