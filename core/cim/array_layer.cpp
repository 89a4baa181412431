// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_layer.h"

#include "core/base/hash.h"
#include "core/base/noise.h"
#include "core/cim/grid_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace core {

namespace {

/// A grid may add no more than this part of the variance cells have anyway.
constexpr double kGridShare = 1024.0;
/// The variance of a cell's read is at least so many steps of its grid.
constexpr double kVarianceSteps = 200.0;

/// The nearest multiple of `step`, a power of two; ties go to the even one. For multiples under 2^22.
float onGrid(float value, float step)
{
    constexpr float kShift = 0x1.8p23f;  // floats of this size are whole numbers
    return (value * (1.0f / step) + kShift - kShift) * step;
}

std::uint64_t siteSeed(const ArrayTreatment& treatment, const ArraySite& site, std::uint64_t read)
{
    const std::uint64_t layer = site.layer.isValid() ? site.layer.value() : ~std::uint64_t{0};
    return Hasher().add(treatment.chipSeed).add(site.chip).add(layer).add(site.group).add(read).value();
}

}  // namespace

struct ArrayWorkspace::Buffers : TileBuffers {};
ArrayWorkspace::ArrayWorkspace() : m_buffers(std::make_unique<Buffers>()) {}
ArrayWorkspace::ArrayWorkspace(ArrayWorkspace&&) noexcept = default;
ArrayWorkspace& ArrayWorkspace::operator=(ArrayWorkspace&&) noexcept = default;
ArrayWorkspace::~ArrayWorkspace() = default;

double inputPlaceValue(int plane, int bits, bool isSigned)
{
    const auto place = static_cast<double>(1 << plane);
    return isSigned && plane == bits - 1 ? -place : place;
}

Result<ArrayLayer> ArrayLayer::program(const ArrayTreatment& treatment, std::span<const std::int8_t> weights, std::int64_t rows,
                                       std::int64_t columns, ArrayInputs inputs, ArraySite site)
{
    if (const Problems problems = check(treatment); !problems.empty())
        return problems.front();
    if (inputs.isSigned && treatment.inputBits < 2)
        return Problem{"cim.input_bits", "1; signed inputs need at least 2, one of them for the sign"};
    if (rows < 1 || columns < 1 || static_cast<std::int64_t>(weights.size()) / columns != rows ||
        static_cast<std::int64_t>(weights.size()) % columns != 0)
        return Problem{"array weights", fmt::format("{} codes; wanted {} x {}, both at least 1", weights.size(), rows, columns)};

    ArrayLayer layer;
    layer.m_treatment = treatment;
    layer.m_inputs = inputs;
    layer.m_site = site;
    layer.m_planes = WeightPlanes::of(treatment);
    layer.m_rows = rows;
    layer.m_columns = columns;
    layer.m_weights.assign(weights.begin(), weights.end());
    layer.m_rowSums.assign(static_cast<std::size_t>(rows), 0);
    const int largest = layer.m_planes.largestWeight;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const int code = weights[i];
        const auto row = i / static_cast<std::size_t>(columns);
        if (code < -largest || code > largest)
            return Problem{fmt::format("array weights, row {}, column {}", row, i % static_cast<std::size_t>(columns)),
                           fmt::format("code {}; weights of {} bits are {} to {}", code, treatment.weightBits, -largest, largest)};
        layer.m_rowSums[row] += code;
    }
    for (const WeightSlice& slice : layer.m_planes.slices)
        layer.m_placeValues.push_back(slice.placeValue());
    layer.programCells();
    layer.setFullRanges();
    return layer;
}

std::vector<float> ArrayLayer::drawnCells(std::int64_t row, std::vector<double>* squaredErrors) const
{
    const std::size_t slices = m_planes.slices.size(), columns = static_cast<std::size_t>(m_columns);
    const std::uint64_t chip = siteSeed(m_treatment, m_site, 0);
    const std::span<const std::int8_t> weights(m_weights.data() + row * m_columns, columns);

    std::vector<float> cells(columns * m_planes.cellsPerWeight());
    std::vector<float> z(4 * columns, 0.0f), digits(columns);
    for (int side = 0; side < m_planes.sides; ++side)
        for (std::size_t slice = 0; slice < slices; ++slice) {
            // Four slices of a side share a counter: (column, row, 2 * (slice / 4) + side).
            const auto counter = static_cast<std::uint32_t>(2 * (slice / 4)) + static_cast<std::uint32_t>(side);
            if (slice % 4 == 0 && m_treatment.variation.sigma > 0.0)
                fillGaussians(chip, static_cast<std::uint32_t>(NoisePurpose::CellVariation), 0, static_cast<std::uint32_t>(row), counter,
                              z);
            m_planes.digits(weights, slice, side, digits);
            const std::span<float> made(cells.data() + (static_cast<std::size_t>(side) * slices + slice) * columns, columns);
            programmedConductances(m_treatment.variation, m_planes.slices[slice], digits,
                                   std::span(z).subspan(slice % 4 * columns, columns), made);
            if (!squaredErrors)
                continue;
            double squares = 0.0;
            for (std::size_t column = 0; column < columns; ++column)
                squares += static_cast<double>((made[column] - digits[column]) * (made[column] - digits[column]));
            (*squaredErrors)[slice] += squares;
        }
    return cells;
}

