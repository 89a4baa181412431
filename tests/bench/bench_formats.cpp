// SPDX-License-Identifier: Apache-2.0
// Weights a second, one thread: quantizing by the largest weight and by least squared error (33 clips tried a scale).
#include "core/formats/treatment.h"

#include <benchmark/benchmark.h>

#include <random>

namespace {

using namespace core;

RowMatrix gaussians(Eigen::Index rows, Eigen::Index columns)
{
    std::mt19937 generator(1);
    std::normal_distribution<float> normal(0.0f, 0.02f);
    return RowMatrix::NullaryExpr(rows, columns, [&](Eigen::Index, Eigen::Index) { return normal(generator); });
}

void quantize(benchmark::State& state, const char* format, const char* scale, const char* clip)
{
    const Treatment treatment{NumberFormat::named(format).value(), ScaleRule::parse(scale).value(), ClipRule::parse(clip).value()};
    const RowMatrix weights = gaussians(128, state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(quantizeWeights(weights, {treatment}).values.data());
    state.SetItemsProcessed(state.iterations() * weights.size());
}

void registerAll()
{
    for (const char* format : {"int4", "int8", "uint8", "nf4", "apot4", "pot4", "odd4", "ternary", "e2m1", "e4m3", "pot8"})
        for (const auto& [scale, columns] : {std::pair{"row", 2304}, std::pair{"row", 576}, std::pair{"group:64", 2304}})
            for (const char* clip : {"absmax", "mse"})
                benchmark::RegisterBenchmark((std::string(format) + '/' + scale + '/' + clip).c_str(), quantize, format, scale, clip)->Arg(columns);
}

}  // namespace

int main(int argc, char** argv)
{
    registerAll();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
