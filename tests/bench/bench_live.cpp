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

/// Every row of every layer takes pot4, int4 or int8, another one for every `turn`: a brush over the whole network.
core::PrecisionPlan painted(core::PrecisionPlan plan, const std::vector<core::WeightedLayer>& layers, std::size_t turn)
{
    std::vector<core::Treatment> palette;
    for (const char* name : {"pot4", "int4", "int8"})
        palette.push_back({core::NumberFormat::named(name).value(), {core::ScaleRule::Kind::Row, 0}, {}});
    for (const core::WeightedLayer& layer : layers) {
        core::WeightPlan weights{palette, {}, {}, {}};
        for (std::size_t row = 0; row < static_cast<std::size_t>(layer.rows); ++row)
            weights.rows.push_back(static_cast<std::uint8_t>((row + turn) % palette.size()));
        plan.layers[layer.name].weights = weights;
    }
    return plan;
}

/// Evaluates one plan after the other; the counter is the mean wait for the first estimate.
void alternate(benchmark::State& state, core::Evaluator& evaluator, core::EvaluationRequest request, const std::array<core::PrecisionPlan, 2>& plans)
{
    double waited = 0.0;
    for (auto _ : state) {
        request.plan = plans[state.iterations() % plans.size()];
        double first = 0.0;
        const auto start = Clock::now();
        benchmark::DoNotOptimize(evaluator.evaluate(request, {}, [&](const core::ReportPtr&) {
            if (first == 0.0)
                first = millisecondsSince(start);
        }));
        waited += first == 0.0 ? millisecondsSince(start) : first;
    }
    state.counters["first_estimate_ms"] = benchmark::Counter(waited, benchmark::Counter::kAvgIterations);
}

void paintRows(benchmark::State& state, const std::string& network, const std::string& dataset)
{
    const auto subject = core::openSubject(network, dataset);
    if (!subject) {
        state.SkipWithError(subject.error().text().c_str());
        return;
    }
    const auto evaluator = core::Evaluator::create(subject.value()).value();
    core::EvaluationRequest request;
    request.plan = core::loadPlan("w4a8").value();
    request.technology = core::loadPriceTable("45nm").value();
    static_cast<void>(evaluator->evaluate(request).value());
    alternate(state, *evaluator, request, {painted(request.plan, evaluator->layers(), 0), painted(request.plan, evaluator->layers(), 1)});
    double rows = 0;
    for (const core::WeightedLayer& layer : evaluator->layers())
        rows += layer.rows;
    state.counters["rows"] = rows;
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

    alternate(state, *evaluator, request, {withFormat(request.plan, layer, "int4"), withFormat(request.plan, layer, "int3")});
}

/// The variation of every array is another each time: nothing fitted before can be used again.
void turnArrayKnob(benchmark::State& state, const std::string& network, const std::string& dataset, int rank)
{
    const auto subject = core::openSubject(network, dataset);
    if (!subject) {
        state.SkipWithError(subject.error().text().c_str());
        return;
    }
    const auto evaluator = core::Evaluator::create(subject.value()).value();
    core::EvaluationRequest request;
    core::ArrayTreatment array;
    core::SurrogatePlan surrogate;
    surrogate.rank = rank;
    request.plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
    request.technology = core::loadPriceTable("45nm").value();
    double waited = 0.0;
    request.plan.defaults.cim = core::Switchable<core::ArrayTreatment>{array};
    benchmark::DoNotOptimize(evaluator->evaluate(request));   // a knob is turned on what stands on the screen
    for (auto _ : state) {
        array.variation.sigma += 0.001;
        request.plan.defaults.cim = core::Switchable<core::ArrayTreatment>{array};
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

BENCHMARK_CAPTURE(turnArrayKnob, resnet8_rank0, "resnet8-photodigits", "photo-digits", 0)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnArrayKnob, resnet8_rank8, "resnet8-photodigits", "photo-digits", 8)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnArrayKnob, lenet5_rank8, "lenet5-mnist", "mnist", 8)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, lenet5_first_layer, "lenet5-mnist", "mnist", Which::First)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, lenet5_last_layer, "lenet5-mnist", "mnist", Which::Last)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, resnet8_first_layer, "resnet8-photodigits", "photo-digits", Which::First)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(turnKnob, resnet8_last_layer, "resnet8-photodigits", "photo-digits", Which::Last)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(paintRows, autoencoder_all_rows, "autoencoder-mnist", "mnist")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(paintRows, vit_all_rows, "vit-mnist", "mnist")->Unit(benchmark::kMillisecond)->UseRealTime();

BENCHMARK_MAIN();
