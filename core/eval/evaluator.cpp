// SPDX-License-Identifier: Apache-2.0
#include "core/eval/evaluator.h"

#include "core/base/parallel.h"
#include "core/engine/chip_number.h"
#include "core/engine/float_run.h"
#include "core/engine/network_ledger.h"
#include "core/eval/layer_errors.h"
#include "core/eval/report_accounts.h"
#include "core/eval/scoring_pass.h"
#include "core/eval/sum_measurement.h"
#include "core/plan/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

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

/// What all chips answered so far, chip after chip, every chip with all its reads.
struct Tally {
    ChipAnswers answers;
    std::vector<double> readTop1;
    OutputError error;

    void add(std::vector<std::uint8_t> right, double top1)
    {
        answers.right.push_back(std::move(right));
        readTop1.push_back(top1);
    }
    /// The next chip, from all its reads; false where one was not finished.
    bool addChip(std::span<ChipScore> reads)
    {
        if (!std::ranges::all_of(reads, &ChipScore::isDone))
            return false;
        std::vector<std::uint8_t> right(reads.front().right.size(), 0);
        for (const ChipScore& score : reads)
            addRead(right, score);
        answers.right.push_back(std::move(right));
        return true;
    }
    void addRead(std::vector<std::uint8_t>& right, const ChipScore& score)
    {
        std::int64_t count = 0;
        for (std::size_t place = 0; place < right.size(); ++place) {
            right[place] = static_cast<std::uint8_t>(right[place] + score.right[place]);
            count += score.right[place];
        }
        readTop1.push_back(Proportion{count, static_cast<std::int64_t>(right.size())}.value());
        error += score.error;
    }
    void writeTo(Report& report, bool measuresOutputs) const
    {
        report.chips = chipStatistics(readTop1, answers.reads);
        report.answers = std::make_shared<const ChipAnswers>(answers);
        if (measuresOutputs)
            report.outputSqnrDecibels = error.error > 0 ? 10.0 * std::log10(error.signal / error.error) : std::numeric_limits<double>::infinity();
    }
};

bool isInArray(const PolarizedNetwork& network)
{
    return std::ranges::any_of(network.layers, [](const auto& layer) { return layer->array.has_value(); });
}

/// Whether two reads of one chip can differ.
bool hasNoisyReads(const PolarizedNetwork& network)
{
    return std::ranges::any_of(network.layers, [](const auto& layer) { return layer->array && hasReadNoise(layer->array->arrays.front().treatment()); });
}

}  // namespace

