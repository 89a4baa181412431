// SPDX-License-Identifier: Apache-2.0
#include "core/formats/packing.h"

#include "core/base/half.h"
#include "core/formats/codes.h"
#include "core/formats/fit.h"
#include "core/formats/weight_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <map>
#include <tuple>

namespace core {

namespace {

constexpr int kWidestTable = 16;   // bits of codes whose levels are looked up

class BitWriter {
public:
    explicit BitWriter(std::vector<std::uint8_t>& bytes) : m_bytes(bytes) {}
    template <class Encode>
    std::uint32_t operator()(int bits, Encode&& encode)
    {
        const std::uint32_t code = encode();
        m_pending |= std::uint64_t{code} << m_count;
        for (m_count += bits; m_count >= 8; m_count -= 8, m_pending >>= 8)
            m_bytes.push_back(static_cast<std::uint8_t>(m_pending & 255u));
        return code;
    }
    void finish()
    {
        if (m_count > 0)
            m_bytes.push_back(static_cast<std::uint8_t>(m_pending & 255u));
    }

private:
    std::vector<std::uint8_t>& m_bytes;
    std::uint64_t m_pending = 0;
    int m_count = 0;
};

class BitReader {
public:
    explicit BitReader(const std::vector<std::uint8_t>& bytes) : m_bytes(bytes) {}
    template <class Encode>
    std::uint32_t operator()(int bits, Encode&&)
    {
        for (; m_count < bits; m_count += 8, ++m_next)
            m_pending |= std::uint64_t{m_next < m_bytes.size() ? m_bytes[m_next] : std::uint8_t{0}} << m_count;
        const auto code = static_cast<std::uint32_t>(m_pending & ((std::uint64_t{1} << bits) - 1));
        m_pending >>= bits;
        m_count -= bits;
        return code;
    }
    std::size_t bytesWanted() const { return m_next; }

private:
    const std::vector<std::uint8_t>& m_bytes;
    std::size_t m_next = 0;
    std::uint64_t m_pending = 0;
    int m_count = 0;
};

template <class Stream>
struct Streams { Stream codes, scales, tensorUnits, zeroPoints, exponents; };

/// Codes to levels of one format, by table where there is room for one.
class LevelReader {
public:
    explicit LevelReader(const NumberFormat& format) : m_format(format)
    {
        if (codeBits(format) > kWidestTable)
            return;
        for (std::uint32_t code = 0; code < 1u << codeBits(format); ++code)
            m_levels.push_back(levelOfCode(format, code));
    }
    float valueOf(CodeGrid grid, std::uint32_t code) const
    {
        if (m_levels.empty())
            return valueOfCode(m_format, grid, code);
        return grid.zeroPoint == 0 ? grid.scale * m_levels[code] : grid.scale * (m_levels[code] - grid.zeroPoint);
    }

private:
    const NumberFormat& m_format;
    std::vector<float> m_levels;
};

/// Goes through everything that is stored, in its order. Each number is encoded, handed to its stream, and what the stream
/// returns is decoded in its place: so writing and reading cannot disagree about the order.
template <class Stream>
class StoredWalk {
public:
    StoredWalk(QuantizedMatrix& matrix, const std::vector<Treatment>& palette, Streams<Stream>& streams) : m_matrix(matrix), m_palette(palette), m_streams(streams)
    {
        for (const Treatment& treatment : palette)
            m_levels.emplace_back(treatment.format);
    }

    void walk(const WeightParts& layout)
    {
        for (std::size_t p = 0; p < layout.parts.size(); ++p) {
            const WeightPart& part = layout.parts[p];
            if (!m_matrix.exponents.empty())
                walkExponent(m_matrix.exponents[p]);
            m_exponent = m_matrix.exponents.empty() ? 0 : m_matrix.exponents[p];
            RowMatrix& values = m_matrix.points.empty() ? m_matrix.values : m_matrix.points[part.point];
            for (std::size_t row = 0; row < part.rows.size(); ++row) {
                walkScales(part, row);
                walkCodes(part, row, values);
            }
        }
    }

private:
    void walkExponent(int& exponent)
    {
        exponent = static_cast<std::int8_t>(m_streams.exponents(8, [&] { return static_cast<std::uint32_t>(exponent) & 255u; }));
    }

    void walkHalf(float& number)
    {
        Float16 half;
        half.bits = static_cast<std::uint16_t>(m_streams.scales(16, [&] { return std::uint32_t{Float16(std::ldexp(number, -m_exponent)).bits}; }));
        number = std::ldexp(static_cast<float>(half), m_exponent);
    }

