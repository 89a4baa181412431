// SPDX-License-Identifier: Apache-2.0
#include "core/formats/kernels.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/formats/kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/formats/rounding_inl.h"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

using Tag = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Tag>;
constexpr Tag kTag{};
constexpr std::size_t kRunningSums = 16;

enum class Scaling { One, Divide };

template <Scaling scaling, class Rounder>
HWY_INLINE Vector quantized(const Rounder& round, Vector scale, Vector x)
{
    Vector level;
    if constexpr (scaling == Scaling::One)
        level = round(kTag, x);   // dividing and multiplying by one change nothing
    else
        level = hn::Mul(scale, round(kTag, hn::Div(x, scale)));
    return hn::IfThenElse(hn::Eq(x, x), level, x);   // NaN stays as it is
}

template <Scaling scaling, class Rounder>
HWY_INLINE void quantizeScaled(const Rounder& round, float scale, const float* in, float* out, std::size_t size)
{
    const std::size_t lanes = hn::Lanes(kTag);
    const Vector scales = hn::Set(kTag, scale);
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes)
        hn::StoreU(quantized<scaling>(round, scales, hn::LoadU(kTag, in + i)), kTag, out + i);
    if (i == size)
        return;
    HWY_ALIGN float rest[kRunningSums] = {};
    std::memcpy(rest, in + i, (size - i) * sizeof(float));
    hn::Store(quantized<scaling>(round, scales, hn::Load(kTag, rest)), kTag, rest);
    std::memcpy(out + i, rest, (size - i) * sizeof(float));
}

struct QuantizeJob {
    std::span<const CodeGrid> grids;
    std::size_t groupLength;
    const float* in;
    float* out;
    std::size_t size;

    template <class MakeRounder>
    HWY_INLINE void operator()(const MakeRounder& rounderOf) const
    {
        for (std::size_t begin = 0, group = 0; begin < size; begin += groupLength, ++group) {
            const CodeGrid grid = grids[group];
            const std::size_t length = std::min(groupLength, size - begin);
            if (grid.scale == 1.0f)
                quantizeScaled<Scaling::One>(rounderOf(grid), grid.scale, in + begin, out + begin, length);
            else
                quantizeScaled<Scaling::Divide>(rounderOf(grid), grid.scale, in + begin, out + begin, length);
        }
    }
};

/// Value i of an array goes into sum i mod 16, whatever the vector width. In registers, where vectors can be members.
class RunningSums {
public:
    template <class Function>
    HWY_INLINE void add(const float* values, const Function& function)
    {
        for (std::size_t v = 0; v * hn::Lanes(kTag) < kRunningSums; ++v) {
            const Vector term = function(hn::LoadU(kTag, values + v * hn::Lanes(kTag)));
#if HWY_HAVE_SCALABLE
            hn::Store(hn::Add(hn::Load(kTag, m_sums + v * hn::Lanes(kTag)), term), kTag, m_sums + v * hn::Lanes(kTag));
#else
            m_sums[v] = hn::Add(m_sums[v], term);
#endif
        }
    }

    /// All of them together, off by less than 2^-19 of it; infinite where that does not fit a float.
    HWY_INLINE float roughTotal() const
    {
#if HWY_HAVE_SCALABLE
        return std::accumulate(m_sums, m_sums + kRunningSums, 0.0f);
#else
        Vector total = m_sums[0];
        for (std::size_t v = 1; v * hn::Lanes(kTag) < kRunningSums; ++v)
            total = hn::Add(total, m_sums[v]);
        return hn::GetLane(hn::SumOfLanes(kTag, total));
#endif
    }

    HWY_INLINE void store(float* sums) const
    {
#if HWY_HAVE_SCALABLE
        std::copy(m_sums, m_sums + kRunningSums, sums);
#else
        for (std::size_t v = 0; v * hn::Lanes(kTag) < kRunningSums; ++v)
            hn::StoreU(m_sums[v], kTag, sums + v * hn::Lanes(kTag));
#endif
    }

private:
#if HWY_HAVE_SCALABLE
    HWY_ALIGN float m_sums[kRunningSums] = {};
#else
    Vector m_sums[kRunningSums / hn::MaxLanes(Tag())] = {};
#endif
};

