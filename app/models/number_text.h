// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers as people read them, in tables and pictures alike: thousands separated, a true minus, a no-break space before
// the unit, one prefix chosen for all numbers that are to be compared.

#include "core/base/quantity.h"

#include <QString>

#include <cstdint>
#include <optional>

namespace app {

QString countText(std::int64_t count);  // "10,000"
/// Fixed decimals, true minus; "not a number" as "–", infinity as "∞".
QString numberText(double value, int decimals);
/// Three digits that count: "0.0123", "12.3", "1,230".
QString shortNumberText(double value);
/// The same, and below a thousandth with its power of ten: "3.43e−6".
QString compactNumberText(double value);
/// "417 k", "1.23 M"; whole below a thousand.
QString prefixedText(double count);
/// A share of 1 as "98.7 %".
QString percentText(double share, int decimals = 1);
/// A difference of shares in percentage points: "+0.4", "−1.2", "±0.0".
QString signedPointsText(double difference, int decimals = 1);
/// "31.4 dB"; "exact" where there is no error, "no signal" where there is nothing else, `nothing` where nobody measured.
QString decibelText(std::optional<double> decibels, const QString& nothing = QStringLiteral("not measured"));

/// One unit for a whole picture, so that its bars can be compared by their numbers.
struct EnergyUnit {
    double picojoules = 1;  // of one unit
    QString name;           // "fJ", "pJ", "nJ", "µJ", "mJ"
};
EnergyUnit energyUnitFor(core::Picojoules largest);
QString energyText(core::Picojoules energy, const EnergyUnit& unit);  // "12.4 nJ"
QString energyText(core::Picojoules energy);                          // in the unit that suits it

}  // namespace app
