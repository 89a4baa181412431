// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The boxes beside a Measure button: how many samples, and how many chips, a question is asked of.

#include <QString>

class QSpinBox;
class QWidget;

namespace app {

QSpinBox* makeSamplesBox(const char* objectName, const QString& tip, QWidget* parent);  // "500 samples"
QSpinBox* makeChipsBox(const char* objectName, const QString& tip, QWidget* parent);    // "4 chips"

}  // namespace app
