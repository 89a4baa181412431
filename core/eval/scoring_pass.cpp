// SPDX-License-Identifier: Apache-2.0
#include "core/eval/scoring_pass.h"

#include "core/base/hash.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>

namespace core {

namespace {

constexpr std::size_t kCacheBytes = std::size_t{1} << 30;   // activations kept in front of a cut, at most
constexpr std::size_t kOutputBytes = std::size_t{1} << 28;  // of the reference, at most

/// The stretch of a pass from one cut to the next, and the frames idle workers left behind.
struct Stretch {
    std::shared_ptr<const Program> program;
    std::vector<ValueIndex> inputs, outputs;
    std::vector<std::unique_ptr<Program::Frame>> idle;
    std::mutex guard;

    std::unique_ptr<Program::Frame> take()
    {
        {
            const std::lock_guard lock(guard);
            if (!idle.empty()) {
                auto frame = std::move(idle.back());
                idle.pop_back();
                return frame;
            }
        }
        return Program::makeFrame(program);
    }
    void giveBack(std::unique_ptr<Program::Frame> frame)
    {
        const std::lock_guard lock(guard);
        idle.push_back(std::move(frame));
    }
};

struct ChunkCost { double seconds; bool wholeNetwork; };

double since(std::chrono::steady_clock::time_point began) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); }

/// Activations in front of group `cut`: per chunk, the bytes of every crossing value of every run.
struct CutCache {
    std::size_t cut = 0;
    std::uint64_t prefixHash = 0;
    std::vector<std::vector<std::byte>> chunks;   // empty: not there
};

}  // namespace

struct ScoringPass::State {
    std::shared_ptr<const EngineContext> context;
    std::shared_ptr<const Subject> subject;
    std::vector<std::int64_t> order;
    std::vector<Answer> reference;
    std::vector<char> referenceDone;                          // by chunk
    std::unique_ptr<Stretch> referenceStretch;
    CutCache cache;
    std::vector<CompiledLayerPtr> last;                       // layers of the pass before
    CutCache chipCache;                                       // in front of the first array
    std::size_t outputWidth = 0;                              // of one sample
    std::vector<float> referenceOutputs;                      // sample after sample, by place; empty: not kept

    std::size_t runsPerChunk() const { return static_cast<std::size_t>(kChunkSamples / context->batch); }

    Result<std::unique_ptr<Stretch>> stretch(std::span<const CompiledLayerPtr> compiled, std::size_t from, std::size_t to) const
    {
        auto result = std::make_unique<Stretch>();
        const std::size_t end = context->groups.size();
        result->inputs = from == 0 ? std::vector<ValueIndex>{context->input()} : valuesCrossing(*context->network, context->groups, from);
        result->outputs = to == end ? std::vector<ValueIndex>{context->output()} : valuesCrossing(*context->network, context->groups, to);
        CORE_TRY(result->program, Program::build({*context->network, context->layers, context->values, compiled,
                                                  std::span(context->groups).subspan(from, to - from), result->inputs, result->outputs}));
        return result;
    }

    std::size_t bytesCrossing(std::size_t cut) const
    {
        std::size_t bytes = 0;
        for (const ValueIndex value : valuesCrossing(*context->network, context->groups, cut))
            bytes += static_cast<std::size_t>(elementCount(context->values[value.value()].shape)) * byteSize(context->values[value.value()].type);
        return bytes;
    }

    std::uint64_t prefixHash(std::span<const CompiledLayerPtr> compiled, std::size_t cut, std::uint64_t reads) const
    {
        Hasher hasher;
        hasher.add(reads);
        for (const WeightedLayer& layer : context->layers)
            if (context->groupOfLayer[layer.index.value()] < cut)
                hasher.add(compiled[layer.index.value()]->hash);
        return hasher.value();
    }

    /// The group in front of which nothing differs from the pass before.
    std::size_t firstChangedGroup(std::span<const CompiledLayerPtr> compiled) const
    {
        if (last.empty())
            return 0;
        std::size_t cut = context->groups.size();
        for (const WeightedLayer& layer : context->layers)
            if (compiled[layer.index.value()]->hash != last[layer.index.value()]->hash)
                cut = std::min(cut, context->groupOfLayer[layer.index.value()]);
        return cut;
    }

