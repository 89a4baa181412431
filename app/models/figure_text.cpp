// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/figure_text.h"

#include <QLocale>

#include <array>
#include <cmath>

namespace app {
namespace {

/// Three digits that count, never in scientific notation.
QString threeDigits(double number)
{
    const double size = std::abs(number);
    return QString::number(number, 'f', size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

} // namespace

QString macsText(double count)
{
    static constexpr std::array<const char*, 5> kPrefixes{"", " k", " M", " G", " T"};
    std::size_t step = 0;
    double number = count;
    while (std::abs(number) >= 999.5 && step + 1 < kPrefixes.size()) {
        number /= 1000;
        ++step;
    }
    if (step == 0)
        return QString::number(number, 'f', number == std::round(number) ? 0 : 1);
    return threeDigits(number) + QLatin1String(kPrefixes.at(step));
}

QString wholeText(std::int64_t count) { return QLocale(QLocale::English).toString(static_cast<qlonglong>(count)); }

QString sqnrText(const std::optional<double>& decibels)
{
    if (!decibels || std::isnan(*decibels))
        return QStringLiteral("–");
    if (std::isinf(*decibels))
        return *decibels > 0 ? QStringLiteral("exact") : QStringLiteral("no signal");
    return QString::number(*decibels, 'f', 1) + QStringLiteral(" dB");
}

QString joulesText(core::Picojoules energy)
{
    static constexpr std::array<const char*, 6> kUnits{" fJ", " pJ", " nJ", " µJ", " mJ", " J"};
    if (energy.value() == 0)
        return QStringLiteral("0 pJ");
    double number = energy.value() * 1000;
    std::size_t step = 0;
    while (std::abs(number) >= 999.5 && step + 1 < kUnits.size()) {
        number /= 1000;
        ++step;
    }
    return threeDigits(number) + QString::fromUtf8(kUnits.at(step));
}

QString shareText(double share) { return threeDigits(share * 100) + QStringLiteral(" %"); }

} // namespace app