std::vector<float> ArrayLayer::rowCells(std::int64_t row) const
{
    std::vector<float> cells = drawnCells(row);
    roundToGrid(cells);
    return cells;
}

void ArrayLayer::roundToGrid(std::span<float> cells) const
{
    if (m_gridSteps.empty())
        return;
    const std::size_t columns = static_cast<std::size_t>(m_columns);
    for (std::size_t plane = 0; plane < m_planes.cellsPerWeight(); ++plane) {
        const float step = m_gridSteps[plane % m_gridSteps.size()];
        for (float& cell : cells.subspan(plane * columns, columns))
            cell = onGrid(cell, step);
    }
}

void ArrayLayer::programCells()
{
    std::vector<std::vector<float>> rows;
    std::vector<double> squaredErrors(m_planes.slices.size(), 0.0);
    for (std::int64_t row = 0; row < m_rows; ++row)
        rows.push_back(drawnCells(row, &squaredErrors));
    storeCells(rows);
    if (!findGrid(squaredErrors))
        return;
    for (auto& cells : rows)
        roundToGrid(cells);
    storeCells(rows);
    if (!m_cells.variances.empty()) {
        if (!findVarianceGrid())
            return;
        storeCells(rows);
    }
    for (std::size_t slice = 0; slice < m_gridSteps.size(); ++slice) {
        m_cells.grids.push_back(gridSums(m_cells, slice, m_cells.conductances, static_cast<double>(m_gridSteps[slice])));
        if (!m_varianceSteps.empty())
            m_cells.varianceGrids.push_back(gridSums(m_cells, slice, m_cells.variances, static_cast<double>(m_varianceSteps[slice])));
    }
}

bool ArrayLayer::findVarianceGrid()
{
    const std::size_t slices = m_planes.slices.size(), sliceSize = m_cells.variances.size() / slices;
    std::vector<float> steps;
    for (std::size_t slice = 0; slice < slices; ++slice) {
        const double step =
            gridStep(largestTileSum(m_cells, slice, m_cells.variances), std::min<std::int64_t>(m_treatment.rows, m_columns));
        const auto ofSlice = std::span(m_cells.variances).subspan(slice * sliceSize, sliceSize);
        if (std::ranges::any_of(ofSlice,
                                [&](float variance) { return variance > 0.0f && static_cast<double>(variance) < step * kVarianceSteps; }))
            return false;
        steps.push_back(static_cast<float>(step));
    }
    m_varianceSteps = std::move(steps);
    return true;
}

float ArrayLayer::cellReadVariance(std::size_t slice, float conductance) const
{
    const float variance = readVariance(m_treatment.readNoise, m_planes.slices[slice], conductance);
    return m_varianceSteps.empty() ? variance : onGrid(variance, m_varianceSteps[slice]);
}

bool ArrayLayer::findGrid(std::span<const double> squaredErrors)
{
    std::vector<float> steps;
    for (std::size_t slice = 0; slice < squaredErrors.size(); ++slice) {
        const double variance = squaredErrors[slice] / static_cast<double>(m_rows * m_columns * m_planes.sides);
        const double step =
            gridStep(largestTileSum(m_cells, slice, m_cells.conductances), std::min<std::int64_t>(m_treatment.rows, m_columns));
        const bool isWhole = variance == 0.0 && step <= 1.0;
        // Rounding to a step adds step^2 / 12 to the variance of a cell.
        if (!isWhole && step * step / 12.0 > variance / kGridShare)
            return false;
        steps.push_back(static_cast<float>(step));
    }
    m_gridSteps = std::move(steps);
    return true;
}