    /// The scales that this row is the first to have, with their zero points.
    void walkScales(const WeightPart& part, std::size_t row)
    {
        const Treatment& treatment = m_palette[part.entries[row]];
        const std::size_t count = std::max<std::size_t>(1, scalesPerRow(treatment.scale, part.columns.size()));
        const std::size_t end = std::max(m_nextScale, part.firstScales[row] + count);
        if (isWideFloat(treatment.format.spec())) {
            m_nextScale = end;
            return;
        }
        const UnitKind units = unitKindOf(treatment);
        if (units != UnitKind::None && part.firstUnits[row] == m_nextUnit)
            walkUnit(units, m_matrix.units[m_nextUnit++]);
        const float unit = units == UnitKind::None ? 1.0f : m_matrix.units[part.firstUnits[row]];
        for (; m_nextScale < end; ++m_nextScale) {
            walkScale(treatment.scale, unit, m_matrix.scales[m_nextScale]);
            if (hasZeroPoint(treatment.format)) {
                float& zero = m_matrix.zeroPoints[m_nextScale];
                zero = static_cast<float>(m_streams.zeroPoints(codeBits(treatment.format), [&] { return static_cast<std::uint32_t>(zero); }));
            }
        }
    }

    void walkUnit(UnitKind kind, float& unit)
    {
        if (kind == UnitKind::OfRow)
            return walkHalf(unit);
        unit = std::bit_cast<float>(m_streams.tensorUnits(32, [&] { return std::bit_cast<std::uint32_t>(unit); }));
    }

    void walkScale(const ScaleRule& rule, float unit, float& scale)
    {
        constexpr int kBias = 127;   // of e8m0
        switch (rule.kind) {
        case ScaleRule::Kind::Tensor:
        case ScaleRule::Kind::Row:
        case ScaleRule::Kind::Group: return walkHalf(scale);
        case ScaleRule::Kind::Vector:
            scale = unit * static_cast<float>(m_streams.scales(rule.scaleBits, [&] { return static_cast<std::uint32_t>(std::nearbyint(scale / unit)); }));
            return;
        case ScaleRule::Kind::Block:
            if (rule.blockScale == ScaleRule::BlockScale::E8m0)
                scale = std::ldexp(1.0f, static_cast<int>(m_streams.scales(8, [&] { return static_cast<std::uint32_t>(std::ilogb(scale) + kBias); })) - kBias);
            else
                scale = valueOfCode(m_e4m3, {unit, 0.0f}, m_streams.scales(8, [&] { return codeOfValue(m_e4m3, {unit, 0.0f}, scale); }));
            return;
        }
    }

    void walkCodes(const WeightPart& part, std::size_t row, RowMatrix& values)
    {
        const Treatment& treatment = m_palette[part.entries[row]];
        const LevelReader& levels = m_levels[part.entries[row]];
        const int bits = codeBits(treatment.format);
        for (std::size_t column = 0; column < part.columns.size(); ++column) {
            const std::size_t s = part.scaleOf(m_palette, row, column);
            const CodeGrid grid{m_matrix.scales[s], m_matrix.zeroPoints.empty() ? 0.0f : m_matrix.zeroPoints[s]};
            float& value = values(part.rows[row], part.columns[column]);
            value = levels.valueOf(grid, m_streams.codes(bits, [&] { return codeOfValue(treatment.format, grid, value); }));
        }
    }