/// The rest of an evaluation on several chips, or of several reads.
struct ChipOrders {
    const EvaluationRequest& request;
    std::shared_ptr<const PolarizedNetwork> first;                // chip 1, read 0 of which is scored
    std::int64_t samples = 0;
    int reads = 1;
    double passes = 1;                                            // of the whole evaluation
};

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
        if (const auto guessed = functionLedger(*context).guessed; !guessed.empty())
            report.remarks.push_back(fmt::format("energy: {} counted as one product and one addition an element", fmt::join(guessed, ", ")));
        listLayers(report, *context, network);
        CORE_TRY(keepAccounts(report, *context, network, request.technology));
        return report;
    }

    static void count(Report& report, const PassCounts& counts)
    {
        report.samples = counts.scored;
        report.top1 = {counts.right, counts.scored};
        report.referenceTop1 = {counts.referenceRight, counts.scored};
        report.agreement = {counts.agreed, counts.scored};
        report.chips = chipStatistics(std::array{report.top1.value()});
    }

    /// What the first read of the first chip answered, as far as it came.
    Tally firstRead(const Report& report, const PassResult& result, std::uint64_t seed) const
    {
        Tally tally;
        tally.answers.seed = seed;
        std::vector<std::uint8_t> right;
        for (std::size_t place = 0; place < result.answers.size(); ++place) {
            const std::size_t chunk = place / static_cast<std::size_t>(kChunkSamples);
            if (!result.done[chunk])
                continue;
            if (place % static_cast<std::size_t>(kChunkSamples) == 0)
                tally.error += result.errors[chunk];
            tally.answers.samples.push_back(static_cast<std::int32_t>(pass->order()[place]));
            tally.answers.referenceRight.push_back(pass->isRight(pass->referenceAnswer(place), place) ? 1 : 0);
            right.push_back(pass->isRight(result.answers[place], place) ? 1 : 0);
        }
        tally.add(std::move(right), report.top1.value());
        return tally;
    }

    /// Chips 2, 3 ... with all their reads, and the further reads of chip 1; as many side by side as there are threads, so that
    /// neither programming nor scoring leaves one idle. Tells after every such group. False: stopped on the way.
    Result<bool> scoreChips(const ChipOrders& orders, Tally& tally, const RunControl& control, const std::function<void()>& chipsCame)
    {
        const EvaluationRequest& request = orders.request;
        double donePasses = 1;
        const auto score = [&](const std::vector<ChipRead>& reads) {
            const auto share = [&](double part) { control.report((donePasses + part * static_cast<double>(reads.size())) / orders.passes, "evaluating"); };
            auto scored = pass->runChips({reads, orders.samples, request.threads, share}, control);
            donePasses += static_cast<double>(reads.size());
            return scored;
        };
        if (orders.reads > 1) {
            std::vector<ChipRead> reads;
            for (int read = 1; read < orders.reads; ++read)
                reads.push_back({orders.first, read});
            CORE_TRY(const auto scored, score(reads));
            if (!std::ranges::all_of(scored, &ChipScore::isDone))
                return false;
            tally.answers.reads = orders.reads;
            for (const ChipScore& read : scored)
                tally.addRead(tally.answers.right.front(), read);
            chipsCame();
        }
        const int atOnce = request.threads > 0 ? request.threads : hardwareThreads();
        for (int chip = 2; chip <= request.chips; chip += atOnce) {
            const int count = std::min(atOnce, request.chips - chip + 1);
            CORE_TRY(const auto networks, compileChips(request, chip, count, control));
            if (networks.empty())
                return false;
            std::vector<ChipRead> reads;
            for (const auto& network : networks)
                for (int read = 0; read < orders.reads; ++read)
                    reads.push_back({network, read});
            CORE_TRY(auto scored, score(reads));
            for (std::size_t at = 0; at < scored.size(); at += static_cast<std::size_t>(orders.reads))
                if (!tally.addChip(std::span(scored).subspan(at, static_cast<std::size_t>(orders.reads))))
                    return false;
            chipsCame();
        }
        return true;
    }

    /// Chips first, first + 1 ... side by side; none of them where it is stopped.
    Result<std::vector<std::shared_ptr<const PolarizedNetwork>>> compileChips(const EvaluationRequest& request, int first, int count, const RunControl& control)
    {
        std::vector<std::shared_ptr<const PolarizedNetwork>> networks(static_cast<std::size_t>(count));
        std::vector<std::optional<Problem>> problems(networks.size());
        forEachChunk(networks.size(), 1, request.threads, [&](const Chunk& at) {
            auto made = compileFor(request.plan, request.seed, first + static_cast<int>(at.index), count > 1 ? 1 : request.threads, control);
            if (made)
                networks[at.index] = std::move(made).value();
            else
                problems[at.index] = made.error();
            return made.has_value();
        });
        for (const auto& problem : problems)
            if (problem && !isStopped(*problem))
                return *problem;
        if (!std::ranges::all_of(networks, [](const auto& network) { return network != nullptr; }))
            networks.clear();
        return networks;
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

Result<ArrayView> Evaluator::arrayAt(const PrecisionPlan& plan, LayerIndex layer, std::int64_t tile, std::uint64_t seed, const RunControl& control)
{
    CORE_TRY(const auto network, compiled(plan, seed, 1, 0, control));
    return arrayView(*m_state->calibration, *network, layer, tile);
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
    if (request.samples < 0 || request.chips < 1 || request.reads < 1 || request.reads > kMostReads)
        return Problem{"evaluate", fmt::format("{} samples on {} chips of {} reads; wanted 0 (all) or more samples, 1 or more chips, 1 to {} reads",
                                               request.samples, request.chips, request.reads, kMostReads)};
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
    const bool chipsDiffer = isInArray(*network), readsDiffer = chipsDiffer && hasNoisyReads(*network);
    if (!chipsDiffer && request.chips > 1)
        report.remarks.push_back(fmt::format("chips: no layer is in an array, so all {} compute the same; a yield of them says no more than one",
                                             request.chips));
    const double passes = chipsDiffer ? static_cast<double>(request.chips) * (readsDiffer ? request.reads : 1) : 1.0;
    const auto tell = [&](const PassCounts& counts) {
        control.report(static_cast<double>(counts.scored) / static_cast<double>(samples) / passes, "evaluating");
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
            report.layers[l].scores = errors.value()[l].scores;
            report.layers[l].recomputedFraction = report.layers[l].sums ? report.layers[l].sums->recomputedFraction : 0;
        }
        if (std::ranges::any_of(report.layers, [](const LayerReport& layer) { return layer.recomputedFraction > 0 || layer.scores; }))
            CORE_TRY(keepAccounts(report, *state.context, *network, request.technology));
    }

    Tally tally = state.firstRead(report, result, request.seed);
    tally.writeTo(report, state.pass->measuresOutputs());
    if (!chipsDiffer) {
        // Where no layer is an array every chip computes the same, and one pass speaks for all.
        for (int chip = 2; complete && chip <= request.chips; ++chip)
            tally.add(tally.answers.right.front(), tally.readTop1.front());
    } else if (complete) {
        const ChipOrders orders{request, network, samples, readsDiffer ? request.reads : 1, passes};
        CORE_TRY(complete, state.scoreChips(orders, tally, control, [&] {
            tally.writeTo(report, state.pass->measuresOutputs());
            tellSoFar();
        }));
    }
    tally.writeTo(report, state.pass->measuresOutputs());
    report.partial = !complete;
    report.seconds = Clock::now() - began;
    report.hash = hashOf(report);
    return ReportPtr(std::make_shared<const Report>(std::move(report)));
}

}  // namespace core
