// SPDX-License-Identifier: Apache-2.0
#pragma once
// The fast path of an array's product: bit planes become table indices, a tile's rows become small tables of column
// sums, converter and shift-add follow in registers. core/cim/README.md, "The fast path", says why and how fast.

#include "core/cim/column_converter.h"

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
    AlignedBuffer<std::uint8_t> codes;  // for callers: one chunk, column-major
    AlignedBuffer<std::int32_t> indices;
    AlignedBuffer<std::int16_t> gridIndices, gridTables;
    AlignedBuffer<float> tables, varianceTables;
    AlignedBuffer<double> totals;
};

/// Column sums of one block before the converter: sums[(output * 4 + plane) * lanes + lane].
struct SumBlock {
    std::size_t slice;
    int firstPlane, planes, outputs, lanes, usedLanes;
    const float* sums;
};
using SumSink = std::function<void(const SumBlock&)>;

struct TileProduct {
    const TiledCells* cells = nullptr;
    int inputBits = 8;
    bool isSigned = false;
    std::span<const ColumnConverter> converters;
    std::span<const double> placeValues;  // per slice
    std::uint64_t noiseSeed = 0;          // of the read
    std::uint32_t noisePurpose = 0, firstVector = 0;
    const SumSink* sink = nullptr;  // takes the sums instead of the converters, if set
};

/// buffers.totals[output * kChunkVectors + vector] = sum over tiles, slices and planes of place values times codes times
/// step, for `vectors` <= kChunkVectors. Codes are column-major: codes[column * kChunkVectors + vector], on a 64-byte boundary.
void multiplyTiles(const TileProduct& product, const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers);

/// What NoiseStream(seed, purpose).gaussians({a + i, b, c})[k] gives to 4e-6, at out[k * n + i] for i < n = out.size() / 4.
/// An element's bits do not depend on which others are drawn with it.
void fillGaussians(std::uint64_t seed, std::uint32_t purpose, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::span<float> out);

}  // namespace core
