// SPDX-License-Identifier: Apache-2.0
#include "core/eval/evaluator.h"

#include "core/base/parallel.h"
#include "core/engine/chip_number.h"
#include "core/engine/float_run.h"
#include "core/engine/layer_ledger.h"
#include "core/eval/layer_errors.h"
#include "core/eval/scoring_pass.h"
#include "core/eval/sum_measurement.h"
#include "core/plan/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core {

namespace {

constexpr std::int64_t kErrorSamples = 128;                       // layer errors look at the first ones of the order
constexpr std::chrono::milliseconds kEstimateInterval{16};        // one estimate a frame is enough

Result<void> checkPlan(const PrecisionPlan& plan, const Subject& subject, const std::vector<WeightedLayer>& layers)
{
    const std::vector<PlanFlaw> flaws = check(plan, layers, subject.networkName, subject.network->hash);
    if (flaws.empty())
        return success();
    std::vector<std::string> texts;
    for (const PlanFlaw& flaw : flaws)
        texts.push_back(flaw.text());
    return Problem{plan.name.empty() ? "plan" : "plan " + plan.name, fmt::format("{}", fmt::join(texts, "; "))};
}

ChipStatistics statistics(std::vector<double> top1, int count)
{
    ChipStatistics result;
    result.count = count;
    result.mean = std::accumulate(top1.begin(), top1.end(), 0.0) / static_cast<double>(top1.size());
    double squares = 0;
    for (const double value : top1)
        squares += (value - result.mean) * (value - result.mean);
    result.standardDeviation = top1.size() > 1 ? std::sqrt(squares / static_cast<double>(top1.size() - 1)) : 0.0;
    result.min = *std::min_element(top1.begin(), top1.end());
    result.max = *std::max_element(top1.begin(), top1.end());
    result.top1 = std::move(top1);
    return result;
}

}  // namespace

struct Evaluator::State {
    std::shared_ptr<const Subject> subject;
    std::shared_ptr<const EngineContext> context;
    std::shared_ptr<Calibration> calibration;
    ImportanceSource importanceSource;
    std::optional<RowImportance> importance;                      // once a plan needed it
    FitCache fits;
    std::shared_ptr<const PolarizedNetwork> previous;
    std::uint64_t orderSeed = 0;
    std::unique_ptr<ScoringPass> pass;                            // of orderSeed
    std::unique_ptr<LayerErrors> errors;                          // of orderSeed

    Result<std::shared_ptr<const PolarizedNetwork>> compileFor(const PrecisionPlan& plan, std::uint64_t seed, int chip, int threads, const RunControl& control,
                                                               int fewSamples = 0)
    {
        if (!importance && importanceSource && needsImportance(plan, *context)) {
            CORE_TRY(importance, importanceSource(context, *subject, control));
        }
        return compile(*calibration, {plan, chipNumber(seed, chip), threads, previous.get(), &fits, importance ? &*importance : nullptr, fewSamples}, control);
    }

    void useOrder(std::uint64_t seed)
    {
        if (pass && orderSeed == seed)
            return;
        auto order = stratifiedOrder(subject->test.labels, subject->test.samples(), seed);
        std::vector<std::int64_t> first(order.begin(), order.begin() + std::min<std::ptrdiff_t>(kErrorSamples, std::ssize(order)));
        errors = std::make_unique<LayerErrors>(context, subject->test.pick(first));
        pass = std::make_unique<ScoringPass>(context, subject, std::move(order));
        orderSeed = seed;
    }

    /// Everything that is known before a sample is scored.
    Result<Report> blankReport(const EvaluationRequest& request, const PolarizedNetwork& network, std::int64_t samples) const
    {
        Report report;
        report.network = subject->networkName;
        report.dataset = subject->datasetName;
        report.split = subject->split;
        report.plan = request.plan.name;
        report.requested = samples;
        report.partial = true;
        report.remarks = subject->remarks;
        report.remarks.insert(report.remarks.end(), network.remarks.begin(), network.remarks.end());
        Ledger ledger;
        double macs = 0;
        for (const WeightedLayer& layer : context->layers) {
            const CompiledLayer& compiled = *network.layers[layer.index.value()];
            LayerReport entry;
            entry.index = layer.index;
            entry.name = layer.name;
            entry.operation = layer.operation;
            entry.rows = layer.rows;
            entry.columns = layer.columns;
            entry.macs = layer.macs();
            entry.parameters = layer.parameters();
            LayerTreatment effective = compiled.treatment;
            if (!compiled.recovery)
                effective.surrogate.reset();
            else
                effective.surrogate->rank = compiled.recovery->rank();
            entry.treatment = treatmentText(effective);
            entry.storedBits = compiled.storedBits;
            entry.surrogate = network.surrogates[layer.index.value()];
            macs += static_cast<double>(layer.macs());
            const Ledger part = ledgerOf(layer, effective);
            ledger.insert(ledger.end(), part.begin(), part.end());
            report.layers.push_back(std::move(entry));
        }
        if (!request.technology.prices.empty()) {
            CORE_TRY(report.energy, makeBill(ledger, request.technology, macs));
            for (LayerReport& entry : report.layers)
                entry.energy = report.energy.ofLayer(entry.index);
        }
        return report;
    }

