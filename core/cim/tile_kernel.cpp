// SPDX-License-Identifier: Apache-2.0
#include "core/cim/tile_kernel.h"

#include "core/cim/grid_kernel.h"

#include <algorithm>
#include <array>
#include <utility>

// Vectors of unknown length cannot be kept in arrays; such machines run a fixed-length target.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#ifdef __x86_64__
#define HWY_BASELINE_TARGETS HWY_SSSE3  // the first with a table look-up; x86-64 processors without it ended in 2011
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cim/tile_kernel.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h wants to come before highway.h.
#include <hwy/highway.h>

#include "core/cim/column_reading.inl"
#include "core/cim/gaussians.inl"

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

using Floats = hn::ScalableTag<float>;
using Integers = hn::ScalableTag<std::int32_t>;
using Words = hn::ScalableTag<std::uint32_t>;
using FloatVector = hn::Vec<Floats>;

constexpr int kLanes = static_cast<int>(hn::MaxLanes(Floats{}));
constexpr int kGroup = kLanes >= 16 ? 4 : kLanes >= 8 ? 3 : 2;  // rows that share a table of 2^kGroup <= kLanes sums
constexpr int kQuad = 4;                                        // input planes taken together
constexpr int kPlaneSlots = 8;                                  // planes of a byte
constexpr int kOutputs = static_cast<int>(kOutputBlock);
constexpr int kBlockVectors = kOutputs * kQuad;
constexpr int kChunkBlocks = static_cast<int>(kChunkVectors) / kLanes;
static_assert(kLanes >= 4 && kLanes <= 16 && (1 << kGroup) <= kLanes);

struct TileShape {
    std::int64_t begin, rows, groups;
    int quads;
};

/// Indices of one block of lanes (vectors): indices[(group * kPlaneSlots + plane) * kLanes + lane] has bit i set where the
/// group's row i is on in that plane. `codes` are column-major, of the block's first vector.
void packPlanes(const TileShape& tile, const std::uint8_t* codes, int bits, std::int32_t* HWY_RESTRICT indices)
{
    const Words words;
    const Integers integers;
    const hn::Rebind<std::uint8_t, Words> bytes;
    for (std::int64_t group = 0; group < tile.groups; ++group) {
        const std::int64_t first = group * kGroup;
        const int taken = static_cast<int>(std::min<std::int64_t>(kGroup, tile.rows - first));
        auto packed = hn::Zero(words);  // row i of the group is byte i
        for (int i = 0; i < taken; ++i)
            packed = hn::Or(
                packed, hn::ShiftLeftSame(hn::PromoteTo(words, hn::Load(bytes, codes + (tile.begin + first + i) * kChunkVectors)), 8 * i));
        for (int plane = 0; plane < tile.quads * kQuad; ++plane) {
            // Bits 0, 8, 16, 24 of the shifted word move together to bits 0, 1, 2, 3.
            const auto bit = hn::And(hn::ShiftRightSame(packed, plane), hn::Set(words, plane < bits ? 0x01010101u : 0u));
            const auto pairs = hn::Or(bit, hn::ShiftRight<7>(bit));
            const auto index = hn::And(hn::Or(pairs, hn::ShiftRight<14>(pairs)), hn::Set(words, 15u));
            hn::Store(hn::BitCast(integers, index), integers, indices + (group * kPlaneSlots + plane) * kLanes);
        }
    }
}

/// tables[(group * kOutputs + output) * kLanes + index] = sum of the conductances of the rows in `index`.
void buildTables(const TileShape& tile, const float* cells, std::int64_t stride, float* HWY_RESTRICT tables)
{
    const Floats d;
    const Integers integers;
    std::array<FloatVector, kGroup> isIn;
    for (int i = 0; i < kGroup; ++i)
        isIn[static_cast<std::size_t>(i)] = hn::ConvertTo(d, hn::And(hn::ShiftRightSame(hn::Iota(integers, 0), i), hn::Set(integers, 1)));
    for (int output = 0; output < kOutputs; ++output, cells += stride)
        for (std::int64_t group = 0; group < tile.groups; ++group) {
            FloatVector sum = hn::Zero(d);
            for (int i = 0; i < kGroup; ++i)
                sum = hn::MulAdd(hn::Set(d, cells[group * kGroup + i]), isIn[static_cast<std::size_t>(i)], sum);
            hn::Store(sum, d, tables + (group * kOutputs + output) * kLanes);
        }
}

