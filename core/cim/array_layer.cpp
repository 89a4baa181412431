// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_layer.h"

#include "core/base/noise.h"
#include "core/cim/cell_physics.h"
#include "core/cim/input_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

namespace core {

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
    layer.m_bits = InputBits::of(treatment.inputBits, levelBits(treatment), inputs.isSigned);
    const int top = treatment.weightBits + treatment.inputBits - treatment.hybridLevels - 2;
    for (const WeightSlice& slice : layer.m_planes.slices) {
        layer.m_placeValues.push_back(slice.placeValue() / digitSpan(treatment.onOffRatio));
        std::uint8_t analog = 0;
        for (int plane = 0; plane < treatment.inputBits; ++plane)
            if (treatment.hybridLevels == 0 || plane + slice.firstBit + slice.bits - 1 <= top)
                analog = static_cast<std::uint8_t>(analog | 1u << plane);
        layer.m_analogPlanes.push_back(analog);
    }
    layer.programCells();
    if (treatment.readNoise.isOn() && !layer.m_bits.areSingle())
        layer.m_readVariances = layer.m_cells.ofVariances();
    layer.programDigitalPlanes();
    layer.setConversionNoise();
    layer.setFullRanges();
    return layer;
}

void ArrayLayer::setFullRanges()
{
    m_converters.clear();
    const double level =
        m_treatment.dacBits > 1 ? static_cast<double>(1 << std::min(m_treatment.dacBits, m_treatment.inputBits)) - 1.0 : 1.0;
    const bool isTwoSided = m_planes.sides == 2 || (m_inputs.isSigned && m_treatment.dacBits > 1);
    for (const WeightSlice& slice : m_planes.slices) {
        const double allOn = static_cast<double>(m_treatment.rows) * slice.largestDigit() * level;
        const double low = isTwoSided ? -allOn : 0.0;
        m_converters.push_back(m_treatment.adc.isComparator ? ColumnConverter::comparator((low + allOn) / 2.0, (allOn - low) / 4.0)
                                                            : ColumnConverter::over(low, allOn, m_treatment.adc.bits));
    }
}

void ArrayLayer::setConversionNoise()
{
    m_conversion.clear();
    for (const WeightSlice& slice : m_planes.slices) {
        const double fullScale = static_cast<double>(m_treatment.rows) * slice.largestDigit();
        const double thermal = m_treatment.conversionNoise.thermal * fullScale,
                     nonlinear = m_treatment.conversionNoise.nonlinear * fullScale;
        m_conversion.push_back({static_cast<float>(thermal * thermal), static_cast<float>(nonlinear * nonlinear),
                                1.0f / static_cast<float>(slice.largestDigit())});
    }
}

TileProduct ArrayLayer::product() const
{
    TileProduct product;
    product.cells = &m_cells;
    product.bits = m_bits;
    product.converters = m_converters;
    product.placeValues = m_placeValues;
    product.planes = m_analogPlanes;
    product.columnErrors = m_columnErrors;
    product.conversion = m_conversion;
    return product;
}

void ArrayLayer::calibrate(std::span<const std::uint8_t> inputs, std::int64_t vectors)
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    setFullRanges();
    const ConverterRange::Kind kind = m_treatment.adc.range.kind;
    const bool isComparator = m_treatment.adc.isComparator;
    if (vectors == 0 || (!isComparator && (m_treatment.adc.bits == 0 || kind == ConverterRange::Kind::Full)))
        return;
    // A code's error reaches the output times its plane's place value: least squares weighs it by the square.
    const std::vector<SumHistogram> histograms = collectSums(inputs, vectors, kind == ConverterRange::Kind::Mse && !isComparator);
    for (std::size_t slice = 0; slice < histograms.size(); ++slice)
        m_converters[slice] = fitConverter(m_treatment.adc, histograms[slice]);
}

std::vector<SumHistogram> ArrayLayer::columnSums(std::span<const std::uint8_t> inputs, std::int64_t vectors) const
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    return collectSums(inputs, vectors, false);
}