    /// The samples of one run, copied in; places past the end get zeros and their answers are not looked at.
    void fill(std::span<std::byte> input, std::size_t chunk, std::size_t run) const
    {
        const SampleSet& test = subject->test;
        const std::size_t sampleBytes = test.inputs.byteCount() / static_cast<std::size_t>(test.samples());
        for (std::int64_t i = 0; i < context->batch; ++i) {
            const std::int64_t place = static_cast<std::int64_t>(chunk) * kChunkSamples + static_cast<std::int64_t>(run) * context->batch + i;
            std::byte* to = input.data() + static_cast<std::size_t>(i) * sampleBytes;
            if (place < static_cast<std::int64_t>(order.size()))
                std::memcpy(to, test.inputs.bytes().data() + static_cast<std::size_t>(order[static_cast<std::size_t>(place)]) * sampleBytes, sampleBytes);
            else
                std::memset(to, 0, sampleBytes);
        }
    }

    /// Reads answers off the network's output of one run.
    void judge(std::span<const std::byte> output, std::size_t chunk, std::size_t run, std::int64_t samples, std::vector<Answer>& answers) const
    {
        const std::size_t width = output.size() / sizeof(float) / static_cast<std::size_t>(context->batch);
        const auto* values = reinterpret_cast<const float*>(output.data());
        for (std::int64_t i = 0; i < context->batch; ++i, values += width) {
            const std::int64_t place = static_cast<std::int64_t>(chunk) * kChunkSamples + static_cast<std::int64_t>(run) * context->batch + i;
            if (place >= samples)
                return;
            answers[static_cast<std::size_t>(place)] = subject->task.kind == Task::Kind::Reconstruction
                                                           ? reconstruction({values, width}, order[static_cast<std::size_t>(place)])
                                                           : classification({values, width});
        }
    }

    /// Keeps what the reference's run made.
    void keepReference(std::span<const std::byte> output, std::size_t chunk, std::size_t run)
    {
        const std::size_t first = (chunk * static_cast<std::size_t>(kChunkSamples) + run * static_cast<std::size_t>(context->batch)) * outputWidth;
        if (first < referenceOutputs.size())
            std::memcpy(referenceOutputs.data() + first, output.data(), std::min(output.size(), (referenceOutputs.size() - first) * sizeof(float)));
    }

