// SPDX-License-Identifier: Apache-2.0
// How long a person waits after turning a knob: the weight format of one layer goes to and fro, everything else stays.
// The time is until all samples are settled; the counter is the wait for the first estimate. All cores.
#include "core/io/library.h"

#include <benchmark/benchmark.h>

#include <chrono>

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

core::PrecisionPlan withFormat(const core::PrecisionPlan& plan, const std::string& layer, const char* format)
{
    const core::Treatment treatment{core::NumberFormat::named(format).value(), {core::ScaleRule::Kind::Row, 0}, {}};
    return core::withLayer(plan, layer, [&](core::LayerPlan& orders) { orders.weights = core::WeightPlan{{treatment}, {}, {}, {}}; });
}

enum class Which { First, Last };

void turnKnob(benchmark::State& state, const std::string& network, const std::string& dataset, Which which)
{
    const auto subject = core::openSubject(network, dataset);
    if (!subject) {
        state.SkipWithError(subject.error().text().c_str());
        return;
    }
    const auto evaluator = core::Evaluator::create(subject.value()).value();
    const auto& layers = evaluator->layers();
    const std::string layer = which == Which::First ? layers.front().name : layers.back().name;
    core::EvaluationRequest request;
    request.plan = core::loadPlan("npp-nf4-rank8").value();
    request.technology = core::loadPriceTable("45nm").value();
    static_cast<void>(evaluator->evaluate(request).value()); // as the window does when it opens

    const std::array plans{withFormat(request.plan, layer, "int4"), withFormat(request.plan, layer, "int3")};
    double waited = 0.0;
    for (auto _ : state) {
        request.plan = plans[state.iterations() % plans.size()];
        double first = 0.0;
        const auto start = Clock::now();
        benchmark::DoNotOptimize(evaluator->evaluate(request, {}, [&](const core::ReportPtr&) {
            if (first == 0.0)
                first = millisecondsSince(start);
        }));
        waited += first == 0.0 ? millisecondsSince(start) : first;
    }
    state.counters["first_estimate_ms"] = benchmark::Counter(waited, benchmark::Counter::kAvgIterations);
}

}  // namespace

BENCHMARK_CAPTURE(turnKnob, lenet5_first_layer, "lenet5-mnist", "mnist", Which::First)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, lenet5_last_layer, "lenet5-mnist", "mnist", Which::Last)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, resnet8_first_layer, "resnet8-photodigits", "photo-digits", Which::First)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, resnet8_last_layer, "resnet8-photodigits", "photo-digits", Which::Last)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

BENCHMARK_MAIN();