/// Adds up one output block's column sums for four planes of one block of lanes. `outputs` at a time, as registers allow.
template <int outputs>
HWY_INLINE void addColumns(std::int64_t groups, const float* HWY_RESTRICT tables, const std::int32_t* HWY_RESTRICT indices,
                           float* HWY_RESTRICT sums)
{
    const Floats d;
    const Integers integers;
    FloatVector sum[outputs][kQuad];
    for (int output = 0; output < outputs; ++output)
        for (int plane = 0; plane < kQuad; ++plane)
            sum[output][plane] = hn::Zero(d);
    for (std::int64_t group = 0; group < groups; ++group, tables += kOutputs * kLanes, indices += kPlaneSlots * kLanes) {
        const auto i0 = hn::IndicesFromVec(d, hn::Load(integers, indices));
        const auto i1 = hn::IndicesFromVec(d, hn::Load(integers, indices + kLanes));
        const auto i2 = hn::IndicesFromVec(d, hn::Load(integers, indices + 2 * kLanes));
        const auto i3 = hn::IndicesFromVec(d, hn::Load(integers, indices + 3 * kLanes));
        HWY_UNROLL(4)
        for (int output = 0; output < outputs; ++output) {
            const FloatVector table = hn::Load(d, tables + output * kLanes);
            sum[output][0] = hn::Add(sum[output][0], hn::TableLookupLanes(table, i0));
            sum[output][1] = hn::Add(sum[output][1], hn::TableLookupLanes(table, i1));
            sum[output][2] = hn::Add(sum[output][2], hn::TableLookupLanes(table, i2));
            sum[output][3] = hn::Add(sum[output][3], hn::TableLookupLanes(table, i3));
        }
    }
    for (int output = 0; output < outputs; ++output)
        for (int plane = 0; plane < kQuad; ++plane)
            hn::Store(sum[output][plane], d, sums + (output * kQuad + plane) * kLanes);
}

HWY_INLINE void addBlock(std::int64_t groups, const float* tables, const std::int32_t* indices, float* sums)
{
#if HWY_TARGET <= HWY_AVX3
    addColumns<kOutputs>(groups, tables, indices, sums);  // 16 sums, 4 indices and a table in 32 registers
#else
    addColumns<2>(groups, tables, indices, sums);
    addColumns<2>(groups, tables + 2 * kLanes, indices, sums + 2 * kQuad * kLanes);
#endif
}

/// What conversions of one quad of planes share.
struct Reading {
    const ColumnConverter& converter;
    const ConversionVariance& conversion;
    const InputBits& bits;
    unsigned planes;  // that count, of all
    int firstPlane;
};