    /// Of one run, over the samples asked for.
    OutputError errorOf(std::span<const std::byte> output, std::size_t chunk, std::size_t run, std::int64_t samples) const
    {
        OutputError result;
        if (referenceOutputs.empty())
            return result;
        const auto place = static_cast<std::int64_t>(chunk) * kChunkSamples + static_cast<std::int64_t>(run) * context->batch;
        const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(samples - place, 0, context->batch)) * outputWidth;
        const auto* made = reinterpret_cast<const float*>(output.data());
        const float* wantedOutput = referenceOutputs.data() + static_cast<std::size_t>(place) * outputWidth;
        for (std::size_t i = 0; i < count; ++i) {
            const double wanted = wantedOutput[i], error = static_cast<double>(made[i]) - wanted;
            result.signal += wanted * wanted;
            result.error += error * error;
        }
        return result;
    }

    /// Where the first array is: in front of it every chip and every read computes the same.
    std::size_t firstArrayGroup(std::span<const CompiledLayerPtr> compiled) const
    {
        std::size_t cut = context->groups.size();
        for (const WeightedLayer& layer : context->layers)
            if (compiled[layer.index.value()]->array)
                cut = std::min(cut, context->groupOfLayer[layer.index.value()]);
        return cut;
    }

    /// Makes the activations in front of `cut` that chipCache has not. Nothing else is done where it is stopped.
    Result<void> fillChipCache(std::span<const CompiledLayerPtr> compiled, std::size_t cut, std::size_t chunkCount, int threads, const RunControl& control)
    {
        const std::uint64_t hash = prefixHash(compiled, cut, 0);
        if (chipCache.cut != cut || chipCache.prefixHash != hash)
            chipCache = {cut, hash, std::vector<std::vector<std::byte>>(chunks(static_cast<std::int64_t>(order.size())))};
        CORE_TRY(const auto before, stretch(compiled, 0, cut));
        std::mutex guard;
        std::optional<Problem> problem;
        forEachChunk(chunkCount, 1, threads, [&](const Chunk& chunk) {
            if (control.stopped())
                return false;
            std::vector<std::byte>& kept = chipCache.chunks[chunk.index];
            if (!kept.empty())
                return true;
            auto frame = before->take();
            std::vector<std::byte> crossing;
            for (std::size_t r = 0; r < runsPerChunk(); ++r) {
                fill(frame->input(0), chunk.index, r);
                if (const auto run = frame->run(); !run) {
                    const std::lock_guard lock(guard);
                    problem = run.error();
                    return false;
                }
                for (std::size_t o = 0; o < before->outputs.size(); ++o)
                    crossing.insert(crossing.end(), frame->output(o).begin(), frame->output(o).end());
            }
            kept = std::move(crossing);
            before->giveBack(std::move(frame));
            return true;
        });
        if (problem)
            return *problem;
        return success();
    }

    /// One chunk of one read of a chip.
    Result<OutputError> scoreChip(Stretch& after, std::size_t cut, std::size_t chunk, int read, std::int64_t samples, std::vector<Answer>& answers) const
    {
        OutputError error;
        const std::size_t runs = runsPerChunk();
        const std::uint64_t firstRead = static_cast<std::uint64_t>(read) * chunks(static_cast<std::int64_t>(order.size())) * runs;
        const std::byte* from = cut > 0 ? chipCache.chunks[chunk].data() : nullptr;
        auto frame = after.take();
        for (std::size_t r = 0; r < runs; ++r) {
            if (static_cast<std::int64_t>(chunk) * kChunkSamples + static_cast<std::int64_t>(r) * context->batch >= samples)
                break;
            if (!from)
                fill(frame->input(0), chunk, r);
            for (std::size_t i = 0; from && i < after.inputs.size(); ++i) {
                const auto to = frame->input(i);
                std::memcpy(to.data(), from, to.size());
                from += to.size();
            }
            CORE_TRY(frame->run(firstRead + chunk * runs + r));
            judge(frame->output(0), chunk, r, samples, answers);
            error += errorOf(frame->output(0), chunk, r, samples);
        }
        after.giveBack(std::move(frame));
        return error;
    }

    static Answer classification(std::span<const float> logits)
    {
        Answer answer{0, 0};
        float best = -std::numeric_limits<float>::infinity(), second = best;
        for (std::size_t c = 0; c < logits.size(); ++c) {
            if (logits[c] > best) {
                second = best;
                best = logits[c];
                answer.choice = static_cast<std::int32_t>(c);
            } else if (logits[c] > second) {
                second = logits[c];
            }
        }
        answer.margin = logits.size() > 1 ? best - second : 0.0f;
        return answer;
    }

    Answer reconstruction(std::span<const float> made, std::int64_t sample) const
    {
        const auto input = subject->test.inputs.values<float>().subspan(static_cast<std::size_t>(sample) * made.size(), made.size());
        double squared = 0;
        for (std::size_t i = 0; i < made.size(); ++i)
            squared += (static_cast<double>(made[i]) - static_cast<double>(input[i])) * (static_cast<double>(made[i]) - static_cast<double>(input[i]));
        const double error = squared / static_cast<double>(made.size());
        return {error <= subject->task.threshold ? 1 : 0, static_cast<float>(subject->task.threshold - error)};
    }

    bool isRight(const Answer& answer, std::size_t place) const
    {
        if (subject->task.kind == Task::Kind::Reconstruction)
            return answer.choice == 1;
        const auto& labels = subject->test.labels;
        return !labels.empty() && answer.choice == labels[static_cast<std::size_t>(order[place])];
    }
};

ScoringPass::ScoringPass(std::shared_ptr<const EngineContext> context, std::shared_ptr<const Subject> subject, std::vector<std::int64_t> order)
    : m_state(std::make_unique<State>())
{
    m_state->context = std::move(context);
    m_state->subject = std::move(subject);
    m_state->order = std::move(order);
    m_state->reference.resize(m_state->order.size());
    m_state->referenceDone.resize(chunks(static_cast<std::int64_t>(m_state->order.size())), 0);
    const EngineContext& engine = *m_state->context;
    m_state->outputWidth = static_cast<std::size_t>(elementCount(engine.values[engine.output().value()].shape) / engine.batch);
    if (m_state->order.size() * m_state->outputWidth * sizeof(float) <= kOutputBytes)
        m_state->referenceOutputs.resize(m_state->order.size() * m_state->outputWidth);
}

ScoringPass::~ScoringPass() = default;

const std::vector<std::int64_t>& ScoringPass::order() const { return m_state->order; }
const Answer& ScoringPass::referenceAnswer(std::size_t place) const { return m_state->reference[place]; }
bool ScoringPass::isRight(const Answer& answer, std::size_t place) const { return m_state->isRight(answer, place); }
bool ScoringPass::measuresOutputs() const { return !m_state->referenceOutputs.empty(); }

