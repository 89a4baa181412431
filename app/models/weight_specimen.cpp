// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/weight_specimen.h"

#include "core/formats/codes.h"
#include "core/formats/packing.h"
#include "core/formats/weight_parts.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

QString say(const char* words) { return QCoreApplication::translate("WeightSpecimen", words); }

/// 2^power, short: "8", "1/4", "2^-12".
QString powerText(int power)
{
    if (power >= 0 && power <= 15)
        return QString::number(1 << power);
    if (power < 0 && power >= -9)
        return QStringLiteral("1/%1").arg(1 << -power);
    return QStringLiteral("2^%1").arg(power);
}

BitField field(const QString& name, int highest, int count, int powerOfHighest)
{
    BitField made{name, highest, count, {}};
    for (int bit = 0; bit < count; ++bit)
        made.places.push_back(powerText(powerOfHighest - bit));
    return made;
}

struct FieldsOf {
    int bits;

    std::vector<BitField> floating(int exponentBits, int mantissaBits) const
    {
        std::vector<BitField> fields{{say("sign"), bits - 1, 1, {QStringLiteral("±")}},
                                     field(say("exponent"), bits - 2, exponentBits, exponentBits - 1)};
        if (mantissaBits > 0)
            fields.push_back(field(say("mantissa"), mantissaBits - 1, mantissaBits, -1));
        return fields;
    }
    std::vector<BitField> operator()(const core::Float32Format&) const { return floating(8, 23); }
    std::vector<BitField> operator()(const core::MinifloatFormat& format) const { return floating(format.exponentBits, format.mantissaBits); }
    std::vector<BitField> operator()(const core::IntegerFormat& format) const
    {
        std::vector<BitField> fields{field(format.isSigned ? say("two's complement") : say("integer"), bits - 1, bits, bits - 1)};
        if (format.isSigned)
            fields.front().places.front().prepend(QChar(0x2212));
        return fields;
    }
    std::vector<BitField> operator()(const core::CodebookFormat&) const { return {field(say("rank of the level"), bits - 1, bits, bits - 1)}; }
};

std::uint32_t bitsOf(std::uint32_t code, const BitField& field)
{
    const int lowest = field.highest - field.count + 1;
    const std::uint32_t shifted = code >> lowest;
    return field.count >= 32 ? shifted : shifted & ((1u << field.count) - 1);
}

struct FieldWords {
    const BitField& field;
    std::uint32_t code;
    int bits;

    QString floating(int exponentBits, int mantissaBits, int bias) const
    {
        const std::uint32_t said = bitsOf(code, field);
        const BitField exponentField{{}, bits - 2, exponentBits, {}};
        const bool isSubnormal = bitsOf(code, exponentField) == 0;
        if (field.highest == bits - 1)
            return said == 0 ? say("sign: +") : say("sign: −");
        if (field.highest == bits - 2)
            return isSubnormal ? say("exponent: 0, subnormal: 2^%1").arg(1 - bias)
                               : say("exponent: %1 − %2: 2^%3").arg(said).arg(bias).arg(static_cast<int>(said) - bias);
        const double share = std::ldexp(static_cast<double>(said), -mantissaBits);
        return say("mantissa: %1").arg((isSubnormal ? 0 : 1) + share, 0, 'g', 6);
    }
    QString operator()(const core::Float32Format&) const { return floating(8, 23, 127); }
    QString operator()(const core::MinifloatFormat& format) const { return floating(format.exponentBits, format.mantissaBits, format.bias); }
    QString operator()(const core::IntegerFormat& format) const
    {
        const auto said = static_cast<std::int64_t>(bitsOf(code, field));
        const bool isNegative = format.isSigned && said >> (format.bits - 1) != 0;
        return say("integer: %1").arg(said - (isNegative ? std::int64_t{1} << format.bits : 0));
    }
    QString operator()(const core::CodebookFormat& format) const
    {
        const auto rank = static_cast<std::size_t>(bitsOf(code, field));
        return rank < format.levels.size() ? say("rank: %1 of 0 … %2").arg(rank).arg(format.levels.size() - 1)
                                           : say("rank: %1, beyond the last level, which it reads as").arg(rank);
    }
};