    static void count(Report& report, const PassCounts& counts)
    {
        report.samples = counts.scored;
        report.top1 = {counts.right, counts.scored};
        report.referenceTop1 = {counts.referenceRight, counts.scored};
        report.agreement = {counts.agreed, counts.scored};
        report.chips = statistics({report.top1.value()}, 1);
    }

    void addOutcomes(Report& report, const PassResult& result) const
    {
        const auto& labels = subject->test.labels;
        for (std::size_t place = 0; place < result.answers.size(); ++place) {
            if (!result.done[place / static_cast<std::size_t>(kChunkSamples)])
                continue;
            const auto sample = static_cast<std::size_t>(pass->order()[place]);
            const Answer& answer = result.answers[place];
            const Answer& reference = pass->referenceAnswer(place);
            report.outcomes.push_back({static_cast<std::int32_t>(sample), labels.empty() ? -1 : labels[sample], answer.choice, reference.choice,
                                       answer.margin, reference.margin});
        }
    }
};

Evaluator::Evaluator(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Evaluator::~Evaluator() = default;

const Subject& Evaluator::subject() const { return *m_state->subject; }
const std::vector<WeightedLayer>& Evaluator::layers() const { return m_state->context->layers; }
std::shared_ptr<const EngineContext> Evaluator::sharedContext() const { return m_state->context; }
const Calibration& Evaluator::calibration() const { return *m_state->calibration; }

Result<std::shared_ptr<const PolarizedNetwork>> Evaluator::compiled(const PrecisionPlan& plan, std::uint64_t seed, int chip, int threads, const RunControl& control)
{
    CORE_TRY(checkPlan(plan, *m_state->subject, m_state->context->layers));
    return m_state->compileFor(plan, seed, chip, threads, control);
}

Result<std::shared_ptr<Evaluator>> Evaluator::create(std::shared_ptr<const Subject> subject, const RunControl& control, ImportanceSource importance)
{
    auto state = std::make_unique<State>();
    state->importanceSource = std::move(importance);
    if (subject->test.samples() < 1)
        return Problem{subject->datasetName, "the split '" + subject->split + "' has no samples"};
    CORE_TRY(state->context, prepareEngine(subject->network));
    CORE_TRY(state->calibration, Calibration::observe(state->context, subject->calibration, 0, control));
    state->subject = std::move(subject);
    return std::shared_ptr<Evaluator>(new Evaluator(std::move(state)));
}

Result<PolarizedSample> Evaluator::sampleAt(const PrecisionPlan& plan, LayerIndex layer, std::int64_t sample, std::uint64_t seed, const RunControl& control)
{
    CORE_TRY(const auto network, compiled(plan, seed, 1, 0, control));
    return polarizedSample(*m_state->context, *network, layer, m_state->subject->test.pick({sample}).inputs);
}

Result<SumSample> Evaluator::sumsAt(const PrecisionPlan& plan, LayerIndex layer, std::int64_t sample, std::uint64_t seed,
                                    const RunControl& control)
{
    CORE_TRY(const auto network, compiled(plan, seed, 1, 0, control));
    return sumSample(*m_state->context, *network, layer, m_state->subject->test.pick({sample}).inputs);
}

Result<Tensor> Evaluator::outputs(const PrecisionPlan& plan, const Tensor& input, std::uint64_t seed, int threads)
{
    State& state = *m_state;
    CORE_TRY(checkPlan(plan, *state.subject, state.context->layers));
    CORE_TRY(const auto network, state.compileFor(plan, seed, 1, threads, {}));
    return runPolarized(*state.context, *network, input, threads);
}

Result<ReportPtr> Evaluator::evaluate(const EvaluationRequest& request, const RunControl& control, const std::function<void(ReportPtr)>& onEstimate)
{
    using Clock = std::chrono::steady_clock;
    State& state = *m_state;
    const auto began = Clock::now();
    const std::int64_t available = state.subject->test.samples();
    if (request.samples < 0 || request.chips < 1)
        return Problem{"evaluate", fmt::format("{} samples on {} chips; wanted 0 (all) or more samples, 1 or more chips", request.samples, request.chips)};
    const std::int64_t samples = request.samples == 0 ? available : std::min(request.samples, available);
    CORE_TRY(checkPlan(request.plan, *state.subject, state.context->layers));

    const auto compileFor = [&](int chip, int fewSamples = 0) { return state.compileFor(request.plan, request.seed, chip, request.threads, control, fewSamples); };
    state.useOrder(request.seed);
    // Fits through arrays take longer than a turned knob may wait: where some are missing, paths fitted to a few samples
    // give an estimate on few test samples at once.
    constexpr int kFewSamples = 4;
    constexpr std::int64_t kLookSamples = 4;
    const bool wantsFirstLook = onEstimate && std::ranges::any_of(state.context->layers, [&](const WeightedLayer& layer) {
        const LayerTreatment treatment = resolve(request.plan, layer.name);
        return treatment.cim && treatment.surrogate;
    });
    CORE_TRY(auto network, compileFor(1, wantsFirstLook ? kFewSamples : 0));
    state.previous = network;
    if (network->isFirstLook) {
        CORE_TRY(Report look, state.blankReport(request, *network, samples));
        look.remarks.push_back(fmt::format("a first look: recovery paths fitted to {} samples", kFewSamples));
        CORE_TRY(const PassResult result, state.pass->run({*network, std::min(samples, kLookSamples), request.threads, 0, {}}, control));
        if (result.counts.scored > 0) {
            State::count(look, result.counts);
            look.seconds = Clock::now() - began;
            onEstimate(std::make_shared<Report>(std::move(look)));
        }
        CORE_TRY(network, compileFor(1));
        state.previous = network;
    }
    CORE_TRY(Report report, state.blankReport(request, *network, samples));

    auto lastTold = Clock::time_point{};
    const auto tell = [&](const PassCounts& counts) {
        control.report(static_cast<double>(counts.scored) / static_cast<double>(samples), "evaluating");
        const auto now = Clock::now();
        if (!onEstimate || now - lastTold < kEstimateInterval)
            return;
        lastTold = now;
        auto estimate = std::make_shared<Report>(report);
        State::count(*estimate, counts);
        estimate->seconds = now - began;
        onEstimate(estimate);
    };
    CORE_TRY(const PassResult result, state.pass->run({*network, samples, request.threads, 0, tell}, control));
    State::count(report, result.counts);
    state.addOutcomes(report, result);
    const double scoring = result.busySeconds / (request.threads > 0 ? request.threads : hardwareThreads());
    // Where activations were kept from the pass before, the time says nothing about the whole network.
    report.imagesPerSecond = scoring > 0 && result.wholeNetwork ? static_cast<double>(result.counts.scored) / scoring : 0.0;
    bool complete = result.counts.scored == samples;

    const auto tellSoFar = [&] {
        if (!onEstimate)
            return;
        report.seconds = Clock::now() - began;
        onEstimate(std::make_shared<Report>(report));
    };
    if (complete && request.layerErrors) {
        tellSoFar();
        const auto errors = state.errors->measure(*network, request.threads, control);
        if (!errors && !isStopped(errors.error()))
            return errors.error();
        complete = errors.has_value();
        for (std::size_t l = 0; complete && l < report.layers.size(); ++l) {
            report.layers[l].sqnrDecibels = errors.value()[l].localSqnr;
            report.layers[l].propagatedSqnrDecibels = errors.value()[l].propagatedSqnr;
            report.layers[l].rowErrors = errors.value()[l].rowErrors;
            report.layers[l].sums = errors.value()[l].sums;
            report.layers[l].recomputedFraction = report.layers[l].sums ? report.layers[l].sums->recomputedFraction : 0;
        }
    }

    // Further chips. Where no layer is an array every chip computes the same, and one pass speaks for all.
    std::vector<double> top1{report.top1.value()};
    const bool chipsDiffer = std::any_of(network->layers.begin(), network->layers.end(), [](const auto& layer) { return layer->array.has_value(); });
    for (int chip = 2; complete && chip <= request.chips; ++chip) {
        if (!chipsDiffer) {
            top1.push_back(top1.front());
            continue;
        }
        if (top1.size() > 1 || request.layerErrors)
            tellSoFar();
        const auto other = compileFor(chip);
        if (!other && !isStopped(other.error()))
            return other.error();
        if (!other) {
            complete = false;
            break;
        }
        CORE_TRY(const PassResult scored, state.pass->run({*other.value(), samples, request.threads, 0, {}}, control));
        complete = scored.counts.scored == samples;
        if (complete)
            top1.push_back(static_cast<double>(scored.counts.right) / static_cast<double>(samples));
        report.chips = statistics(top1, static_cast<int>(top1.size()));
    }
    report.chips = statistics(top1, static_cast<int>(top1.size()));
    report.partial = !complete;
    report.seconds = Clock::now() - began;
    report.hash = hashOf(report);
    return ReportPtr(std::make_shared<const Report>(std::move(report)));
}

}  // namespace core
