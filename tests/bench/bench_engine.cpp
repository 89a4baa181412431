// SPDX-License-Identifier: Apache-2.0
// One batch through a bundled network on one thread, in FP32 and with the plan npp-nf4-rank8. The counter is the rate of
// the weights' multiply-accumulates; `polar bench` tells it as a share of sgemm.
#include "core/engine/polarized_network.h"
#include "core/io/library.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>

namespace {

core::Result<std::vector<core::CompiledLayerPtr>> layersFor(const std::shared_ptr<const core::EngineContext>& context,
                                                            const core::SampleSet& calibration, const std::string& plan)
{
    if (plan.empty())
        return context->exact;
    CORE_TRY(const auto orders, core::loadPlan(plan));
    CORE_TRY(const auto observed, core::Calibration::observe(context, calibration, 0));
    CORE_TRY(const auto polarized, core::compile(*observed, {.plan = orders}));
    return polarized->layers;
}

core::Result<void> runForward(benchmark::State& state, const std::string& network, const std::string& dataset, const std::string& plan)
{
    CORE_TRY(const auto subject, core::openSubject(network, dataset));
    CORE_TRY(const auto context, core::prepareEngine(subject->network));
    CORE_TRY(const auto layers, layersFor(context, subject->calibration, plan));
    CORE_TRY(const auto program, core::Program::build({.network = *context->network,
                                                       .layers = context->layers,
                                                       .values = context->values,
                                                       .compiled = layers,
                                                       .groups = context->groups,
                                                       .inputs = {context->input()},
                                                       .outputs = {context->output()}}));
    const auto frame = core::Program::makeFrame(program);
    const core::Tensor batch = core::batched(*context, subject->test, 0, context->batch).front().front();
    std::memcpy(frame->input(0).data(), batch.bytes().data(), std::min(frame->input(0).size(), batch.byteCount()));
    for (auto _ : state)
        CORE_TRY(frame->run());
    double macs = 0;
    for (const core::WeightedLayer& layer : context->layers)
        macs += static_cast<double>(layer.macs() * context->batch);
    state.counters["macs"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["images"] = benchmark::Counter(static_cast<double>(context->batch), benchmark::Counter::kIsIterationInvariantRate);
    return core::success();
}

void forward(benchmark::State& state, const std::string& network, const std::string& dataset, const std::string& plan)
{
    if (const auto done = runForward(state, network, dataset, plan); !done)
        state.SkipWithError(done.error().text().c_str());
}

}  // namespace

BENCHMARK_CAPTURE(forward, mlp_fp32, "mlp-mnist", "mnist", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(forward, lenet5_fp32, "lenet5-mnist", "mnist", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(forward, lenet5_nf4_rank8, "lenet5-mnist", "mnist", "npp-nf4-rank8")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(forward, lenet5_array, "lenet5-mnist", "mnist", "cim-w4a8-rank8")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(forward, resnet8_fp32, "resnet8-photodigits", "photo-digits", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(forward, resnet8_nf4_rank8, "resnet8-photodigits", "photo-digits", "npp-nf4-rank8")->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
