// SPDX-License-Identifier: Apache-2.0
#pragma once
// One weight matrix programmed into compute-in-memory tiles of one chip, and the product it then computes: bit plane by
// bit plane, tile by tile, every column sum through a converter. core/cim/README.md derives it one equation at a time.

#include "core/base/index.h"
#include "core/base/problem.h"
#include "core/cim/array_treatment.h"
#include "core/cim/column_converter.h"
#include "core/cim/tile_kernel.h"
#include "core/cim/weight_planes.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace core {

/// How a caller's input codes are to be read. A code is a byte; its lowest `inputBits` bits (ArrayTreatment) go to the array
/// one plane each, higher bits are ignored. Signed codes are two's complement: the top plane counts negative.
/// A code x stands for x - zeroPoint; the array sees x, the constant part is subtracted digitally with the exact weights.
struct ArrayInputs {
    bool isSigned = false;
    int zeroPoint = 0;
    bool operator==(const ArrayInputs&) const = default;
};

/// Which cells these are: errors fixed at making are a function of (treatment.chipSeed, chip, layer, group, cell).
/// `group` numbers the matrices of a grouped convolution.
struct ArraySite {
    LayerIndex layer;
    std::uint32_t group = 0;
    std::uint64_t chip = 0;
    bool operator==(const ArraySite&) const = default;
};

/// Which read this is: read noise is a function of (chip, layer, group, read, vector, output, tile, planes). `firstVector`
/// numbers the first vector of a call, so that a batch cut in two draws the same noise as the whole.
struct ArrayRead {
    std::uint64_t read = 0;
    std::uint32_t firstVector = 0;
};

/// What one input vector costs, for the energy ledger.
struct ArrayCounts {
    std::int64_t tiles = 0;                     // of rows x columns weights each; remainders count as a tile
    std::int64_t cells = 0;                     // programmed: weights times cells per weight
    std::int64_t conversionsPerVector = 0;      // one per tile of rows, output, weight slice and input plane
    std::int64_t cellReadsPerVector = 0;        // cells times the conversions of their column
    std::int64_t digitalAddsPerVector = 0;      // joining the conversions of an output, and its two corrections if any
    std::int64_t digitalProductsPerVector = 0;  // of one bit by one, of the pairs of planes that are computed digitally
};

/// One conversion, as the reference sees it.
struct ColumnReading {
    std::int64_t tile = 0, output = 0;
    int slice = 0, plane = 0;  // the plane's lowest bit
    double sum = 0.0;          // of conductances, in digits, noise included
    float code = 0.0f;
};

/// Scratch memory for `multiply`: one per thread. It grows to what the largest call needs and is then reused.
class ArrayWorkspace {
public:
    ArrayWorkspace();
    ArrayWorkspace(ArrayWorkspace&&) noexcept;
    ArrayWorkspace& operator=(ArrayWorkspace&&) noexcept;
    ~ArrayWorkspace();

private:
    friend class ArrayLayer;
    struct Buffers;
    std::unique_ptr<Buffers> m_buffers;
};

/// Thread-safe once calibrated: every other member is const and touches nothing but its arguments.
class ArrayLayer {
public:
    /// `weights` is rows x columns (outputs x inputs), row-major, symmetric: -(2^(weightBits-1) - 1) ... 2^(weightBits-1) - 1.
    /// Fails, naming the key or the cell, on a treatment `check` refuses, a wrong count or a code out of range.
    static Result<ArrayLayer> program(const ArrayTreatment& treatment, std::span<const std::int8_t> weights, std::int64_t rows,
                                      std::int64_t columns, ArrayInputs inputs, ArraySite site);

    /// Chooses each slice's converter range from the column sums that `vectors` sample inputs (vectors x columns codes)
    /// make on this chip, read noise left out. Before this, and for range `full`, the range is that of all rows on.
    void calibrate(std::span<const std::uint8_t> inputs, std::int64_t vectors);
    /// The column sums that these inputs make on this chip, per slice, as they reach the converters; no noise of reads.
    std::vector<SumHistogram> columnSums(std::span<const std::uint8_t> inputs, std::int64_t vectors) const;

    /// outputs[v * rows + r] = sum over columns of weight * (input - zeroPoint) as the array sees it, in units of
    /// weight scale * input scale; inputs are vectors x columns codes. Exact, and rounded once to float, where the cells
    /// and the converter are ideal. One thread; no allocation once the workspace has grown.
    void multiply(std::span<const std::uint8_t> inputs, std::int64_t vectors, std::span<float> outputs, ArrayWorkspace& workspace,
                  ArrayRead read = {}) const;

    /// Writes the codes of vectors first ... first + count - 1 (count <= kChunkVectors) to codes[column * kChunkVectors + vector].
    using CodeSource = std::function<void(std::int64_t first, std::int64_t count, std::uint8_t* codes)>;
    /// The same for inputs that are made as they are needed, column by column.
    void multiply(const CodeSource& source, std::int64_t vectors, std::span<float> outputs, ArrayWorkspace& workspace,
                  ArrayRead read = {}) const;

