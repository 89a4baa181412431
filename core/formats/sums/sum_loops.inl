// SPDX-License-Identifier: Apache-2.0
// Running sums across the lanes of vectors. Highway compiles it once per target: the toggle below takes the place of #pragma once.
#if defined(CORE_FORMATS_SUMS_SUM_LOOPS_INL_) == defined(HWY_TARGET_TOGGLE)
#ifdef CORE_FORMATS_SUMS_SUM_LOOPS_INL_
#undef CORE_FORMATS_SUMS_SUM_LOOPS_INL_
#else
#define CORE_FORMATS_SUMS_SUM_LOOPS_INL_
#endif

#include "core/base/noise.h"
#include "core/base/philox.inl"
#include "core/formats/sums/sum_kernel.h"
#include "core/formats/sums/sum_rounding.h"

#include <hwy/highway.h>

#include <array>
#include <cmath>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Words = hn::RebindToUnsigned<Floats>;
using FloatVector = hn::Vec<Floats>;
using WordVector = hn::Vec<Words>;

constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Floats{}));
constexpr int kRegisters = 8;
constexpr std::uint32_t kSignBit = 0x80000000u, kExponentBits = 0x7f800000u;

/// One NaN for all, so that rounding on the bits of a float cannot carry out of it.
HWY_INLINE float canonical(float x) { return x == x ? x : std::numeric_limits<float>::quiet_NaN(); }

/// What one chunk of vectors, packed column by column, asks for.
struct SumTask {
    const SumRule* rule;
    SumRounding inner, outer;
    SumOperands operands = {};
    const float* packed = nullptr;      // [column * width + vector]
    std::int64_t count = 0, width = 0;  // vectors, and with padding
    float* sums = nullptr;              // [row * stride + vector]
    std::uint8_t* overflowed = nullptr;
    std::int64_t stride = 0;
    SumBuffers* buffers = nullptr;

    std::int64_t blockLength() const { return rule->block > 0 ? rule->block : std::max<std::int64_t>(1, operands.columns); }
};

HWY_INLINE FloatVector fusedMultiplyAdd(FloatVector a, FloatVector b, FloatVector c)
{
#if HWY_NATIVE_FMA
    return hn::MulAdd(a, b, c);
#else
    const Floats d;  // MulAdd would round twice here
    alignas(64) float x[kLanes], y[kLanes], z[kLanes];
    hn::Store(a, d, x);
    hn::Store(b, d, y);
    hn::Store(c, d, z);
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
        z[lane] = std::fma(x[lane], y[lane], z[lane]);
    return hn::Load(d, z);
#endif
}

struct ExactRounder {
    HWY_INLINE FloatVector operator()(FloatVector x) const { return x; }
};

/// Half a step less one and the lowest bit that stays, added to the bits; the rest cut off. Subnormals have fp32's steps cut
/// the same way, and what passes the largest level becomes infinity by the carry.
struct LongExponentRounder {
    std::uint32_t step;
    int shift;
    explicit LongExponentRounder(const SumRounding& rounding)
        : step(1u << (23 - rounding.mantissaBits)), shift(static_cast<int>(23 - rounding.mantissaBits))
    {
    }
    HWY_INLINE FloatVector operator()(FloatVector x) const
    {
        const Floats d;
        const Words du;
        const WordVector bits = hn::BitCast(du, x);
        const WordVector lowestKept = hn::And(hn::ShiftRightSame(bits, shift), hn::Set(du, 1u));
        const WordVector raised = hn::Add(hn::Add(bits, hn::Set(du, step / 2 - 1)), lowestKept);
        return hn::BitCast(d, hn::AndNot(hn::Set(du, step - 1), raised));
    }
};

