// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The positions of the knobs that have names, each with what it means: one list for every dock that offers them.

#include "app/shell/choice_field.h"

class QLabel;

namespace app {

std::vector<Choice> formatChoices(); // the catalogue of core/formats
std::vector<Choice> scaleChoices();
std::vector<Choice> clipChoices();
std::vector<Choice> rangeChoices(); // of activations
std::vector<Choice> converterRangeChoices();
std::vector<Choice> surrogateMethodChoices();
std::vector<Choice> surrogateInputChoices();
std::vector<Choice> surrogateFormatChoices();
std::vector<Choice> mappingChoices();
std::vector<Choice> planeChoices();
std::vector<Choice> variationChoices();

/// The small heading over a group of knobs.
QLabel* sectionLabel(const QString& text, QWidget* parent);

} // namespace app
