// SPDX-License-Identifier: Apache-2.0
#pragma once
// The layers and treatments that the tests of plans speak about.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace plan_cases {

inline core::WeightedLayer layer(std::string name, int rows, int columns, int columnsPerChannel = 1)
{
    core::WeightedLayer layer;
    layer.name = std::move(name);
    layer.rows = rows;
    layer.columns = columns;
    layer.columnsPerChannel = columnsPerChannel;
    layer.weights = core::RowMatrix::NullaryExpr(rows, columns, [](Eigen::Index row, Eigen::Index column) {
        return static_cast<float>((row * 31 + column * 17) % 23 - 11) / 11.0f;
    });
    return layer;
}

inline std::vector<core::WeightedLayer> lenet() { return {layer("conv1", 6, 25, 25), layer("conv2", 16, 150, 25), layer("fc1", 120, 400)}; }

inline core::NumberFormat format(const char* name) { return core::NumberFormat::named(name).value(); }

inline core::WeightPlan uniform(const char* name) { return {{core::Treatment{format(name), {}, {}}}, {}, {}, {}}; }

inline core::Switchable<core::SurrogatePlan> rank(int rank)
{
    core::SurrogatePlan surrogate;
    surrogate.rank = rank;
    return {surrogate};
}

}  // namespace plan_cases