void ArrayLayer::storeCells(std::span<const std::vector<float>> rows)
{
    const std::size_t slices = m_planes.slices.size();
    const bool hasReadNoise = m_treatment.readNoise.sigma > 0.0;
    m_cells = TiledCells(m_rows, m_columns, m_treatment.rows, slices, hasReadNoise);
    for (std::int64_t row = 0; row < m_rows; ++row)
        for (int side = 0; side < m_planes.sides; ++side)
            for (std::size_t slice = 0; slice < slices; ++slice) {
                const float sign = WeightPlanes::sign(side);
                const float* const plane = rows[static_cast<std::size_t>(row)].data() +
                                           (static_cast<std::size_t>(side) * slices + slice) * static_cast<std::size_t>(m_columns);
                for (std::int64_t tile = 0; tile < rowTiles(); ++tile) {
                    const std::size_t at = m_cells.index(slice, row, tileBegin(tile));
                    const std::span<const float> cells(plane + tileBegin(tile), plane + tileEnd(tile));
                    for (std::size_t i = 0; i < cells.size(); ++i)
                        m_cells.conductances[at + i] += sign * cells[i];
                    for (std::size_t i = 0; hasReadNoise && i < cells.size(); ++i)
                        m_cells.variances[at + i] += cellReadVariance(slice, cells[i]);
                }
            }
}

void ArrayLayer::setFullRanges()
{
    m_converters.clear();
    for (const WeightSlice& slice : m_planes.slices) {
        const double allOn = static_cast<double>(m_treatment.rows) * slice.largestDigit();
        m_converters.push_back(ColumnConverter::over(m_planes.sides == 2 ? -allOn : 0.0, allOn, m_treatment.adc.bits));
    }
}

TileProduct ArrayLayer::product() const
{
    TileProduct product;
    product.cells = &m_cells;
    product.inputBits = m_treatment.inputBits;
    product.isSigned = m_inputs.isSigned;
    product.converters = m_converters;
    product.placeValues = m_placeValues;
    return product;
}

void ArrayLayer::calibrate(std::span<const std::uint8_t> inputs, std::int64_t vectors)
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    setFullRanges();
    const ConverterRange::Kind kind = m_treatment.adc.range.kind;
    if (vectors == 0 || m_treatment.adc.bits == 0 || kind == ConverterRange::Kind::Full)
        return;

    // No sum lies beyond that of a tile's positive, or of its negative, cells all on.
    std::vector<SumHistogram> histograms;
    for (std::size_t slice = 0; slice < m_planes.slices.size(); ++slice) {
        double low = 0.0, high = 0.0;
        for (std::int64_t tile = 0; tile < m_cells.tiles; ++tile)
            for (std::int64_t row = 0; row < m_rows; ++row) {
                const auto first = m_cells.conductances.begin() + static_cast<std::ptrdiff_t>(m_cells.index(slice, row, tileBegin(tile)));
                double negative = 0.0, positive = 0.0;
                std::for_each(first, first + m_cells.stride, [&](float g) { (g < 0.0f ? negative : positive) += static_cast<double>(g); });
                low = std::min(low, negative);
                high = std::max(high, positive);
            }
        histograms.emplace_back(low, high);
    }

    // A code's error reaches the output times its plane's place value: least squares weighs it by the square.
    const bool weighsPlanes = kind == ConverterRange::Kind::Mse;
    const SumSink collect = [&](const SumBlock& block) {
        for (int output = 0; output < block.outputs; ++output)
            for (int plane = 0; plane < block.planes; ++plane) {
                const double place = inputPlaceValue(block.firstPlane + plane, m_treatment.inputBits, m_inputs.isSigned);
                const float* const sums = block.sums + (output * 4 + plane) * block.lanes;
                histograms[block.slice].add({sums, static_cast<std::size_t>(block.usedLanes)}, weighsPlanes ? place * place : 1.0);
            }
    };
    TileProduct task = product();
    task.sink = &collect;
    TileBuffers buffers;
    std::uint8_t* const codes = buffers.codes.grow(static_cast<std::size_t>(m_columns * kChunkVectors));
    const CodeSource source = columnsOf(inputs);
    for (std::int64_t first = 0; first < vectors; first += kChunkVectors) {
        const std::int64_t count = std::min(kChunkVectors, vectors - first);
        source(first, count, codes);
        multiplyTiles(task, codes, count, buffers);
    }
    for (std::size_t slice = 0; slice < histograms.size(); ++slice)
        m_converters[slice] = fitConverter(m_treatment.adc, histograms[slice]);
}

ArrayLayer::CodeSource ArrayLayer::columnsOf(std::span<const std::uint8_t> inputs) const
{
    return [this, inputs](std::int64_t first, std::int64_t count, std::uint8_t* codes) {
        const std::uint8_t* input = inputs.data() + first * m_columns;
        for (std::int64_t v = 0; v < count; ++v, input += m_columns)
            for (std::int64_t column = 0; column < m_columns; ++column)
                codes[column * kChunkVectors + v] = input[column];
    };
}

