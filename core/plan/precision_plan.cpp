// SPDX-License-Identifier: Apache-2.0
#include "core/plan/precision_plan.h"

#include <fmt/format.h>

#include <charconv>

namespace core {

namespace {

void overrideBy(LayerTreatment& treatment, const LayerPlan& plan)
{
    if (plan.weights)
        treatment.weights = *plan.weights;
    if (plan.activations)
        treatment.activations = *plan.activations;
    if (plan.accumulator)
        treatment.accumulator = *plan.accumulator;
    if (plan.surrogate)
        treatment.surrogate = plan.surrogate->value;
    if (plan.cim)
        treatment.cim = plan.cim->value;
    if (plan.scores)
        treatment.scores = plan.scores->value;
    if (plan.correction)
        treatment.correction = plan.correction->value && !plan.correction->value->isOff() ? plan.correction->value : std::nullopt;
}

}  // namespace

std::string RangeRule::text() const
{
    switch (kind) {
    case Kind::Max: return "max";
    case Kind::Percentile: return fmt::format("percentile:{}", percentile);
    case Kind::Mse: return "mse";
    case Kind::Dynamic: return "dynamic";
    case Kind::DynamicToken: return "dynamic:token";
    case Kind::Daq: return "daq";
    }
    return "unknown";
}

Result<RangeRule> RangeRule::parse(std::string_view text)
{
    for (const Kind kind : {Kind::Max, Kind::Mse, Kind::Dynamic, Kind::DynamicToken, Kind::Daq})
        if (text == RangeRule{kind}.text())
            return RangeRule{kind};
    constexpr std::string_view kPrefix = "percentile:";
    if (text.starts_with(kPrefix)) {
        const std::string_view number = text.substr(kPrefix.size());
        double percentile = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), percentile);
        if (error == std::errc() && end == number.data() + number.size() && percentile > 0 && percentile <= 100)
            return RangeRule{Kind::Percentile, percentile};
    }
    return Problem{
        "", fmt::format("\"{}\" is no range; wanted max, mse, dynamic, dynamic:token, daq, or percentile:P with P above 0 and at most 100",
                        text)};
}

LayerTreatment resolve(const PrecisionPlan& plan, const std::string& layer)
{
    LayerTreatment treatment;
    overrideBy(treatment, plan.defaults);
    if (const auto own = plan.layers.find(layer); own != plan.layers.end())
        overrideBy(treatment, own->second);
    return treatment;
}

}  // namespace core
