// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/format_style.h"

#include "app/views/chart_style.h"

#include <QPainter>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

struct ReadName {
    FormatFamily family = FormatFamily::Other;
    double bits = 0;
    int hueShift = 0;  // degrees; tells siblings of one family and width apart
};

ReadName readName(const QString& name)
{
    static const QRegularExpression integer(QStringLiteral("^(u?)int(\\d+)$"));
    static const QRegularExpression minifloat(QStringLiteral("^e(\\d+)m(\\d+)(ieee)?$"));
    static const QRegularExpression powerOfTwo(QStringLiteral("^(pot|apot|sp2-)(\\d+)$"));
    static const QRegularExpression odd(QStringLiteral("^odd(\\d+)$"));
    static const QRegularExpression normalFloat(QStringLiteral("^nf(\\d+)$"));

    if (name == QLatin1String("fp32"))
        return {FormatFamily::Exact, 32, 0};
    if (name == QLatin1String("fp16"))
        return {FormatFamily::Minifloat, 16, 0};
    if (name == QLatin1String("bf16"))
        return {FormatFamily::Minifloat, 16, 18};
    if (name == QLatin1String("tf32"))
        return {FormatFamily::Minifloat, 19, 0};
    if (name == QLatin1String("ternary"))
        return {FormatFamily::Integer, std::log2(3.0), -18};
    if (const auto match = integer.match(name); match.hasMatch())
        return {FormatFamily::Integer, match.captured(2).toDouble(), match.captured(1).isEmpty() ? 0 : 18};
    if (const auto match = minifloat.match(name); match.hasMatch()) {
        const int exponentBits = match.captured(1).toInt(), mantissaBits = match.captured(2).toInt();
        return {FormatFamily::Minifloat, 1.0 + exponentBits + mantissaBits, 6 * std::clamp(exponentBits - mantissaBits, -4, 4)};
    }
    if (const auto match = powerOfTwo.match(name); match.hasMatch()) {
        const QString kind = match.captured(1);
        const int shift = kind == QLatin1String("pot") ? 0 : kind == QLatin1String("apot") ? -14 : 14;
        return {FormatFamily::PowerOfTwo, match.captured(2).toDouble(), shift};
    }
    if (const auto match = odd.match(name); match.hasMatch())
        return {FormatFamily::Odd, match.captured(1).toDouble(), 0};
    if (const auto match = normalFloat.match(name); match.hasMatch())
        return {FormatFamily::Codebook, match.captured(1).toDouble(), 0};
    if (name.startsWith(QLatin1String("codebook:")))
        return {FormatFamily::Codebook, 0, 14};
    return {};
}

int seriesOf(FormatFamily family)
{
    switch (family) {
    case FormatFamily::Integer: return 0;
    case FormatFamily::PowerOfTwo: return 1;
    case FormatFamily::Minifloat: return 2;
    case FormatFamily::Codebook: return 3;
    case FormatFamily::Odd: return 5;
    case FormatFamily::Exact:
    case FormatFamily::Other: break;
    }
    return 7;
}

Qt::BrushStyle patternOf(FormatFamily family)
{
    switch (family) {
    case FormatFamily::Integer: return Qt::SolidPattern;
    case FormatFamily::PowerOfTwo: return Qt::BDiagPattern;
    case FormatFamily::Minifloat: return Qt::Dense6Pattern;
    case FormatFamily::Codebook: return Qt::FDiagPattern;
    case FormatFamily::Odd: return Qt::HorPattern;
    case FormatFamily::Exact: return Qt::SolidPattern;
    case FormatFamily::Other: break;
    }
    return Qt::DiagCrossPattern;
}

}  // namespace

FormatStyle formatStyle(const QString& name, const QPalette& palette)
{
    const ReadName read = readName(name);
    // One bit shows a third of the colour, sixteen bits all of it, evenly in log2 of the bits.
    const double strength = read.bits > 0 ? std::clamp(0.34 + 0.66 * std::log2(read.bits) / 4.0, 0.34, 1.0) : 0.8;
    QColor hue = seriesColour(seriesOf(read.family), palette);
    if (read.hueShift != 0)
        hue.setHsl((hue.hslHue() + read.hueShift + 360) % 360, hue.hslSaturation(), hue.lightness());
    return {read.family, read.bits, mixed(hue, palette.color(QPalette::Base), 1.0 - strength), patternOf(read.family)};
}

void fillFormat(QPainter& painter, const QRectF& area, const FormatStyle& style)
{
    painter.fillRect(area, style.colour);
    if (style.pattern != Qt::SolidPattern)
        painter.fillRect(area, QBrush(mixed(style.colour, inkOn(style.colour), 0.35), style.pattern));
}

QString formatFamilyName(FormatFamily family)
{
    switch (family) {
    case FormatFamily::Exact: return QStringLiteral("exact");
    case FormatFamily::Integer: return QStringLiteral("integer");
    case FormatFamily::Minifloat: return QStringLiteral("float");
    case FormatFamily::PowerOfTwo: return QStringLiteral("power of two");
    case FormatFamily::Odd: return QStringLiteral("odd multiples");
    case FormatFamily::Codebook: return QStringLiteral("codebook");
    case FormatFamily::Other: break;
    }
    return QStringLiteral("other");
}

}  // namespace app
