// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The positions of the knobs that have names, each with what it means: one list for every dock that offers them.

#include "app/shell/choice_field.h"
#include "core/formats/treatment.h"

class QLabel;

namespace app {

std::vector<Choice> formatChoices(); // the catalogue of core/formats
QStringList formatCompletions();      // every name of the grammar
std::vector<Choice> scaleChoices();
std::vector<Choice> clipChoices();
std::vector<Choice> pointChoices();
std::vector<Choice> rangeChoices(); // of activations
std::vector<Choice> converterRangeChoices();
std::vector<Choice> surrogateMethodChoices();
std::vector<Choice> fitDeviceChoices();
std::vector<Choice> surrogateInputChoices();
std::vector<Choice> surrogateFormatChoices();
std::vector<Choice> mappingChoices();
std::vector<Choice> planeChoices();
std::vector<Choice> variationChoices();
std::vector<Choice> readNoiseChoices();
std::vector<Choice> driftChoices();
std::vector<Choice> compensationChoices();
std::vector<Choice> columnReaderChoices();
std::vector<Choice> dacChoices();
std::vector<Choice> sumFormatChoices();  // of running sums: floats, and kIntegerSums
std::vector<Choice> productChoices();
std::vector<Choice> sumOrderChoices();
std::vector<Choice> sumBlockChoices();
std::vector<Choice> sumOverflowChoices();
std::vector<Choice> conditionChoices();
std::vector<Choice> lastLayerChoices();
inline constexpr auto kIntegerSums = "integer";  // not a format but an accumulator of so many bits

/// The fields of a treatment, the same in every dock; `prefix` starts their object names ("weight": "weightFormat").
ChoiceField::Spec formatField(const QString& prefix, const QString& tip);
ChoiceField::Spec scaleField(const QString& prefix);
ChoiceField::Spec clipField(const QString& prefix);
ChoiceField::Spec pointsField(const QString& prefix);
/// Changes one part of a treatment; what a field lets pass is what the grammar reads.
void setFormat(core::Treatment& treatment, const QString& value);
void setScale(core::Treatment& treatment, const QString& value);
void setClip(core::Treatment& treatment, const QString& value);
void setPoints(core::Treatment& treatment, const QString& value);

/// What the grammar says against a value; empty: nothing.
QString formatProblem(const QString& name);
/// A name of the grammar, or "codebook:FILE" with the levels in a file (core/io/plan_formats.h).
core::Result<core::NumberFormat> typedFormat(const QString& name);
QString rangeProblem(const QString& range);
/// Against a float that running sums are to be held in.
QString sumFormatProblem(const QString& name);
/// Against products in a block: a count, 0 for one chain, or "root" of the layer's columns.
QString sumBlockProblem(const QString& block);

/// The small heading over a group of knobs.
QLabel* sectionLabel(const QString& text, QWidget* parent);

} // namespace app
