// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/knob_specs.h"

#include "app/views/chart_style.h"

#include <QCoreApplication>
#include <QLabel>

#include <cmath>

namespace app {

int whole(double value) { return static_cast<int>(std::lround(value)); }

KnobSpec wholeKnob(const char* objectName, const QString& name, const QString& unit, double minimum, double maximum, double defaultValue,
                   const QString& tip)
{
    KnobSpec spec;
    spec.objectName = QString::fromLatin1(objectName);
    spec.name = name;
    spec.unit = unit;
    spec.tip = tip;
    spec.minimum = minimum;
    spec.maximum = maximum;
    spec.step = 1;
    spec.decimals = 0;
    spec.defaultValue = defaultValue;
    return spec;
}

KnobSpec partKnob(const char* objectName, const QString& name, const QString& unit, double maximum, double defaultValue, const QString& tip)
{
    KnobSpec spec = wholeKnob(objectName, name, unit, 0, maximum, defaultValue, tip);
    spec.step = 0.1;
    spec.decimals = 1;
    spec.minimumText = QCoreApplication::translate("KnobSpecs", "none");
    return spec;
}

KnobSpec fineKnob(const char* objectName, const QString& name, const QString& unit, double maximum, double smallest, int decimals,
                  const QString& none, const QString& tip)
{
    KnobSpec spec = partKnob(objectName, name, unit, maximum, 0, tip);
    spec.scale = KnobScale::Logarithmic;
    spec.smallest = smallest;
    spec.step = smallest;
    spec.decimals = decimals;
    spec.minimumText = none;
    return spec;
}

KnobSpec logarithmic(KnobSpec spec)
{
    spec.scale = KnobScale::Logarithmic;
    spec.smallest = spec.minimum;
    return spec;
}

QLabel* remark(const char* objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(QString::fromLatin1(objectName));
    label->setFont(smallFont(parent->font()));
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setWordWrap(true);
    return label;
}

}  // namespace app
