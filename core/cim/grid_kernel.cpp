// SPDX-License-Identifier: Apache-2.0
#include "core/cim/grid_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>

#ifdef __x86_64__
#define HWY_BASELINE_TARGETS HWY_SSSE3
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cim/grid_kernel.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h wants to come before highway.h.
#include <hwy/highway.h>

#include "core/cim/column_reading.inl"
#include "core/cim/gaussians.inl"

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL

using Floats = hn::CappedTag<float, 16>;
using Words = hn::CappedTag<std::uint32_t, 16>;
using Integers = hn::CappedTag<std::int32_t, 16>;
using Shorts = hn::CappedTag<std::int16_t, 32>;
using FloatVector = hn::Vec<Floats>;
using ShortVector = hn::Vec<Shorts>;

constexpr int kHalf = 16;          // vectors of a half: a 32-bit lane holds vector i low, vector i + 16 high
constexpr int kBlock = 2 * kHalf;  // vectors of a block
constexpr int kQuad = 4;           // input planes taken together
constexpr int kPlaneSlots = 8;     // planes of a byte
constexpr int kOutputs = static_cast<int>(kOutputBlock);
constexpr int kChunkBlocks = static_cast<int>(kChunkVectors) / kBlock;

/// Highway 1.0 has no look-up of 16-bit lanes across a whole register.
HWY_INLINE ShortVector lookup(ShortVector table, ShortVector indices)
{
    return ShortVector{_mm512_permutexvar_epi16(indices.raw, table.raw)};
}

/// Indices of one block: indices[(group * kPlaneSlots + plane) * kBlock + lane] has bit i set where row i of the group is on.
void packPlanes(const std::uint8_t* HWY_RESTRICT codes, std::int64_t rows, int bits, std::int16_t* HWY_RESTRICT indices)
{
    const Words words;
    const hn::Rebind<std::uint8_t, Words> bytes;
    const std::int64_t groups = (rows + kGridGroup - 1) / kGridGroup;
    for (std::int64_t group = 0; group < groups; ++group, indices += kPlaneSlots * kBlock) {
        const std::int64_t first = group * kGridGroup;
        const auto row = [&](std::int64_t i) {
            if (first + i >= rows)
                return hn::Zero(words);
            const std::uint8_t* const at = codes + (first + i) * kChunkVectors;
            return hn::Or(hn::PromoteTo(words, hn::Load(bytes, at)), hn::ShiftLeft<16>(hn::PromoteTo(words, hn::Load(bytes, at + kHalf))));
        };
        const auto low = hn::Or(row(0), hn::ShiftLeft<8>(row(1)));
        const auto middle = hn::Or(row(2), hn::ShiftLeft<8>(row(3)));
        const auto high = row(4);
        for (int plane = 0; plane < kPlaneSlots; ++plane) {
            const auto lone = hn::Set(words, plane < bits ? 0x00010001u : 0u), pair = hn::Set(words, plane < bits ? 0x01010101u : 0u);
            const auto four =
                hn::Or(hn::And(hn::ShiftRightSame(low, plane), pair), hn::ShiftLeft<2>(hn::And(hn::ShiftRightSame(middle, plane), pair)));
            const auto joined = hn::And(hn::Or(four, hn::ShiftRight<7>(four)), hn::Set(words, 0x000F000Fu));
            const auto index = hn::Or(joined, hn::ShiftLeft<4>(hn::And(hn::ShiftRightSame(high, plane), lone)));
            hn::Store(hn::BitCast(Shorts{}, index), Shorts{}, indices + plane * kBlock);
        }
    }
}

/// tables[(group * kOutputs + output) * 32 + index] = sum of the values of the rows in `index`.
void buildTables(std::int64_t groups, const std::int16_t* HWY_RESTRICT seeds, std::int64_t stride, std::int16_t* HWY_RESTRICT tables)
{
    const Shorts d;
    const auto lane = hn::Iota(d, 0);
    const auto firstRows = hn::And(lane, hn::Set(d, 7));
    const auto lastRows = hn::Add(hn::ShiftRight<3>(lane), hn::Set(d, 8));
    for (int output = 0; output < kOutputs; ++output, seeds += stride)
        for (std::int64_t group = 0; group < groups; ++group) {
            const ShortVector sums{
                _mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(seeds + group * kGridSeeds)))};
            hn::Store(hn::Add(lookup(sums, firstRows), lookup(sums, lastRows)), d, tables + (group * kOutputs + output) * kBlock);
        }
}