/// Joins one output's quad of codes by place value (exact: whole numbers under 2^24) and adds them to shiftSums. Levels of
/// several bits are summed up in `level`; variances and noise (unit Gaussians of the planes): null without.
template <bool isNoisy, bool isReal>
HWY_INLINE void joinPlanes(const Reading& reading, const ColumnErrors& errors, const float* HWY_RESTRICT sums,
                           const float* HWY_RESTRICT variances, const FourVectors<FloatVector>* noise, float* HWY_RESTRICT level,
                           double* HWY_RESTRICT shiftSums)
{
    const Floats d;
    const hn::Half<Floats> half;
    const hn::Rebind<double, hn::Half<Floats>> doubles;
    FloatVector joined = hn::Zero(d), sum = hn::Load(d, level);
    const double place = static_cast<double>(1 << reading.firstPlane);
    for (int plane = 0; plane < kQuad; ++plane) {
        const auto bit = static_cast<std::size_t>(reading.firstPlane + plane);
        if ((reading.planes >> bit & 1u) == 0)
            continue;
        sum = hn::Add(sum, hn::Mul(hn::Load(d, sums + plane * kLanes), hn::Set(d, reading.bits.weights[bit])));
        if ((reading.bits.ends >> bit & 1u) == 0)
            continue;
        FloatVector variance = hn::Zero(d), z = hn::Zero(d);
        if constexpr (isNoisy) {
            if (variances != nullptr)
                variance = hn::Load(d, variances + plane * kLanes);
            z = noise->v[plane];
        }
        const FloatVector code = readColumn<isNoisy, isReal>(d, reading.converter, errors, reading.conversion, sum, variance, z);
        joined = hn::Add(joined, hn::Mul(hn::Set(d, reading.bits.places[bit] / static_cast<float>(place)), code));
        sum = hn::Zero(d);
    }
    hn::Store(sum, d, level);
    const auto low = hn::PromoteTo(doubles, hn::LowerHalf(half, joined));
    const auto high = hn::PromoteTo(doubles, hn::UpperHalf(half, joined));
    hn::Store(hn::Add(hn::Load(doubles, shiftSums), hn::Mul(low, hn::Set(doubles, place))), doubles, shiftSums);
    hn::Store(hn::Add(hn::Load(doubles, shiftSums + kLanes / 2), hn::Mul(high, hn::Set(doubles, place))), doubles, shiftSums + kLanes / 2);
}

/// totals += scale * shiftSums, one output block of one block of lanes.
HWY_INLINE void addScaled(const double* HWY_RESTRICT shiftSums, double scale, double* HWY_RESTRICT totals)
{
    const hn::ScalableTag<double> d;
    constexpr int kDoubles = static_cast<int>(hn::MaxLanes(d));
    for (int output = 0; output < kOutputs; ++output, shiftSums += kLanes, totals += kChunkVectors)
        for (int lane = 0; lane < kLanes; lane += kDoubles) {
            const auto scaled = hn::Mul(hn::Load(d, shiftSums + lane), hn::Set(d, scale));
            hn::Store(hn::Add(hn::Load(d, totals + lane), scaled), d, totals + lane);
        }
}

/// A quad's variances where a level ends: variances[(output * kQuad + plane) * kLanes + lane].
void takeLevelVariances(const TileProduct& product, std::size_t slice, std::int64_t tile, std::int64_t output, int firstPlane,
                        int firstVector, float* HWY_RESTRICT variances)
{
    for (int o = 0; o < kOutputs; ++o)
        for (int plane = 0; plane < kQuad; ++plane)
            if (product.bits.ends >> (firstPlane + plane) & 1u)
                std::copy_n(product.levelVariances + product.levelAt(slice, tile, output + o, product.bits.levelOf(firstPlane + plane)) +
                                firstVector,
                            kLanes, variances + (o * kQuad + plane) * kLanes);
}