    QuantizedMatrix& m_matrix;
    const std::vector<Treatment>& m_palette;
    Streams<Stream>& m_streams;
    const NumberFormat m_e4m3 = NumberFormat::named("e4m3").value();
    std::vector<LevelReader> m_levels;
    int m_exponent = 0;
    std::size_t m_nextScale = 0, m_nextUnit = 0;
};

void addPoints(QuantizedMatrix& matrix)
{
    for (std::size_t point = 0; point < matrix.points.size(); ++point)
        matrix.values = point == 0 ? matrix.points[point] : RowMatrix(matrix.values + matrix.points[point]);
}

std::size_t entryOf(const PaletteChoices& choices, int row, int column)
{
    if (!choices.channels.empty())
        return choices.channels[static_cast<std::size_t>(column) / choices.columnsPerChannel];
    return choices.rows.empty() ? 0 : choices.rows[static_cast<std::size_t>(row)];
}

}  // namespace

PackedMatrix pack(const QuantizedMatrix& quantized, const std::vector<Treatment>& palette, const PaletteChoices& choices)
{
    PackedMatrix packed{quantized.values.rows(), quantized.values.cols(), {}, {}, {}, {}, {}};
    Streams<BitWriter> streams{BitWriter(packed.codes), BitWriter(packed.scales), BitWriter(packed.tensorUnits), BitWriter(packed.zeroPoints), BitWriter(packed.exponents)};
    QuantizedMatrix copy = quantized;
    StoredWalk(copy, palette, streams).walk(weightParts(palette, choices, packed.rows, packed.columns));
    for (BitWriter* stream : {&streams.codes, &streams.scales, &streams.tensorUnits, &streams.zeroPoints, &streams.exponents})
        stream->finish();
    return packed;
}

Result<QuantizedMatrix> unpack(const PackedMatrix& packed, const std::vector<Treatment>& palette, const PaletteChoices& choices)
{
    const WeightParts layout = weightParts(palette, choices, packed.rows, packed.columns);
    QuantizedMatrix result;
    result.values.resize(packed.rows, packed.columns);
    if (layout.pointCount > 1)
        result.points.assign(layout.pointCount, RowMatrix::Zero(packed.rows, packed.columns));
    result.scales.assign(layout.scaleCount, 1.0f);
    result.units.assign(layout.unitCount, 1.0f);
    if (std::any_of(palette.begin(), palette.end(), [](const Treatment& treatment) { return hasZeroPoint(treatment.format); }))
        result.zeroPoints.assign(layout.scaleCount, 0.0f);
    if (!packed.exponents.empty())
        result.exponents.assign(layout.parts.size(), 0);

    Streams<BitReader> streams{BitReader(packed.codes), BitReader(packed.scales), BitReader(packed.tensorUnits), BitReader(packed.zeroPoints), BitReader(packed.exponents)};
    StoredWalk(result, palette, streams).walk(layout);
    struct Line { const char* name; const BitReader& stream; const std::vector<std::uint8_t>& bytes; };
    for (const Line& line : {Line{"codes", streams.codes, packed.codes}, Line{"scales", streams.scales, packed.scales}, Line{"tensor units", streams.tensorUnits, packed.tensorUnits},
                             Line{"zero points", streams.zeroPoints, packed.zeroPoints}, Line{"exponents", streams.exponents, packed.exponents}})
        if (line.stream.bytesWanted() != line.bytes.size())
            return Problem{line.name, fmt::format("{} bytes; wanted {} for {} rows of {} weights", line.bytes.size(), line.stream.bytesWanted(), packed.rows, packed.columns)};
    addPoints(result);
    for (const WeightPart& part : layout.parts)
        result.storedBits += storedBitsOf(part, palette);
    result.storedBits += kExponentBits * static_cast<double>(result.exponents.size());
    return result;
}

int bitsOfWeight(const std::vector<Treatment>& palette, const PaletteChoices& choices, int row, int column)
{
    const Treatment& treatment = palette[entryOf(choices, row, column)];
    return codeBits(treatment.format) * std::max(1, treatment.points);
}

QuantizedMatrix withFlips(QuantizedMatrix quantized, const std::vector<Treatment>& palette, const PaletteChoices& choices, std::span<const CodeFlip> flips)
{
    if (flips.empty())
        return quantized;
    // All bits of a code at once: a value that is infinite half way would not tell its code any more.
    std::map<std::tuple<std::size_t, Eigen::Index, Eigen::Index>, std::uint32_t> masks;   // by point, row, column
    for (const CodeFlip& flip : flips) {
        assert(flip.bit >= 0 && flip.bit < bitsOfWeight(palette, choices, flip.row, flip.column));
        const int bits = codeBits(palette[entryOf(choices, flip.row, flip.column)].format);
        masks[{static_cast<std::size_t>(flip.bit / bits), flip.row, flip.column}] ^= 1u << (flip.bit % bits);
    }
    const WeightParts layout = weightParts(palette, choices, quantized.values.rows(), quantized.values.cols());
    for (const WeightPart& part : layout.parts) {
        RowMatrix& values = quantized.points.empty() ? quantized.values : quantized.points[part.point];
        for (const auto& [place, mask] : masks) {
            const auto& [point, row, column] = place;
            const auto r = std::lower_bound(part.rows.begin(), part.rows.end(), row), c = std::lower_bound(part.columns.begin(), part.columns.end(), column);
            if (point != part.point || r == part.rows.end() || *r != row || c == part.columns.end() || *c != column)
                continue;
            const auto partRow = static_cast<std::size_t>(r - part.rows.begin());
            const std::size_t s = part.scaleOf(palette, partRow, static_cast<std::size_t>(c - part.columns.begin()));
            const CodeGrid grid{quantized.scales[s], quantized.zeroPoints.empty() ? 0.0f : quantized.zeroPoints[s]};
            const NumberFormat& format = palette[part.entries[partRow]].format;
            values(row, column) = valueOfCode(format, grid, codeOfValue(format, grid, values(row, column)) ^ mask);
        }
    }
    addPoints(quantized);
    return quantized;
}

}  // namespace core
