// SPDX-License-Identifier: Apache-2.0
#include "core/learn/sensitivity.h"

#include "core/learn/curvature.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace core {

namespace {

/// Which row of a layer an element of its output belongs to.
struct RowOrder {
    std::size_t rows, inner;   // element i is of row i / inner % rows
    explicit RowOrder(const WeightedLayer& layer, const Shape& output)
        : rows(static_cast<std::size_t>(layer.rows)),
          inner(layer.kind == LayerKind::Dense ? 1 : static_cast<std::size_t>(elementCount(output) / (output[0] * output[1])))
    {
    }
    std::size_t rowOf(std::size_t element) const { return element / inner % rows; }
};

/// Sums over samples and positions, by row.
struct RowSums {
    std::vector<double> squares, taylor, signedTaylor, error;
    explicit RowSums(std::size_t rows = 0) : squares(rows), taylor(rows), signedTaylor(rows), error(rows) {}
    RowSums& operator+=(const RowSums& other)
    {
        for (std::size_t row = 0; row < squares.size(); ++row) {
            squares[row] += other.squares[row];
            taylor[row] += other.taylor[row];
            signedTaylor[row] += other.signedTaylor[row];
            error[row] += other.error[row];
        }
        return *this;
    }
};

std::size_t chunksOf(const GradientGraph& graph, std::int64_t samples) { return static_cast<std::size_t>((samples + graph.batch() - 1) / graph.batch()); }

std::vector<std::vector<RowSums>> emptySums(const GradientGraph& graph, std::int64_t samples)
{
    std::vector<RowSums> layers;
    for (const WeightedLayer& layer : graph.layers())
        layers.emplace_back(static_cast<std::size_t>(layer.rows));
    return std::vector<std::vector<RowSums>>(chunksOf(graph, samples), layers);
}

std::vector<RowSums> total(const std::vector<std::vector<RowSums>>& chunks)
{
    std::vector<RowSums> sums = chunks.front();
    for (std::size_t c = 1; c < chunks.size(); ++c)
        for (std::size_t l = 0; l < sums.size(); ++l)
            sums[l] += chunks[c][l];
    return sums;
}

void addSquares(RowSums& sums, const RowOrder& order, std::span<const float> gradient)
{
    for (std::size_t i = 0; i < gradient.size(); ++i)
        sums.squares[order.rowOf(i)] += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
}

LayerImportance importanceOf(const WeightedLayer& layer, const RowSums& sums, std::int64_t samples)
{
    LayerImportance importance;
    const double terms = static_cast<double>(samples) * static_cast<double>(layer.positions);
    for (const double square : sums.squares)
        importance.rows.push_back(square / terms);
    for (const double row : importance.rows)
        importance.meanSquare += row / static_cast<double>(layer.rows);
    return importance;
}

/// Runs one layer alone as it is compiled, on the first batch's worth of samples or fewer.
class LayerAlone {
public:
    static Result<LayerAlone> build(const EngineContext& context, std::span<const CompiledLayerPtr> compiled, LayerIndex layer)
    {
        const std::vector<NodeGroup> group{{{context.layers[layer.value()].node}, layer}};
        LayerAlone alone;
        CORE_TRY(alone.m_program, Program::build({*context.network, context.layers, context.values, compiled, group, {context.inputOf(layer)}, {context.outputOf(layer)}}));
        return alone;
    }
    Result<std::vector<float>> run(const Tensor& input, std::size_t outputs, std::uint64_t read) const
    {
        const auto frame = Program::makeFrame(m_program);
        const auto room = frame->input(0);
        std::fill(room.begin(), room.end(), std::byte{0});
        std::copy(input.bytes().begin(), input.bytes().end(), room.begin());
        CORE_TRY(frame->run(read));
        const auto* made = reinterpret_cast<const float*>(frame->output(0).data());
        return std::vector<float>(made, made + outputs);
    }

private:
    std::shared_ptr<const Program> m_program;
};

}  // namespace

std::string lossTargetName(LossTarget target)
{
    switch (target) {
    case LossTarget::Labels: return "labels";
    case LossTarget::OwnAnswers: return "own answers";
    case LossTarget::OwnDistribution: return "own distribution";
    case LossTarget::OwnInput: break;
    }
    return "own input";
}

Result<SampleObjective> objectiveOf(const GradientGraph& graph, const SampleSet& samples, LossTarget target, int threads, const RunControl& control)
{
    SampleObjective made{{}, target, {}};
    if (target == LossTarget::Labels && samples.labels.empty()) {
        made.target = LossTarget::OwnAnswers;
        made.remark = "the samples have no labels; the reference's own answers stand in for them";
    }
    if (made.target == LossTarget::Labels) {
        made.objective = Objective::crossEntropy(samples.labels);
        return made;
    }
    if (made.target == LossTarget::OwnInput) {
        made.objective = Objective::squaredError(samples.inputs);
        return made;
    }
    CORE_TRY(Tensor outputs, graph.run(samples.inputs, {}, threads, control));
    if (made.target == LossTarget::OwnDistribution) {
        made.objective = Objective::divergence(std::move(outputs));
        return made;
    }
    const std::size_t width = static_cast<std::size_t>(outputs.size() / samples.samples());
    std::vector<std::int32_t> answers;
    for (std::int64_t sample = 0; sample < samples.samples(); ++sample) {
        const auto row = outputs.values<float>().subspan(static_cast<std::size_t>(sample) * width, width);
        answers.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
    }
    made.objective = Objective::crossEntropy(std::move(answers));
    return made;
}

