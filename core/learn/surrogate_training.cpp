// SPDX-License-Identifier: Apache-2.0
#include "core/learn/surrogate_training.h"

#include "core/base/hash.h"
#include "core/base/noise.h"
#include "core/learn/training_run.h"

#include <fmt/format.h>

#include <cmath>

namespace core {

namespace {

std::span<float> flat(RowMatrix& matrix) { return {matrix.data(), static_cast<std::size_t>(matrix.size())}; }
std::span<const float> flat(const RowMatrix& matrix) { return {matrix.data(), static_cast<std::size_t>(matrix.size())}; }

/// As fitted paths are rounded: every row to its own scale.
RowMatrix rounded(const RowMatrix& exact, const NumberFormat& format)
{
    if (format.isFloat32() || exact.size() == 0)
        return exact;
    return quantizeWeights(exact, {Treatment{format, {ScaleRule::Kind::Row, 0}, {}}}).values;
}

class SurrogateLearner : public Learner {
public:
    SurrogateLearner(const PolarizedNetwork& network, std::vector<LayerSetting> settings, const RecoveryPaths& start,
                     const std::vector<LayerIndex>& held, StepRule rule)
        : m_settings(std::move(settings)), m_paths(start), m_isHeld(start.size(), false), m_moments(start.size()), m_rule(std::move(rule))
    {
        for (const LayerIndex layer : held)
            m_isHeld[layer.value()] = true;
        ofRecovery = true;
        for (const CompiledLayerPtr& layer : network.layers)
            m_formats.push_back(layer->treatment.surrogate ? layer->treatment.surrogate->format : NumberFormat());
        place();
    }

    const std::vector<LayerSetting>& settings() override { return m_settings; }

    void learn(const Gradients& gradients, double rateScale) override
    {
        for (std::size_t l = 0; l < m_paths.size(); ++l) {
            if (!m_paths[l] || m_isHeld[l])
                continue;
            takeStep(m_rule, m_moments[l].down, flat(m_paths[l]->down), flat(gradients.layers[l].down), rateScale);
            takeStep(m_rule, m_moments[l].up, flat(m_paths[l]->up), flat(gradients.layers[l].up), rateScale);
        }
        place();
    }

    void keepBest() override
    {
        best.clear();
        for (const LayerSetting& setting : m_settings)
            best.push_back(setting.recovery);
    }
    void keepEpoch() override {}

    RecoveryPaths best;

private:
    void place()
    {
        for (std::size_t l = 0; l < m_paths.size(); ++l)
            if (m_paths[l])
                m_settings[l].recovery = RecoveryPath{rounded(m_paths[l]->down, m_formats[l]), rounded(m_paths[l]->up, m_formats[l]), m_paths[l]->input};
            else
                m_settings[l].recovery.reset();
    }

    struct Moments { OptimizerState down, up; };
    std::vector<LayerSetting> m_settings;
    RecoveryPaths m_paths;
    std::vector<bool> m_isHeld;
    std::vector<Moments> m_moments;
    std::vector<NumberFormat> m_formats;
    StepRule m_rule;
};

}  // namespace

RecoveryPaths recoveryPaths(const PolarizedNetwork& network)
{
    RecoveryPaths paths;
    for (const CompiledLayerPtr& layer : network.layers)
        paths.push_back(layer->recovery);
    return paths;
}

RecoveryPath freshPath(const WeightedLayer& layer, int rank, SurrogateInput input, std::uint64_t seed)
{
    const NoiseStream noise(seed, NoisePurpose::Initialization);
    RecoveryPath path{RowMatrix(rank, layer.columns), RowMatrix::Zero(layer.rows, rank), input};
    const float size = 1.0f / std::sqrt(static_cast<float>(layer.columns));
    for (Eigen::Index i = 0; i < path.down.size(); ++i) {
        const auto place = static_cast<std::uint32_t>(i);
        path.down.data()[i] = size * noise.gaussians({static_cast<std::uint32_t>(layer.index.value()), 0, place / 4})[place % 4];
    }
    return path;
}

std::shared_ptr<const PolarizedNetwork> withRecoveryPaths(const PolarizedNetwork& network, const RecoveryPaths& paths)
{
    auto result = std::make_shared<PolarizedNetwork>(network);
    Hasher all;
    for (std::size_t l = 0; l < paths.size(); ++l) {
        auto layer = std::make_shared<CompiledLayer>(*network.layers[l]);
        layer->recovery = paths[l];
        layer->hash = layer->mainHash;
        if (paths[l])    // as compile() hashes a fitted path
            layer->hash = Hasher().add(layer->mainHash).add(paths[l]->input).all(flat(paths[l]->down)).all(flat(paths[l]->up)).value();
        if (paths[l] || network.layers[l]->recovery)
            result->layers[l] = std::move(layer);
        all.add(result->layers[l]->hash);
    }
    result->hash = all.value();
    return result;
}

Result<TrainedSurrogates> trainSurrogates(const GradientGraph& graph, const SurrogateTraining& training, const RunControl& control, const EpochListener& tell)
{
    const EngineContext& context = graph.context();
    const RecoveryPaths start = training.start.empty() ? recoveryPaths(training.network) : training.start;
    if (start.size() != context.layers.size())
        return Problem{context.network->name, fmt::format("{} recovery paths to start from; the network has {} layers", start.size(), context.layers.size())};
    if (std::none_of(start.begin(), start.end(), [](const auto& path) { return path && path->rank() > 0; }))
        return Problem{context.network->name, "no layer has a recovery path; there is nothing to train"};
    std::size_t open = 0;  // paths that are trained
    for (std::size_t l = 0; l < start.size(); ++l)
        open += start[l] && start[l]->rank() > 0 && std::ranges::find(training.held, LayerIndex(l)) == training.held.end() ? 1 : 0;
    if (open == 0)
        return Problem{context.network->name, "every recovery path is held; there is nothing to train"};
    CORE_TRY(std::vector<LayerSetting> settings, settingsOf(context, training.network.layers));
    const auto samples = TrainingSamples::split(graph, training.samples, training.orders, control);
    TrainedSurrogates result;
    if (!samples && isStopped(samples.error())) {
        result.paths = start;
        result.isStopped = true;
        return result;
    }
    if (!samples)
        return samples.error();
    SurrogateLearner learner(training.network, std::move(settings), start, training.held, training.orders.rule);
    CORE_TRY(const TrainingEnd end, runEpochs(graph, samples.value(), training.orders, learner, result.progress, control, tell));
    result.paths = learner.best.empty() ? start : learner.best;
    result.remark = samples.value().remark();
    result.isStopped = end == TrainingEnd::Stopped;
    return result;
}

}  // namespace core
