// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the window needs from the engine, as plain functions: something that opens files, and something that scores
// plans. The real ones are in library_source.h; tests put small fakes in their place.

#include "core/assign/equal_cost.h"
#include "core/assign/method_comparison.h"
#include "core/eval/evaluator.h"
#include "core/eval/noise_waterfall.h"
#include "core/learn/path_training.h"
#include "core/learn/plan_sensitivity.h"
#include "core/learn/training.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace app {

using LayersPtr = std::shared_ptr<const std::vector<core::WeightedLayer>>;
using OnEstimate = std::function<void(core::ReportPtr)>;

struct TrainingOutcome; // training_outcome.h
using TrainingOutcomePtr = std::shared_ptr<const TrainingOutcome>;

/// One network on one dataset, open and ready to score plans. Copies share everything.
struct EvaluationSource {
    std::string network, dataset; // as `polar` would be told: a bundled name or a path
    std::shared_ptr<const core::Subject> subject;
    LayersPtr layers;
    core::SampleKind sampleKind = core::SampleKind::Image;
    std::vector<core::PriceTable> technologies; // the first is used until a person chooses another
    /// Blocks; called from one thread at a time. A stop gives what was finished, marked partial.
    std::function<core::Result<core::ReportPtr>(const core::EvaluationRequest&, const core::RunControl&, const OnEstimate&)> evaluate;

    // Questions beside the scoring of plans. They block too, may come from any thread and wait for one another and for
    // evaluate. A fake need not answer them all.
    std::function<core::Result<std::vector<core::MethodFigure>>(const core::PrecisionPlan&, core::LayerIndex, std::uint64_t seed, const core::RunControl&)> compareMethods;
    std::function<core::Result<core::PolarizedSample>(const core::PrecisionPlan&, core::LayerIndex, std::int64_t sample, std::uint64_t seed, const core::RunControl&)> sampleAt;
    std::function<core::Result<core::ArrayView>(const core::PrecisionPlan&, core::LayerIndex, std::int64_t tile, std::uint64_t seed, const core::RunControl&)> arrayAt;
    /// The running sums of one sample at a layer whose accumulator is the plan's.
    std::function<core::Result<core::SumSample>(const core::PrecisionPlan&, core::LayerIndex, std::int64_t sample, std::uint64_t seed,
                                                const core::RunControl&)>
        sumsAt;
    using OnContender = std::function<void(const core::Contender&)>;
    std::function<core::Result<std::vector<core::Contender>>(const core::EqualCostRequest&, const core::RunControl&, const OnContender&)> compareCost;
    /// How much the loss minds what the plan does to each layer.
    std::function<core::Result<core::Sensitivities>(const core::PlanSensitivityRequest&, const core::RunControl&)> sensitivities;
    /// One layer with its orders carried out on chip 1: what it really multiplies by, corrections and turned bits included.
    std::function<core::Result<core::CompiledLayerPtr>(const core::PrecisionPlan&, core::LayerIndex, std::uint64_t seed,
                                                       const core::RunControl&)>
        compiledLayer;
    /// Trains recovery paths by gradient; a stop gives the best of the epochs that were finished.
    std::function<core::Result<core::TrainedPaths>(const core::PathTrainingRequest&, const core::RunControl&, const core::EpochListener&)>
        trainPaths;
    using OnWaterfall = std::function<void(const core::NoiseWaterfall&)>;
    std::function<core::Result<core::NoiseWaterfall>(const core::WaterfallRequest&, const core::RunControl&, const OnWaterfall&)> waterfall;
    /// Trains the weights in the plan's precision on the whole train split, which is read when it is first asked for. It
    /// waits for no other question. A stop gives the best of the epochs that were finished.
    std::function<core::Result<TrainingOutcomePtr>(const core::PrecisionPlan&, const core::TrainingOrders&, const core::RunControl&, const core::EpochListener&)> train;
};

/// How plans are scored, beside the plan itself.
struct EvaluationSettings {
    std::int64_t samples = 0; // 0: all
    int chips = 1;
    std::uint64_t seed = 1;
    std::string technology; // name of a price table; empty: the first
    bool operator==(const EvaluationSettings&) const = default;
};

/// Files are read again, or what is open under the same names is good enough (a replay begins with what is there).
enum class Reading { Fresh, Reuse };

/// What a person wants to open: names or paths of networks, datasets and plans, in any order and mixture. What is not
/// named stays as it is: `current` tells what that is.
struct OpenRequest {
    std::vector<std::string> things;
    EvaluationSource current;                // subject is null when nothing is open yet
    std::optional<core::PrecisionPlan> plan; // kept work brings its plan along, unnamed
    Reading reading = Reading::Fresh;
};

/// All that was opened, or nothing: a problem with one thing leaves everything as it was.
struct RefusedPlan {
    std::string origin;  // the name or path it came from; empty: it was handed over
    core::Problem problem;
};

struct Opened {
    std::optional<EvaluationSource> source;  // empty: network and dataset stay
    std::optional<core::PrecisionPlan> plan; // empty: the plan stays
    std::string planOrigin;                  // the name or path the plan came from
    std::optional<RefusedPlan> refusedPlan = {};  // the plan asked for is not taken, the rest is
};

using Opener = std::function<core::Result<Opened>(const OpenRequest&, const core::RunControl&)>;

} // namespace app
