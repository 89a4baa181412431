// SPDX-License-Identifier: Apache-2.0
#include "core/engine/program.h"

#include "core/engine/kernel_threads.h"
#include "core/engine/lowering.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace core {

namespace {

/// A slot's life, in steps; what is given lives from before the first step, what is asked for until after the last.
struct Life { std::ptrdiff_t first = std::numeric_limits<std::ptrdiff_t>::max(), last = -1; };

bool overlap(const Life& a, const Life& b) { return a.first <= b.last && b.first <= a.last; }

constexpr std::size_t kAlignment = 64;

/// Places every slot so that no two that live at the same time share memory: largest first, each at the lowest
/// offset that is free throughout its life.
std::vector<std::size_t> placeSlots(const std::vector<std::size_t>& bytes, const std::vector<Life>& lives, std::size_t& arenaBytes)
{
    std::vector<std::size_t> order(bytes.size()), offsets(bytes.size(), 0);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return bytes[a] > bytes[b]; });
    std::vector<std::size_t> placed;
    for (const std::size_t slot : order) {
        std::vector<std::size_t> rivals;
        for (const std::size_t other : placed)
            if (overlap(lives[slot], lives[other]))
                rivals.push_back(other);
        std::sort(rivals.begin(), rivals.end(), [&](std::size_t a, std::size_t b) { return offsets[a] < offsets[b]; });
        std::size_t offset = 0;
        for (const std::size_t other : rivals) {
            if (offset + bytes[slot] <= offsets[other])
                break;
            offset = std::max(offset, offsets[other] + (bytes[other] + kAlignment - 1) / kAlignment * kAlignment);
        }
        offsets[slot] = offset;
        arenaBytes = std::max(arenaBytes, offset + bytes[slot]);
        placed.push_back(slot);
    }
    return offsets;
}

}  // namespace

struct Program::Plan {
    std::vector<std::unique_ptr<const Step>> steps;
    std::vector<std::size_t> slotBytes, offsets;
    std::vector<SlotIndex> inputs, outputs;
    std::size_t arenaBytes = 0;
};

Program::Program(std::unique_ptr<const Plan> plan) : m_plan(std::move(plan)) {}
Program::~Program() = default;

std::size_t Program::inputBytes(std::size_t input) const { return m_plan->slotBytes[m_plan->inputs[input].value()]; }
std::size_t Program::outputBytes(std::size_t output) const { return m_plan->slotBytes[m_plan->outputs[output].value()]; }

Result<std::shared_ptr<const Program>> Program::build(const ProgramRequest& request)
{
    Lowering lowering(request);
    CORE_TRY(lowering.run());

    auto plan = std::make_unique<Plan>();
    std::vector<Life> lives(lowering.slotBytes.size());
    const auto lives_at = [&](SlotIndex slot, std::ptrdiff_t step) {
        Life& life = lives[slot.value()];
        life.first = std::min(life.first, step);
        life.last = std::max(life.last, step);
    };
    const auto stepCount = static_cast<std::ptrdiff_t>(lowering.steps.size());
    for (const SlotIndex slot : lowering.inputSlots)
        lives_at(slot, -1);
    for (std::ptrdiff_t step = 0; step < stepCount; ++step) {
        for (const SlotIndex slot : lowering.steps[static_cast<std::size_t>(step)]->reads)
            lives_at(slot, step);
        for (const SlotIndex slot : lowering.steps[static_cast<std::size_t>(step)]->writes)
            lives_at(slot, step);
    }
    for (const SlotIndex slot : lowering.outputSlots)
        lives_at(slot, stepCount);

    plan->offsets = placeSlots(lowering.slotBytes, lives, plan->arenaBytes);
    plan->steps = std::move(lowering.steps);
    plan->slotBytes = std::move(lowering.slotBytes);
    plan->inputs = std::move(lowering.inputSlots);
    plan->outputs = std::move(lowering.outputSlots);
    return std::shared_ptr<const Program>(new Program(std::move(plan)));
}

struct Program::Frame::State {
    std::shared_ptr<const Program> program;
    Tensor arena;                       // for its alignment
    std::uint64_t read = 0;
    std::unique_ptr<FrameMemory> memory;
    std::vector<Action> actions;
};

std::unique_ptr<Program::Frame> Program::makeFrame(std::shared_ptr<const Program> program)
{
    const Plan& plan = *program->m_plan;
    auto state = std::make_unique<Frame::State>();
    state->arena = Tensor(DataType::UInt8, {static_cast<std::int64_t>(plan.arenaBytes)});
    state->memory = std::make_unique<FrameMemory>(state->arena.editBytes().data(), plan.offsets, state->read);
    for (const auto& step : plan.steps)
        state->actions.push_back(step->bind(*state->memory));
    state->program = std::move(program);
    return std::unique_ptr<Frame>(new Frame(std::move(state)));
}

Program::Frame::Frame(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Program::Frame::~Frame() = default;

std::span<std::byte> Program::Frame::input(std::size_t index)
{
    const Plan& plan = *m_state->program->m_plan;
    return {m_state->memory->at(plan.inputs[index]), plan.slotBytes[plan.inputs[index].value()]};
}

std::span<const std::byte> Program::Frame::output(std::size_t index) const
{
    const Plan& plan = *m_state->program->m_plan;
    return {m_state->memory->at(plan.outputs[index]), plan.slotBytes[plan.outputs[index].value()]};
}

Result<void> Program::Frame::run(std::uint64_t read)
{
    useOneKernelThread();
    m_state->read = read;
    for (const Action& action : m_state->actions)
        CORE_TRY(action());
    return success();
}

}  // namespace core
