// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of a plan file for the enumerations of a plan, for reading and writing alike.

#include "core/io/named_values.h"
#include "core/plan/precision_plan.h"

#include <array>
#include <string_view>

namespace core::plan_names {

inline constexpr std::string_view kSchema = "polarizer.plan/1";

inline const auto kMethods = byName(surrogateMethodName, kSurrogateMethods);

inline constexpr std::array<std::pair<std::string_view, SurrogateInput>, 2> kInputs{
    {{"exact", SurrogateInput::Exact}, {"quantized", SurrogateInput::Quantized}}};

inline constexpr std::array<std::pair<std::string_view, WeightRounding>, 2> kRoundings{
    {{"nearest", WeightRounding::Nearest}, {"adaptive", WeightRounding::Adaptive}}};

inline const auto kProducts = byName(productRoundingName, kProductRoundings);
inline const auto kOrders = byName(sumOrderName, kSumOrders);
/// Whether chance decides.
inline constexpr std::array<std::pair<std::string_view, bool>, 2> kSumRoundings{{{"nearest", false}, {"stochastic", true}}};
inline const auto kOverflows = byName(integerOverflowName, kIntegerOverflows);
inline const auto kConditions = byName(mixedConditionName, kMixedConditions);
inline const auto kLastLayers = byName(lastLayerName, core::kLastLayers);

inline constexpr std::array<std::pair<std::string_view, CellMapping>, 3> kMappings{
    {{"differential", CellMapping::Differential}, {"offset", CellMapping::Offset}, {"one-sided", CellMapping::OneSided}}};

inline constexpr std::array<std::pair<std::string_view, PlaneScheme>, 2> kPlanes{
    {{"input", PlaneScheme::Input}, {"input+weight", PlaneScheme::InputAndWeight}}};

inline constexpr std::array<std::pair<std::string_view, Variation::Model>, 6> kModels{{{"proportional", Variation::Model::Proportional},
                                                                                       {"independent", Variation::Model::Independent},
                                                                                       {"log-normal", Variation::Model::LogNormal},
                                                                                       {"capacitor", Variation::Model::Capacitor},
                                                                                       {"polynomial", Variation::Model::Polynomial},
                                                                                       {"flicker", Variation::Model::Flicker}}};

inline constexpr std::array<std::pair<std::string_view, Drift::Model>, 2> kDrifts{
    {{"constant", Drift::Model::Constant}, {"phase-change", Drift::Model::PhaseChange}}};

inline constexpr std::array<std::pair<std::string_view, Drift::Compensation>, 3> kCompensations{
    {{"none", Drift::Compensation::None}, {"global", Drift::Compensation::Global}, {"column", Drift::Compensation::Column}}};

}  // namespace core::plan_names