struct ErrorJob {
    CodeGrid grid;
    const float* in;
    std::size_t size;
    double before, enough;   // what other strips gave, and where nobody needs to know more
    double* total;

    static constexpr std::size_t kBlock = 4 * kRunningSums;   // values between two looks at the sum

    static double added(double before, const float* sums) { return before + std::accumulate(sums, sums + kRunningSums, 0.0, [](double sum, float x) { return sum + static_cast<double>(x); }); }

    /// Further squares only add to every sum, so it may be said before the end, and roughly with room for the roughness.
    HWY_INLINE bool isEnough(const RunningSums& running) const
    {
        const float rough = running.roughTotal();
        return before + (1 - 0x1p-18) * static_cast<double>(rough) > enough && rough <= std::numeric_limits<float>::max();
    }

    template <class MakeRounder>
    HWY_INLINE void operator()(const MakeRounder& rounderOf) const
    {
        const auto round = rounderOf(grid);
        const Vector scale = hn::Set(kTag, grid.scale);
        const auto squared = [&](Vector x) HWY_ATTR {
            const Vector error = hn::Sub(x, hn::Mul(scale, round(kTag, hn::Div(x, scale))));   // NaN stays as it is here by itself
            return hn::Mul(error, error);
        };
        RunningSums running;
        float sums[kRunningSums] = {};
        std::size_t i = 0;
        while (i + kRunningSums <= size) {
            for (const std::size_t end = i + std::min(kBlock, (size - i) / kRunningSums * kRunningSums); i < end; i += kRunningSums)
                running.add(in + i, squared);
            if (isEnough(running))
                break;
        }
        running.store(sums);
        if (i < size && i + kRunningSums > size) {
            // The last values are repeated to fill the block; only the sums that have a value of their own are kept.
            float rest[kRunningSums], last[kRunningSums];
            for (std::size_t lane = 0; lane < kRunningSums; ++lane)
                rest[lane] = in[std::min(i + lane, size - 1)];
            running.add(rest, squared);
            running.store(last);
            std::copy(last, last + (size - i), sums);
        }
        *total = added(before, sums);
    }
};

/// How far a quick error may lie from the one that defines the choice, both computed from the same values. u = 2^-24:
/// - Where x * (1 / scale) and x / scale fall on two sides of a decision, x is within 4u |x| of the middle of two levels, and
///   whichever is taken, the squares differ by at most 2 (scale * gap) * 4u |x| <= 16u |e| |x|, as |e| is half the gap there.
/// - scale * level, and the difference from x, are rounded: 2 |e| * (u |x| + 2u |e|), in the one more than in the other.
/// - Sums of n terms that are not negative are off by less than n u of themselves.
/// With sum |e| |x| <= sqrt(E * sum x^2) that is (n + 24) u E + 20 u sqrt(E * sum x^2). Nothing may leave the normal floats.
struct QuickBound {
    double relative, root;   // of E; of sqrt(E)
    double absolute;         // squares below the smallest normal float

    QuickBound(std::size_t longest, std::size_t size, double sumOfSquares)
        : relative(0x1p-24 * (static_cast<double>(longest / kRunningSums + longest / (kQuickSums * hn::Lanes(kTag))) + 24)),
          root(20 * 0x1p-24 * std::sqrt(1.01 * sumOfSquares)), absolute(static_cast<double>(size) * 0x1p-126)
    {
    }
    double operator()(double error) const { return 1.01 * relative * error + root * std::sqrt(error) + absolute; }
    static constexpr std::size_t kQuickSums = 4;   // vectors of running sums
};

/// Tries grids until the least error is known: quickly, and then, of those that a quick error cannot tell apart, by definition.
struct LeastErrorJob {
    std::span<const CodeGrid> grids;
    std::span<const std::span<const float>> strips;
    float extreme;
    double largest;   // level
    std::size_t* best;