Result<OutputImportance> outputImportance(const GradientGraph& graph, const SampleSet& samples, LossTarget target, int threads, const RunControl& control)
{
    CORE_TRY(const SampleObjective objective, objectiveOf(graph, samples, target, threads, control));
    auto chunks = emptySums(graph, samples.samples());
    const auto look = [&](const GradientChunk& chunk) {
        for (const WeightedLayer& layer : graph.layers()) {
            const Tensor gradient = chunk.outputGradient(layer.index);
            addSquares(chunks[chunk.index][layer.index.value()], RowOrder(layer, gradient.shape()), gradient.values<float>());
        }
    };
    CORE_TRY(graph.differentiate({.inputs = samples.inputs, .objective = objective.objective, .ofWeights = false, .ofRecovery = false, .threads = threads, .visit = look}, control));
    OutputImportance importance{objective.target, objective.remark, samples.samples(), {}};
    const std::vector<RowSums> sums = total(chunks);
    for (const WeightedLayer& layer : graph.layers())
        importance.layers.push_back(importanceOf(layer, sums[layer.index.value()], samples.samples()));
    return importance;
}

Result<Sensitivities> sensitivities(const GradientGraph& graph, const SensitivityRequest& request, const RunControl& control)
{
    const EngineContext& context = graph.context();
    if (graph.batch() != context.batch)
        return Problem{context.network->name, fmt::format("the gradient graph runs {} samples at once, the engine {}; build it for as many", graph.batch(), context.batch)};
    const std::int64_t samples = request.samples.samples();
    CORE_TRY(const SampleObjective objective, objectiveOf(graph, request.samples, request.target, request.threads, control));

    std::vector<LayerAlone> alone;
    for (const WeightedLayer& layer : graph.layers()) {
        CORE_TRY(alone.emplace_back(), LayerAlone::build(context, request.network.layers, layer.index));
    }
    auto chunks = emptySums(graph, samples);
    std::mutex guard;
    std::optional<Problem> problem;
    const auto look = [&](const GradientChunk& chunk) {
        for (const WeightedLayer& layer : graph.layers()) {
            const std::size_t l = layer.index.value();
            RowSums& sums = chunks[chunk.index][l];
            const Tensor gradient = chunk.outputGradient(layer.index), reference = chunk.layerOutput(layer.index);
            const RowOrder order(layer, gradient.shape());
            const auto g = gradient.values<float>(), y = reference.values<float>();
            addSquares(sums, order, g);
            if (request.network.layers[l] == context.exact[l])
                continue;
            const auto degraded = alone[l].run(chunk.layerInput(layer.index), y.size(), chunk.index);
            if (!degraded) {
                const std::lock_guard lock(guard);
                problem = degraded.error();
                return;
            }
            for (std::size_t i = 0; i < y.size(); ++i) {
                const double error = static_cast<double>(degraded.value()[i]) - static_cast<double>(y[i]), slope = static_cast<double>(g[i]);
                const std::size_t row = order.rowOf(i);
                sums.taylor[row] += std::abs(slope * error);
                sums.signedTaylor[row] += slope * error;
                sums.error[row] += error * error;
            }
        }
    };
    CORE_TRY(const Gradients gradients, graph.differentiate({.inputs = request.samples.inputs, .objective = objective.objective, .ofWeights = false, .ofRecovery = false,
                                                             .threads = request.threads, .visit = look}, control));
    if (problem)
        return *problem;

    Sensitivities result{objective.target, objective.remark, samples, gradients.loss, {objective.target, objective.remark, samples, {}}, {}};
    const std::vector<RowSums> sums = total(chunks);
    for (const WeightedLayer& layer : graph.layers()) {
        const RowSums& own = sums[layer.index.value()];
        result.importance.layers.push_back(importanceOf(layer, own, samples));
        LayerSensitivity one;
        const auto count = static_cast<double>(samples);
        for (std::size_t row = 0; row < own.squares.size(); ++row) {
            one.rowTaylor.push_back(own.taylor[row] / count);
            one.rowFisherError.push_back(result.importance.layers.back().rows[row] * own.error[row] / count);
            one.taylor += one.rowTaylor.back();
            one.fisherError += one.rowFisherError.back();
            one.signedTaylor += own.signedTaylor[row] / count;
        }
        result.layers.push_back(std::move(one));
    }

    std::vector<LayerSetting> degraded;
    if (request.withProbe) {
        CORE_TRY(degraded, settingsOf(context, request.network.layers));
    }
    for (const WeightedLayer& layer : graph.layers()) {
        const std::size_t l = layer.index.value();
        control.report(static_cast<double>(l) / static_cast<double>(graph.layers().size()), "probing layers");
        if (request.network.layers[l] == context.exact[l])
            continue;
        if (request.withProbe) {
            std::vector<LayerSetting> settings(graph.layers().size());
            settings[l] = degraded[l];
            CORE_TRY(const Gradients probed, graph.differentiate({.settings = settings, .inputs = request.samples.inputs, .objective = objective.objective, .ofWeights = false,
                                                                  .ofRecovery = false, .threads = request.threads}, control));
            result.layers[l].probe = probed.loss - gradients.loss;
        }
        if (request.withCurvature) {
            const CurvatureSubject subject{graph, request.samples.inputs, objective.objective, {}, request.threads};
            CORE_TRY(const Eigenpair top, topEigenvalue(subject, layer.index, {.seed = request.seed}, control));
            result.layers[l].curvature = top.value * static_cast<double>((layer.weights - request.network.layers[l]->weights).squaredNorm());
        }
    }
    return result;
}

}  // namespace core
