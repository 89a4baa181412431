// SPDX-License-Identifier: Apache-2.0
#include "core/learn/layer_vectors.h"
#include "core/learn/sensitivity.h"

#include <dnnl.h>
#include <fmt/format.h>

namespace core {

namespace {

using RowErrors = std::vector<std::vector<std::vector<double>>>;    // [change][layer][row]

/// y = x dw^T at the machine's speed.
RowMatrix outputsOf(const RowMatrix& x, const float* change, Eigen::Index rows)
{
    RowMatrix y(x.rows(), rows);
    dnnl_sgemm('N', 'T', x.rows(), rows, x.cols(), 1.0f, x.data(), x.cols(), change, x.cols(), 0.0f, y.data(), rows);
    return y;
}

Result<void> check(const GradientGraph& graph, std::span<const WeightChanges> changes)
{
    for (const WeightChanges& one : changes) {
        if (one.size() != graph.layers().size())
            return Problem{graph.context().network->name, fmt::format("changes of {} layers; the network has {}", one.size(), graph.layers().size())};
        for (const WeightedLayer& layer : graph.layers())
            if (const RowMatrix& change = one[layer.index.value()]; change.size() > 0 && (change.rows() != layer.rows || change.cols() != layer.columns))
                return Problem{layer.name, fmt::format("a change of {} x {}; {} x {} is wanted", change.rows(), change.cols(), layer.rows, layer.columns)};
    }
    return success();
}

RowErrors emptyErrors(const GradientGraph& graph, std::size_t changes)
{
    std::vector<std::vector<double>> layers;
    for (const WeightedLayer& layer : graph.layers())
        layers.emplace_back(static_cast<std::size_t>(layer.rows), 0.0);
    return RowErrors(changes, layers);
}

}  // namespace

Result<RowErrors> fisherOutputErrors(const GradientGraph& graph, const SampleSet& samples, LossTarget target, std::span<const WeightChanges> changes, int threads, const RunControl& control)
{
    CORE_TRY(check(graph, changes));
    CORE_TRY(const SampleObjective objective, objectiveOf(graph, samples, target, threads, control));
    std::vector<RowErrors> parts(static_cast<std::size_t>((samples.samples() + graph.batch() - 1) / graph.batch()), emptyErrors(graph, changes.size()));
    const auto look = [&](const GradientChunk& chunk) {
        for (const WeightedLayer& layer : graph.layers()) {
            const std::size_t l = layer.index.value();
            const Eigen::Index rows = layer.rows / layer.groups;
            forEachGroup(graph.context(), layer, chunk, [&](int group, const LayerVectors& vectors) {
                for (std::size_t c = 0; c < changes.size(); ++c) {
                    if (changes[c][l].size() == 0)
                        continue;
                    const RowMatrix y = outputsOf(vectors.inputs, changes[c][l].row(group * rows).data(), rows);
                    const Eigen::VectorXd sums = (vectors.gradients.array() * y.array()).cast<double>().square().colwise().sum().transpose();
                    for (Eigen::Index row = 0; row < rows; ++row)
                        parts[chunk.index][c][l][static_cast<std::size_t>(group * rows + row)] += sums[row];
                }
            });
        }
    };
    CORE_TRY(graph.differentiate({.inputs = samples.inputs, .objective = objective.objective, .ofWeights = false, .ofRecovery = false, .threads = threads, .visit = look}, control));
    RowErrors errors = emptyErrors(graph, changes.size());
    for (const RowErrors& part : parts)
        for (std::size_t c = 0; c < errors.size(); ++c)
            for (std::size_t l = 0; l < errors[c].size(); ++l)
                for (std::size_t row = 0; row < errors[c][l].size(); ++row)
                    errors[c][l][row] += part[c][l][row] / static_cast<double>(samples.samples());
    return errors;
}

}  // namespace core