    static constexpr std::size_t kMostGrids = 64;
    static constexpr std::size_t kQuickBlock = 8;   // vectors between two looks at the sum

    template <class MakeRounder>
    HWY_INLINE void operator()(const MakeRounder& rounderOf) const
    {
        if (!chooseQuickly(rounderOf))
            chooseByDefinition(rounderOf, [](std::size_t) { return true; });
    }

private:
    /// Visits all grids: first every fourth, then the neighbours of the best, so that most of the others are soon found worse.
    template <class Try, class Middle>
    HWY_INLINE void inOrder(const Try& tryGrid, const Middle& middleOf) const
    {
        constexpr std::size_t kStride = 4;
        const std::size_t last = grids.size() - 1;
        for (std::size_t index = 0; index <= last; index += kStride)
            tryGrid(last - index);
        const std::size_t middle = middleOf();
        for (std::size_t distance = 1; distance <= last; ++distance) {
            if (middle + distance <= last && (last - middle - distance) % kStride != 0)
                tryGrid(middle + distance);
            if (middle >= distance && (last - middle + distance) % kStride != 0)
                tryGrid(middle - distance);
        }
    }

    /// What the value farthest out adds; its square is in one of the sums, which are not less.
    template <class MakeRounder>
    HWY_INLINE double squareOfExtreme(const MakeRounder& rounderOf, CodeGrid grid) const
    {
        const float error = extreme - hn::GetLane(quantized<Scaling::Divide>(rounderOf(grid), hn::Set(kTag, grid.scale), hn::Set(kTag, extreme)));
        return static_cast<double>(error * error);
    }

    /// The same, or less: how far the value lies beyond what the grid can say, less what rounding may take off.
    double leastSquareOfExtreme(CodeGrid grid) const
    {
        const double zero = static_cast<double>(grid.zeroPoint), size = std::abs(static_cast<double>(extreme));
        const double beyond = (1 - 0x1p-20) * size - static_cast<double>(grid.scale) * std::max(zero, largest - zero);
        return beyond > 0 ? (1 - 0x1p-20) * beyond * beyond : 0;
    }

    template <class MakeRounder, class Wanted>
    HWY_INLINE void chooseByDefinition(const MakeRounder& rounderOf, const Wanted& isWanted) const
    {
        double least = std::numeric_limits<double>::infinity();
        *best = grids.size() - 1;
        const auto tryGrid = [&](std::size_t index) HWY_ATTR {
            if (!isWanted(index) || (extreme != 0 && squareOfExtreme(rounderOf, grids[index]) > least))
                return;
            double error = 0;
            for (const std::span<const float> strip : strips) {
                ErrorJob{grids[index], strip.data(), strip.size(), error, least, &error}(rounderOf);
                if (error > least)
                    return;
            }
            if (error < least || (error == least && index > *best)) {
                least = error;
                *best = index;
            }
        };
        inOrder(tryGrid, [&] { return *best; });
    }

    /// Adds `term` of every value to running sums; stops where they exceed `enough`, and says what there is.
    template <class Term>
    HWY_INLINE static double quickSum(std::span<const float> values, double before, double enough, const Term& term)
    {
        const std::size_t lanes = hn::Lanes(kTag);
        Vector first = hn::Zero(kTag), second = first, third = first, fourth = first;
        const auto total = [&]() HWY_ATTR {
            return before + static_cast<double>(hn::GetLane(hn::SumOfLanes(kTag, hn::Add(hn::Add(first, second), hn::Add(third, fourth)))));
        };
        const float* in = values.data();
        const float* const end = in + values.size();
        while (in + 4 * lanes <= end) {
            const std::size_t rounds = std::min<std::size_t>(kQuickBlock / 4, static_cast<std::size_t>(end - in) / (4 * lanes));
            for (std::size_t round = 0; round < rounds; ++round, in += 4 * lanes) {
                first = term(hn::LoadU(kTag, in), first);
                second = term(hn::LoadU(kTag, in + lanes), second);
                third = term(hn::LoadU(kTag, in + 2 * lanes), third);
                fourth = term(hn::LoadU(kTag, in + 3 * lanes), fourth);
            }
            if (const double sum = total(); sum > enough)
                return sum;
        }
        for (; in < end; in += lanes) {
            const auto rest = static_cast<std::size_t>(end - in);
            if (rest >= lanes) {
                first = term(hn::LoadU(kTag, in), first);
                continue;
            }
            HWY_ALIGN float padded[kRunningSums] = {};
            std::copy(in, end, padded);
            second = hn::IfThenElse(hn::FirstN(kTag, rest), term(hn::Load(kTag, padded), second), second);
        }
        return total();
    }

