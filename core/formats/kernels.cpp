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

/// Tries grids until the least error is known.
struct LeastErrorJob {
    std::span<const CodeGrid> grids;
    std::span<const std::span<const float>> strips;
    float extreme;
    std::size_t* best;

    template <class MakeRounder>
    HWY_INLINE void operator()(const MakeRounder& rounderOf) const
    {
        double least = std::numeric_limits<double>::infinity();
        *best = grids.size() - 1;
        const auto tryGrid = [&](std::size_t index) HWY_ATTR {
            if (extreme != 0) {   // its square is in one of the sums, which are not less
                const CodeGrid grid = grids[index];
                const float error = extreme - hn::GetLane(quantized<Scaling::Divide>(rounderOf(grid), hn::Set(kTag, grid.scale), hn::Set(kTag, extreme)));
                if (static_cast<double>(error * error) > least)
                    return;
            }
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
        // First every fourth, then the neighbours of the best: so most of the others are soon found worse.
        constexpr std::size_t kStride = 4;
        const std::size_t last = grids.size() - 1;
        for (std::size_t index = 0; index <= last; index += kStride)
            tryGrid(last - index);
        const std::size_t middle = *best;
        for (std::size_t distance = 1; distance <= last; ++distance) {
            if (middle + distance <= last && (last - middle - distance) % kStride != 0)
                tryGrid(middle + distance);
            if (middle >= distance && (last - middle + distance) % kStride != 0)
                tryGrid(middle - distance);
        }
    }
};

std::size_t findLeastError(const Rounding& rounding, std::span<const CodeGrid> grids, std::span<const std::span<const float>> strips, float extreme)
{
    std::size_t best = 0;
    withRounder(kTag, rounding, LeastErrorJob{grids, strips, extreme, &best});
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
    return HWY_DYNAMIC_DISPATCH(findLeastError)(format.rounding(), grids, strips, extreme);
}

void findRanges(std::span<const float> values, std::size_t groupLength, std::span<ValueRange> ranges)
{
    assert(ranges.size() * groupLength >= values.size());
    HWY_DYNAMIC_DISPATCH(findAllRanges)(values.data(), values.size(), groupLength, ranges.data());
}

}  // namespace core
#endif