Result<PassResult> ScoringPass::run(const PassRequest& request, const RunControl& control)
{
    State& state = *m_state;
    const EngineContext& context = *state.context;
    const std::span<const CompiledLayerPtr> compiled = request.network.layers;
    const std::size_t end = context.groups.size(), chunkCount = chunks(request.samples), runs = state.runsPerChunk();

    if (!state.referenceStretch) {
        CORE_TRY(state.referenceStretch, state.stretch(context.exact, 0, end));
    }
    const bool isReference = std::equal(compiled.begin(), compiled.end(), context.exact.begin(),
                                        [](const auto& a, const auto& b) { return a->hash == b->hash; });

    // Activations are kept in front of the first group that differs from the pass before: who turns one knob turns it again.
    const auto holds = [&] { return state.cache.cut > 0 && state.prefixHash(compiled, state.cache.cut, request.reads) == state.cache.prefixHash; };
    const std::size_t changed = isReference || state.last.empty() ? 0 : state.firstChangedGroup(compiled);
    std::size_t cut = 0;
    if (holds() && (changed <= state.cache.cut || changed == end))
        cut = state.cache.cut;
    else if (changed > 0 && changed < end && state.bytesCrossing(changed) * runs * chunkCount <= kCacheBytes)
        cut = changed;
    if (cut > 0 && !(cut == state.cache.cut && holds()))
        state.cache = {cut, state.prefixHash(compiled, cut, request.reads), std::vector<std::vector<std::byte>>(chunks(static_cast<std::int64_t>(state.order.size())))};
    std::unique_ptr<Stretch> before, after;
    if (cut > 0) {
        CORE_TRY(before, state.stretch(compiled, 0, cut));
    }
    if (!isReference) {
        CORE_TRY(after, state.stretch(compiled, cut, end));
    }
    state.last.assign(compiled.begin(), compiled.end());

    PassResult result;
    result.answers.resize(static_cast<std::size_t>(request.samples));
    result.errors.resize(chunkCount);
    std::vector<char> done(chunkCount, 0);
    std::mutex guard;
    std::optional<Problem> problem;

    const auto scoreChunk = [&](std::size_t c) -> Result<ChunkCost> {
        if (!state.referenceDone[c]) {
            auto frame = state.referenceStretch->take();
            const auto began = std::chrono::steady_clock::now();
            for (std::size_t r = 0; r < runs; ++r) {
                state.fill(frame->input(0), c, r);
                CORE_TRY(frame->run());
                state.judge(frame->output(0), c, r, static_cast<std::int64_t>(state.order.size()), state.reference);
                state.keepReference(frame->output(0), c, r);
            }
            state.referenceDone[c] = 1;
            state.referenceStretch->giveBack(std::move(frame));
            if (isReference)
                return ChunkCost{since(began), true};
        }
        if (isReference)
            return ChunkCost{0.0, false};
        const auto began = std::chrono::steady_clock::now();
        auto last = after->take();
        std::vector<std::byte>* kept = cut > 0 ? &state.cache.chunks[c] : nullptr;
        auto first = kept && kept->empty() ? before->take() : nullptr;
        const std::byte* from = kept && !first ? kept->data() : nullptr;
        std::vector<std::byte> crossing;
        for (std::size_t r = 0; r < runs; ++r) {
            const std::uint64_t read = request.reads + c * runs + r;
            const bool isAskedFor = static_cast<std::int64_t>(c) * kChunkSamples + static_cast<std::int64_t>(r) * context.batch < request.samples;
            if (!isAskedFor && !first)
                break;   // what is kept in front of the cut is kept of the whole chunk
            if (first) {
                state.fill(first->input(0), c, r);
                CORE_TRY(first->run(read));
                for (std::size_t o = 0; o < before->outputs.size(); ++o) {
                    const auto made = first->output(o);
                    crossing.insert(crossing.end(), made.begin(), made.end());
                    std::memcpy(last->input(o).data(), made.data(), made.size());
                }
            } else if (from) {
                for (std::size_t i = 0; i < after->inputs.size(); ++i) {
                    const auto to = last->input(i);
                    std::memcpy(to.data(), from, to.size());
                    from += to.size();
                }
            } else {
                state.fill(last->input(0), c, r);
            }
            if (!isAskedFor)
                continue;
            CORE_TRY(last->run(read));
            state.judge(last->output(0), c, r, request.samples, result.answers);
            result.errors[c] += state.errorOf(last->output(0), c, r, request.samples);
        }
        if (first) {
            *kept = std::move(crossing);
            before->giveBack(std::move(first));
        }
        after->giveBack(std::move(last));
        return ChunkCost{since(began), from == nullptr};
    };

    forEachChunk(chunkCount, 1, request.threads, [&](const Chunk& chunk) {
        if (control.stopped())
            return false;
        const auto scored = scoreChunk(chunk.index);
        const std::lock_guard lock(guard);
        if (!scored) {
            problem = scored.error();
            return false;
        }
        result.busySeconds += scored.value().seconds;
        result.wholeNetwork = result.wholeNetwork && scored.value().wholeNetwork;
        done[chunk.index] = 1;
        const auto first = chunk.index * static_cast<std::size_t>(kChunkSamples);
        const auto last = std::min(first + static_cast<std::size_t>(kChunkSamples), static_cast<std::size_t>(request.samples));
        for (std::size_t place = first; place < last; ++place) {
            if (isReference)
                result.answers[place] = state.reference[place];
            const bool right = state.isRight(result.answers[place], place), referenceRight = state.isRight(state.reference[place], place);
            ++result.counts.scored;
            result.counts.right += right ? 1 : 0;
            result.counts.referenceRight += referenceRight ? 1 : 0;
            result.counts.agreed += result.answers[place].choice == state.reference[place].choice ? 1 : 0;
        }
        if (request.tell)
            request.tell(result.counts);
        return true;
    });
    if (problem)
        return *problem;
    result.done.assign(done.begin(), done.end());
    return result;
}

