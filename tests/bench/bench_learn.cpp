// SPDX-License-Identifier: Apache-2.0
// A training step of a bundled network on one thread: forward and backward over 32 samples, weights' gradients summed. A step
// counts three multiply-accumulates for each of the forward pass; the ratio is to oneDNN's sgemm (512 cubed) in the same run.
#include "core/engine/kernel_threads.h"
#include "core/io/library.h"
#include "core/learn/gradient_graph.h"

#include <benchmark/benchmark.h>
#include <dnnl.h>

#include <algorithm>
#include <chrono>

namespace {

using Clock = std::chrono::steady_clock;

double sgemmRate()
{
    static const double rate = [] {
        core::useOneKernelThread();
        constexpr dnnl_dim_t n = 512;
        std::vector<float> a(n * n, 0.5f), b(n * n, 0.25f), c(n * n);
        double best = 0.0;
        for (int run = 0; run < 40; ++run) {
            const auto start = Clock::now();
            dnnl_sgemm('N', 'N', n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f, c.data(), n);
            const std::chrono::duration<double> taken = Clock::now() - start;
            best = std::max(best, static_cast<double>(n * n * n) / taken.count());
        }
        return best;
    }();
    return rate;
}

core::Result<void> runStep(benchmark::State& state, const std::string& network, const std::string& dataset)
{
    constexpr std::int64_t kSamples = 32;
    CORE_TRY(const auto subject, core::openSubject(network, dataset));
    CORE_TRY(const auto context, core::prepareEngine(subject->network));
    CORE_TRY(const auto graph, core::GradientGraph::build(context, state.range(0)));
    const core::SampleSet samples = subject->test.slice(0, kSamples);
    const core::Objective objective = core::Objective::crossEntropy(samples.labels);
    for (auto _ : state)
        CORE_TRY(graph->differentiate({.inputs = samples.inputs, .objective = objective, .threads = 1}));
    double macs = 0;
    for (const core::WeightedLayer& layer : context->layers)
        macs += 3.0 * static_cast<double>(layer.macs() * kSamples);
    state.counters["macs"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["ratio_to_sgemm"] = benchmark::Counter(macs / sgemmRate(), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["batch"] = static_cast<double>(graph->batch());
    return core::success();
}

void step(benchmark::State& state, const std::string& network, const std::string& dataset)
{
    if (const auto done = runStep(state, network, dataset); !done)
        state.SkipWithError(done.error().text().c_str());
}

}  // namespace

// The argument is the number of samples a worker takes at once; 0: the graph's own choice.
BENCHMARK_CAPTURE(step, resnet8, "resnet8-photodigits", "photo-digits")->Arg(0)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Arg(16)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(step, lenet5, "lenet5-mnist", "mnist")->Arg(0)->Arg(8)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(step, mlp, "mlp-mnist", "mnist")->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(step, dscnn, "dscnn-voices", "voices")->Arg(0)->Arg(2)->Arg(8)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(step, vit, "vit-mnist", "mnist")->Arg(0)->Arg(8)->Arg(32)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
