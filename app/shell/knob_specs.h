// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The kinds of knobs that docks are made of, and the small things around them.

#include "app/shell/choice_field.h"
#include "app/views/knob_row.h"

class QLabel;

namespace app {

int whole(double value);  // the nearest integer
/// Turned in whole steps.
KnobSpec wholeKnob(const char* objectName, const QString& name, const QString& unit, double minimum, double maximum, double defaultValue,
                   const QString& tip);
/// From none, in tenths.
KnobSpec partKnob(const char* objectName, const QString& name, const QString& unit, double maximum, double defaultValue,
                  const QString& tip);
/// From `none` over the smallest value there is, in even ratios, to a maximum far from it.
KnobSpec fineKnob(const char* objectName, const QString& name, const QString& unit, double maximum, double smallest, int decimals,
                  const QString& none, const QString& tip);
/// In even ratios from its minimum on.
KnobSpec logarithmic(KnobSpec spec);

/// Enumerators by the names plans have for them, in the order of the enumeration.
template <class T>
QString nameIn(const std::vector<Choice>& choices, T value)
{
    return choices.at(static_cast<std::size_t>(value)).value;
}
template <class T>
T valueIn(const std::vector<Choice>& choices, const QString& name)
{
    for (std::size_t i = 0; i < choices.size(); ++i)
        if (choices[i].value == name)
            return static_cast<T>(i);
    return T{};
}

/// A few words under a knob, small and muted.
QLabel* remark(const char* objectName, QWidget* parent);

}  // namespace app
