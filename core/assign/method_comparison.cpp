// SPDX-License-Identifier: Apache-2.0
#include "core/assign/method_comparison.h"

#include "core/assign/rank_allocation.h"

#include <algorithm>

namespace core {

Result<std::vector<MethodFigure>> compareMethods(Evaluator& evaluator, const PrecisionPlan& plan, LayerIndex layer, std::uint64_t seed,
                                                 int threads, const RunControl& control)
{
    const WeightedLayer& compared = evaluator.layers()[layer.value()];
    if (compared.groups > 1)
        return Problem{compared.name, "is a grouped convolution; no recovery path is placed on it"};
    LayerTreatment treatment = resolve(plan, compared.name);
    treatment.surrogate.reset();
    if (treatment.isExact())
        return Problem{compared.name, "computes in FP32; there is no error to recover"};
    PrecisionPlan cut = plan;
    for (const WeightedLayer& later : evaluator.layers())
        if (later.index > layer)
            cut = withRank(std::move(cut), later, 0);
    const SurrogatePlan own = resolve(plan, compared.name).surrogate.value_or(SurrogatePlan{});
    std::vector<MethodFigure> figures;
    for (const SurrogateMethod method :
         {SurrogateMethod::Activation, SurrogateMethod::Fisher, SurrogateMethod::Qera, SurrogateMethod::Lqer, SurrogateMethod::Svd}) {
        SurrogatePlan surrogate = own;
        surrogate.method = method;
        surrogate.paths = {};
        surrogate.rank = std::min({surrogate.rank, compared.rows, compared.columns});   // a default may ask for more than it has
        cut.layers[compared.name].surrogate = Switchable<SurrogatePlan>{surrogate};
        CORE_TRY(const auto network, evaluator.compiled(cut, seed, 1, threads, control));
        if (const auto& report = network->surrogates[layer.value()])
            figures.push_back({method, *report});
    }
    return figures;
}

}  // namespace core
