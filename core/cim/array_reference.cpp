// SPDX-License-Identifier: Apache-2.0
// The meaning of an array's product, cell by cell and without haste. The fast path is judged by this file.
#include "core/cim/array_layer.h"

#include "core/base/noise.h"

#include <cassert>
#include <cmath>

namespace core {

namespace {

bool isOn(std::uint8_t code, int plane) { return ((code >> plane) & 1) != 0; }

}  // namespace

std::vector<ColumnReading> ArrayLayer::readReference(std::span<const std::uint8_t> input, ArrayRead read) const
{
    assert(static_cast<std::int64_t>(input.size()) == m_columns);
    const std::size_t slices = m_planes.slices.size();
    const int quads = (m_treatment.inputBits + 3) / 4;
    const NoiseStream noise(readSeed(read.read), NoisePurpose::ReadNoise);
    const bool isNoisy = m_treatment.readNoise.sigma > 0.0;

    std::vector<ColumnReading> readings;
    readings.reserve(static_cast<std::size_t>(counts().conversionsPerVector));
    for (std::int64_t row = 0; row < m_rows; ++row) {
        const std::vector<float> cells = rowCells(row);
        for (std::int64_t tile = 0; tile < rowTiles(); ++tile)
            for (std::size_t slice = 0; slice < slices; ++slice)
                for (int plane = 0; plane < m_treatment.inputBits; ++plane) {
                    double sum = 0.0, variance = 0.0;
                    for (std::int64_t column = tileBegin(tile); column < tileEnd(tile); ++column) {
                        if (!isOn(input[static_cast<std::size_t>(column)], plane))
                            continue;
                        for (int side = 0; side < m_planes.sides; ++side) {
                            const float conductance =
                                cells[(static_cast<std::size_t>(side) * slices + slice) * static_cast<std::size_t>(m_columns) +
                                      static_cast<std::size_t>(column)];
                            sum += static_cast<double>(WeightPlanes::sign(side) * conductance);
                            variance += static_cast<double>(cellReadVariance(slice, conductance));
                        }
                    }
                    if (isNoisy) {
                        // Independent Gaussians of the cells add up to one Gaussian; four planes share a counter.
                        const auto quad = (tile * static_cast<std::int64_t>(slices) + static_cast<std::int64_t>(slice)) * quads + plane / 4;
                        const auto z =
                            noise.gaussians({read.firstVector, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(quad)});
                        sum += std::sqrt(variance) * static_cast<double>(z[static_cast<std::size_t>(plane % 4)]);
                    }
                    readings.push_back({tile, row, static_cast<int>(slice), plane, sum, m_converters[slice].code(static_cast<float>(sum))});
                }
    }
    return readings;
}

void ArrayLayer::multiplyReference(std::span<const std::uint8_t> inputs, std::int64_t vectors, std::span<float> outputs,
                                   ArrayRead read) const
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    assert(static_cast<std::int64_t>(outputs.size()) == vectors * m_rows);
    const int bits = m_treatment.inputBits;
    for (std::int64_t v = 0; v < vectors; ++v) {
        const auto input = inputs.subspan(static_cast<std::size_t>(v * m_columns), static_cast<std::size_t>(m_columns));
        const std::vector<ColumnReading> readings = readReference(input, {read.read, read.firstVector + static_cast<std::uint32_t>(v)});
        std::vector<double> totals(static_cast<std::size_t>(m_rows), 0.0);

        // The codes of a slice's planes are whole numbers and add up exactly; the step is applied to their sum.
        for (std::size_t first = 0; first < readings.size(); first += static_cast<std::size_t>(bits)) {
            double codes = 0.0;
            for (const ColumnReading& reading : std::span(readings).subspan(first, static_cast<std::size_t>(bits)))
                codes += inputPlaceValue(reading.plane, bits, m_inputs.isSigned) * static_cast<double>(reading.code);
            const auto slice = static_cast<std::size_t>(readings[first].slice);
            const double scale = m_converters[slice].step * m_planes.slices[slice].placeValue();
            totals[static_cast<std::size_t>(readings[first].output)] += codes * scale;
        }

        for (std::int64_t row = 0; row < m_rows; ++row)
            outputs[static_cast<std::size_t>(v * m_rows + row)] =
                static_cast<float>(totals[static_cast<std::size_t>(row)] - correction(inputSum(input), row));
    }
}

}  // namespace core
