// SPDX-License-Identifier: Apache-2.0
// Running sums of chosen components only. Those of one row (or of one vector, whichever fills registers better) share a
// broadcast, what is left over of two rows share two; the other operand is transposed on the way in, a few columns at a time.
#include "core/formats/sums/component_kernel.h"

#include "core/formats/sums/sum_rounding.h"

#include <algorithm>
#include <numeric>

// Vectors of unknown length cannot be kept in arrays; such machines run a fixed-length target. SSE4 has nothing here that SSSE3 lacks.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSE4)
#ifdef __x86_64__
#define HWY_BASELINE_TARGETS HWY_SSSE3
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/formats/sums/component_kernel.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h wants to come before highway.h.
#include <hwy/highway.h>

#include "core/formats/sums/sum_loops.inl"

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

/// Components that share a broadcast operand: the first `split` lanes one, the others another.
struct Group {
    std::array<const float*, 2> shared{};
    std::array<const float*, static_cast<std::size_t>(kLanes)> own{};
    std::array<std::uint32_t, static_cast<std::size_t>(kLanes)> numbers{};
    int split = static_cast<int>(kLanes), used = 0;
};

struct Component {
    std::uint32_t row, vector;
};

struct ComponentTask {
    const SumRule* rule;
    SumRounding inner, outer;
    const SumOperands* operands;
    std::vector<Component> components;
    float* sums;
};

constexpr int kGroups = 8;  // in flight together
constexpr std::int64_t kTileColumns = 16;

constexpr int kBlocks = static_cast<int>(kLanes / 4);  // of four lanes, which transpose among themselves

/// Four registers whose blocks of four lanes transpose among themselves.
HWY_INLINE void transposeBlocks(FloatVector* v)
{
    const Floats d;
    const hn::RepartitionToWide<Floats> pairs;
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, v[0], v[1])),
               low23 = hn::BitCast(pairs, hn::InterleaveLower(d, v[2], v[3]));
    const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, v[0], v[1])),
               high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, v[2], v[3]));
    v[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
    v[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
    v[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
    v[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
/// Eight columns of a group's own operands, from one load of eight columns a pointer. Register j holds pointers j and 4 + j,
/// its blocks columns 0-3 and 4-7 of either.
HWY_INLINE void transposeOctet(const float* const* own, std::int64_t column, float* HWY_RESTRICT to)
{
    const Floats d;
    const hn::Half<Floats> half;
    FloatVector low[4], high[4];
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j) {
        low[j] = hn::Combine(d, hn::LoadU(half, own[4 + j] + column), hn::LoadU(half, own[j] + column));
        high[j] = hn::Combine(d, hn::LoadU(half, own[12 + j] + column), hn::LoadU(half, own[8 + j] + column));
    }
    transposeBlocks(low);
    transposeBlocks(high);
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j) {  // blocks 0 and 2 are column j, 1 and 3 column 4 + j
        hn::StoreU(FloatVector{_mm512_shuffle_f32x4(low[j].raw, high[j].raw, 0x88)}, d, to + j * kLanes);
        hn::StoreU(FloatVector{_mm512_shuffle_f32x4(low[j].raw, high[j].raw, 0xDD)}, d, to + (4 + j) * kLanes);
    }
}
#endif

/// Four columns of a group's own operands, from four loads a block; pointer of lane 4 block + j goes to register j.
HWY_INLINE void transposeQuad(const float* const* own, std::int64_t column, float* HWY_RESTRICT to)
{
    const Floats d;
    FloatVector v[4];
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j) {
        v[j] = hn::LoadDup128(d, own[j] + column);
        HWY_UNROLL(4)
        for (int block = 1; block < kBlocks; ++block) {
            const auto before = hn::FirstN(d, static_cast<std::size_t>(4 * block));
            v[j] = hn::IfThenElse(before, v[j], hn::LoadDup128(d, own[4 * block + j] + column));
        }
    }
    transposeBlocks(v);
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j)
        hn::StoreU(v[j], d, to + j * kLanes);
}