void describeNeighbours(SpecimenCode& code, const std::vector<float>& levels, const std::vector<float>& thresholds, float level)
{
    constexpr float kNone = std::numeric_limits<float>::infinity();
    const auto asWeight = [&](float value) { return code.scale * (value - code.zeroPoint); };
    code.below = code.thresholdBelow = -kNone;
    code.above = code.thresholdAbove = kNone;
    if (levels.empty()) {
        code.below = code.above = code.thresholdBelow = code.thresholdAbove = code.quantized;
        return;
    }
    const auto rank = static_cast<std::size_t>(std::min(std::ranges::lower_bound(levels, level) - levels.begin(), std::ssize(levels) - 1));
    code.rank = static_cast<std::int64_t>(rank);
    code.levels = std::ssize(levels);
    if (rank > 0) {
        code.below = asWeight(levels[rank - 1]);
        code.thresholdBelow = asWeight(thresholds[rank - 1]);
    }
    if (rank + 1 < levels.size()) {
        code.above = asWeight(levels[rank + 1]);
        code.thresholdAbove = asWeight(thresholds[rank]);
    }
}

}  // namespace

std::vector<BitField> bitFields(const core::NumberFormat& format) { return std::visit(FieldsOf{core::codeBits(format)}, format.spec()); }

QString fieldText(const core::NumberFormat& format, const BitField& field, std::uint32_t code)
{
    return std::visit(FieldWords{field, code, core::codeBits(format)}, format.spec());
}

core::PaletteChoices choicesOf(const core::WeightedLayer& layer, const core::WeightPlan& orders)
{
    return {orders.rows, orders.channels, static_cast<std::size_t>(layer.columnsPerChannel)};
}

WeightSpecimen specimenAt(const core::WeightedLayer& layer, const core::WeightPlan& orders, const core::QuantizedMatrix& quantized, int row,
                          int column)
{
    WeightSpecimen specimen;
    specimen.row = row;
    specimen.column = column;
    specimen.treatment = treatmentAt(orders, row, column / std::max(1, layer.columnsPerChannel));
    specimen.trained = layer.weights(row, column);
    specimen.quantized = quantized.values(row, column);
    const core::NumberFormat& format = specimen.treatment.format;
    specimen.bitsPerCode = core::codeBits(format);
    std::uint64_t flipped = 0;  // over the bits of all points, those of the first lowest
    for (const core::CodeFlip& flip : orders.flips)
        if (flip.row == row && flip.column == column && flip.bit >= 0 && flip.bit < 64)
            flipped ^= std::uint64_t{1} << flip.bit;

    const std::vector<float> levels = format.levels(), thresholds = format.thresholds();
    const core::WeightParts parts = core::weightParts(orders.palette, choicesOf(layer, orders), layer.rows, layer.columns);
    float rest = specimen.trained;
    for (const core::WeightPart& part : parts.parts) {
        const auto r = std::ranges::lower_bound(part.rows, row), c = std::ranges::lower_bound(part.columns, column);
        if (r == part.rows.end() || *r != row || c == part.columns.end() || *c != column)
            continue;
        const auto partRow = static_cast<std::size_t>(r - part.rows.begin());
        const std::size_t scale = part.scaleOf(orders.palette, partRow, static_cast<std::size_t>(c - part.columns.begin()));
        SpecimenCode code;
        code.target = rest;
        code.scale = scale < quantized.scales.size() ? quantized.scales[scale] : 1;
        code.zeroPoint = scale < quantized.zeroPoints.size() ? quantized.zeroPoints[scale] : 0;
        code.quantized = part.point < quantized.points.size() ? quantized.points[part.point](row, column) : specimen.quantized;
        const core::CodeGrid grid{code.scale, code.zeroPoint};
        code.asQuantized = core::codeOfValue(format, grid, code.quantized);
        const int shift = static_cast<int>(specimen.codes.size()) * specimen.bitsPerCode;
        const std::uint64_t mask = (std::uint64_t{1} << specimen.bitsPerCode) - 1;
        code.asStored = shift < 64 ? code.asQuantized ^ static_cast<std::uint32_t>(flipped >> shift & mask) : code.asQuantized;
        code.levelAsStored = core::levelOfCode(format, code.asStored);
        code.stored = code.asStored == code.asQuantized ? code.quantized : core::valueOfCode(format, grid, code.asStored);
        describeNeighbours(code, levels, thresholds, core::levelOfCode(format, code.asQuantized));
        rest -= code.quantized;
        specimen.codes.push_back(code);
    }
    specimen.stored = 0;
    for (const SpecimenCode& code : specimen.codes)
        specimen.stored += code.stored;
    return specimen;
}

core::WeightPlan withToggledBit(const core::WeightPlan& orders, const core::CodeFlip& flip)
{
    core::WeightPlan result = orders;
    const auto known = std::ranges::find(result.flips, flip);
    if (known != result.flips.end())
        result.flips.erase(known);
    else
        result.flips.push_back(flip);
    return result;
}

}  // namespace app