/// x to a multiple of the step of its binade, or of the lowest one: beside an anchor of 1.5 * 2^23 steps a float's own step is
/// that step, and fp32's rounding to nearest even does the work. 1.5, so that either sign stays within the anchor's binade.
HWY_INLINE FloatVector anchored(FloatVector x, const SumRounding& rounding)
{
    const Floats d;
    const Words du;
    const WordVector binade = hn::Max(hn::And(hn::BitCast(du, x), hn::Set(du, kExponentBits)), hn::Set(du, rounding.lowestBinade));
    const FloatVector anchor = hn::BitCast(d, hn::Add(binade, hn::Set(du, rounding.anchorRaise)));
    return hn::Sub(hn::Add(x, anchor), anchor);
}

struct SaturatingRounder {
    const SumRounding& rounding;
    explicit SaturatingRounder(const SumRounding& of) : rounding(of) {}
    HWY_INLINE FloatVector operator()(FloatVector x) const
    {
        const Floats d;  // a limit first: where x is NaN, x comes out
        return anchored(hn::Max(hn::Set(d, -rounding.largest), hn::Min(hn::Set(d, rounding.largest), x)), rounding);
    }
};

struct OverflowingRounder {
    const SumRounding& rounding;
    explicit OverflowingRounder(const SumRounding& of) : rounding(of) {}
    HWY_INLINE FloatVector operator()(FloatVector x) const
    {
        const Floats d;
        const Words du;
        const auto isOver = hn::Gt(hn::Abs(x), hn::Set(d, rounding.threshold));
        const FloatVector infinity = hn::BitCast(d, hn::Or(hn::And(hn::BitCast(du, x), hn::Set(du, kSignBit)), hn::Set(du, kExponentBits)));
        return hn::IfThenElse(isOver, infinity, anchored(x, rounding));
    }
};

/// fp16 by the machine's own conversion, which rounds to nearest even and knows subnormals and infinity.
struct HalfRounder {
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86 && !defined(HWY_DISABLE_F16C)
    explicit HalfRounder(const SumRounding&) {}
    HWY_INLINE FloatVector operator()(FloatVector x) const
    {
        const hn::Rebind<hwy::float16_t, Floats> half;
        return hn::PromoteTo(Floats{}, hn::DemoteTo(half, x));
    }
#else
    OverflowingRounder inner;
    explicit HalfRounder(const SumRounding& of) : inner(of) {}
    HWY_INLINE FloatVector operator()(FloatVector x) const { return inner(x); }
#endif
};

/// stochasticLevel of every lane: t counts 2^-randomBits steps, whole ones below 2^24 and hence exact.
HWY_INLINE FloatVector byChance(FloatVector x, const SumRounding& rounding, WordVector random)
{
    const Floats d;
    const Words du;
    const hn::RebindToSigned<Floats> di;
    const int shift = static_cast<int>(23 - rounding.mantissaBits);
    const WordVector sign = hn::And(hn::BitCast(du, x), hn::Set(du, kSignBit));
    const FloatVector size = hn::Abs(x);
    const WordVector chance = hn::ShiftRightSame(random, 32 - rounding.randomBits);
    FloatVector level;
    if (rounding.kind == SumRounding::Kind::LongExponent) {
        const int spare = shift - rounding.randomBits;  // below nothing: more chance than the float has bits to meet it
        const WordVector added = spare >= 0 ? hn::ShiftLeftSame(chance, spare) : hn::ShiftRightSame(chance, -spare);
        const WordVector raised = hn::Add(hn::BitCast(du, size), added);
        level = hn::BitCast(d, hn::ShiftLeftSame(hn::ShiftRightSame(raised, shift), shift));
    } else {
        const WordVector binade = hn::Max(hn::And(hn::BitCast(du, size), hn::Set(du, kExponentBits)), hn::Set(du, rounding.lowestBinade));
        const std::uint32_t places = rounding.mantissaBits + static_cast<std::uint32_t>(rounding.randomBits);
        const FloatVector toCount = hn::BitCast(d, hn::Sub(hn::Set(du, (254 + places) << 23), binade));  // 2^(places - exponent)
        const FloatVector step = hn::BitCast(d, hn::Sub(binade, hn::Set(du, rounding.mantissaBits << 23)));
        const auto steps = hn::BitCast(du, hn::ConvertTo(di, hn::Mul(size, toCount)));
        level = hn::Mul(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRightSame(hn::Add(steps, chance), rounding.randomBits))), step);
    }
    const FloatVector beyond = hn::BitCast(d, hn::Set(du, rounding.overflowBits));
    const auto isBeyond = hn::Or(hn::Gt(level, hn::Set(d, rounding.largest)), hn::Gt(size, hn::Set(d, 2 * rounding.largest)));
    level = hn::IfThenElse(isBeyond, beyond, level);
    level = hn::BitCast(d, hn::Or(hn::BitCast(du, level), sign));
    return hn::IfThenElse(hn::IsNaN(x), x, level);
}