/// Adds up four outputs' column sums for four planes of one block: 16 sums, 4 indices and a table in 32 registers.
HWY_INLINE void addColumns(std::int64_t groups, const std::int16_t* HWY_RESTRICT tables, const std::int16_t* HWY_RESTRICT indices,
                           std::int16_t* HWY_RESTRICT sums)
{
    const Shorts d;
    ShortVector sum[kOutputs][kQuad];
    for (int output = 0; output < kOutputs; ++output)
        for (int plane = 0; plane < kQuad; ++plane)
            sum[output][plane] = hn::Zero(d);
    for (std::int64_t group = 0; group < groups; ++group, tables += kOutputs * kBlock, indices += kPlaneSlots * kBlock) {
        const ShortVector i0 = hn::Load(d, indices), i1 = hn::Load(d, indices + kBlock);
        const ShortVector i2 = hn::Load(d, indices + 2 * kBlock), i3 = hn::Load(d, indices + 3 * kBlock);
        HWY_UNROLL(4)
        for (int output = 0; output < kOutputs; ++output) {
            const ShortVector table = hn::Load(d, tables + output * kBlock);
            sum[output][0] = hn::Add(sum[output][0], lookup(table, i0));
            sum[output][1] = hn::Add(sum[output][1], lookup(table, i1));
            sum[output][2] = hn::Add(sum[output][2], lookup(table, i2));
            sum[output][3] = hn::Add(sum[output][3], lookup(table, i3));
        }
    }
    for (int output = 0; output < kOutputs; ++output)
        for (int plane = 0; plane < kQuad; ++plane)
            hn::Store(sum[output][plane], d, sums + (output * kQuad + plane) * kBlock);
}

/// The sums of a half of the block as floats, in steps of the grid.
HWY_INLINE FloatVector halfOf(const std::int16_t* sums, int half)
{
    const auto both = hn::BitCast(Integers{}, hn::Load(Shorts{}, sums));
    return hn::ConvertTo(Floats{}, half == 0 ? hn::ShiftRight<16>(hn::ShiftLeft<16>(both)) : hn::ShiftRight<16>(both));
}

/// What conversions of one quad of planes share.
struct Reading {
    const ColumnConverter& converter;
    const ConversionVariance& conversion;
    const InputBits& bits;
    unsigned planes;           // that count, of all
    float step, varianceStep;  // of the grids; no variances: 0
    int firstPlane;
};

/// What the plain case needs of a slice: a power of two times the gain is the same product, rounded alike.
struct PlainReading {
    float gain, low, high;
    bool isIdeal;
    float places[kPlaneSlots];   // 0 for a plane that does not count
};

PlainReading plainReading(const TileProduct& product, std::size_t slice)
{
    const ColumnConverter& converter = product.converters[slice];
    PlainReading reading{converter.gain * static_cast<float>(product.cells->grids[slice].step), converter.lowCode, converter.highCode, converter.ideal, {}};
    for (std::size_t bit = 0; bit < kPlaneSlots; ++bit)
        reading.places[bit] = (product.planes[slice] >> bit & 1u) != 0 ? product.bits.places[bit] : 0.0f;
    return reading;
}

/// The plain case: the codes of a quad of four outputs joined by place value, added to `joined` (two halves each). Exact:
/// whole numbers under 2^24.
template <bool isIdeal>
HWY_INLINE void joinPlanes(const PlainReading& reading, const float* HWY_RESTRICT places, const std::int16_t* HWY_RESTRICT sums, float* HWY_RESTRICT joined)
{
    const Floats d;
    const FloatVector gain = hn::Set(d, reading.gain), low = hn::Set(d, reading.low), high = hn::Set(d, reading.high);
    const FloatVector place[kQuad] = {hn::Set(d, places[0]), hn::Set(d, places[1]), hn::Set(d, places[2]), hn::Set(d, places[3])};
    for (int output = 0; output < kOutputs; ++output, sums += kQuad * kBlock, joined += kBlock)
        for (int half = 0; half < 2; ++half) {
            FloatVector total = hn::Load(d, joined + half * kHalf);
            for (int plane = 0; plane < kQuad; ++plane) {
                FloatVector code = halfOf(sums + plane * kBlock, half);
                if constexpr (!isIdeal)
                    code = hn::Round(hn::Min(hn::Max(hn::Mul(code, gain), low), high));
                total = hn::MulAdd(place[plane], code, total);
            }
            hn::Store(total, d, joined + half * kHalf);
        }
}