/// Columns [first, first + count) of a group's own operands: tile[column * kLanes + lane].
HWY_INLINE void transpose(const Group& group, std::int64_t first, std::int64_t count, float* HWY_RESTRICT tile)
{
    std::int64_t column = 0;
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    for (; column + 8 <= count; column += 8)
        transposeOctet(group.own.data(), first + column, tile + column * kLanes);
#endif
    for (; column + 4 <= count; column += 4)
        transposeQuad(group.own.data(), first + column, tile + column * kLanes);
    for (; column < count; ++column)
        for (std::int64_t lane = 0; lane < kLanes; ++lane)
            tile[column * kLanes + lane] = group.own[static_cast<std::size_t>(lane)][first + column];
}

/// `isSplit`: some of the groups have two shared operands.
template <bool isSplit, class Rounder, ProductRounding products>
HWY_INLINE void sumGroups(const ComponentTask& task, const Rounder& round, const std::array<const Group*, kGroups>& groups,
                          float* HWY_RESTRICT sums)
{
    const Floats d;
    alignas(64) float tile[kGroups][kTileColumns * kLanes];
    const std::int64_t columns = task.operands->columns;
    const std::int64_t length = task.rule->block > 0 ? task.rule->block : std::max<std::int64_t>(1, columns);
    FloatVector sum[kGroups], outer[kGroups];
    hn::Mask<Floats> isFirst[kGroups];
    HWY_UNROLL(8)
    for (int g = 0; g < kGroups; ++g) {
        sum[g] = outer[g] = hn::Zero(d);
        isFirst[g] = hn::FirstN(d, static_cast<std::size_t>(groups[static_cast<std::size_t>(g)]->split));
    }
    std::int64_t left = length;  // of the block at hand
    for (std::int64_t first = 0; first < columns; first += kTileColumns) {
        const std::int64_t count = std::min(kTileColumns, columns - first);
        for (int g = 0; g < kGroups; ++g)
            transpose(*groups[static_cast<std::size_t>(g)], first, count, tile[g]);
        for (std::int64_t k = 0; k < count;) {
            const std::int64_t end = std::min(count, k + left);
            left -= end - k;
            for (; k < end; ++k) {
                HWY_UNROLL(8)
                for (int g = 0; g < kGroups; ++g) {
                    const Group& group = *groups[static_cast<std::size_t>(g)];
                    FloatVector shared = hn::Set(d, group.shared[0][first + k]);
                    if constexpr (isSplit)
                        shared = hn::IfThenElse(isFirst[g], shared, hn::Set(d, group.shared[1][first + k]));
                    sum[g] = stepped<Rounder, products>(round, sum[g], shared, hn::Load(d, tile[g] + k * kLanes));
                }
            }
            if (left == 0 || first + k == columns) {
                HWY_UNROLL(8)
                for (int g = 0; g < kGroups; ++g) {
                    outer[g] = task.rule->block > 0 ? nearest(hn::Add(outer[g], sum[g]), task.outer) : sum[g];
                    sum[g] = hn::Zero(d);
                }
                left = length;
            }
        }
    }
    HWY_UNROLL(8)
    for (int g = 0; g < kGroups; ++g)
        hn::Store(outer[g], d, sums + g * kLanes);
}

/// The components cut into groups, those of one row (or vector) together: first the full ones, then what is left of them, two
/// rows a group.
class Grouping {
public:
    Grouping(const SumOperands& operands, bool isAlongRows, std::size_t components) : m_operands(operands), m_isAlongRows(isAlongRows)
    {
        m_groups.reserve(components / static_cast<std::size_t>(kLanes) + 64);
    }

    /// `components` come in the order of their rows (or vectors).
    void cut(std::span<const Component> components)
    {
        std::vector<Component> rest;
        for (std::size_t begin = 0, end = 0; begin < components.size(); begin = end) {
            const std::uint32_t key = keyOf(components[begin]);
            while (end < components.size() && keyOf(components[end]) == key)
                ++end;
            while (begin + static_cast<std::size_t>(kLanes) <= end)
                begin += take(components.subspan(begin, static_cast<std::size_t>(kLanes)));
            rest.insert(rest.end(), components.begin() + static_cast<std::ptrdiff_t>(begin),
                        components.begin() + static_cast<std::ptrdiff_t>(end));
        }
        for (std::size_t begin = 0; begin < rest.size();)
            begin += take(std::span(rest).subspan(begin));
    }
    const std::vector<Group>& groups() const { return m_groups; }

private:
    std::uint32_t keyOf(const Component& component) const { return m_isAlongRows ? component.row : component.vector; }

