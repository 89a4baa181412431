// SPDX-License-Identifier: Apache-2.0
#include "core/learn/path_training.h"

#include <algorithm>
#include <numeric>

namespace core {

Result<TrainedPaths> trainPaths(const Subject& subject, const GradientGraph& graph, const PolarizedNetwork& network,
                                const PathTrainingRequest& request, const RunControl& control, const EpochListener& tell)
{
    const auto isWanted = [&](const WeightedLayer& layer) {
        return request.layers.empty() || std::ranges::find(request.layers, layer.name) != request.layers.end();
    };
    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min(request.samples, subject.calibration.samples())));
    std::iota(first.begin(), first.end(), 0);
    const SampleSet samples = subject.calibration.pick(first);
    SurrogateTraining training{.network = network, .samples = samples};
    training.orders = request.orders;
    training.orders.threads = request.threads;
    for (const WeightedLayer& layer : graph.layers())
        if (!isWanted(layer))
            training.held.push_back(layer.index);
    CORE_TRY(TrainedSurrogates trained, trainSurrogates(graph, training, control, tell));
    TrainedPaths result{{}, std::move(trained.progress), std::move(trained.remark), trained.isStopped};
    for (const WeightedLayer& layer : graph.layers())
        if (const auto& path = trained.paths[layer.index.value()]; path && isWanted(layer))
            result.paths.emplace(layer.name, StoredPath{path->down, path->up});
    return result;
}

Result<TrainedPaths> trainPaths(Evaluator& evaluator, const PathTrainingRequest& request, const RunControl& control,
                                const EpochListener& tell)
{
    CORE_TRY(const auto network, evaluator.compiled(request.plan, request.seed, 1, request.threads, control));
    const auto context = evaluator.sharedContext();
    CORE_TRY(const auto graph, GradientGraph::build(context, context->batch));
    return trainPaths(evaluator.subject(), *graph, *network, request, control, tell);
}

PrecisionPlan withTrainedPaths(PrecisionPlan plan, std::map<std::string, StoredPath> paths, const std::string& file)
{
    std::vector<std::string> names;
    for (const auto& [layer, path] : paths)
        names.push_back(layer);
    const StoredPaths stored(file, std::move(paths));
    for (const std::string& layer : names) {
        SurrogatePlan own = resolve(plan, layer).surrogate.value_or(SurrogatePlan{});
        own.rank = static_cast<int>(stored.find(layer)->down.rows());
        own.method = SurrogateMethod::Trained;
        own.paths = stored;
        plan.layers[layer].surrogate = Switchable<SurrogatePlan>{std::move(own)};
    }
    return plan;
}

}  // namespace core
