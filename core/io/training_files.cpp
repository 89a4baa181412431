// SPDX-License-Identifier: Apache-2.0
#include "core/io/training_files.h"

#include "core/io/file_source.h"
#include "core/io/json_documents.h"
#include "core/io/network_manifest.h"
#include "core/io/npz.h"
#include "core/io/onnx_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr std::int64_t kHistoryColumns = 6;  // epoch, train loss, validation loss, train accuracy, validation accuracy, is best
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Tensor tensorOf(const RowMatrix& matrix)
{
    return Tensor::of({matrix.rows(), matrix.cols()}, std::span<const float>(matrix.data(), static_cast<std::size_t>(matrix.size())));
}

Tensor tensorOf(const std::vector<float>& values) { return Tensor::of({static_cast<std::int64_t>(values.size())}, values); }

Tensor tensorOf(const TrainingProgress& progress)
{
    std::vector<double> table;
    for (const EpochReport& epoch : progress.history)
        for (const double value : {static_cast<double>(epoch.epoch), epoch.trainLoss, epoch.validationLoss,
                                   epoch.trainAccuracy.value_or(kNone), epoch.validationAccuracy.value_or(kNone), epoch.isBest ? 1.0 : 0.0})
            table.push_back(value);
    return Tensor::of({static_cast<std::int64_t>(progress.history.size()), kHistoryColumns}, table);
}

/// The arrays of one file, asked for by name and size.
class Arrays {
public:
    explicit Arrays(const NpzArchive& archive) : m_archive(archive) {}

    template <class T>
    Result<std::vector<T>> read(const std::string& name, const Shape& wanted) const
    {
        CORE_TRY(const std::optional<Tensor> tensor, m_archive.array(name));
        if (!tensor)
            return Problem{"", fmt::format("holds no array \"{}\"; was it written for this network?", name)};
        if (tensor->type() != DataTypeOf<T>::value || (wanted.front() >= 0 && tensor->shape() != wanted) || tensor->rank() != wanted.size())
            return Problem{name, fmt::format("is {} {}; wanted {} {}", dataTypeName(tensor->type()), shapeText(tensor->shape()),
                                             dataTypeName(DataTypeOf<T>::value), shapeText(wanted))};
        const auto values = tensor->values<T>();
        return std::vector<T>(values.begin(), values.end());
    }

    Result<LayerParameters> parameters(const std::string& prefix, const WeightedLayer& layer) const
    {
        LayerParameters result;
        CORE_TRY(const auto weights, read<float>(prefix + ".weights", {layer.rows, layer.columns}));
        result.weights = Eigen::Map<const RowMatrix>(weights.data(), layer.rows, layer.columns);
        CORE_TRY(result.bias, read<float>(prefix + ".bias", {static_cast<std::int64_t>(layer.bias.size())}));
        return result;
    }

    /// Moments are as many as the numbers they belong to, or none before the first step.
    Result<OptimizerState> moments(const std::string& prefix, std::size_t numbers) const
    {
        OptimizerState state;
        CORE_TRY(const auto steps, read<std::int64_t>(prefix + ".steps", {1}));
        state.steps = steps.front();
        CORE_TRY(state.first, read<float>(prefix + ".first", {-1}));
        CORE_TRY(state.second, read<float>(prefix + ".second", {-1}));
        for (const auto* list : {&state.first, &state.second})
            if (!list->empty() && list->size() != numbers)
                return Problem{prefix, fmt::format("holds {} moments; wanted {}", list->size(), numbers)};
        return state;
    }

private:
    const NpzArchive& m_archive;
};

Result<TrainingProgress> progressIn(const Arrays& arrays)
{
    TrainingProgress progress;
    CORE_TRY(const auto places, arrays.read<std::int64_t>("progress.epochs", {2}));
    progress.epoch = static_cast<int>(places[0]);
    progress.bestEpoch = static_cast<int>(places[1]);
    CORE_TRY(const auto table, arrays.read<double>("progress.history", {-1, kHistoryColumns}));
    const auto present = [](double value) { return std::isnan(value) ? std::optional<double>() : std::optional(value); };
    for (std::size_t at = 0; at + kHistoryColumns <= table.size(); at += kHistoryColumns)
        progress.history.push_back({static_cast<int>(table[at]), table[at + 1], table[at + 2], present(table[at + 3]),
                                    present(table[at + 4]), table[at + 5] != 0});
    if (progress.epoch < 0 || progress.bestEpoch < 0 || progress.bestEpoch > progress.epoch ||
        progress.history.size() != static_cast<std::size_t>(progress.epoch) + 1)
        return Problem{"progress", fmt::format("{} epochs, the best {}, and {} lines of history do not go together", progress.epoch,
                                               progress.bestEpoch, progress.history.size())};
    return progress;
}

