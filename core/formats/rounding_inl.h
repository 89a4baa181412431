// SPDX-License-Identifier: Apache-2.0
// Roundings as vector functions, for Highway kernels of this room and of the rooms to its right (accumulators round every
// sum). Included once per target, inside a file that foreach_target.h compiles again and again, hence no #pragma once.

#if defined(CORE_FORMATS_ROUNDING_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CORE_FORMATS_ROUNDING_INL_H
#undef CORE_FORMATS_ROUNDING_INL_H
#else
#define CORE_FORMATS_ROUNDING_INL_H
#endif

#include "core/formats/rounding.h"

#include <hwy/highway.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Each rounder takes values in units of the scale and gives levels; what it does to NaN is left to the caller.

struct UnroundedRounder {
    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D, V x) const { return x; }
};

struct IntegerRounder {
    IntegerRange range;
    float zeroPoint;

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        const V zero = hn::Set(d, zeroPoint);
        const V code = hn::Add(hn::Round(x), zero);   // + 0 takes the sign off a zero, as the definition does
        return hn::Sub(hn::Min(hn::Max(code, hn::Set(d, range.lowest)), hn::Set(d, range.highest)), zero);
    }
};

struct MinifloatRounder {
    MinifloatRounding rounding;

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        const hn::RebindToUnsigned<D> du;
        using U = hn::Vec<decltype(du)>;
        const U bits = hn::BitCast(du, x);
        const U sign = hn::And(bits, hn::Set(du, 0x80000000u));
        const U magnitude = hn::AndNot(hn::Set(du, 0x80000000u), bits);
        // Nearest, ties to even: add half a step less one, plus the lowest bit that stays, and cut off the rest.
        const std::uint32_t step = 1u << rounding.shift;
        const int shift = static_cast<int>(rounding.shift);
        const U lowestKept = hn::And(hn::ShiftRightSame(magnitude, shift), hn::Set(du, 1u));
        const U raised = hn::Add(magnitude, hn::Add(hn::Set(du, step / 2 - 1), lowestKept));
        const U normal = hn::AndNot(hn::Set(du, step - 1), raised);
        const V anchor = hn::Set(d, rounding.subnormalAnchor);
        const V size = hn::BitCast(d, magnitude);
        const U subnormal = hn::BitCast(du, hn::Sub(hn::Add(size, anchor), anchor));
        const auto isSubnormal = hn::RebindMask(du, hn::Lt(size, hn::Set(d, rounding.smallestNormal)));
        const U rounded = hn::IfThenElse(isSubnormal, subnormal, normal);
        const auto isOver = hn::Gt(rounded, hn::Set(du, rounding.largestBits));
        return hn::BitCast(d, hn::Or(hn::IfThenElse(isOver, hn::Set(du, rounding.overflowBits), rounded), sign));
    }
};

/// A few levels: every decision passed lifts the level by one.
struct ShortCodebookRounder {
    const CodebookRounding& book;

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        V level = hn::Set(d, book.levels[0]);
        for (std::size_t code = 0; code + 1 < book.levels.size(); ++code)
            level = hn::IfThenElse(hn::Gt(x, hn::Set(d, book.decisions[code])), hn::Set(d, book.levels[code + 1]), level);
        return level;
    }
};

/// A vector is a table of eight floats or more that lanes can look into.
template <class D>
inline constexpr bool kHasLaneTables = !HWY_HAVE_SCALABLE && hn::MaxLanes(D()) >= 8;

/// Up to 16 levels where a vector holds at least eight floats: a descent of the search tree, each depth one look-up.
struct TreeCodebookRounder {
    const CodebookRounding& book;

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        static_assert(kHasLaneTables<D>);
        const hn::RebindToSigned<D> di;
        const auto one = hn::Set(di, 1);
        const auto descend = [&](auto node, auto isAbove) HWY_ATTR {
            const auto twice = hn::Add(node, node);
            return hn::IfThenElse(hn::RebindMask(di, isAbove), hn::Add(twice, one), twice);
        };
        const auto lookUp = [&](const float* table, auto node) HWY_ATTR {
            return hn::TableLookupLanes(hn::LoadU(d, table), hn::IndicesFromVec(d, node));
        };
        const float* tree = book.tree.data();
        const float* levels = book.treeLevels.data();
        const auto upperHalf = hn::Gt(x, hn::Set(d, tree[0]));
        auto node = hn::IfThenElseZero(hn::RebindMask(di, upperHalf), one);
        node = descend(node, hn::Gt(x, hn::IfThenElse(upperHalf, hn::Set(d, tree[2]), hn::Set(d, tree[1]))));
        node = descend(node, hn::Gt(x, lookUp(tree + 3, node)));
        if constexpr (hn::MaxLanes(D()) >= 16) {
            node = descend(node, hn::Gt(x, lookUp(tree + 7, node)));
            return lookUp(levels, node);
        } else {
            const auto isAbove = hn::Gt(x, lookUp(tree + 7, node));
            const auto code = hn::And(descend(node, isAbove), hn::Set(di, 7));
            return hn::IfThenElse(upperHalf, lookUp(levels + 8, code), lookUp(levels, code));
        }
    }
};

