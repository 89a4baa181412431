// SPDX-License-Identifier: Apache-2.0
#pragma once
// The fast path of an array's product: bit planes become table indices, a tile's rows become small tables of column
// sums, converter and shift-add follow in registers. core/cim/README.md, "The fast path", says why and how fast.

#include "core/cim/column_converter.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace core {

/// Outputs are padded to whole blocks, tile rows to whole groups of 2, 3 or 4 whatever the machine's vectors hold.
inline constexpr std::int64_t kOutputBlock = 4;
inline constexpr std::int64_t kRowPadding = 12;

/// How many vectors a chunk may hold; multiplyTiles takes one chunk at a time.
inline constexpr std::int64_t kChunkVectors = 64;

/// Rows that share a table of 2^5 sums where values lie on a grid, and how many of those sums a group stores: those of
/// rows 0 to 2 (8), then of rows 3 and 4 (4).
inline constexpr std::int64_t kGridGroup = 5;
inline constexpr std::int64_t kGridSeeds = 16;

/// One slice's values in multiples of `step`, as sums of groups of rows:
/// seeds[((tile * paddedOutputs + output) * groups + group) * kGridSeeds + sum], with the groups of a whole tile.
struct GridSums {
    double step = 0.0;
    std::vector<std::int16_t> seeds;
};

/// A layer's cells as the fast path reads them: per slice, tile and output a run of `stride` values, zero where padded.
struct TiledCells {
    std::int64_t outputs = 0, columns = 0, tileRows = 0;
    std::int64_t paddedOutputs = 0, tiles = 0, stride = 0;
    std::vector<float> conductances;             // positive side less negative side, in digits
    std::vector<float> variances;                // of one read of the pair; empty without read noise
    std::vector<GridSums> grids, varianceGrids;  // the same per slice, where they lie on a grid that 16 bits can add up; or empty

    TiledCells() = default;
    TiledCells(std::int64_t outputCount, std::int64_t columnCount, std::int64_t rowsOfTile, std::size_t slices, bool hasReadNoise);
    std::size_t index(std::size_t slice, std::int64_t output, std::int64_t column) const;
    TiledCells ofVariances() const;  // the variances in the conductances' place
};

/// Memory on a 64-byte boundary that grows and never shrinks; growing forgets what it held.
template <class T>
class AlignedBuffer {
public:
    T* grow(std::size_t count)
    {
        if (count > m_count) {
            m_values.reset(static_cast<T*>(::operator new(count * sizeof(T), kAlignment)));
            m_count = count;
        }
        return m_values.get();
    }
    const T* data() const { return m_values.get(); }

private:
    static constexpr std::align_val_t kAlignment{64};
    struct Release {
        void operator()(T* values) const { ::operator delete(values, kAlignment); }
    };
    std::unique_ptr<T[], Release> m_values;
    std::size_t m_count = 0;
};

/// Scratch memory, grown on demand.
struct TileBuffers {
    AlignedBuffer<std::uint8_t> codes, squares;  // for callers: one chunk, column-major
    AlignedBuffer<std::int32_t> indices;
    AlignedBuffer<std::int16_t> gridIndices, gridTables;
    AlignedBuffer<float> tables, varianceTables;
    AlignedBuffer<double> totals;
    std::vector<double> analogTotals;   // for callers that add two products
    std::vector<float> levelVariances;  // for callers: TileProduct::levelVariances
};

/// Column sums of one block before the converter: sums[(output * 4 + plane) * lanes + lane], of output `firstOutput + output` and
/// vector `firstVector + lane` of the chunk.
struct SumBlock {
    std::int64_t tile;
    std::size_t slice;
    std::int64_t firstOutput;
    int firstVector, firstPlane, planes, outputs, lanes, usedLanes;
    const float* sums;
};
using SumSink = std::function<void(const SumBlock&)>;

/// Variance of a conversion's own noise: constant + counted / (|sum| perCount + 1).
struct ConversionVariance {
    float constant = 0.0f, counted = 0.0f, perCount = 1.0f;
    bool isOn() const { return constant > 0.0f || counted > 0.0f; }
};

/// How the bits of an input code meet in conversions: bit b adds weights[b] times its column sum; where ends has bit b, the sum
/// so far is converted and its code counts places[b].
struct InputBits {
    std::array<float, 8> weights{}, places{};
    unsigned ends = 0;
    int count = 8;
    /// `dacBits` bits make one level; the top bit of signed codes counts negative.
    static InputBits of(int inputBits, int dacBits, bool isSigned);
    bool areSingle() const { return ends == (1u << count) - 1u; }
    int levels() const { return std::popcount(ends); }
    int levelOf(int bit) const { return std::popcount(ends & ((1u << bit) - 1u)); }
};

struct TileProduct {
    const TiledCells* cells = nullptr;
    InputBits bits;
    std::span<const ColumnConverter> converters;
    std::span<const double> placeValues;             // per slice
    std::span<const std::uint8_t> planes;            // per slice: which input planes count, as bits
    std::span<const ColumnErrors> columnErrors;      // [(slice * tiles + tile) * paddedOutputs + output]; empty: none
    std::span<const ConversionVariance> conversion;  // per slice
    std::uint64_t noiseSeed = 0;                     // of the read
    std::uint32_t noisePurpose = 0, firstVector = 0;
    const SumSink* sink = nullptr;  // takes the sums instead of the converters, if set
    /// Levels of several bits: of every conversion's read, at levelAt(...) + vector; bits on their own need none.
    const float* levelVariances = nullptr;

    bool hasReadNoise() const { return !cells->variances.empty(); }
    bool isNoisy() const { return sink == nullptr && (hasReadNoise() || (!conversion.empty() && conversion.front().isOn())); }
    std::size_t levelAt(std::size_t slice, std::int64_t tile, std::int64_t output, int level) const
    {
        const auto column = (static_cast<std::int64_t>(slice) * cells->tiles + tile) * cells->paddedOutputs + output;
        return static_cast<std::size_t>((column * bits.levels() + level) * kChunkVectors);
    }
    bool isReal() const { return !columnErrors.empty() || !bits.areSingle() || converters.front().offset != 0.0f; }
    ColumnErrors errorsOf(std::size_t slice, std::int64_t tile, std::int64_t output) const
    {
        if (columnErrors.empty())
            return {};
        return columnErrors[static_cast<std::size_t>((static_cast<std::int64_t>(slice) * cells->tiles + tile) * cells->paddedOutputs +
                                                     output)];
    }
};

/// buffers.totals[output * kChunkVectors + vector] = sum over tiles, slices and planes of place values times codes times
/// step, for `vectors` <= kChunkVectors. Codes are column-major: codes[column * kChunkVectors + vector], on a 64-byte boundary.
void multiplyTiles(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers);

/// What NoiseStream(seed, purpose).gaussians({a + i, b, c})[k] gives to 4e-6, at out[k * n + i] for i < n = out.size() / 4.
/// An element's bits do not depend on which others are drawn with it.
void fillGaussians(std::uint64_t seed, std::uint32_t purpose, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::span<float> out);

}  // namespace core