HWY_INLINE FloatVector nearest(FloatVector x, const SumRounding& rounding)
{
    switch (rounding.kind) {
    case SumRounding::Kind::Exact: return x;
    case SumRounding::Kind::LongExponent: return LongExponentRounder(rounding)(x);
    case SumRounding::Kind::Half: return HalfRounder(rounding)(x);
    case SumRounding::Kind::Saturating: return SaturatingRounder(rounding)(x);
    case SumRounding::Kind::Overflowing: return OverflowingRounder(rounding)(x);
    }
    return x;
}

template <class Rounder, ProductRounding products>
HWY_INLINE FloatVector stepped(const Rounder& round, FloatVector sum, FloatVector weight, FloatVector input)
{
    if constexpr (products == ProductRounding::Fused)
        return round(fusedMultiplyAdd(weight, input, sum));
    else if constexpr (products == ProductRounding::Rounded)
        return round(hn::Add(sum, round(hn::Mul(weight, input))));
    else
        return round(hn::Add(sum, hn::Mul(weight, input)));
}

/// `rows` rows against `registers` registers of vectors, all in step.
template <class Rounder, ProductRounding products, int rows, int registers>
HWY_INLINE void quickBlock(const SumTask& task, const Rounder& round, const std::array<const float*, rows>& weights,
                           float* HWY_RESTRICT tile)
{
    const Floats d;
    const std::int64_t columns = task.operands.columns, length = task.blockLength();
    const bool hasBlocks = task.rule->block > 0;
    FloatVector outer[rows][registers];
    for (int row = 0; row < rows; ++row)
        for (int r = 0; r < registers; ++r)
            outer[row][r] = hn::Zero(d);
    for (std::int64_t begin = 0; begin < columns; begin += length) {
        FloatVector sum[rows][registers];
        for (int row = 0; row < rows; ++row)
            for (int r = 0; r < registers; ++r)
                sum[row][r] = hn::Zero(d);
        const std::int64_t end = std::min(begin + length, columns);
        const float* HWY_RESTRICT inputs = task.packed + begin * registers * kLanes;
        for (std::int64_t k = begin; k < end; ++k, inputs += registers * kLanes) {
            HWY_UNROLL(8)
            for (int row = 0; row < rows; ++row) {
                const FloatVector weight = hn::Set(d, weights[static_cast<std::size_t>(row)][k]);
                HWY_UNROLL(8)
                for (int r = 0; r < registers; ++r)
                    sum[row][r] = stepped<Rounder, products>(round, sum[row][r], weight, hn::LoadU(d, inputs + r * kLanes));
            }
        }
        for (int row = 0; row < rows; ++row)
            for (int r = 0; r < registers; ++r)
                outer[row][r] = hasBlocks ? nearest(hn::Add(outer[row][r], sum[row][r]), task.outer) : sum[row][r];
    }
    for (int row = 0; row < rows; ++row)
        for (int r = 0; r < registers; ++r)
            hn::StoreU(outer[row][r], d, tile + (row * registers + r) * kLanes);
}

