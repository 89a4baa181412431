// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/number_text.h"

#include <QLocale>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>

namespace app {

namespace {

const QChar kMinus(0x2212);

QLocale people() { return QLocale(QLocale::English, QLocale::UnitedStates); }

/// Decimals that leave three significant digits of `value`, at most six.
int decimalsForThreeDigits(double value)
{
    if (value == 0.0)
        return 0;
    int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
    if (std::abs(value) >= 9.995 * std::pow(10.0, exponent))
        ++exponent;  // 9.996 is 10.0, not 10.00
    return std::clamp(2 - exponent, 0, 6);
}

QString withUnit(const QString& number, const QString& unit) { return number + QChar(QChar::Nbsp) + unit; }

}  // namespace

QString countText(std::int64_t count) { return people().toString(static_cast<qlonglong>(count)).replace(u'-', kMinus); }

QString numberText(double value, int decimals)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("∞") : kMinus + QStringLiteral("∞");
    QString text = people().toString(value, 'f', decimals);
    // What rounds to nothing has no sign: −0.04 at one decimal is 0.0.
    if (text.startsWith(u'-') && std::none_of(text.cbegin(), text.cend(), [](QChar c) { return c >= u'1' && c <= u'9'; }))
        text.remove(0, 1);
    return text.replace(u'-', kMinus);
}

QString shortNumberText(double value)
{
    if (!std::isfinite(value))
        return numberText(value, 0);
    if (value != 0.0 && std::abs(value) < 1e-6)
        return people().toString(value, 'g', 3).replace(u'-', kMinus);
    return numberText(value, decimalsForThreeDigits(value));
}

QString compactNumberText(double value)
{
    if (value == 0.0 || !std::isfinite(value) || std::abs(value) >= 0.9995e-3)
        return shortNumberText(value);
    const QStringList parts = QString::number(value, 'e', 2).split(u'e');  // "3.43", "-06"
    QString text = parts.value(0) + u'e' + QString::number(parts.value(1).toInt());
    return text.replace(u'-', kMinus);
}

QString prefixedText(double count)
{
    static constexpr std::array<const char*, 5> kPrefixes{"", "k", "M", "G", "T"};
    std::size_t step = 0;
    double number = count;
    while (std::abs(number) >= 999.5 && step + 1 < kPrefixes.size()) {
        number /= 1000;
        ++step;
    }
    if (step == 0)
        return numberText(number, number == std::round(number) ? 0 : 1);
    return withUnit(shortNumberText(number), QLatin1String(kPrefixes.at(step)));
}

QString percentText(double share, int decimals) { return withUnit(numberText(100.0 * share, decimals), QStringLiteral("%")); }

QString signedPointsText(double difference, int decimals)
{
    const QString text = numberText(100.0 * difference, decimals);
    if (text.startsWith(kMinus) || std::isnan(difference))
        return text;
    const bool isNothing = std::none_of(text.cbegin(), text.cend(), [](QChar c) { return c >= u'1' && c <= u'9'; });
    return (isNothing ? QStringLiteral("±") : QStringLiteral("+")) + text;
}

QString decibelText(std::optional<double> decibels, const QString& nothing)
{
    if (!decibels || std::isnan(*decibels))
        return nothing;
    if (std::isinf(*decibels))
        return *decibels > 0 ? QStringLiteral("exact") : QStringLiteral("no signal");
    return withUnit(numberText(*decibels, 1), QStringLiteral("dB"));
}

EnergyUnit energyUnitFor(core::Picojoules largest)
{
    static const std::array<EnergyUnit, 5> units{EnergyUnit{1e-3, QStringLiteral("fJ")}, EnergyUnit{1.0, QStringLiteral("pJ")},
                                                 EnergyUnit{1e3, QStringLiteral("nJ")}, EnergyUnit{1e6, QStringLiteral("µJ")},
                                                 EnergyUnit{1e9, QStringLiteral("mJ")}};
    const double magnitude = std::abs(largest.value());
    if (magnitude == 0.0 || !std::isfinite(magnitude))
        return units[1];
    for (std::size_t i = units.size(); i-- > 0;)
        if (magnitude >= 0.9995 * units[i].picojoules)  // 999.6 pJ is 1.00 nJ, not 1,000 pJ
            return units[i];
    return units[0];
}

QString energyText(core::Picojoules energy, const EnergyUnit& unit)
{
    return withUnit(shortNumberText(energy.value() / unit.picojoules), unit.name);
}

QString energyText(core::Picojoules energy) { return energyText(energy, energyUnitFor(energy)); }

}  // namespace app