void MultiplyTiles(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers)
{
    const TiledCells& cells = *product.cells;
    const std::size_t slices = product.converters.size();
    const int quads = (product.bits.count + kQuad - 1) / kQuad;
    const int blocks = static_cast<int>((vectors + kLanes - 1) / kLanes);
    const bool isNoisy = product.isNoisy(), isReal = product.isReal(), hasNoise = isNoisy && product.hasReadNoise();
    const PhiloxKeys keys(product.noiseSeed);
    const auto usedLanes = [&](int block) { return static_cast<int>(std::min<std::int64_t>(kLanes, vectors - block * kLanes)); };

    const std::int64_t mostGroups = (std::min(cells.tileRows, cells.columns) + kGroup - 1) / kGroup;
    const std::int64_t indexStride = mostGroups * kPlaneSlots * kLanes;
    const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
    std::int32_t* const indices = buffers.indices.grow(size(indexStride * kChunkBlocks));
    float* const tables = buffers.tables.grow(size(mostGroups * kOutputs * kLanes));
    float* const varianceTables = hasNoise ? buffers.varianceTables.grow(size(mostGroups * kOutputs * kLanes)) : nullptr;
    double* const totals = buffers.totals.grow(size(cells.paddedOutputs * kChunkVectors));
    std::fill_n(totals, cells.paddedOutputs * kChunkVectors, 0.0);

    alignas(64) float sums[kBlockVectors * kLanes];
    alignas(64) float variances[kBlockVectors * kLanes];
    alignas(64) float levels[kOutputs * kLanes];
    alignas(64) double shiftSums[kOutputs * kLanes];

    // The codes of one output block for one block of lanes, all planes of a slice, joined in shiftSums.
    const auto readBlock = [&](const TileShape& tile, std::int64_t tileIndex, std::size_t slice, std::int64_t output, int block) {
        std::fill(std::begin(shiftSums), std::end(shiftSums), 0.0);
        std::fill(std::begin(levels), std::end(levels), 0.0f);
        for (int quad = 0; quad < quads; ++quad) {
            if ((product.planes[slice] >> (quad * kQuad) & 15u) == 0)
                continue;
            const std::int32_t* const quadIndices = indices + block * indexStride + quad * kQuad * kLanes;
            addBlock(tile.groups, tables, quadIndices, sums);
            if (product.sink != nullptr) {
                const int planes = std::min(kQuad, product.bits.count - quad * kQuad);
                const int outputs = static_cast<int>(std::min<std::int64_t>(kOutputs, cells.outputs - output));
                (*product.sink)({tileIndex, slice, output, block * kLanes, quad * kQuad, planes, outputs, kLanes, usedLanes(block), sums});
                continue;
            }
            if (hasNoise && product.levelVariances == nullptr)
                addBlock(tile.groups, varianceTables, quadIndices, variances);
            else if (hasNoise)
                takeLevelVariances(product, slice, tileIndex, output, quad * kQuad, block * kLanes, variances);
            const Reading reading{product.converters[slice], product.conversion[slice], product.bits, product.planes[slice], quad * kQuad};
            const std::size_t counter =
                (static_cast<std::size_t>(tileIndex) * slices + slice) * static_cast<std::size_t>(quads) + static_cast<std::size_t>(quad);
            for (int o = 0; o < kOutputs; ++o) {
                const ColumnErrors errors = product.errorsOf(slice, tileIndex, output + o);
                const int at = o * kQuad * kLanes;
                if (!isNoisy) {
                    const auto join = isReal ? joinPlanes<false, true> : joinPlanes<false, false>;
                    join(reading, errors, sums + at, nullptr, nullptr, levels + o * kLanes, shiftSums + o * kLanes);
                    continue;
                }
                const auto noise =
                    gaussians(Floats{}, keys, product.firstVector + static_cast<std::uint32_t>(block * kLanes),
                              static_cast<std::uint32_t>(output + o), static_cast<std::uint32_t>(counter), product.noisePurpose);
                const auto join = isReal ? joinPlanes<true, true> : joinPlanes<true, false>;
                join(reading, errors, sums + at, hasNoise ? variances + at : nullptr, &noise, levels + o * kLanes, shiftSums + o * kLanes);
            }
        }
    };

    for (std::int64_t t = 0; t < cells.tiles; ++t) {
        const std::int64_t begin = t * cells.tileRows, rows = std::min(cells.tileRows, cells.columns - begin);
        const TileShape tile{begin, rows, (rows + kGroup - 1) / kGroup, quads};
        for (int block = 0; block < blocks; ++block)
            packPlanes(tile, codes + block * kLanes, product.bits.count, indices + block * indexStride);

        for (std::size_t slice = 0; slice < slices; ++slice) {
            const double scale = product.converters[slice].step * product.placeValues[slice];
            for (std::int64_t output = 0; output < cells.paddedOutputs; output += kOutputs) {
                const std::size_t first = cells.index(slice, output, begin);
                buildTables(tile, cells.conductances.data() + first, cells.stride, tables);
                if (hasNoise && product.levelVariances == nullptr)
                    buildTables(tile, cells.variances.data() + first, cells.stride, varianceTables);
                for (int block = 0; block < blocks; ++block) {
                    readBlock(tile, t, slice, output, block);
                    addScaled(shiftSums, scale, totals + output * kChunkVectors + block * kLanes);
                }
            }
        }
    }
}