/// The bias, and zero without its sign.
HWY_INLINE void finishRow(const SumTask& task, std::int64_t row, const float* HWY_RESTRICT tile)
{
    const Floats d;
    float* const to = task.sums + row * task.stride;
    alignas(64) float rest[kLanes];
    for (std::int64_t at = 0; at < task.count; at += kLanes) {
        FloatVector sum = hn::LoadU(d, tile + at);
        if (task.operands.bias)
            sum = nearest(hn::Add(sum, hn::Set(d, task.operands.bias[row])), task.outer);
        sum = hn::Add(sum, hn::Zero(d));
        if (at + kLanes <= task.count) {
            hn::StoreU(sum, d, to + at);
        } else {
            hn::Store(sum, d, rest);
            std::copy_n(rest, task.count - at, to + at);
        }
    }
}

template <class Rounder, ProductRounding products, int rows, int registers>
void quickBlocks(const SumTask& task, const Rounder& round)
{
    float tile[rows * registers * kLanes];
    for (std::int64_t first = 0; first < task.operands.rows; first += rows) {
        std::array<const float*, rows> weights;
        for (int row = 0; row < rows; ++row)  // past the end the last row again, whose sums nobody reads
            weights[static_cast<std::size_t>(row)] =
                task.operands.weights + std::min(first + row, task.operands.rows - 1) * task.operands.columns;
        quickBlock<Rounder, products, rows, registers>(task, round, weights, tile);
        for (int row = 0; row < rows && first + row < task.operands.rows; ++row)
            finishRow(task, first + row, tile + row * registers * kLanes);
    }
}

/// One register of sums by any rule, step by step as the reference does it.
class GeneralSum {
public:
    GeneralSum(const SumTask& task, const PhiloxKeys& keys, std::int64_t row, std::int64_t at)
        : m_task(task),
          m_keys(keys),
          m_vector(task.operands.place.vector + static_cast<std::uint32_t>(at)),
          m_row(task.operands.place.row + static_cast<std::uint32_t>(row)),
          m_weights(task.operands.weights + row * task.operands.columns),
          m_inputs(task.packed + at),
          m_innerPeak(hn::Zero(Floats{})),
          m_outerPeak(m_innerPeak),
          m_row0(row)
    {
    }

    HWY_INLINE FloatVector run()
    {
        const Floats d;
        const std::int64_t columns = m_task.operands.columns, length = m_task.blockLength();
        FloatVector sum = hn::Zero(d);
        for (std::int64_t begin = 0; begin < columns; begin += length) {
            const std::int64_t end = std::min(begin + length, columns);
            const FloatVector part = blockSum(begin, end);
            sum = m_task.rule->block > 0 ? outer(hn::Add(sum, part)) : part;
        }
        if (m_task.operands.bias)
            sum = outer(hn::Add(sum, hn::Set(d, m_task.operands.bias[m_row0])));
        return hn::Add(sum, hn::Zero(d));
    }

    /// Bit i: lane i overflowed.
    HWY_INLINE std::uint64_t overflows() const
    {
        const Floats d;
        const auto isOver =
            hn::Or(hn::Gt(m_innerPeak, hn::Set(d, m_task.inner.threshold)), hn::Gt(m_outerPeak, hn::Set(d, m_task.outer.threshold)));
        std::uint8_t bytes[8] = {};
        hn::StoreMaskBits(d, isOver, bytes);
        return static_cast<std::uint64_t>(bytes[0]) | static_cast<std::uint64_t>(bytes[1]) << 8;
    }

private:
    HWY_INLINE FloatVector rounded(FloatVector x, const SumRounding& rounding)
    {
        const std::uint32_t number = m_number++;
        if (rounding.randomBits == 0)
            return nearest(x, rounding);
        if (number / 4 != m_drawn) {
            m_drawn = number / 4;
            m_words = philoxWords(Words{}, m_keys, m_vector, m_row, m_drawn, static_cast<std::uint32_t>(NoisePurpose::SumRounding));
        }
        return byChance(x, rounding, m_words.v[number % 4]);
    }
    HWY_INLINE FloatVector inner(FloatVector x)
    {
        m_innerPeak = hn::Max(hn::Abs(x), m_innerPeak);  // NaN leaves the peak as it is
        return rounded(x, m_task.inner);
    }
    HWY_INLINE FloatVector outer(FloatVector x)
    {
        m_outerPeak = hn::Max(hn::Abs(x), m_outerPeak);
        return rounded(x, m_task.outer);
    }