Result<std::vector<ChipScore>> ScoringPass::runChips(const ChipPassRequest& request, const RunControl& control)
{
    State& state = *m_state;
    const std::size_t end = state.context->groups.size(), chunkCount = chunks(request.samples), tasks = request.reads.size() * chunkCount;
    std::vector<ChipScore> result(request.reads.size());
    if (tasks == 0)
        return result;

    const auto layersOf = [&](std::size_t at) { return std::span<const CompiledLayerPtr>(request.reads[at].network->layers); };
    std::size_t cut = state.firstArrayGroup(layersOf(0));
    if (cut == end || state.bytesCrossing(cut) * state.runsPerChunk() * chunkCount > kCacheBytes)
        cut = 0;
    for (std::size_t i = 1; i < request.reads.size() && cut > 0; ++i)
        if (state.prefixHash(layersOf(i), cut, 0) != state.prefixHash(layersOf(0), cut, 0))
            cut = 0;
    if (cut > 0)
        CORE_TRY(state.fillChipCache(layersOf(0), cut, chunkCount, request.threads, control));

    std::map<const PolarizedNetwork*, std::unique_ptr<Stretch>> stretches;
    for (std::size_t i = 0; i < request.reads.size(); ++i)
        if (auto& made = stretches[request.reads[i].network.get()]; !made) {
            CORE_TRY(made, state.stretch(layersOf(i), cut, end));
        }
    std::vector<std::vector<Answer>> answers(request.reads.size(), std::vector<Answer>(static_cast<std::size_t>(request.samples)));
    std::vector<OutputError> errors(tasks);
    std::vector<std::size_t> done(request.reads.size(), 0);
    std::size_t allDone = 0;
    std::mutex guard;
    std::optional<Problem> problem;
    forEachChunk(tasks, 1, request.threads, [&](const Chunk& task) {
        if (control.stopped())
            return false;
        const std::size_t read = task.index / chunkCount, chunk = task.index % chunkCount;
        const ChipRead& chip = request.reads[read];
        const auto scored = state.scoreChip(*stretches.at(chip.network.get()), cut, chunk, chip.read, request.samples, answers[read]);
        const std::lock_guard lock(guard);
        if (!scored) {
            problem = scored.error();
            return false;
        }
        errors[task.index] = scored.value();
        ++done[read];
        ++allDone;
        if (request.tell)
            request.tell(static_cast<double>(allDone) / static_cast<double>(tasks));
        return true;
    });
    if (problem)
        return *problem;
    for (std::size_t read = 0; read < result.size(); ++read) {
        result[read].isDone = done[read] == chunkCount;
        for (std::size_t chunk = 0; chunk < chunkCount; ++chunk)
            result[read].error += errors[read * chunkCount + chunk];
        for (std::size_t place = 0; place < answers[read].size(); ++place)
            result[read].right.push_back(state.isRight(answers[read][place], place) ? 1 : 0);
    }
    return result;
}

}  // namespace core
