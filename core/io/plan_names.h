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

inline constexpr std::array<std::pair<std::string_view, CellMapping>, 2> kMappings{
    {{"differential", CellMapping::Differential}, {"offset", CellMapping::Offset}}};

inline constexpr std::array<std::pair<std::string_view, PlaneScheme>, 2> kPlanes{
    {{"input", PlaneScheme::Input}, {"input+weight", PlaneScheme::InputAndWeight}}};

inline constexpr std::array<std::pair<std::string_view, Variation::Model>, 2> kModels{
    {{"proportional", Variation::Model::Proportional}, {"independent", Variation::Model::Independent}}};

}  // namespace core::plan_names