    /// The same, cell by cell: what `multiply` means.
    void multiplyReference(std::span<const std::uint8_t> inputs, std::int64_t vectors, std::span<float> outputs, ArrayRead read = {}) const;
    /// Every conversion of one input vector, in the order output, tile, slice, plane.
    std::vector<ColumnReading> readReference(std::span<const std::uint8_t> input, ArrayRead read = {}) const;

    const ArrayTreatment& treatment() const { return m_treatment; }
    const WeightPlanes& planes() const { return m_planes; }
    const std::vector<ColumnConverter>& converters() const { return m_converters; }  // one per weight slice
    std::int64_t rows() const { return m_rows; }
    std::int64_t columns() const { return m_columns; }
    std::int64_t rowTiles() const { return (m_columns + m_treatment.rows - 1) / m_treatment.rows; }  // along the inputs
    /// What each slice's conductances are multiples of, in digits; empty where they are held as they were drawn.
    const std::vector<float>& gridSteps() const { return m_gridSteps; }
    ArrayCounts counts() const;
    /// The conductances of one weight's cells in digits, as on this chip: [side * slices + slice].
    std::vector<float> cells(std::int64_t row, std::int64_t column) const;
    /// What drift compensation multiplies each output by; empty: nothing is compensated.
    const std::vector<double>& driftFactors() const { return m_driftFactors; }

private:
    ArrayLayer() = default;

    std::int64_t tileBegin(std::int64_t tile) const { return tile * m_treatment.rows; }
    std::int64_t tileEnd(std::int64_t tile) const { return std::min(m_columns, tileBegin(tile) + m_treatment.rows); }
    std::uint64_t readSeed(std::uint64_t read) const;

    // array_programming.cpp. A row's cells: [(side * slices + slice) * columns + column].
    using RowCells = std::vector<float>;
    void programCells();
    RowCells writtenCells(std::int64_t row, std::vector<double>& squaredErrors) const;
    void stickCells(std::int64_t row, RowCells& cells) const;
    void ageCells(std::int64_t row, RowCells& cells) const;
    void ageAll();
    void applyWires();
    void drawColumnErrors();
    void programDigitalPlanes();
    bool findGrid(std::span<const double> squaredErrors);
    bool findVarianceGrid();
    void roundToGrid(RowCells& cells) const;
    void storeCells();
    float cellReadVariance(std::size_t slice, float conductance) const;
    /// Of one conversion's read: the squares of the levels that bits firstBit ... lastBit make, times the cells' variances.
    double levelVariance(std::span<const std::uint8_t> input, std::int64_t row, std::int64_t tile, std::size_t slice, int firstBit,
                         int lastBit) const;

    void setFullRanges();
    std::vector<SumHistogram> collectSums(std::span<const std::uint8_t> inputs, std::int64_t vectors, bool weighsPlanes) const;
    void setConversionNoise();
    TileProduct product() const;
    ColumnErrors errorsOf(std::size_t slice, std::int64_t tile, std::int64_t row) const { return product().errorsOf(slice, tile, row); }
    int codeValue(std::uint8_t code) const;
    CodeSource columnsOf(std::span<const std::uint8_t> inputs) const;
    /// What TileProduct::levelVariances is, for the codes of one chunk.
    void findLevelVariances(const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers) const;
    double levelPlaceValue(int firstBit) const;  // of the conversion that begins at this bit
    double inputPartsOf(std::uint8_t code) const;
    double output(std::int64_t row, double analog, double digital, double inputParts) const;
    double comparatorBase() const;

    ArrayTreatment m_treatment;
    ArrayInputs m_inputs;
    ArraySite m_site;
    WeightPlanes m_planes;
    InputBits m_bits;
    std::int64_t m_rows = 0, m_columns = 0;
    std::vector<std::int8_t> m_weights;
    std::vector<std::int64_t> m_rowSums;           // of weights
    std::vector<double> m_placeValues;             // of slices, for a digit's share of the conductance
    std::vector<std::uint8_t> m_analogPlanes;      // per slice: input planes that the array computes, as bits
    std::vector<RowCells> m_programmed;            // as on this chip
    std::vector<float> m_gridSteps;                // per slice; conductances are multiples of it. Empty: of nothing
    std::vector<float> m_varianceSteps;            // the same for the variances of a cell's read
    std::vector<double> m_driftFactors;            // per output: digital compensation; empty: none
    std::vector<ColumnErrors> m_columnErrors;      // TileProduct::columnErrors
    std::vector<ConversionVariance> m_conversion;  // per slice
    TiledCells m_cells;
    std::optional<TiledCells> m_readVariances;  // the variances of the cells' reads as cells, where inputs are levels of several bits
    std::optional<TiledCells> m_digital;  // the digits, of pairs of planes that are computed digitally
    std::vector<ColumnConverter> m_converters;
};

/// The signed place value of input plane `plane` of codes of `bits` bits.
double inputPlaceValue(int plane, int bits, bool isSigned);

}  // namespace core