/// All planes of one slice for one output block and one block of vectors.
HWY_NOINLINE void readPlainBlock(const PlainReading& reading, std::int64_t groups, int quads, unsigned planes, const std::int16_t* HWY_RESTRICT tables,
                                 const std::int16_t* HWY_RESTRICT indices, float* HWY_RESTRICT joined)
{
    alignas(64) std::int16_t sums[kOutputs * kQuad * kBlock];
    std::fill_n(joined, kOutputs * kBlock, 0.0f);
    for (int quad = 0; quad < quads; ++quad) {
        if ((planes >> (quad * kQuad) & 15u) == 0)
            continue;
        addColumns(groups, tables, indices + quad * kQuad * kBlock, sums);
        if (reading.isIdeal)
            joinPlanes<true>(reading, reading.places + quad * kQuad, sums, joined);
        else
            joinPlanes<false>(reading, reading.places + quad * kQuad, sums, joined);
    }
}

/// The same with noise (noise[half].v[plane]: unit Gaussians) and errors; levels of several bits are summed up in `level`.
template <bool isNoisy, bool isReal>
HWY_INLINE void joinRealPlanes(const Reading& reading, const ColumnErrors& errors, const std::int16_t* HWY_RESTRICT sums,
                               const std::int16_t* HWY_RESTRICT variances, const FourVectors<FloatVector>* noise, float* HWY_RESTRICT level,
                               float* HWY_RESTRICT joined)
{
    const Floats d;
    for (int half = 0; half < 2; ++half) {
        FloatVector total = hn::Load(d, joined + half * kHalf);
        FloatVector sum = hn::Load(d, level + half * kHalf);
        for (int plane = 0; plane < kQuad; ++plane) {
            const auto bit = static_cast<std::size_t>(reading.firstPlane + plane);
            if ((reading.planes >> bit & 1u) == 0)
                continue;
            sum = hn::MulAdd(halfOf(sums + plane * kBlock, half), hn::Set(d, reading.step * reading.bits.weights[bit]), sum);
            if ((reading.bits.ends >> bit & 1u) == 0)
                continue;
            FloatVector variance = hn::Zero(d), z = hn::Zero(d);
            if constexpr (isNoisy) {
                if (reading.varianceStep > 0.0f)
                    variance = hn::Mul(halfOf(variances + plane * kBlock, half), hn::Set(d, reading.varianceStep));
                z = noise[half].v[plane];
            }
            const FloatVector code = readColumn<isNoisy, isReal>(d, reading.converter, errors, reading.conversion, sum, variance, z);
            total = hn::MulAdd(hn::Set(d, reading.bits.places[bit]), code, total);
            sum = hn::Zero(d);
        }
        hn::Store(total, d, joined + half * kHalf);
        hn::Store(sum, d, level + half * kHalf);
    }
}

HWY_INLINE void addScaled(const float* HWY_RESTRICT joined, double scale, double* HWY_RESTRICT totals)
{
    const hn::CappedTag<double, 8> d;
    const hn::Rebind<float, decltype(d)> halves;
    for (int output = 0; output < kOutputs; ++output, joined += kBlock, totals += kChunkVectors)
        for (int lane = 0; lane < kBlock; lane += 8) {
            const auto scaled = hn::Mul(hn::PromoteTo(d, hn::Load(halves, joined + lane)), hn::Set(d, scale));
            hn::Store(hn::Add(hn::Load(d, totals + lane), scaled), d, totals + lane);
        }
}

