// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One weight under the microscope: what was trained, what is stored, the bits that name it with their place values, the
// levels around it, and which bits were turned over.

#include "app/exploration/palette_edit.h"
#include "core/formats/treatment.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace app {

/// Bits that belong together: a sign, an exponent, a mantissa, an integer, a rank among the levels.
struct BitField {
    QString name;
    int highest = 0, count = 0;     // bit numbers within the code, the highest first
    std::vector<QString> places;    // what each bit is worth, the highest first: "-8", "4", "2^-3"
};
/// The fields of a format's codes, from the top; every bit belongs to one.
std::vector<BitField> bitFields(const core::NumberFormat& format);
/// What a field of a code says, in words: "exponent 5: 2^-2", "rank 9 of 16".
QString fieldText(const core::NumberFormat& format, const BitField& field, std::uint32_t code);

/// One code of a weight: its only one, or that of one point where several vectors add up to a row.
struct SpecimenCode {
    float target = 0;          // what it was to represent: the trained weight, or what the points before it left
    float scale = 1, zeroPoint = 0;
    std::uint32_t asQuantized = 0, asStored = 0;  // without and with the flipped bits
    float levelAsStored = 0;   // what the stored code says; in units of the scale, the zero point not taken off
    float quantized = 0, stored = 0;  // scale * (level - zero point)
    /// The level rounding chose and its neighbours, as weights; infinite where there is none, equal to `quantized` both where
    /// a format has no list of levels.
    float below = 0, above = 0;
    float thresholdBelow = 0, thresholdAbove = 0;  // where rounding would have chosen the neighbour
    std::int64_t rank = -1, levels = 0;            // of the level among all; -1: too many to list
};

struct WeightSpecimen {
    int row = 0, column = 0;
    core::Treatment treatment;
    float trained = 0, quantized = 0, stored = 0;  // stored: with the flipped bits, what the engine multiplies with
    std::vector<SpecimenCode> codes;               // one a point
    int bitsPerCode = 0;
    bool isFlipped() const { return !(stored == quantized); }
};

/// The specimen at (row, column), which must be within the layer; `quantized` is of these orders, without flips.
WeightSpecimen specimenAt(const core::WeightedLayer& layer, const core::WeightPlan& orders, const core::QuantizedMatrix& quantized, int row,
                          int column);
/// How `orders` choose from their palette, as core wants it told.
core::PaletteChoices choicesOf(const core::WeightedLayer& layer, const core::WeightPlan& orders);

/// The orders with one bit of one weight turned over, or back if it was.
core::WeightPlan withToggledBit(const core::WeightPlan& orders, const core::CodeFlip& flip);

}  // namespace app
