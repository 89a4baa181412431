// SPDX-License-Identifier: Apache-2.0
// Logical multiply-accumulates a second of the array's fast path on one thread, as a ratio to oneDNN's sgemm (512 cubed)
// on one thread in the same run. Run with OMP_NUM_THREADS=1, on a quiet machine.
#include "core/cim/array_cases.h"

#include <benchmark/benchmark.h>
#include <dnnl.h>

#include <algorithm>
#include <chrono>

namespace {

using Clock = std::chrono::steady_clock;

/// Multiply-accumulates a second, the best of 40 products.
double sgemmRate()
{
    static const double rate = [] {
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

void reportRate(benchmark::State& state, const array_cases::Case& made)
{
    const auto macs = static_cast<double>(made.rows * made.columns * made.vectors);
    state.counters["macs"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["ratio_to_sgemm"] = benchmark::Counter(macs / sgemmRate(), benchmark::Counter::kIsIterationInvariantRate);
}

core::ArrayTreatment inputPlanes(double readNoise)
{
    core::ArrayTreatment treatment;
    treatment.rows = 128;
    treatment.planes = core::PlaneScheme::Input;
    treatment.adc = {8, {core::ConverterRange::Kind::Max, 0.0}};
    treatment.readNoise.sigma = readNoise;
    return treatment;
}

void multiply(benchmark::State& state, const core::ArrayTreatment& treatment, std::int64_t rows, std::int64_t columns, std::int64_t vectors)
{
    const array_cases::Case made = array_cases::randomCase(treatment, {}, rows, columns, vectors, 1);
    core::ArrayLayer layer = made.program().value();
    layer.calibrate(std::span(made.codes).first(static_cast<std::size_t>(std::min<std::int64_t>(vectors, 64) * columns)),
                    std::min<std::int64_t>(vectors, 64));
    std::vector<float> outputs(static_cast<std::size_t>(rows * vectors));
    core::ArrayWorkspace workspace;
    for (auto _ : state) {
        layer.multiply(made.codes, vectors, outputs, workspace);
        benchmark::DoNotOptimize(outputs.data());
    }
    reportRate(state, made);
}

void program(benchmark::State& state, const core::ArrayTreatment& treatment)
{
    const array_cases::Case made = array_cases::randomCase(treatment, {}, 128, 784, 64, 1);
    for (auto _ : state)
        benchmark::DoNotOptimize(made.program().value().converters().data());
}

void calibrate(benchmark::State& state, core::ConverterRange::Kind kind)
{
    core::ArrayTreatment treatment = inputPlanes(0.0);
    treatment.adc.range.kind = kind;
    treatment.adc.range.percentile = 99.9;
    const array_cases::Case made = array_cases::randomCase(treatment, {}, 128, 784, 64, 1);
    core::ArrayLayer layer = made.program().value();
    for (auto _ : state)
        layer.calibrate(made.codes, made.vectors);
}

}  // namespace

BENCHMARK_CAPTURE(multiply, cim_planes, inputPlanes(0.0), 128, 784, 512);
BENCHMARK_CAPTURE(multiply, cim_planes_read_noise, inputPlanes(0.02), 128, 784, 512);
BENCHMARK_CAPTURE(multiply, cim_planes_32_vectors, inputPlanes(0.0), 128, 784, 32);
BENCHMARK_CAPTURE(multiply, plane_pairs_4_bit_weights, core::ArrayTreatment{}, 128, 784, 512);
BENCHMARK_CAPTURE(multiply, plane_pairs_small_convolution, core::ArrayTreatment{}, 6, 25, 18432);
BENCHMARK_CAPTURE(program, input_planes, inputPlanes(0.0));
BENCHMARK_CAPTURE(program, plane_pairs, core::ArrayTreatment{});
BENCHMARK_CAPTURE(calibrate, percentile, core::ConverterRange::Kind::Percentile);
BENCHMARK_CAPTURE(calibrate, mse, core::ConverterRange::Kind::Mse);

BENCHMARK_MAIN();
