// SPDX-License-Identifier: Apache-2.0
#pragma once
// Everything one evaluation found out, as a value. Partial reports have the same shape and say that they are partial.

#include "core/base/index.h"
#include "core/data/dataset.h"
#include "core/energy/bill.h"
#include "core/energy/estimates.h"
#include "core/engine/surrogate_report.h"
#include "core/eval/chip_statistics.h"
#include "core/eval/paired_difference.h"
#include "core/eval/score_figures.h"
#include "core/eval/sum_figures.h"
#include "core/plan/precision_plan.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

struct LayerReport {
    LayerIndex index;
    std::string name, operation;
    int rows = 0, columns = 0;
    std::int64_t macs = 0, parameters = 0;
    std::string treatment;                   // in words: "nf4 group:64, activations int8, rank 8"
    /// Signal over error at this layer's output, in dB. Local: fed with the reference's inputs. Propagated: fed with
    /// what really arrives. Empty: not measured (yet); infinity: no error at all.
    std::optional<double> sqnrDecibels, propagatedSqnrDecibels;
    std::vector<float> rowErrors;            // local relative error |y - ref| / |ref| per row (root mean square)
    double recomputedFraction = 0;           // of the components of a mixed accumulator, in a format above the low one
    std::optional<SumFigures> sums;          // of an accumulator of the plan's, once measured: on the first samples of the order
    std::optional<ScoreFigures> scores;      // of an attention's logits, once measured, where the layer makes its queries
    double storedBits = 0;                   // weights and scales as packed
    Picojoules energy;
    std::optional<SurrogateReport> surrogate;
};

/// One sample's fate, in the order of evaluation.
struct SampleOutcome {
    std::int32_t sample = 0;                 // index in the split
    std::int32_t label = -1;
    std::int32_t predicted = -1, referencePredicted = -1;
    float margin = 0, referenceMargin = 0;   // top logit minus second
};

struct Report {
    std::string network, dataset, split, plan;
    std::int64_t samples = 0;                // scored so far
    std::int64_t requested = 0;
    bool partial = false;
    Proportion top1, referenceTop1, agreement;   // agreement: same answer as the reference
    std::vector<LayerReport> layers;
    EnergyBill energy;
    Estimates estimates;
    ChipStatistics chips;                    // those scored to the end; the first alone until then
    /// Signal over error of the network's output against the reference's, in dB, over all samples, chips and reads. Empty: not
    /// measured; infinity: no error at all.
    std::optional<double> outputSqnrDecibels;
    std::shared_ptr<const ChipAnswers> answers;  // for paired comparisons; null in estimates while the first chip is scored
    std::vector<SampleOutcome> outcomes;     // of the first chip; empty in early estimates
    std::vector<std::string> remarks;        // "the dataset had no train split ..."
    std::chrono::duration<double> seconds{0};
    double imagesPerSecond = 0;
    std::string hash;                        // of every number but the timings
};

using ReportPtr = std::shared_ptr<const Report>;

/// Covers every number but the timings: same inputs, same hash, on any thread count.
std::string hashOf(const Report& report);

}  // namespace core
