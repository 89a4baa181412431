// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/bench_figures.h"

#include "app/cli/bench_limits.h"
#include "app/cli/options.h"

#include "core/base/noise.h"
#include "core/cim/array_layer.h"
#include "core/engine/kernel_threads.h"
#include "core/engine/polarized_network.h"
#include "core/eval/evaluator.h"
#include "core/formats/sums/mixed_sum.h"
#include "core/io/library.h"

#include <dnnl.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kPolarizedPlan = "npp-nf4-rank8";

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

/// The plan of a figure; its mixtures need to know how many rows a layer has.
using PlanMaker = std::function<core::Result<core::PrecisionPlan>(const std::vector<core::WeightedLayer>& layers)>;

core::Result<core::PrecisionPlan> exactPlan(const std::vector<core::WeightedLayer>&) { return core::PrecisionPlan{}; }

core::Result<core::PrecisionPlan> polarizedPlan(const std::vector<core::WeightedLayer>&) { return planNamed(kPolarizedPlan); }

core::ActivationPlan integerActivations(const core::NumberFormat& format) { return {format, {core::ScaleRule::Kind::Tensor, 0}, {}}; }

core::Result<core::PrecisionPlan> integerPlan(const std::vector<core::WeightedLayer>&)
{
    CORE_TRY(const core::NumberFormat format, core::NumberFormat::named("int8"));
    core::PrecisionPlan plan;
    plan.defaults.weights = core::WeightPlan{{core::Treatment{format, {}, {}}}, {}, {}, {}};
    plan.defaults.activations = integerActivations(format);
    return plan;
}

/// Rows of six kinds in turn, some without any integer form.
core::Result<core::PrecisionPlan> rowMixture(const std::vector<core::WeightedLayer>& layers)
{
    CORE_TRY(core::PrecisionPlan plan, integerPlan(layers));
    std::vector<core::Treatment> palette;
    for (const char* name : {"nf4", "e3m2", "pot4", "int4", "pot8", "int8"}) {
        CORE_TRY(const core::NumberFormat format, core::NumberFormat::named(name));
        palette.push_back({format, {}, {}});
    }
    for (const core::WeightedLayer& layer : layers) {
        core::WeightPlan weights{palette, {}, {}, {}};
        for (int row = 0; row < layer.rows; ++row)
            weights.rows.push_back(static_cast<std::uint8_t>(static_cast<std::size_t>(row) % palette.size()));
        plan.layers[layer.name].weights = weights;
    }
    return plan;
}

core::Result<std::vector<core::CompiledLayerPtr>> compiledLayers(const std::shared_ptr<const core::EngineContext>& context,
                                                                 const core::SampleSet& calibration, const PlanMaker& planFor)
{
    CORE_TRY(const core::PrecisionPlan plan, planFor(context->layers));
    CORE_TRY(const auto observed, core::Calibration::observe(context, calibration, 0));
    CORE_TRY(const auto polarized, core::compile(*observed, {.plan = plan}));
    return polarized->layers;
}

/// One batch through the whole network, input copied in, as the evaluator does it for every chunk.
core::Result<Workload> forwardPass(const std::string& network, const std::string& dataset, const PlanMaker& plan)
{
    CORE_TRY(const auto subject, core::openSubject(network, dataset));
    CORE_TRY(const auto context, core::prepareEngine(subject->network));
    CORE_TRY(const auto layers, compiledLayers(context, subject->calibration, plan));
    CORE_TRY(const auto program, core::Program::build({.network = *context->network,
                                                       .layers = context->layers,
                                                       .values = context->values,
                                                       .compiled = layers,
                                                       .groups = context->groups,
                                                       .inputs = {context->input()},
                                                       .outputs = {context->output()}}));
    const std::shared_ptr<core::Program::Frame> frame = core::Program::makeFrame(program);
    const core::Tensor batch = core::batched(*context, subject->test, 0, context->batch).front().front();
    CORE_TRY(frame->run()); // what can fail, fails here
    Workload work;
    for (const core::WeightedLayer& layer : context->layers)
        work.macs += static_cast<double>(layer.macs() * context->batch);
    work.run = [context, frame, batch] {
        const auto input = frame->input(0);
        std::memcpy(input.data(), batch.bytes().data(), std::min(input.size(), batch.byteCount()));
        static_cast<void>(frame->run());
    };
    return work;
}