void MultiplyGrid(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers)
{
    const TiledCells& cells = *product.cells;
    const std::size_t slices = cells.grids.size();
    const int quads = (product.bits.count + kQuad - 1) / kQuad;
    const int blocks = static_cast<int>((vectors + kBlock - 1) / kBlock);
    const bool isNoisy = product.isNoisy(), isReal = product.isReal(), hasVariances = isNoisy && product.hasReadNoise();
    const bool isPlain = !isNoisy && !isReal && product.sink == nullptr;
    const PhiloxKeys keys(product.noiseSeed);

    const std::int64_t tileGroups = (std::min(cells.tileRows, cells.columns) + kGridGroup - 1) / kGridGroup;
    const std::int64_t seedStride = tileGroups * kGridSeeds, indexStride = tileGroups * kPlaneSlots * kBlock;
    const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
    std::int16_t* const indices = buffers.gridIndices.grow(size(indexStride * kChunkBlocks));
    std::int16_t* const tables = buffers.gridTables.grow(size(2 * tileGroups * kOutputs * kBlock));
    std::int16_t* const varianceTables = tables + tileGroups * kOutputs * kBlock;
    double* const totals = buffers.totals.grow(size(cells.paddedOutputs * kChunkVectors));
    std::fill_n(totals, cells.paddedOutputs * kChunkVectors, 0.0);

    alignas(64) std::int16_t sums[kOutputs * kQuad * kBlock];
    alignas(64) std::int16_t variances[kOutputs * kQuad * kBlock];
    alignas(64) float joined[kOutputs * kBlock], levels[kOutputs * kBlock];

    const auto tell = [&](std::int64_t tile, std::size_t slice, int quad, std::int64_t output, int block) {
        alignas(64) float told[kOutputs * kQuad * kBlock];
        const auto step = hn::Set(Floats{}, static_cast<float>(cells.grids[slice].step));
        for (int at = 0; at < kOutputs * kQuad * kBlock; at += kBlock)
            for (int half = 0; half < 2; ++half)
                hn::Store(hn::Mul(halfOf(sums + at, half), step), Floats{}, told + at + half * kHalf);
        const int planes = std::min(kQuad, product.bits.count - quad * kQuad);
        const int outputs = static_cast<int>(std::min<std::int64_t>(kOutputs, cells.outputs - output));
        (*product.sink)({tile, slice, output, block * kBlock, quad * kQuad, planes, outputs, kBlock,
                         static_cast<int>(std::min<std::int64_t>(kBlock, vectors - block * kBlock)), told});
    };

    // The codes of one output block for one block of vectors, all planes of a slice, joined.
    const auto readBlock = [&](std::int64_t groups, std::int64_t tile, std::size_t slice, std::int64_t output, int block) {
        std::fill(std::begin(joined), std::end(joined), 0.0f);
        std::fill(std::begin(levels), std::end(levels), 0.0f);
        for (int quad = 0; quad < quads; ++quad) {
            if ((product.planes[slice] >> (quad * kQuad) & 15u) == 0)
                continue;
            const std::int16_t* const quadIndices = indices + block * indexStride + quad * kQuad * kBlock;
            addColumns(groups, tables, quadIndices, sums);
            if (product.sink != nullptr) {
                tell(tile, slice, quad, output, block);
                continue;
            }
            const Reading reading{product.converters[slice],
                                  product.conversion[slice],
                                  product.bits,
                                  product.planes[slice],
                                  static_cast<float>(cells.grids[slice].step),
                                  hasVariances ? static_cast<float>(cells.varianceGrids[slice].step) : 0.0f,
                                  quad * kQuad};
            if (hasVariances)
                addColumns(groups, varianceTables, quadIndices, variances);
            const std::size_t counter =
                (static_cast<std::size_t>(tile) * slices + slice) * static_cast<std::size_t>(quads) + static_cast<std::size_t>(quad);
            for (int o = 0; o < kOutputs; ++o) {
                const std::int16_t* const from = sums + o * kQuad * kBlock;
                const ColumnErrors errors = product.errorsOf(slice, tile, output + o);
                if (!isNoisy) {
                    joinRealPlanes<false, true>(reading, errors, from, nullptr, nullptr, levels + o * kBlock, joined + o * kBlock);
                    continue;
                }
                const std::uint32_t vector = product.firstVector + static_cast<std::uint32_t>(block * kBlock);
                const auto row = static_cast<std::uint32_t>(output + o);
                const auto z = [&](int half) {
                    return gaussians(Floats{}, keys, vector + static_cast<std::uint32_t>(half * kHalf), row,
                                     static_cast<std::uint32_t>(counter), product.noisePurpose);
                };
                const FourVectors<FloatVector> noise[2] = {z(0), z(1)};
                const auto join = isReal ? joinRealPlanes<true, true> : joinRealPlanes<true, false>;
                join(reading, errors, from, variances + o * kQuad * kBlock, noise, levels + o * kBlock, joined + o * kBlock);
            }
        }
    };

    for (std::int64_t t = 0; t < cells.tiles; ++t) {
        const std::int64_t begin = t * cells.tileRows, rows = std::min(cells.tileRows, cells.columns - begin);
        const std::int64_t groups = (rows + kGridGroup - 1) / kGridGroup;
        for (int block = 0; block < blocks; ++block)
            packPlanes(codes + begin * kChunkVectors + block * kBlock, rows, product.bits.count, indices + block * indexStride);

        for (std::size_t slice = 0; slice < slices; ++slice) {
            const ColumnConverter& converter = product.converters[slice];
            // In the plain case an ideal converter's codes stay in steps of the grid.
            const double scale =
                (converter.ideal && !isNoisy && !isReal ? cells.grids[slice].step : converter.step) * product.placeValues[slice];
            const PlainReading plain = plainReading(product, slice);
            for (std::int64_t output = 0; output < cells.paddedOutputs; output += kOutputs) {
                const std::int64_t seed = (t * cells.paddedOutputs + output) * seedStride;
                buildTables(groups, cells.grids[slice].seeds.data() + seed, seedStride, tables);
                if (hasVariances)
                    buildTables(groups, cells.varianceGrids[slice].seeds.data() + seed, seedStride, varianceTables);
                for (int block = 0; block < blocks; ++block) {
                    if (isPlain)
                        readPlainBlock(plain, groups, quads, product.planes[slice], tables, indices + block * indexStride, joined);
                    else
                        readBlock(groups, t, slice, output, block);
                    addScaled(joined, scale, totals + output * kChunkVectors + block * kBlock);
                }
            }
        }
    }
}