void FillGaussians(std::uint64_t seed, std::uint32_t purpose, std::uint32_t a, std::uint32_t b, std::uint32_t c, float* out,
                   std::size_t count)
{
    const Floats d;
    const PhiloxKeys keys(seed);
    alignas(64) float z[kLanes];
    for (std::size_t first = 0; first < count; first += static_cast<std::size_t>(kLanes)) {
        const auto drawn = gaussians(d, keys, a + static_cast<std::uint32_t>(first), b, c, purpose);
        const std::size_t taken = std::min(static_cast<std::size_t>(kLanes), count - first);
        for (std::size_t k = 0; k < 4; ++k) {
            hn::Store(drawn.v[k], d, z);
            std::copy_n(z, taken, out + k * count + first);
        }
    }
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

HWY_EXPORT(MultiplyTiles);
HWY_EXPORT(FillGaussians);

namespace {

std::int64_t roundUp(std::int64_t value, std::int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

InputBits InputBits::of(int inputBits, int dacBits, bool isSigned)
{
    InputBits bits;
    bits.count = inputBits;
    for (int bit = 0; bit < inputBits; ++bit) {
        const int first = bit - bit % dacBits;
        const bool isEnd = bit + 1 == inputBits || (bit + 1) % dacBits == 0, isNegative = isSigned && bit + 1 == inputBits;
        const auto at = static_cast<std::size_t>(bit);
        bits.weights[at] = static_cast<float>(1 << (bit - first));
        bits.places[at] = static_cast<float>(1 << first);
        if (isNegative)  // a plane of one bit is counted negative behind its converter, a level is negative itself
            (dacBits == 1 ? bits.places : bits.weights)[at] *= -1.0f;
        bits.ends |= isEnd ? 1u << bit : 0u;
    }
    return bits;
}

TiledCells::TiledCells(std::int64_t outputCount, std::int64_t columnCount, std::int64_t rowsOfTile, std::size_t slices, bool hasReadNoise)
    : outputs(outputCount),
      columns(columnCount),
      tileRows(rowsOfTile),
      paddedOutputs(roundUp(outputs, kOutputBlock)),
      tiles((columns + tileRows - 1) / tileRows),
      stride(roundUp(std::min(tileRows, columns), kRowPadding))
{
    const std::size_t count = slices * static_cast<std::size_t>(tiles * paddedOutputs * stride);
    conductances.assign(count, 0.0f);
    if (hasReadNoise)
        variances.assign(count, 0.0f);
}

std::size_t TiledCells::index(std::size_t slice, std::int64_t output, std::int64_t column) const
{
    const std::int64_t tile = column / tileRows;
    return static_cast<std::size_t>(((static_cast<std::int64_t>(slice) * tiles + tile) * paddedOutputs + output) * stride +
                                    column % tileRows);
}

TiledCells TiledCells::ofVariances() const
{
    TiledCells cells = *this;
    cells.conductances = std::exchange(cells.variances, {});
    cells.grids = std::exchange(cells.varianceGrids, {});
    return cells;
}

void multiplyTiles(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers)
{
    if (!product.cells->grids.empty() && hasGridKernel() && product.levelVariances == nullptr)
        multiplyGrid(product, codes, vectors, buffers);
    else
        HWY_DYNAMIC_DISPATCH(MultiplyTiles)(product, codes, vectors, buffers);
}

void fillGaussians(std::uint64_t seed, std::uint32_t purpose, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::span<float> out)
{
    HWY_DYNAMIC_DISPATCH(FillGaussians)(seed, purpose, a, b, c, out.data(), out.size() / 4);
}

}  // namespace core
#endif
