// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is known of every stripe (row or input channel) of a layer's weights, by what people sort and choose them, and the
// rules that choose: "the worst 5 %", "every third".

#include "app/exploration/palette_edit.h"
#include "core/base/matrix.h"

#include <QString>

#include <vector>

namespace app {

enum class StripeMeasure {
    Index,
    WeightError,  // |stored - trained| / |trained|, lengths of the stripe's weights as vectors, %
    Variance,     // mean squared distance of the stripe's weights from their mean
    Magnitude,    // largest |weight|
    OutputError,  // the report's relative output error, %; rows only
};

QString stripeMeasureName(StripeMeasure measure);  // "weight error"
QString stripeMeasureUnit(StripeMeasure measure);  // "%"; empty: in units of the weights
QString stripeMeasureTip(StripeMeasure measure);   // what it means, in the subject's words

/// One number per stripe of one layer. A stripe of zeros has no weight error: 0.
std::vector<float> stripeVariances(const core::WeightedLayer& layer, PaletteAxis axis);
std::vector<float> stripeMagnitudes(const core::WeightedLayer& layer, PaletteAxis axis);
std::vector<float> stripeWeightErrors(const core::WeightedLayer& layer, const core::RowMatrix& stored, PaletteAxis axis);

/// All stripes, the largest value first; equal ones by index, NaN (not measured) last.
std::vector<int> largestFirst(const std::vector<float>& values);
/// The stripes with the largest values: `percent` of all, rounded up; those not measured are never among them. Ascending.
std::vector<int> largestShare(const std::vector<float>& values, double percent);
/// 0, k, 2k ... below `count`; k below 1 counts as 1.
std::vector<int> everyNth(int count, int k);

}  // namespace app
