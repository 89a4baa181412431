// SPDX-License-Identifier: Apache-2.0
// Making a chip: from weights to what its cells conduct when they are read, in the order in which it happens to them.
#include "core/cim/array_layer.h"

#include "core/base/hash.h"
#include "core/base/noise.h"
#include "core/cim/cell_physics.h"
#include "core/cim/grid_kernel.h"
#include "core/cim/wire_resistance.h"

#include <cmath>

namespace core {

namespace {

/// A grid may add no more than this part of the variance cells have anyway.
constexpr double kGridShare = 1024.0;
/// The variance of a cell's read is at least so many steps of its grid.
constexpr double kVarianceSteps = 200.0;
/// The share of rows that are on while another is read; planes of activations behind a rectifier are sparser than half.
constexpr double kRowActivity = 0.25;

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

/// Four slices of a side share a counter of a cell's noise: (column, row, 2 * (slice / 4) + side), slice % 4 of its numbers.
std::uint32_t cellCounter(std::size_t slice, int side)
{
    return static_cast<std::uint32_t>(2 * (slice / 4)) + static_cast<std::uint32_t>(side);
}

/// Unit Gaussians for a row's cells, slice by slice.
class RowNoise {
public:
    RowNoise(std::uint64_t chip, NoisePurpose purpose, std::int64_t row, std::size_t columns, bool isOn)
        : m_chip(chip), m_purpose(purpose), m_row(static_cast<std::uint32_t>(row)), m_columns(columns), m_isOn(isOn), m_z(4 * columns, 0.0f)
    {
    }
    std::span<const float> of(std::size_t slice, int side)
    {
        if (m_isOn && slice % 4 == 0)
            fillGaussians(m_chip, static_cast<std::uint32_t>(m_purpose), 0, m_row, cellCounter(slice, side), m_z);
        return std::span(m_z).subspan(slice % 4 * m_columns, m_columns);
    }

private:
    std::uint64_t m_chip;
    NoisePurpose m_purpose;
    std::uint32_t m_row;
    std::size_t m_columns;
    bool m_isOn;
    std::vector<float> m_z;
};

}  // namespace

std::uint64_t ArrayLayer::readSeed(std::uint64_t read) const { return siteSeed(m_treatment, m_site, read); }

ArrayLayer::RowCells ArrayLayer::writtenCells(std::int64_t row, std::vector<double>& squaredErrors) const
{
    const std::size_t slices = m_planes.slices.size(), columns = static_cast<std::size_t>(m_columns);
    const std::span<const std::int8_t> weights(m_weights.data() + row * m_columns, columns);
    RowCells cells(columns * m_planes.cellsPerWeight());
    std::vector<float> nominal(columns);
    RowNoise noise(readSeed(0), NoisePurpose::CellVariation, row, columns, m_treatment.variation.isOn());
    for (int side = 0; side < m_planes.sides; ++side)
        for (std::size_t slice = 0; slice < slices; ++slice) {
            const WeightSlice& kind = m_planes.slices[slice];
            m_planes.digits(weights, slice, side, nominal);
            if (m_treatment.onOffRatio > 0.0)
                for (float& digit : nominal)
                    digit = nominalConductance(m_treatment.onOffRatio, kind, digit);
            const std::span<const float> z = noise.of(slice, side);
            const std::span<float> written(cells.data() + (static_cast<std::size_t>(side) * slices + slice) * columns, columns);
            if (!m_treatment.variation.isOn()) {
                std::copy(nominal.begin(), nominal.end(), written.begin());
                continue;
            }
            writeCells(m_treatment.variation, kind, nominal, z, written);
            double squares = 0.0;
            for (std::size_t column = 0; column < columns; ++column)
                squares += static_cast<double>((written[column] - nominal[column]) * (written[column] - nominal[column]));
            squaredErrors[slice] += squares;
        }
    return cells;
}

void ArrayLayer::stickCells(std::int64_t row, RowCells& cells) const
{
    const std::size_t slices = m_planes.slices.size(), columns = static_cast<std::size_t>(m_columns);
    const NoiseStream noise(readSeed(0), NoisePurpose::StuckCell);
    const StuckCells& stuck = m_treatment.stuck;
    for (int side = 0; side < m_planes.sides; ++side)
        for (std::size_t slice = 0; slice < slices; ++slice)
            for (std::size_t column = 0; column < columns; ++column) {
                const double u = noise.uniforms(
                    {static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(row), cellCounter(slice, side)})[slice % 4];
                float& cell = cells[(static_cast<std::size_t>(side) * slices + slice) * columns + column];
                if (u < stuck.on)
                    cell = static_cast<float>(m_planes.slices[slice].largestDigit());
                else if (u < stuck.on + stuck.off)
                    cell = leastConductance(m_treatment.onOffRatio, m_planes.slices[slice]);
            }
}

void ArrayLayer::ageCells(std::int64_t row, RowCells& cells) const
{
    const std::size_t slices = m_planes.slices.size(), columns = static_cast<std::size_t>(m_columns);
    RowNoise noise(readSeed(0), NoisePurpose::Drift, row, columns, true);
    for (int side = 0; side < m_planes.sides; ++side)
        for (std::size_t slice = 0; slice < slices; ++slice)
            driftCells(m_treatment.drift, m_planes.slices[slice], noise.of(slice, side),
                       std::span(cells).subspan((static_cast<std::size_t>(side) * slices + slice) * columns, columns));
}

void ArrayLayer::ageAll()
{
    // A read with every row on tells what was lost: of both sides together, since their difference may be next to nothing.
    const std::size_t slices = m_planes.slices.size();
    const auto reading = [&](const RowCells& cells) {
        double sum = 0.0;
        for (std::size_t i = 0; i < cells.size(); ++i)
            sum += static_cast<double>(cells[i]) * std::abs(m_placeValues[i / static_cast<std::size_t>(m_columns) % slices]);
        return sum;
    };
    std::vector<double> before, after;
    for (std::int64_t row = 0; row < m_rows; ++row) {
        RowCells& cells = m_programmed[static_cast<std::size_t>(row)];
        before.push_back(reading(cells));
        ageCells(row, cells);
        after.push_back(reading(cells));
    }
    const auto factor = [](double then, double now) { return now > 0.0 ? then / now : 1.0; };
    switch (m_treatment.drift.compensation) {
    case Drift::Compensation::None: return;
    case Drift::Compensation::Global: {
        double then = 0.0, now = 0.0;
        for (std::size_t row = 0; row < before.size(); ++row) {
            then += before[row];
            now += after[row];
        }
        m_driftFactors.assign(before.size(), factor(then, now));
        return;
    }
    case Drift::Compensation::Column:
        for (std::size_t row = 0; row < before.size(); ++row)
            m_driftFactors.push_back(factor(before[row], after[row]));
    }
}

void ArrayLayer::applyWires()
{
    const std::size_t cellsPerWeight = m_planes.cellsPerWeight(), slices = m_planes.slices.size();
    const std::int64_t outputsPerTile = m_treatment.columns;
    for (std::int64_t firstOutput = 0; firstOutput < m_rows; firstOutput += outputsPerTile)
        for (std::int64_t tile = 0; tile < rowTiles(); ++tile) {
            // A tile's columns: output by output, its slices, their sides next to one another.
            const std::int64_t outputs = std::min(outputsPerTile, m_rows - firstOutput), rows = tileEnd(tile) - tileBegin(tile);
            const std::int64_t columns = outputs * static_cast<std::int64_t>(cellsPerWeight);
            std::vector<float> siemens(static_cast<std::size_t>(rows * columns));
            const auto forEachCell = [&](const auto& act) {
                for (std::int64_t output = 0; output < outputs; ++output)
                    for (std::size_t plane = 0; plane < cellsPerWeight; ++plane) {
                        const std::size_t slice = plane % slices, side = plane / slices;
                        const auto column = output * static_cast<std::int64_t>(cellsPerWeight) +
                                            static_cast<std::int64_t>(slice * cellsPerWeight / slices + side);
                        float* const cells = m_programmed[static_cast<std::size_t>(firstOutput + output)].data() +
                                             plane * static_cast<std::size_t>(m_columns) + tileBegin(tile);
                        for (std::int64_t row = 0; row < rows; ++row)
                            act(cells[row], siemens[static_cast<std::size_t>(row * columns + column)], m_planes.slices[slice]);
                    }
            };
            forEachCell([&](float cell, float& onWire, const WeightSlice& slice) {
                onWire = static_cast<float>(m_treatment.onMicrosiemens * 1e-6) * cell / static_cast<float>(slice.largestDigit());
            });
            std::vector<float> kept = wireFactors({rows, columns, m_treatment.wireOhms, siemens}, kRowActivity);
            siemens.swap(kept);
            forEachCell([](float& cell, float factor, const WeightSlice&) { cell *= factor; });
        }
}

void ArrayLayer::drawColumnErrors()
{
    const Converter& adc = m_treatment.adc;
    if (!adc.hasColumnErrors())
        return;
    const NoiseStream noise(readSeed(0), NoisePurpose::ConverterOffset);
    const std::size_t slices = m_planes.slices.size();
    m_columnErrors.assign(slices * static_cast<std::size_t>(m_cells.tiles * m_cells.paddedOutputs), {});
    std::size_t at = 0;
    for (std::size_t slice = 0; slice < slices; ++slice)
        for (std::int64_t tile = 0; tile < m_cells.tiles; ++tile)
            for (std::int64_t output = 0; output < m_cells.paddedOutputs; ++output, ++at) {
                const auto z = noise.gaussians(
                    {static_cast<std::uint32_t>(output), static_cast<std::uint32_t>(tile), static_cast<std::uint32_t>(slice)});
                m_columnErrors[at] = {1.0f + static_cast<float>(adc.gainSigma) * z[1], static_cast<float>(adc.offsetLsb) * z[0],
                                      static_cast<float>(adc.inlLsb) * z[2]};
            }
}

void ArrayLayer::programDigitalPlanes()
{
    if (m_treatment.hybridLevels == 0)
        return;
    const std::size_t slices = m_planes.slices.size();
    m_digital.emplace(m_rows, m_columns, m_treatment.rows, slices, false);
    std::vector<float> digits(static_cast<std::size_t>(m_columns));
    for (std::int64_t row = 0; row < m_rows; ++row)
        for (int side = 0; side < m_planes.sides; ++side)
            for (std::size_t slice = 0; slice < slices; ++slice) {
                m_planes.digits({m_weights.data() + row * m_columns, digits.size()}, slice, side, digits);
                for (std::int64_t column = 0; column < m_columns; ++column)
                    m_digital->conductances[m_digital->index(slice, row, column)] +=
                        WeightPlanes::sign(side) * digits[static_cast<std::size_t>(column)];
            }
    for (std::size_t slice = 0; slice < slices; ++slice) {
        if (gridStep(largestTileSum(*m_digital, slice, m_digital->conductances), 0) > 1.0) {
            m_digital->grids.clear();
            return;
        }
        m_digital->grids.push_back(gridSums(*m_digital, slice, m_digital->conductances, 1.0));
    }
}

void ArrayLayer::programCells()
{
    std::vector<double> squaredErrors(m_planes.slices.size(), 0.0);
    for (std::int64_t row = 0; row < m_rows; ++row) {
        m_programmed.push_back(writtenCells(row, squaredErrors));
        if (m_treatment.stuck.isOn())
            stickCells(row, m_programmed.back());
    }
    if (m_treatment.drift.isOn())
        ageAll();
    if (m_treatment.wireOhms > 0.0)
        applyWires();
    storeCells();
    drawColumnErrors();
    if (!findGrid(squaredErrors))
        return;
    for (RowCells& cells : m_programmed)
        roundToGrid(cells);
    storeCells();
    if (!m_cells.variances.empty()) {
        if (!findVarianceGrid())
            return;
        storeCells();
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

bool ArrayLayer::findGrid(std::span<const double> squaredErrors)
{
    const bool areDigits = m_treatment.onOffRatio == 0.0 && !m_treatment.drift.isOn() && m_treatment.wireOhms == 0.0;
    std::vector<float> steps;
    for (std::size_t slice = 0; slice < squaredErrors.size(); ++slice) {
        const double variance = squaredErrors[slice] / static_cast<double>(m_rows * m_columns * m_planes.sides);
        const double step =
            gridStep(largestTileSum(m_cells, slice, m_cells.conductances), std::min<std::int64_t>(m_treatment.rows, m_columns));
        const bool isWhole = areDigits && variance == 0.0 && step <= 1.0;
        // Rounding to a step adds step^2 / 12 to the variance of a cell.
        if (!isWhole && step * step / 12.0 > variance / kGridShare)
            return false;
        steps.push_back(static_cast<float>(step));
    }
    m_gridSteps = std::move(steps);
    return true;
}

void ArrayLayer::roundToGrid(RowCells& cells) const
{
    const std::size_t columns = static_cast<std::size_t>(m_columns);
    for (std::size_t plane = 0; plane < m_planes.cellsPerWeight(); ++plane) {
        const float step = m_gridSteps[plane % m_gridSteps.size()];
        for (float& cell : std::span(cells).subspan(plane * columns, columns))
            cell = onGrid(cell, step);
    }
}

float ArrayLayer::cellReadVariance(std::size_t slice, float conductance) const
{
    const float variance = readVariance(m_treatment.readNoise, m_planes.slices[slice], conductance, m_treatment.drift.seconds);
    return m_varianceSteps.empty() ? variance : onGrid(variance, m_varianceSteps[slice]);
}

void ArrayLayer::storeCells()
{
    const std::size_t slices = m_planes.slices.size();
    const bool hasReadNoise = m_treatment.readNoise.isOn();
    m_cells = TiledCells(m_rows, m_columns, m_treatment.rows, slices, hasReadNoise);
    for (std::int64_t row = 0; row < m_rows; ++row)
        for (int side = 0; side < m_planes.sides; ++side)
            for (std::size_t slice = 0; slice < slices; ++slice) {
                const float sign = WeightPlanes::sign(side);
                const float* const plane = m_programmed[static_cast<std::size_t>(row)].data() +
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

}  // namespace core