bool HasGridKernel() { return true; }

#else

void MultiplyGrid(const TileProduct&, const std::uint8_t*, std::int64_t, TileBuffers&) {}
bool HasGridKernel() { return false; }

#endif

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

HWY_EXPORT(MultiplyGrid);
HWY_EXPORT(HasGridKernel);

namespace {

template <class Take>
void forEachRun(const TiledCells& cells, std::size_t slice, std::span<const float> values, const Take& take)
{
    for (std::int64_t tile = 0; tile < cells.tiles; ++tile)
        for (std::int64_t output = 0; output < cells.paddedOutputs; ++output)
            take(tile, output, values.subspan(cells.index(slice, output, tile * cells.tileRows), static_cast<std::size_t>(cells.stride)));
}

}  // namespace

double largestTileSum(const TiledCells& cells, std::size_t slice, std::span<const float> values)
{
    double largest = 0.0;
    forEachRun(cells, slice, values, [&](std::int64_t, std::int64_t, std::span<const float> run) {
        double sum = 0.0, magnitude = 0.0;
        for (const float value : run) {
            sum += static_cast<double>(value);
            magnitude += static_cast<double>(std::abs(value));
        }
        largest = std::max(largest, (magnitude + std::abs(sum)) / 2.0);
    });
    return largest;
}

double gridStep(double largest, std::int64_t rows)
{
    const double room = 32767.0 - static_cast<double>(rows);  // both cells of a pair err by half a step at most
    return largest > 0.0 ? std::exp2(std::ceil(std::log2(largest / room))) : 1.0;
}

GridSums gridSums(const TiledCells& cells, std::size_t slice, std::span<const float> values, double step)
{
    const std::int64_t groups = (std::min(cells.tileRows, cells.columns) + kGridGroup - 1) / kGridGroup;
    const float perStep = static_cast<float>(1.0 / step);  // a power of two
    GridSums sums{step, std::vector<std::int16_t>(static_cast<std::size_t>(cells.tiles * cells.paddedOutputs * groups * kGridSeeds), 0)};
    forEachRun(cells, slice, values, [&](std::int64_t tile, std::int64_t output, std::span<const float> run) {
        std::int16_t* seeds = sums.seeds.data() + (tile * cells.paddedOutputs + output) * groups * kGridSeeds;
        for (std::int64_t group = 0; group < groups; ++group, seeds += kGridSeeds) {
            std::array<int, kGridGroup> v{};
            for (std::int64_t i = 0; i < kGridGroup && group * kGridGroup + i < cells.stride; ++i)
                v[static_cast<std::size_t>(i)] = static_cast<int>(run[static_cast<std::size_t>(group * kGridGroup + i)] * perStep);
            const std::array<int, 12> subsets{0, v[0], v[1], v[0] + v[1], v[2], v[0] + v[2], v[1] + v[2], v[0] + v[1] + v[2],
                                              0, v[3], v[4], v[3] + v[4]};
            std::ranges::transform(subsets, seeds, [](int sum) { return static_cast<std::int16_t>(sum); });
        }
    });
    return sums;
}

bool hasGridKernel() { return HWY_DYNAMIC_DISPATCH(HasGridKernel)(); }

void multiplyGrid(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers)
{
    HWY_DYNAMIC_DISPATCH(MultiplyGrid)(product, codes, vectors, buffers);
}

}  // namespace core
#endif