    /// A group of the first components of at most two rows; returns how many.
    std::size_t take(std::span<const Component> components)
    {
        Group group;
        std::uint32_t row = 0;
        int rows = 0;
        for (; group.used < static_cast<int>(kLanes) && static_cast<std::size_t>(group.used) < components.size(); ++group.used) {
            const Component& component = components[static_cast<std::size_t>(group.used)];
            const float* const weights = m_operands.weights + component.row * m_operands.columns;
            const float* const inputs = m_operands.inputs + component.vector * m_operands.columns;
            if (rows == 0 || keyOf(component) != row) {
                if (rows == 2)
                    break;
                group.split = rows == 0 ? group.split : group.used;
                group.shared[static_cast<std::size_t>(rows++)] = m_isAlongRows ? weights : inputs;
                row = keyOf(component);
            }
            const auto lane = static_cast<std::size_t>(group.used);
            group.own[lane] = m_isAlongRows ? inputs : weights;
            group.numbers[lane] = component.row * static_cast<std::uint32_t>(m_operands.vectors) + component.vector;
        }
        if (rows == 1)
            group.shared[1] = group.shared[0];
        for (auto lane = static_cast<std::size_t>(group.used); lane < static_cast<std::size_t>(kLanes); ++lane) {  // nobody reads these
            group.own[lane] = group.own[0];
            group.numbers[lane] = group.numbers[0];
        }
        m_groups.push_back(group);
        return static_cast<std::size_t>(group.used);
    }

    const SumOperands& m_operands;
    bool m_isAlongRows;
    std::vector<Group> m_groups;
};

/// By vector, and by row within one.
std::vector<Component> sortedByVector(std::span<const Component> components, std::size_t vectors)
{
    std::vector<std::size_t> places(vectors + 1);
    for (const Component& component : components)
        ++places[component.vector + 1];
    std::partial_sum(places.begin(), places.end(), places.begin());
    std::vector<Component> sorted(components.size());
    for (const Component& component : components)
        sorted[places[component.vector]++] = component;
    return sorted;
}

/// Where fewer registers stay partly empty.
bool isBetterAlongRows(const ComponentTask& task)
{
    std::vector<std::uint32_t> ofRow(static_cast<std::size_t>(task.operands->rows)),
        ofVector(static_cast<std::size_t>(task.operands->vectors));
    for (const Component& component : task.components) {
        ++ofRow[component.row];
        ++ofVector[component.vector];
    }
    const auto groupsOf = [](const std::vector<std::uint32_t>& counts) {  // the full ones, and what is left, two rows a group
        std::int64_t groups = 0, rest = 0, rests = 0;
        for (const std::uint32_t count : counts) {
            groups += count / kLanes;
            rest += count % kLanes;
            rests += count % kLanes > 0 ? 1 : 0;
        }
        return groups + std::max((rest + kLanes - 1) / kLanes, (rests + 1) / 2);
    };
    return groupsOf(ofRow) <= groupsOf(ofVector);
}

/// Rows and vectors of the numbers, which mostly stay in one row: few divisions.
std::vector<Component> componentsOf(std::span<const std::uint32_t> numbers, std::uint32_t vectors)
{
    std::vector<Component> components;
    components.reserve(numbers.size());
    std::uint32_t row = 0, first = 0;
    for (const std::uint32_t number : numbers) {
        if (number < first || number - first >= vectors) {
            row = number / vectors;
            first = row * vectors;
        }
        components.push_back({row, number - first});
    }
    return components;
}

