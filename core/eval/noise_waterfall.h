// SPDX-License-Identifier: Apache-2.0
#pragma once
// What each thing that is not ideal about a plan's arrays costs: alone, on top of the others one after another, and what
// taking it away gains. Every figure is of the same chips, reads and samples, so that differences are signal.

#include "core/eval/array_effects.h"
#include "core/eval/evaluator.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// One plan's outcome on all chips and reads.
struct EffectFigure {
    double top1 = 0;                           // mean
    std::optional<double> outputSqnrDecibels;  // of the network's output; infinity: no error
};

/// One effect. Recovery paths, if the plan has any, are fitted anew each time, as the plan says.
struct EffectCost {
    std::string name, title, off;       // of ArrayEffect
    bool isPresent = false;             // in some array of the plan; if not, all figures are those without it
    EffectFigure alone, without, upTo;  // only this one on; all but this one; this one and those before it
    PairedDifference cost;              // alone minus ideal
    PairedDifference gain;              // without minus full
    PairedDifference step;              // upTo minus upTo of the one before; the steps add up to full minus ideal
};

struct NoiseWaterfall {
    std::string network, dataset, split, plan;
    std::int64_t samples = 0;
    int chips = 1, reads = 1;
    Proportion referenceTop1;
    EffectFigure ideal, full;         // every effect off; as the plan says
    PairedDifference total;           // full minus ideal
    std::vector<EffectCost> effects;  // in the order of arrayEffects(); those known so far
    bool isPartial = false;
    std::vector<std::string> remarks;
};

struct WaterfallRequest {
    PrecisionPlan plan;
    std::int64_t samples = 1000;  // 0: all
    int chips = 4, reads = 1;
    std::uint64_t seed = 1;
    int threads = 0;
};

/// Blocks; evaluates one plan after another. `onStep` is told what is known after each, marked partial. A stop gives the
/// effects that were finished, and a Problem where not even the ideal and the full array were. Fails where the plan has no
/// layer in an array.
Result<NoiseWaterfall> noiseWaterfall(Evaluator& evaluator, const WaterfallRequest& request, const RunControl& control = {},
                                      const std::function<void(const NoiseWaterfall&)>& onStep = {});

}  // namespace core
