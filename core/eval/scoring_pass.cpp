// SPDX-License-Identifier: Apache-2.0
#include "core/eval/scoring_pass.h"

#include "core/base/hash.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <mutex>

namespace core {

namespace {

constexpr std::size_t kCacheBytes = std::size_t{1} << 30;   // activations kept in front of a cut, at most

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
}

ScoringPass::~ScoringPass() = default;

const std::vector<std::int64_t>& ScoringPass::order() const { return m_state->order; }
const Answer& ScoringPass::referenceAnswer(std::size_t place) const { return m_state->reference[place]; }

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

}  // namespace core