void ArrayLayer::multiply(std::span<const std::uint8_t> inputs, std::int64_t vectors, std::span<float> outputs, ArrayWorkspace& workspace,
                          ArrayRead read) const
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    multiply(columnsOf(inputs), vectors, outputs, workspace, read);
}

void ArrayLayer::multiply(const CodeSource& source, std::int64_t vectors, std::span<float> outputs, ArrayWorkspace& workspace,
                          ArrayRead read) const
{
    assert(static_cast<std::int64_t>(outputs.size()) == vectors * m_rows);
    TileProduct task = product();
    task.noiseSeed = readSeed(read.read);
    task.noisePurpose = static_cast<std::uint32_t>(NoisePurpose::ReadNoise);
    TileBuffers& buffers = *workspace.m_buffers;
    std::uint8_t* const codes = buffers.codes.grow(static_cast<std::size_t>(m_columns * kChunkVectors));
    for (std::int64_t first = 0; first < vectors; first += kChunkVectors) {
        const std::int64_t count = std::min(kChunkVectors, vectors - first);
        task.firstVector = read.firstVector + static_cast<std::uint32_t>(first);
        source(first, count, codes);
        multiplyTiles(task, codes, count, buffers);

        std::array<std::int64_t, static_cast<std::size_t>(kChunkVectors)> inputSums{};
        if (m_planes.offset != 0)
            for (std::int64_t column = 0; column < m_columns; ++column)
                for (std::int64_t v = 0; v < count; ++v)
                    inputSums[static_cast<std::size_t>(v)] += codeValue(codes[column * kChunkVectors + v]);
        for (std::int64_t row = 0; row < m_rows; ++row) {
            const double* const totals = buffers.totals.data() + row * kChunkVectors;
            float* const output = outputs.data() + first * m_rows + row;
            for (std::int64_t v = 0; v < count; ++v)
                output[v * m_rows] = static_cast<float>(totals[v] - correction(inputSums[static_cast<std::size_t>(v)], row));
        }
    }
}

std::uint64_t ArrayLayer::readSeed(std::uint64_t read) const { return siteSeed(m_treatment, m_site, read); }

int ArrayLayer::codeValue(std::uint8_t code) const
{
    // Shifted to the top of a byte, a code's sign bit is the byte's; shifted back it has its value.
    const int shift = 8 - m_treatment.inputBits;
    const auto top = static_cast<std::uint8_t>(code << shift);
    return m_inputs.isSigned ? static_cast<std::int8_t>(top) >> shift : top >> shift;
}

std::int64_t ArrayLayer::inputSum(std::span<const std::uint8_t> input) const
{
    std::int64_t sum = 0;
    if (m_planes.offset != 0)  // nobody asks otherwise
        for (const std::uint8_t code : input)
            sum += codeValue(code);
    return sum;
}

double ArrayLayer::correction(std::int64_t inputSum, std::int64_t row) const
{
    return static_cast<double>(m_planes.offset * inputSum + m_inputs.zeroPoint * m_rowSums[static_cast<std::size_t>(row)]);
}

std::vector<float> ArrayLayer::cells(std::int64_t row, std::int64_t column) const
{
    assert(row >= 0 && row < m_rows && column >= 0 && column < m_columns);
    const std::vector<float> all = rowCells(row);
    std::vector<float> result;
    for (std::size_t plane = 0; plane < m_planes.cellsPerWeight(); ++plane)
        result.push_back(all[plane * static_cast<std::size_t>(m_columns) + static_cast<std::size_t>(column)]);
    return result;
}

ArrayCounts ArrayLayer::counts() const
{
    ArrayCounts counts;
    const auto slices = static_cast<std::int64_t>(m_planes.slices.size());
    const std::int64_t planes = m_treatment.inputBits;
    counts.tiles = rowTiles() * ((m_rows + m_treatment.columns - 1) / m_treatment.columns);
    counts.cells = m_rows * m_columns * static_cast<std::int64_t>(m_planes.cellsPerWeight());
    counts.conversionsPerVector = rowTiles() * m_rows * slices * planes;
    counts.cellReadsPerVector = counts.cells * planes;
    const std::int64_t corrections = (m_planes.offset != 0 ? 1 : 0) + (m_inputs.zeroPoint != 0 ? 1 : 0);
    // The offset mapping also adds up the inputs, once for all outputs.
    counts.digitalAddsPerVector = counts.conversionsPerVector - m_rows + corrections * m_rows + (m_planes.offset != 0 ? m_columns - 1 : 0);
    return counts;
}

}  // namespace core