/// Odd multiples of 2^(1-B), which part at the multiples of 2^(2-B).
struct OddMultipleRounder {
    int bits;

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        const float perStep = static_cast<float>(1 << (bits - 2)), last = static_cast<float>(1 << (bits - 1));
        const V steps = hn::Mul(x, hn::Set(d, perStep));
        const V below = hn::Min(hn::Max(hn::Floor(steps), hn::Set(d, -last)), hn::Set(d, last - 1));
        // A tie is a whole number of steps; code below + 2^(B-1) lies above it, so the even one is there where below is even.
        const V half = hn::Mul(below, hn::Set(d, 0.5f));
        const auto isOddTie = hn::AndNot(hn::Eq(hn::Floor(half), half), hn::Eq(below, steps));
        const V middle = hn::IfThenElse(isOddTie, hn::Set(d, -0.5f), hn::Set(d, 0.5f));
        return hn::Mul(hn::Add(below, middle), hn::Set(d, 1 / perStep));
    }
};

/// Zero and the powers of two from 2^-E, E = 2^(B-1) - 2, to 1, which part half way between: at 1.5 times the lower one.
struct PowerOfTwoRounder {
    float smallest;

    explicit PowerOfTwoRounder(int bits) : smallest(std::ldexp(1.0f, 2 - (1 << (bits - 1)))) {}

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        const hn::RebindToUnsigned<D> du;
        using U = hn::Vec<decltype(du)>;
        const U signBit = hn::Set(du, 0x80000000u);
        const U sign = hn::And(hn::BitCast(du, x), signBit);
        const U magnitude = hn::AndNot(signBit, hn::BitCast(du, x));
        // Half a binade more, and the mantissa cut off. The rank of 2^-e is even where e is, hence where the exponent field is
        // odd: there a tie stays below.
        const U isOdd = hn::And(hn::ShiftRight<23>(magnitude), hn::Set(du, 1u));
        const U raised = hn::And(hn::Add(magnitude, hn::Sub(hn::Set(du, 0x00400000u), isOdd)), hn::Set(du, 0x7f800000u));
        const U least = hn::BitCast(du, hn::Set(d, smallest)), most = hn::BitCast(du, hn::Set(d, 1.0f));
        const U rounded = hn::Min(hn::Max(raised, least), most);
        // Half the smallest power ties with zero, whose rank is odd.
        const auto isZero = hn::Lt(hn::BitCast(d, magnitude), hn::Set(d, smallest / 2));
        return hn::IfThenZeroElse(isZero, hn::BitCast(d, hn::Or(rounded, sign)));
    }
};

/// Any number of levels: binary search over decisions padded to 2^k - 1 by infinities.
struct LongCodebookRounder {
    const CodebookRounding& book;

    template <class D, class V = hn::Vec<D>>
    HWY_INLINE V operator()(D d, V x) const
    {
        const hn::RebindToSigned<D> di;
        auto code = hn::Zero(di);
        for (auto step = static_cast<std::int32_t>((book.decisions.size() + 1) / 2); step > 0; step /= 2) {
            const auto isAbove = hn::Gt(x, hn::GatherIndex(d, book.decisions.data(), hn::Add(code, hn::Set(di, step - 1))));
            code = hn::Add(code, hn::IfThenElseZero(hn::RebindMask(di, isAbove), hn::Set(di, step)));
        }
        return hn::GatherIndex(d, book.levels.data(), code);
    }
};

/// Hands the job the function that makes this rule's rounder for a grid, a rounder for vectors of D.
template <class D, class Job>
struct WithRounder {
    const Job& job;
    void operator()(const Unrounded&) const { job([](CodeGrid) { return UnroundedRounder{}; }); }
    void operator()(const IntegerRange& range) const { job([&](CodeGrid grid) { return IntegerRounder{range, grid.zeroPoint}; }); }
    void operator()(const MinifloatRounding& rounding) const { job([&](CodeGrid) { return MinifloatRounder{rounding}; }); }
    void operator()(const CodebookRounding& book) const
    {
        constexpr std::size_t kShort = 4;   // up to here comparing with each threshold is quicker than a tree
        if (book.levels.size() <= kShort || (!kHasLaneTables<D> && book.hasTree()))
            return job([&](CodeGrid) { return ShortCodebookRounder{book}; });
        if constexpr (kHasLaneTables<D>)
            if (book.hasTree())
                return job([&](CodeGrid) { return TreeCodebookRounder{book}; });
        if (book.shape == CodebookRounding::Shape::OddMultiples)
            return job([&](CodeGrid) { return OddMultipleRounder{book.bits}; });
        if (book.shape == CodebookRounding::Shape::PowersOfTwo)
            return job([&](CodeGrid) { return PowerOfTwoRounder(book.bits); });
        job([&](CodeGrid) { return LongCodebookRounder{book}; });
    }
};

template <class D, class Job>
HWY_INLINE void withRounder(D, const Rounding& rounding, const Job& job)
{
    std::visit(WithRounder<D, Job>{job}, rounding.rule);
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