template <class Rounder, ProductRounding products>
void quickComponents(const ComponentTask& task, const Rounder& round)
{
    const Floats d;
    const bool isAlongRows = isBetterAlongRows(task);
    Grouping grouping(*task.operands, isAlongRows, task.components.size());
    grouping.cut(isAlongRows ? task.components : sortedByVector(task.components, static_cast<std::size_t>(task.operands->vectors)));
    const std::vector<Group>& groups = grouping.groups();
    alignas(64) float sums[kGroups * kLanes];
    for (std::size_t first = 0; first < groups.size(); first += kGroups) {
        std::array<const Group*, kGroups> together;
        for (std::size_t g = 0; g < kGroups; ++g)  // past the end the last group again, whose sums nobody reads
            together[g] = &groups[std::min(first + g, groups.size() - 1)];
        if (std::ranges::any_of(together, [](const Group* group) { return group->split < group->used; }))
            sumGroups<true, Rounder, products>(task, round, together, sums);
        else
            sumGroups<false, Rounder, products>(task, round, together, sums);
        for (std::size_t g = 0; g < kGroups && first + g < groups.size(); ++g) {
            const Group& group = *together[g];
            float* const own = sums + static_cast<std::int64_t>(g) * kLanes;
            if (task.operands->bias) {
                alignas(64) float bias[kLanes];
                for (std::size_t lane = 0; lane < static_cast<std::size_t>(kLanes); ++lane)
                    bias[lane] = task.operands->bias[group.numbers[lane] / static_cast<std::uint32_t>(task.operands->vectors)];
                hn::Store(nearest(hn::Add(hn::Load(d, own), hn::Load(d, bias)), task.outer), d, own);
            }
            for (std::size_t lane = 0; lane < static_cast<std::size_t>(group.used); ++lane)
                task.sums[group.numbers[lane]] = own[lane] + 0.0f;
        }
    }
}

template <class Rounder>
void componentProducts(const ComponentTask& task, const Rounder& round)
{
    switch (task.rule->products) {
    case ProductRounding::Rounded: return quickComponents<Rounder, ProductRounding::Rounded>(task, round);
    case ProductRounding::Float32: return quickComponents<Rounder, ProductRounding::Float32>(task, round);
    case ProductRounding::Fused: return quickComponents<Rounder, ProductRounding::Fused>(task, round);
    }
}

void MultiplyComponents(const SumRule& rule, const SumOperands& operands, const std::uint32_t* numbers, std::size_t count, float* sums)
{
    using Rounding = SumRounding::Kind;
    const ComponentTask task{&rule,
                             SumRounding(rule.format, {}),
                             SumRounding(rule.outerFormat(), {}),
                             &operands,
                             componentsOf({numbers, count}, static_cast<std::uint32_t>(operands.vectors)),
                             sums};
    switch (task.inner.kind) {
    case Rounding::Exact: return componentProducts(task, ExactRounder{});
    case Rounding::LongExponent: return componentProducts(task, LongExponentRounder(task.inner));
    case Rounding::Half: return componentProducts(task, HalfRounder(task.inner));
    case Rounding::Saturating: return componentProducts(task, SaturatingRounder(task.inner));
    case Rounding::Overflowing: return componentProducts(task, OverflowingRounder(task.inner));
    }
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

namespace {
HWY_EXPORT(MultiplyComponents);

bool isQuick(const SumRule& rule) { return rule.order == SumOrder::Sequential && !rule.randomBits; }

/// All of the sums, and the chosen ones taken: other orders, chance, and NaN, whose bits the kernel would have to tidy first.
void takeComponents(const SumRule& rule, const SumOperands& operands, std::span<const std::uint32_t> numbers, float* sums,
                    SumBuffers& buffers)
{
    std::vector<float> all(static_cast<std::size_t>(operands.rows * operands.vectors));
    multiplyBySums(rule, operands, all.data(), buffers);
    for (const std::uint32_t number : numbers)
        sums[number] = all[number];
}

}  // namespace

void multiplyComponentsOfNumbers(const SumRule& rule, const SumOperands& operands, std::span<const std::uint32_t> numbers, float* sums,
                                 SumBuffers& buffers)
{
    if (numbers.empty())
        return;
    if (!isQuick(rule))
        return takeComponents(rule, operands, numbers, sums, buffers);
    HWY_DYNAMIC_DISPATCH(MultiplyComponents)(rule, operands, numbers.data(), numbers.size(), sums);
}

void multiplyComponents(const SumRule& rule, const SumOperands& operands, std::span<const std::uint32_t> numbers, float* sums,
                        SumBuffers& buffers)
{
    if (numbers.empty())
        return;
    if (hasNotANumber(operands.weights, operands.rows * operands.columns) ||
        hasNotANumber(operands.inputs, operands.vectors * operands.columns))
        return takeComponents(rule, operands, numbers, sums, buffers);
    multiplyComponentsOfNumbers(rule, operands, numbers, sums, buffers);
}

}  // namespace core
#endif