    HWY_INLINE FloatVector weight(std::int64_t k) const { return hn::Set(Floats{}, m_weights[k]); }
    HWY_INLINE FloatVector input(std::int64_t k) const { return hn::LoadU(Floats{}, m_inputs + k * m_task.width); }

    HWY_INLINE FloatVector product(std::int64_t k)
    {
        const FloatVector exact = hn::Mul(weight(k), input(k));
        return m_task.rule->products == ProductRounding::Rounded ? inner(exact) : exact;
    }
    HWY_INLINE FloatVector raised(FloatVector sum, std::int64_t k)
    {
        return m_task.rule->products == ProductRounding::Fused ? fusedMultiplyAdd(weight(k), input(k), sum) : hn::Add(sum, product(k));
    }

    FloatVector blockSum(std::int64_t begin, std::int64_t end)
    {
        switch (m_task.rule->order) {
        case SumOrder::Sequential: {
            FloatVector sum = hn::Zero(Floats{});
            for (std::int64_t k = begin; k < end; ++k)
                sum = inner(raised(sum, k));
            return sum;
        }
        case SumOrder::Kahan: {
            FloatVector sum = hn::Zero(Floats{}), lost = sum;
            for (std::int64_t k = begin; k < end; ++k) {
                const FloatVector term = inner(raised(hn::Neg(lost), k));
                const FloatVector next = inner(hn::Add(sum, term));
                const FloatVector taken = inner(hn::Sub(next, sum));
                lost = inner(hn::Sub(taken, term));
                sum = next;
            }
            return sum;
        }
        case SumOrder::Pairwise: return pairwiseSum(begin, end);
        }
        return hn::Zero(Floats{});
    }

    FloatVector pairwiseSum(std::int64_t begin, std::int64_t end)
    {
        FloatVector stack[64];  // one for each bit of a number of products
        std::size_t size = 0;
        const auto join = [&]() HWY_ATTR {
            stack[size - 2] = inner(hn::Add(stack[size - 2], stack[size - 1]));
            --size;
        };
        for (std::int64_t k = begin; k < end; ++k) {
            stack[size++] = product(k);
            for (std::int64_t count = k - begin + 1; count % 2 == 0; count /= 2)
                join();
        }
        while (size > 1)
            join();
        return size == 0 ? hn::Zero(Floats{}) : inner(stack[0]);
    }

    const SumTask& m_task;
    const PhiloxKeys& m_keys;
    std::uint32_t m_vector, m_row;
    const float* m_weights;
    const float* m_inputs;
    FloatVector m_innerPeak, m_outerPeak;
    std::int64_t m_row0;
    std::uint32_t m_number = 0, m_drawn = ~0u;
    FourVectors<WordVector> m_words{};
};

inline void generalSums(const SumTask& task)
{
    const PhiloxKeys keys(task.operands.place.seed);
    alignas(64) float lanes[kLanes];
    for (std::int64_t row = 0; row < task.operands.rows; ++row)
        for (std::int64_t at = 0; at < task.count; at += kLanes) {
            GeneralSum general(task, keys, row, at);
            hn::Store(general.run(), Floats{}, lanes);
            const std::int64_t used = std::min(kLanes, task.count - at);
            std::copy_n(lanes, used, task.sums + row * task.stride + at);
            if (!task.overflowed)
                continue;
            const std::uint64_t overflows = general.overflows();
            for (std::int64_t lane = 0; lane < used; ++lane)
                task.overflowed[row * task.stride + at + lane] = static_cast<std::uint8_t>(overflows >> lane & 1);
        }
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