std::vector<SumHistogram> ArrayLayer::collectSums(std::span<const std::uint8_t> inputs, std::int64_t vectors, bool weighsPlanes) const
{
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
        const double level = m_treatment.dacBits > 1 ? static_cast<double>(1 << m_treatment.dacBits) - 1.0 : 1.0;
        const bool isTurned = m_inputs.isSigned && m_treatment.dacBits > 1;
        histograms.emplace_back(level * (isTurned ? std::min(low, -high) : low), level * (isTurned ? std::max(high, -low) : high));
    }

    std::vector<float> levels;  // sums of a level's bits, until its last one is there
    const SumSink collect = [&](const SumBlock& block) {
        levels.resize(static_cast<std::size_t>(block.outputs * block.lanes), 0.0f);
        for (int output = 0; output < block.outputs; ++output)
            for (int plane = 0; plane < block.planes; ++plane) {
                const auto bit = static_cast<std::size_t>(block.firstPlane + plane);
                if ((m_analogPlanes[block.slice] >> bit & 1u) == 0)
                    continue;
                const float* const sums = block.sums + (output * 4 + plane) * block.lanes;
                const std::span<float> level(levels.data() + output * block.lanes, static_cast<std::size_t>(block.usedLanes));
                for (std::size_t lane = 0; lane < level.size(); ++lane)
                    level[lane] += m_bits.weights[bit] * sums[lane];
                if ((m_bits.ends >> bit & 1u) == 0)
                    continue;
                const double place = static_cast<double>(m_bits.places[bit]);
                histograms[block.slice].add(level, weighsPlanes ? place * place : 1.0);
                std::fill(level.begin(), level.end(), 0.0f);
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
    return histograms;
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
    // Pairs of planes that the array does not compute: exact sums of digits.
    const std::vector<ColumnConverter> exact(m_planes.slices.size());
    const std::vector<ConversionVariance> quiet(m_planes.slices.size());
    std::vector<double> places;
    std::vector<std::uint8_t> otherPlanes;
    TileProduct digitalTask = product();
    if (m_digital) {
        for (std::size_t slice = 0; slice < exact.size(); ++slice) {
            places.push_back(m_planes.slices[slice].placeValue());
            otherPlanes.push_back(static_cast<std::uint8_t>(~m_analogPlanes[slice] & ((1u << m_treatment.inputBits) - 1u)));
        }
        digitalTask.cells = &*m_digital;
        digitalTask.converters = exact;
        digitalTask.placeValues = places;
        digitalTask.planes = otherPlanes;
        digitalTask.columnErrors = {};
        digitalTask.conversion = quiet;
    }
    // Nothing is added to the array's sums but the inputs' zero point.
    const bool isPlain = !m_digital && m_planes.sides == 2 && !m_treatment.adc.isComparator && m_driftFactors.empty();
    for (std::int64_t first = 0; first < vectors; first += kChunkVectors) {
        const std::int64_t count = std::min(kChunkVectors, vectors - first);
        task.firstVector = read.firstVector + static_cast<std::uint32_t>(first);
        source(first, count, codes);
        if (m_readVariances) {
            findLevelVariances(codes, count, buffers);
            task.levelVariances = buffers.levelVariances.data();
        }
        multiplyTiles(task, codes, count, buffers);

        std::span<const double> analog(buffers.totals.data(), static_cast<std::size_t>(m_cells.paddedOutputs * kChunkVectors));
        std::span<const double> digital;
        if (m_digital) {
            buffers.analogTotals.assign(analog.begin(), analog.end());
            multiplyTiles(digitalTask, codes, count, buffers);
            digital = analog;
            analog = buffers.analogTotals;
        }
        std::array<double, static_cast<std::size_t>(kChunkVectors)> inputParts{};
        if (m_planes.sides == 1)  // nobody asks otherwise
            for (std::int64_t column = 0; column < m_columns; ++column)
                for (std::int64_t v = 0; v < count; ++v)
                    inputParts[static_cast<std::size_t>(v)] += inputPartsOf(codes[column * kChunkVectors + v]);
        for (std::int64_t row = 0; row < m_rows; ++row) {
            float* const made = outputs.data() + first * m_rows + row;
            if (isPlain) {
                const double* const total = analog.data() + row * kChunkVectors;
                const double zero = static_cast<double>(m_inputs.zeroPoint * m_rowSums[static_cast<std::size_t>(row)]);
                for (std::int64_t v = 0; v < count; ++v)
                    made[v * m_rows] = static_cast<float>(total[v] - zero);
                continue;
            }
            for (std::int64_t v = 0; v < count; ++v) {
                const auto at = static_cast<std::size_t>(row * kChunkVectors + v);
                made[v * m_rows] = static_cast<float>(
                    output(row, analog[at], digital.empty() ? 0.0 : digital[at], inputParts[static_cast<std::size_t>(v)]));
            }
        }
    }
}

void ArrayLayer::findLevelVariances(const std::uint8_t* codes, std::int64_t vectors, TileBuffers& buffers) const
{
    // A cell's noise grows with the voltage on it: the variance of a level x is x^2 times that of one. Squares have bits as well,
    // whose sums of variances the array's own kernel adds up; one byte of them at a time.
    const TileProduct levels = product();
    const std::vector<std::uint8_t> all(m_planes.slices.size(), 0xFF);
    TileProduct task = levels;
    task.cells = &*m_readVariances;
    task.bits = InputBits::of(8, 1, false);
    task.planes = all;
    buffers.levelVariances.assign(levels.levelAt(m_planes.slices.size(), 0, 0, 0), 0.0f);
    std::uint8_t* const squares = buffers.squares.grow(static_cast<std::size_t>(m_columns * kChunkVectors));
    for (int first = 0, level = 0; first < m_bits.count; ++level) {
        int end = first;
        while ((m_bits.ends >> end & 1u) == 0)
            ++end;
        std::array<int, 256> squareOf{};
        for (int code = 0; code < 256; ++code) {
            float value = 0.0f;
            for (int bit = first; bit <= end; ++bit)
                value += (code >> bit & 1) != 0 ? m_bits.weights[static_cast<std::size_t>(bit)] : 0.0f;
            squareOf[static_cast<std::size_t>(code)] = static_cast<int>(value * value);
        }
        const int largest = *std::ranges::max_element(squareOf);
        for (int byte = 0; largest >> (8 * byte) > 0; ++byte) {
            for (std::int64_t i = 0; i < m_columns * kChunkVectors; ++i)
                squares[i] = static_cast<std::uint8_t>(squareOf[codes[i]] >> (8 * byte));
            const SumSink collect = [&](const SumBlock& block) {
                for (int output = 0; output < block.outputs; ++output) {
                    float* const to = buffers.levelVariances.data() +
                                      levels.levelAt(block.slice, block.tile, block.firstOutput + output, level) + block.firstVector;
                    for (int plane = 0; plane < block.planes; ++plane) {
                        const auto place = static_cast<float>(1 << (8 * byte + block.firstPlane + plane));
                        const float* const sums = block.sums + (output * 4 + plane) * block.lanes;
                        for (int lane = 0; lane < block.usedLanes; ++lane)
                            to[lane] += place * sums[lane];
                    }
                }
            };
            task.sink = &collect;
            multiplyTiles(task, squares, vectors, buffers);
        }
        first = end + 1;
    }
}

int ArrayLayer::codeValue(std::uint8_t code) const
{
    // Shifted to the top of a byte, a code's sign bit is the byte's; shifted back it has its value.
    const int shift = 8 - m_treatment.inputBits;
    const auto top = static_cast<std::uint8_t>(code << shift);
    return m_inputs.isSigned ? static_cast<std::int8_t>(top) >> shift : top >> shift;
}

double ArrayLayer::levelPlaceValue(int firstBit) const
{
    int bit = firstBit;
    while ((m_bits.ends >> bit & 1u) == 0)
        ++bit;
    return static_cast<double>(m_bits.places[static_cast<std::size_t>(bit)]);
}

double ArrayLayer::inputPartsOf(std::uint8_t code) const
{
    // The offset mapping's share, which the array adds for all planes, and what empty cells conduct on those it computes.
    double parts = static_cast<double>(m_planes.offset * codeValue(code));
    if (m_treatment.onOffRatio > 0.0)
        for (std::size_t slice = 0; slice < m_placeValues.size(); ++slice)
            parts += static_cast<double>(leastConductance(m_treatment.onOffRatio, m_planes.slices[slice])) * m_placeValues[slice] *
                     codeValue(code & m_analogPlanes[slice]);
    return parts;
}

double ArrayLayer::comparatorBase() const
{
    double base = 0.0;
    for (std::size_t slice = 0; slice < m_converters.size(); ++slice)
        for (std::size_t bit = 0; bit < static_cast<std::size_t>(m_bits.count); ++bit)
            if ((m_bits.ends & m_analogPlanes[slice]) >> bit & 1u)
                base += m_converters[slice].base * m_placeValues[slice] * static_cast<double>(m_bits.places[bit]);
    return base * static_cast<double>(rowTiles());
}

double ArrayLayer::output(std::int64_t row, double analog, double digital, double inputParts) const
{
    const auto at = static_cast<std::size_t>(row);
    if (m_treatment.adc.isComparator)
        analog += comparatorBase();
    if (!m_driftFactors.empty())
        analog *= m_driftFactors[at];
    return analog + digital - inputParts - static_cast<double>(m_inputs.zeroPoint * m_rowSums[at]);
}

std::vector<float> ArrayLayer::cells(std::int64_t row, std::int64_t column) const
{
    assert(row >= 0 && row < m_rows && column >= 0 && column < m_columns);
    std::vector<float> result;
    for (std::size_t plane = 0; plane < m_planes.cellsPerWeight(); ++plane)
        result.push_back(
            m_programmed[static_cast<std::size_t>(row)][plane * static_cast<std::size_t>(m_columns) + static_cast<std::size_t>(column)]);
    return result;
}

ArrayCounts ArrayLayer::counts() const
{
    ArrayCounts counts;
    counts.tiles = rowTiles() * ((m_rows + m_treatment.columns - 1) / m_treatment.columns);
    counts.cells = m_rows * m_columns * static_cast<std::int64_t>(m_planes.cellsPerWeight());
    std::int64_t conversions = 0, digitalPairs = 0;  // of a column
    for (const std::uint8_t analog : m_analogPlanes) {
        conversions += std::popcount(m_bits.ends & analog);
        digitalPairs += m_treatment.inputBits - std::popcount(analog);
    }
    counts.conversionsPerVector = rowTiles() * m_rows * conversions;
    counts.cellReadsPerVector = m_rows * m_columns * m_planes.sides * conversions;
    counts.digitalProductsPerVector = m_rows * m_columns * digitalPairs;
    const std::int64_t corrections = (m_planes.offset != 0 ? 1 : 0) + (m_inputs.zeroPoint != 0 ? 1 : 0);
    // The offset mapping also adds up the inputs, once for all outputs.
    counts.digitalAddsPerVector = counts.conversionsPerVector - m_rows + corrections * m_rows + (m_planes.offset != 0 ? m_columns - 1 : 0);
    return counts;
}

}  // namespace core