/// A 128 x 784 layer of 8-bit inputs and 4-bit weights, one conversion per input plane by an 8-bit converter.
core::Result<Workload> arrayProduct(double readNoise)
{
    constexpr std::int64_t kRows = 128, kColumns = 784, kVectors = 512;
    core::ArrayTreatment treatment;
    treatment.rows = 128;
    treatment.planes = core::PlaneScheme::Input;
    treatment.adc = {8, {core::ConverterRange::Kind::Max, 0.0}};
    treatment.readNoise.sigma = readNoise;
    std::vector<std::int8_t> weights(kRows * kColumns);
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = static_cast<std::int8_t>(static_cast<int>(i * 7919 % 15) - 7);
    std::vector<std::uint8_t> inputs(kVectors * kColumns);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        inputs[i] = static_cast<std::uint8_t>(i * 104'729 % 256);
    CORE_TRY(core::ArrayLayer layer, core::ArrayLayer::program(treatment, weights, kRows, kColumns, {}, {core::LayerIndex(0)}));
    layer.calibrate(std::span(inputs).first(64 * kColumns), 64);

    struct State {
        core::ArrayLayer layer;
        std::vector<std::uint8_t> inputs;
        std::vector<float> outputs;
        core::ArrayWorkspace workspace;
    };
    const auto state = std::make_shared<State>(State{std::move(layer), std::move(inputs), std::vector<float>(kRows * kVectors), {}});
    return Workload{static_cast<double>(kRows * kColumns * kVectors),
                    [state] { state->layer.multiply(state->inputs, kVectors, state->outputs, state->workspace); }};
}

/// A 128 x 784 layer on rectified inputs, its products added up in a format as arXiv 2503.15568 does it; `mixed` takes about a
/// fifth of the sums again in fp16.
core::Result<Workload> runningSums(const char* format, bool mixed)
{
    constexpr std::int64_t kRows = 128, kColumns = 784, kVectors = 256;
    CORE_TRY(core::NumberFormat low, core::NumberFormat::named(format));
    CORE_TRY(core::NumberFormat high, core::NumberFormat::named("fp16"));
    struct State {
        core::MixedRule rule;
        std::vector<float> weights, inputs, bias, sums;
        std::vector<core::SumChoice> choices;
        core::MixedBuffers buffers;
    };
    const auto state = std::make_shared<State>();
    state->rule.low = {std::move(low), core::ProductRounding::Fused};
    state->rule.mixed = {std::move(high), 0.1};
    state->rule.activation = {core::ActivationShape::Kind::Relu};
    const core::NoiseStream noise(1, core::NoisePurpose::Test);
    const auto fill = [&](std::vector<float>& values, std::int64_t count, std::uint32_t stream, float scale) {
        for (std::uint32_t i = 0; static_cast<std::int64_t>(values.size()) < count; ++i)
            for (const float gaussian : noise.gaussians({i, stream, 0}))
                values.push_back(scale * gaussian);
    };
    fill(state->weights, kRows * kColumns, 0, 0.04f);
    fill(state->inputs, kVectors * kColumns, 1, 1.0f);
    for (float& input : state->inputs)
        input = std::max(input, 0.0f);
    state->bias.assign(kRows, -0.7f);  // most units are off, as in a trained network
    state->sums.resize(kRows * kVectors);
    state->choices.resize(kRows * kVectors);
    return Workload{static_cast<double>(kRows * kColumns * kVectors), [state, mixed] {
                        const core::SumOperands operands{state->weights.data(), kRows,    kColumns,
                                                         state->inputs.data(),  kVectors, state->bias.data()};
                        if (mixed)
                            core::multiplyMixed(state->rule, operands, state->sums.data(), state->choices.data(), state->buffers);
                        else
                            core::multiplyBySums(state->rule.low, operands, state->sums.data(), state->buffers.sums);
                    }};
}

}  // namespace