    template <class MakeRounder>
    HWY_INLINE double quickError(const MakeRounder& rounderOf, CodeGrid grid, double enough) const
    {
        const auto round = rounderOf(grid);
        const Vector scale = hn::Set(kTag, grid.scale), inverse = hn::Set(kTag, 1.0f / grid.scale);
        double error = 0;
        for (const std::span<const float> strip : strips) {
            error = quickSum(strip, error, enough, [&](Vector x, Vector sum) HWY_ATTR {
                const Vector difference = hn::NegMulAdd(scale, round(kTag, hn::Mul(x, inverse)), x);
                return hn::MulAdd(difference, difference, sum);
            });
            if (error > enough)
                break;
        }
        return error;
    }

    /// False where nothing can be said quickly: values too large or too small for the bound, or too many of them.
    template <class MakeRounder>
    HWY_INLINE bool chooseQuickly(const MakeRounder& rounderOf) const
    {
        constexpr float kSmallest = 0x1p-40f, kLargest = 0x1p40f;
        constexpr std::size_t kMostValues = std::size_t{1} << 20;
        if (!(std::abs(extreme) >= kSmallest && std::abs(extreme) <= kLargest) || grids.size() > kMostGrids)
            return false;
        constexpr std::size_t kFew = 1024;
        constexpr double kFine = 64;   // steps to the largest level, from which on the value farthest out alone rules most clips out
        std::size_t size = 0, longest = 0;
        for (const std::span<const float> strip : strips) {
            size += strip.size();
            longest = std::max(longest, strip.size());
        }
        if (size > kMostValues || (size < kFew && largest > kFine))
            return false;
        double squares = 0;
        for (const std::span<const float> strip : strips)
            squares = quickSum(strip, squares, std::numeric_limits<double>::infinity(), [](Vector x, Vector sum) HWY_ATTR { return hn::MulAdd(x, x, sum); });
        const QuickBound bound(longest, size, squares);

        constexpr double kNever = std::numeric_limits<double>::infinity();
        double errors[kMostGrids];
        double most = kNever, enough = kNever;   // the least error is at most `most`; a quick error above `enough` is above that
        std::size_t middle = grids.size() - 1;
        const auto tryGrid = [&](std::size_t index) HWY_ATTR {
            errors[index] = kNever;
            if (leastSquareOfExtreme(grids[index]) > most)
                return;
            const double error = quickError(rounderOf, grids[index], enough);
            if (!(error <= enough))
                return;
            errors[index] = error;
            if (error + bound(error) < most) {
                most = error + bound(error);
                middle = index;
                enough = most + 2 * bound(most);   // E - bound(E) > most from here on, as the bound is a small part of E
            }
        };
        inOrder(tryGrid, [&] { return middle; });
        if (!(bound(most) <= 0.05 * most))
            return false;
        const auto isWanted = [&](std::size_t index) { return errors[index] - bound(errors[index]) <= most; };
        std::size_t wanted = 0;
        for (std::size_t index = 0; index < grids.size(); ++index)
            if (errors[index] < kNever && isWanted(index)) {
                ++wanted;
                *best = index;
            }
        if (wanted > 1)
            chooseByDefinition(rounderOf, [&](std::size_t index) { return errors[index] < kNever && isWanted(index); });
        return wanted > 0;
    }
};

