// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_layer.h"

#include "core/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace core {

namespace {

std::uint64_t siteSeed(const ArrayTreatment& treatment, const ArraySite& site, std::uint64_t read)
{
    const std::uint64_t layer = site.layer.isValid() ? site.layer.value() : ~std::uint64_t{0};
    return Hasher().add(treatment.chipSeed).add(site.chip).add(layer).add(site.group).add(read).value();
}

}  // namespace

struct ArrayWorkspace::Buffers {};
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
    if (rows < 1 || columns < 1 || static_cast<std::int64_t>(weights.size()) / columns != rows || static_cast<std::int64_t>(weights.size()) % columns != 0)
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
    layer.calibrate({}, 0);
    return layer;
}

void ArrayLayer::calibrate(std::span<const std::uint8_t> inputs, std::int64_t vectors)
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    m_converters.clear();
    for (std::size_t slice = 0; slice < m_planes.slices.size(); ++slice) {
        const double allOn = static_cast<double>(m_treatment.rows) * m_planes.slices[slice].largestDigit();
        SumHistogram sums(-2.0 * allOn, 2.0 * allOn);
        const double fullLow = m_planes.sides == 2 ? -allOn : 0.0;
        m_converters.push_back(fitConverter(m_treatment.adc, fullLow, allOn, sums));
    }
    if (vectors == 0 || m_treatment.adc.bits == 0 || m_treatment.adc.range.kind == ConverterRange::Kind::Full)
        return;

    std::vector<SumHistogram> histograms;
    for (const WeightSlice& slice : m_planes.slices) {
        const double reach = 2.0 * m_treatment.rows * slice.largestDigit();
        histograms.emplace_back(-reach, reach);
    }
    for (std::int64_t v = 0; v < vectors; ++v)
        for (const ColumnReading& reading : readReference(inputs.subspan(static_cast<std::size_t>(v * m_columns), static_cast<std::size_t>(m_columns))))
            histograms[static_cast<std::size_t>(reading.slice)].add(static_cast<float>(reading.sum), 1.0);
    for (std::size_t slice = 0; slice < histograms.size(); ++slice)
        m_converters[slice] = fitConverter(m_treatment.adc, 0.0, 0.0, histograms[slice]);
}

void ArrayLayer::multiply(std::span<const std::uint8_t> inputs, std::int64_t vectors, std::span<float> outputs, ArrayWorkspace&,
                          ArrayRead read) const
{
    multiplyReference(inputs, vectors, outputs, read);
}

NoiseStream ArrayLayer::readStream(std::uint64_t read) const
{
    return {siteSeed(m_treatment, m_site, read), NoisePurpose::ReadNoise};
}

std::vector<float> ArrayLayer::cells(std::int64_t row, std::int64_t column) const
{
    assert(row >= 0 && row < m_rows && column >= 0 && column < m_columns);
    std::vector<float> result(m_planes.cellsPerWeight());
    const NoiseStream chip(siteSeed(m_treatment, m_site, 0), NoisePurpose::CellVariation);
    programWeight(m_planes, m_treatment.variation, chip, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(column),
                  m_weights[static_cast<std::size_t>(row * m_columns + column)], result);
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
