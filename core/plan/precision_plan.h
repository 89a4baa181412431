// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every layer, row and channel is to do (schema polarizer.plan/1). A plan writes only what differs: `defaults`
// holds for every weighted layer, `layers` overrides by node name, field by field.

#include "core/cim/array_treatment.h"
#include "core/formats/treatment.h"
#include "core/plan/accumulator_plan.h"
#include "core/plan/score_plan.h"
#include "core/plan/surrogate_plan.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace core {

struct WeightPlan {
    std::vector<Treatment> palette{Treatment{}};   // one entry: the same for all rows
    std::vector<std::uint8_t> rows;                // palette index per row; empty unless the palette is mixed over rows
    std::vector<std::uint8_t> channels;            // the same over input channels; an activation takes its channel's width
    std::vector<CodeFlip> flips;                   // after quantization; in the order written
    bool isUniform() const { return rows.empty() && channels.empty(); }
    bool operator==(const WeightPlan&) const = default;
};

struct RangeRule {
    // The first three are fixed by calibration. Dynamic: the extremes of the sample at hand. DynamicToken: of each vector a
    // MatMul or Gemm reads, of each position of a picture. Daq: mean and deviation of each channel of each sample
    // (distribution-aware quantization, arXiv 2012.11230).
    enum class Kind { Max, Percentile, Mse, Dynamic, DynamicToken, Daq };
    Kind kind = Kind::Percentile;
    double percentile = 99.9;
    bool isDynamic() const { return kind == Kind::Dynamic || kind == Kind::DynamicToken || kind == Kind::Daq; }
    bool operator==(const RangeRule&) const = default;
    std::string text() const;                      // "max", "percentile:99.9", "mse", "dynamic", "dynamic:token", "daq"
    static Result<RangeRule> parse(std::string_view text);
};

struct ActivationPlan {
    NumberFormat format;
    ScaleRule scale{ScaleRule::Kind::Tensor, 0};
    RangeRule range;
    bool operator==(const ActivationPlan&) const = default;
};

enum class WeightRounding { Nearest, Adaptive };   // adaptive: to the neighbouring level that makes the layer's output error least

/// Corrections of a quantized layer that need no path beside it, computed from calibration samples when it is compiled.
/// In this order: equalize, quantize, round, correct the bias; a recovery path is fitted to what is left.
struct CorrectionPlan {
    bool bias = false;                             // rows' mean output errors are added to the bias (arXiv 1906.04721, 1810.05723)
    WeightRounding rounding = WeightRounding::Nearest;
    bool equalize = false;                         // channels between two layers share one range (arXiv 1906.04721)
    int calibrationSamples = 256;
    bool isOff() const { return !bias && rounding == WeightRounding::Nearest && !equalize; }
    bool needsSamples() const { return bias || rounding != WeightRounding::Nearest; }   // through the layers in front
    bool operator==(const CorrectionPlan&) const = default;
};

/// JSON null ("no surrogate here") is a value of its own: it overrides a default surrogate.
template <class T>
struct Switchable {
    std::optional<T> value;                        // empty: switched off
    bool operator==(const Switchable&) const = default;
};

/// The fields a plan sets for `default` or for one layer; an empty field inherits.
struct LayerPlan {
    std::optional<WeightPlan> weights;
    std::optional<ActivationPlan> activations;
    std::optional<AccumulatorPlan> accumulator;
    std::optional<Switchable<SurrogatePlan>> surrogate;
    std::optional<Switchable<ArrayTreatment>> cim;
    std::optional<Switchable<CorrectionPlan>> correction = {};
    std::optional<Switchable<ScorePlan>> scores = {};
    bool operator==(const LayerPlan&) const = default;
    bool isEmpty() const { return *this == LayerPlan{}; }
};

struct NetworkReference {
    std::string name, hash;                        // either may be empty: any network
    bool operator==(const NetworkReference&) const = default;
};

struct PrecisionPlan {
    std::string name;
    NetworkReference network;
    LayerPlan defaults;
    std::map<std::string, LayerPlan> layers;
    bool operator==(const PrecisionPlan&) const = default;
};

/// One layer's orders with nothing left open. Default: FP32 throughout.
struct LayerTreatment {
    WeightPlan weights;
    ActivationPlan activations;
    AccumulatorPlan accumulator;
    std::optional<SurrogatePlan> surrogate;
    std::optional<ArrayTreatment> cim;
    std::optional<CorrectionPlan> correction = {}; // never one that is off
    std::optional<ScorePlan> scores = {};          // of a layer whose outputs are an attention's queries
    bool operator==(const LayerTreatment&) const = default;
    bool isExact() const { return *this == LayerTreatment{}; }
};

LayerTreatment resolve(const PrecisionPlan& plan, const std::string& layer);

/// The plan with one layer's field set changed; `change` edits that layer's own LayerPlan.
template <class Change>
PrecisionPlan withLayer(PrecisionPlan plan, const std::string& layer, Change&& change)
{
    change(plan.layers[layer]);
    if (plan.layers[layer].isEmpty())
        plan.layers.erase(layer);
    return plan;
}

}  // namespace core
