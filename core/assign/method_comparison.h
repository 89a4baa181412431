// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every way of fitting one layer's recovery path beside the others, from one look at its errors each.

#include "core/eval/evaluator.h"

namespace core {

struct MethodFigure {
    SurrogateMethod method = SurrogateMethod::Activation;
    SurrogateReport report;      // its rank is the plan's
};

/// Of the methods that need no training. The layers before it are as the plan has them; those behind it do not matter. A
/// layer without a surrogate is given the usual one; one that cannot have a path is a problem.
Result<std::vector<MethodFigure>> compareMethods(Evaluator& evaluator, const PrecisionPlan& plan, LayerIndex layer, std::uint64_t seed = 1, int threads = 0,
                                                 const RunControl& control = {});

}  // namespace core