const std::vector<RateFigure>& rateFigures()
{
    static const std::vector<RateFigure> figures{
        {"digital_resnet8", [] { return forwardPass("resnet8-photodigits", "photo-digits", exactPlan); },
         [] { return bareProducts("resnet8-photodigits", LimitNumbers::Float32); }},
        {"digital_resnet8_nf4_rank8", [] { return forwardPass("resnet8-photodigits", "photo-digits", polarizedPlan); }},
        {"digital_resnet8_int8", [] { return forwardPass("resnet8-photodigits", "photo-digits", integerPlan); },
         [] { return bareProducts("resnet8-photodigits", LimitNumbers::Bytes); }},
        {"digital_resnet8_rowmix", [] { return forwardPass("resnet8-photodigits", "photo-digits", rowMixture); }},
        {"digital_lenet5", [] { return forwardPass("lenet5-mnist", "mnist", exactPlan); },
         [] { return bareProducts("lenet5-mnist", LimitNumbers::Float32); }},
        {"cim_planes", [] { return arrayProduct(0.0); }},
        {"cim_planes_read_noise", [] { return arrayProduct(0.02); }},
        {"accumulate_fp16", [] { return runningSums("fp16", false); }},
        {"accumulate_bf16", [] { return runningSums("bf16", false); }},
        {"accumulate_e4m3", [] { return runningSums("e4m3", false); }},
        {"accumulate_mixed", [] { return runningSums("e4m3", true); }},
    };
    return figures;
}

Workload sgemm()
{
    constexpr dnnl_dim_t n = 512;
    struct Matrices {
        std::vector<float> a, b, c;
    };
    const auto m =
        std::make_shared<Matrices>(Matrices{std::vector<float>(n * n, 0.5f), std::vector<float>(n * n, 0.25f), std::vector<float>(n * n)});
    core::useOneKernelThread();
    return {static_cast<double>(n * n * n),
            [m] { dnnl_sgemm('N', 'N', n, n, n, 1.0f, m->a.data(), n, m->b.data(), n, 0.0f, m->c.data(), n); }};
}

const std::vector<LiveFigure>& liveFigures()
{
    static const std::vector<LiveFigure> figures{{"lenet5-mnist", "mnist"}, {"resnet8-photodigits", "photo-digits"}};
    return figures;
}

core::Result<Waiting> turnKnobs(const LiveFigure& figure, const core::RunControl& control)
{
    CORE_TRY(const auto subject, core::openSubject(figure.network, figure.dataset));
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject));
    core::EvaluationRequest request;
    CORE_TRY(request.plan, planNamed(kPolarizedPlan));
    CORE_TRY(request.technology, core::loadPriceTable(kDefaultTechnology));
    CORE_TRY(core::NumberFormat other, core::NumberFormat::named("int4"));
    CORE_TRY(evaluator->evaluate(request, control)); // as the window does when it opens

    Waiting slowest;
    for (const core::WeightedLayer& layer : evaluator->layers()) {
        if (control.stopped())
            break;
        core::EvaluationRequest turned = request;
        turned.plan = core::withLayer(request.plan, layer.name, [&](core::LayerPlan& orders) {
            orders.weights =
                core::WeightPlan{.palette = {core::Treatment{other, {core::ScaleRule::Kind::Row, 0}, {}}}, .rows = {}, .channels = {}, .flips = {}};
        });
        double first = 0.0;
        const auto start = Clock::now();
        CORE_TRY(evaluator->evaluate(turned, control, [&](const core::ReportPtr&) {
            if (first == 0.0)
                first = millisecondsSince(start);
        }));
        const double settled = millisecondsSince(start);
        slowest.firstEstimateMilliseconds = std::max(slowest.firstEstimateMilliseconds, first == 0.0 ? settled : first);
        slowest.settledMilliseconds = std::max(slowest.settledMilliseconds, settled);
    }
    return slowest;
}

}  // namespace app