Result<QuantizedTrainingState> stateIn(const std::filesystem::path& file, const std::vector<WeightedLayer>& layers)
{
    CORE_TRY(FileSource::open(file));  // says better than an archive can why there is nothing to read
    CORE_TRY(const NpzArchive archive, NpzArchive::open(file));
    const Arrays arrays(archive);
    QuantizedTrainingState state;
    CORE_TRY(state.progress, progressIn(arrays));
    for (const WeightedLayer& layer : layers) {
        CORE_TRY(LayerParameters current, arrays.parameters("current." + layer.name, layer));
        CORE_TRY(LayerParameters best, arrays.parameters("best." + layer.name, layer));
        QuantizedTrainingState::Moments moments;
        CORE_TRY(moments.weights, arrays.moments("moments." + layer.name + ".weights", static_cast<std::size_t>(layer.weights.size())));
        CORE_TRY(moments.bias, arrays.moments("moments." + layer.name + ".bias", layer.bias.size()));
        state.current.push_back(std::move(current));
        state.best.push_back(std::move(best));
        state.moments.push_back(std::move(moments));
    }
    return state;
}

}  // namespace

Result<void> writeNetworkFolder(const Network& network, const NetworkManifest& manifest, const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return Problem{folder.string(), "cannot be made: " + error.message()};
    CORE_TRY(writeOnnx(network, folder / "model.onnx"));
    return writeNetworkManifest(manifest, "model.onnx", folder / "network.json");
}

Result<TrainedNetwork> trainedNetwork(const std::shared_ptr<const Subject>& subject, const std::vector<WeightedLayer>& layers,
                                      const PrecisionPlan& plan, QuantizedTrainingState state)
{
    CORE_TRY(Network network, withParameters(*subject->network, layers, state.best));
    auto trained = std::make_shared<Subject>(*subject);
    trained->network = std::make_shared<const Network>(std::move(network));
    TrainedNetwork result{std::move(trained), plan, std::move(state), layers, {}};
    result.plan.network = {};
    // The weights learned to be right without recovery. A path fitted to them would pull towards the float weights behind them.
    bool hadPaths = false;
    const auto dropPath = [&](LayerPlan& layer) {
        hadPaths = hadPaths || (layer.surrogate && layer.surrogate->value);
        layer.surrogate.reset();
    };
    dropPath(result.plan.defaults);
    for (auto& [name, layer] : result.plan.layers)
        dropPath(layer);
    std::erase_if(result.plan.layers, [](const auto& layer) { return layer.second.isEmpty(); });
    if (hadPaths)
        result.state.remark += fmt::format("{}the plan's recovery paths are left out: the weights learned to do without",
                                           result.state.remark.empty() ? "" : "; ");
    return result;
}

Result<void> writeTrainedNetwork(const TrainedNetwork& trained, const std::filesystem::path& folder)
{
    const Subject& subject = *trained.subject;
    NetworkManifest manifest;
    manifest.name = folder.filename().string().empty() ? folder.parent_path().filename().string() : folder.filename().string();
    manifest.title = fmt::format("{} trained under the plan \"{}\"", subject.networkName, trained.plan.name);
    manifest.dataset = subject.datasetName;
    manifest.task = subject.task;
    manifest.preprocessing = subject.preprocessing;
    manifest.source = trained.source;
    for (const WeightedLayer& layer : trained.layers) {
        manifest.parameters += layer.parameters();
        manifest.macs += layer.macs();
    }
    CORE_TRY(writeNetworkFolder(*subject.network, manifest, folder));
    CORE_TRY(writeTrainingState(trained.state, trained.layers, folder / kTrainingStateFile));
    return writePlan(trained.plan, folder / kTrainedPlanFile);
}

Result<void> writeTrainingState(const QuantizedTrainingState& state, const std::vector<WeightedLayer>& layers,
                                const std::filesystem::path& file)
{
    std::map<std::string, Tensor> arrays;
    for (const WeightedLayer& layer : layers) {
        const std::size_t l = layer.index.value();
        for (const auto& [what, parameters] : {std::pair{"current.", &state.current[l]}, std::pair{"best.", &state.best[l]}}) {
            arrays.emplace(what + layer.name + ".weights", tensorOf(parameters->weights));
            arrays.emplace(what + layer.name + ".bias", tensorOf(parameters->bias));
        }
        for (const auto& [what, moments] : {std::pair{".weights", &state.moments[l].weights}, std::pair{".bias", &state.moments[l].bias}}) {
            const std::string prefix = "moments." + layer.name + what;
            arrays.emplace(prefix + ".steps", Tensor::of({1}, std::vector<std::int64_t>{moments->steps}));
            arrays.emplace(prefix + ".first", tensorOf(moments->first));
            arrays.emplace(prefix + ".second", tensorOf(moments->second));
        }
    }
    arrays.emplace("progress.epochs", Tensor::of({2}, std::vector<std::int64_t>{state.progress.epoch, state.progress.bestEpoch}));
    arrays.emplace("progress.history", tensorOf(state.progress));
    return writeNpz(arrays, file);
}

Result<QuantizedTrainingState> readTrainingState(const std::filesystem::path& file, const std::vector<WeightedLayer>& layers)
{
    auto state = stateIn(file, layers);
    if (!state)
        return state.error().within(file.string());
    return state;
}

}  // namespace core
