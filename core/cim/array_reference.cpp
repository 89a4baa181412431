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
    const bool isNoisy = m_treatment.readNoise.isOn() || m_treatment.conversionNoise.isOn();

    std::vector<ColumnReading> readings;
    readings.reserve(static_cast<std::size_t>(counts().conversionsPerVector));
    for (std::int64_t row = 0; row < m_rows; ++row) {
        const RowCells& cells = m_programmed[static_cast<std::size_t>(row)];
        for (std::int64_t tile = 0; tile < rowTiles(); ++tile)
            for (std::size_t slice = 0; slice < slices; ++slice) {
                double sum = 0.0, variance = 0.0;  // of one level of inputs
                int first = 0;
                for (int bit = 0; bit < m_bits.count; ++bit) {
                    if (!isOn(m_analogPlanes[slice], bit)) {
                        first = bit + 1;
                        continue;
                    }
                    const auto at = static_cast<std::size_t>(bit);
                    for (std::int64_t column = tileBegin(tile); column < tileEnd(tile); ++column) {
                        if (!isOn(input[static_cast<std::size_t>(column)], bit))
                            continue;
                        for (int side = 0; side < m_planes.sides; ++side) {
                            const float conductance =
                                cells[(static_cast<std::size_t>(side) * slices + slice) * static_cast<std::size_t>(m_columns) +
                                      static_cast<std::size_t>(column)];
                            sum += static_cast<double>(m_bits.weights[at] * WeightPlanes::sign(side) * conductance);
                        }
                    }
                    if (!isOn(static_cast<std::uint8_t>(m_bits.ends), bit))
                        continue;
                    if (m_treatment.readNoise.isOn())
                        variance += levelVariance(input, row, tile, slice, first, bit);
                    if (isNoisy) {
                        // Independent Gaussians add up to one Gaussian; four planes share a counter.
                        const ConversionVariance& own = m_conversion[slice];
                        if (own.isOn())
                            variance += static_cast<double>(own.constant) +
                                        static_cast<double>(own.counted) / (std::abs(sum) * static_cast<double>(own.perCount) + 1.0);
                        const auto quad = (tile * static_cast<std::int64_t>(slices) + static_cast<std::int64_t>(slice)) * quads + bit / 4;
                        const auto z =
                            noise.gaussians({read.firstVector, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(quad)});
                        sum += std::sqrt(variance) * static_cast<double>(z[static_cast<std::size_t>(bit % 4)]);
                    }
                    const auto narrow = static_cast<float>(sum);
                    const float code = m_columnErrors.empty() ? m_converters[slice].code(narrow)
                                                              : m_converters[slice].code(narrow, errorsOf(slice, tile, row));
                    readings.push_back({tile, row, static_cast<int>(slice), first, sum, code});
                    sum = variance = 0.0;
                    first = bit + 1;
                }
            }
    }
    return readings;
}

double ArrayLayer::levelVariance(std::span<const std::uint8_t> input, std::int64_t row, std::int64_t tile, std::size_t slice,
                                 int firstBit, int lastBit) const
{
    const RowCells& cells = m_programmed[static_cast<std::size_t>(row)];
    double variance = 0.0;
    for (std::int64_t column = tileBegin(tile); column < tileEnd(tile); ++column) {
        double level = 0.0;
        for (int bit = firstBit; bit <= lastBit; ++bit)
            if (isOn(input[static_cast<std::size_t>(column)], bit))
                level += static_cast<double>(m_bits.weights[static_cast<std::size_t>(bit)]);
        for (int side = 0; side < m_planes.sides && level != 0.0; ++side) {
            const std::size_t plane = static_cast<std::size_t>(side) * m_planes.slices.size() + slice;
            const float conductance = cells[plane * static_cast<std::size_t>(m_columns) + static_cast<std::size_t>(column)];
            variance += level * level * static_cast<double>(cellReadVariance(slice, conductance));
        }
    }
    return variance;
}

void ArrayLayer::multiplyReference(std::span<const std::uint8_t> inputs, std::int64_t vectors, std::span<float> outputs,
                                   ArrayRead read) const
{
    assert(static_cast<std::int64_t>(inputs.size()) == vectors * m_columns);
    assert(static_cast<std::int64_t>(outputs.size()) == vectors * m_rows);
    for (std::int64_t v = 0; v < vectors; ++v) {
        const auto input = inputs.subspan(static_cast<std::size_t>(v * m_columns), static_cast<std::size_t>(m_columns));
        const std::vector<ColumnReading> readings = readReference(input, {read.read, read.firstVector + static_cast<std::uint32_t>(v)});
        std::vector<double> analog(static_cast<std::size_t>(m_rows), 0.0), digital = analog;

        // The codes of a slice's planes are whole numbers and add up exactly; the step is applied to their sum.
        for (std::size_t first = 0; first < readings.size();) {
            const ColumnReading& head = readings[first];
            double codes = 0.0;
            for (; first < readings.size() && readings[first].output == head.output && readings[first].tile == head.tile &&
                   readings[first].slice == head.slice;
                 ++first)
                codes += levelPlaceValue(readings[first].plane) * static_cast<double>(readings[first].code);
            const auto slice = static_cast<std::size_t>(head.slice);
            analog[static_cast<std::size_t>(head.output)] += codes * (m_converters[slice].step * m_placeValues[slice]);
        }

        double inputParts = 0.0;
        for (const std::uint8_t code : input)
            inputParts += m_planes.sides == 1 ? inputPartsOf(code) : 0.0;
        for (std::int64_t row = 0; row < m_rows; ++row) {
            // Pairs of planes that the array does not compute.
            for (std::int64_t column = 0; m_digital && column < m_columns; ++column)
                for (std::size_t slice = 0; slice < m_planes.slices.size(); ++slice)
                    for (int side = 0; side < m_planes.sides; ++side) {
                        const int digit = m_planes.digit(m_weights[static_cast<std::size_t>(row * m_columns + column)], slice, side);
                        for (int bit = 0; bit < m_bits.count; ++bit)
                            if (isOn(input[static_cast<std::size_t>(column)], bit) && !isOn(m_analogPlanes[slice], bit))
                                digital[static_cast<std::size_t>(row)] += static_cast<double>(WeightPlanes::sign(side)) * digit *
                                                                          m_planes.slices[slice].placeValue() *
                                                                          inputPlaceValue(bit, m_treatment.inputBits, m_inputs.isSigned);
                    }
            const auto at = static_cast<std::size_t>(row);
            outputs[static_cast<std::size_t>(v * m_rows + row)] = static_cast<float>(output(row, analog[at], digital[at], inputParts));
        }
    }
}

}  // namespace core