std::size_t findLeastError(const Rounding& rounding, std::span<const CodeGrid> grids, std::span<const std::span<const float>> strips, float extreme, double largest)
{
    std::size_t best = 0;
    withRounder(kTag, rounding, LeastErrorJob{grids, strips, extreme, largest, &best});
    return best;
}

void quantizeAll(const Rounding& rounding, std::span<const CodeGrid> grids, std::size_t groupLength, const float* in, float* out, std::size_t size)
{
    const QuantizeJob job{grids, groupLength, in, out, size};
    withRounder(kTag, rounding, job);
}

double addSquaredErrors(const Rounding& rounding, CodeGrid grid, const float* in, std::size_t size, double before, double enough)
{
    double total = before;
    withRounder(kTag, rounding, ErrorJob{grid, in, size, before, enough, &total});
    return total;
}

HWY_INLINE ValueRange rangeOf(const float* values, std::size_t size)
{
    const std::size_t lanes = hn::Lanes(kTag);
    Vector low = hn::Zero(kTag);
    Vector high = hn::Zero(kTag);
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes) {
        const Vector x = hn::LoadU(kTag, values + i);
        low = hn::Min(low, x);
        high = hn::Max(high, x);
    }
    ValueRange range;
    if (i > 0)
        range = {hn::GetLane(hn::MinOfLanes(kTag, low)), hn::GetLane(hn::MaxOfLanes(kTag, high))};
    for (; i < size; ++i) {
        range.low = std::min(range.low, values[i]);
        range.high = std::max(range.high, values[i]);
    }
    return {range.low + 0.0f, range.high + 0.0f};   // an end at zero has no sign, on whichever machine
}

void findAllRanges(const float* values, std::size_t size, std::size_t groupLength, ValueRange* ranges)
{
    for (std::size_t begin = 0, group = 0; begin < size; begin += groupLength, ++group)
        ranges[group] = rangeOf(values + begin, std::min(groupLength, size - begin));
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

namespace {
HWY_EXPORT(quantizeAll);
HWY_EXPORT(addSquaredErrors);
HWY_EXPORT(findLeastError);
HWY_EXPORT(findAllRanges);
}  // namespace

float quantizeValue(const NumberFormat& format, CodeGrid grid, float x)
{
    if (std::isnan(x) || format.isFloat32())
        return x;
    const float inScales = x / grid.scale;
    if (const auto* codes = std::get_if<IntegerRange>(&format.rounding().rule)) {
        const float code = std::clamp(std::nearbyint(inScales) + grid.zeroPoint, codes->lowest, codes->highest);
        return grid.scale * (code - grid.zeroPoint);
    }
    return grid.scale * format.nearestLevel(inScales);
}

void quantizeGroups(const NumberFormat& format, std::span<const CodeGrid> grids, std::size_t groupLength, std::span<const float> in, std::span<float> out)
{
    assert(in.size() == out.size());
    assert(grids.size() * groupLength >= in.size());
    if (!format.isFloat32())
        HWY_DYNAMIC_DISPATCH(quantizeAll)(format.rounding(), grids, groupLength, in.data(), out.data(), in.size());
    else if (in.data() != out.data())
        std::copy(in.begin(), in.end(), out.begin());
}

double squaredError(const NumberFormat& format, CodeGrid grid, std::span<const float> values, double before, double enough)
{
    if (format.isFloat32())
        return before;
    return HWY_DYNAMIC_DISPATCH(addSquaredErrors)(format.rounding(), grid, values.data(), values.size(), before, enough);
}

std::size_t leastErrorGrid(const NumberFormat& format, std::span<const CodeGrid> grids, std::span<const std::span<const float>> strips, float extreme)
{
    return HWY_DYNAMIC_DISPATCH(findLeastError)(format.rounding(), grids, strips, extreme, static_cast<double>(format.largestLevel()));
}

void findRanges(std::span<const float> values, std::size_t groupLength, std::span<ValueRange> ranges)
{
    assert(ranges.size() * groupLength >= values.size());
    HWY_DYNAMIC_DISPATCH(findAllRanges)(values.data(), values.size(), groupLength, ranges.data());
}

}  // namespace core
#endif
