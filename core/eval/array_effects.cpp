// SPDX-License-Identifier: Apache-2.0
#include "core/eval/array_effects.h"

#include <array>

namespace core {

namespace {

constexpr int kFinestCodes = 8;  // bits that cells and inputs can have at most
constexpr Variation kNone{Variation::Model::Proportional, 0.0};

// A new field of ArrayTreatment that can be ideal gets its line here; the waterfall, polar and the window take it from here.
using enum ArrayEffect::Kind;
constexpr std::array kEffects{
    ArrayEffect{"weight_codes", "weight quantization", "weights of 8 bits", Code,
                [](ArrayTreatment& array) { array.weightBits = kFinestCodes; }},
    ArrayEffect{"input_codes", "input quantization", "inputs of 8 bits", Code,
                [](ArrayTreatment& array) { array.inputBits = kFinestCodes; }},
    ArrayEffect{"on_off_ratio", "on/off ratio", "cells switch off entirely", Chip, [](ArrayTreatment& array) { array.onOffRatio = 0.0; }},
    ArrayEffect{"variation", "cell variation", "every cell as it was ordered", Chip,
                [](ArrayTreatment& array) {
                    if (array.variation.isOn())
                        array.variation = kNone;
                }},
    ArrayEffect{"stuck_cells", "stuck cells", "every cell takes what is written", Chip, [](ArrayTreatment& array) { array.stuck = {}; }},
    ArrayEffect{"drift", "drift", "right after programming", Chip, [](ArrayTreatment& array) { array.drift.seconds = 0.0; }},
    ArrayEffect{"wires", "wire resistance", "wires without resistance", Chip, [](ArrayTreatment& array) { array.wireOhms = 0.0; }},
    ArrayEffect{"read_noise", "read noise", "every read of a cell the same", Read,
                [](ArrayTreatment& array) {
                    if (array.readNoise.isOn())
                        array.readNoise = kNone;
                }},
    ArrayEffect{"conversion_noise", "conversion noise", "conversions without noise", Read,
                [](ArrayTreatment& array) { array.conversionNoise = {}; }},
    ArrayEffect{"converter", "converter resolution", "column sums as they are", Chip,
                [](ArrayTreatment& array) {
                    array.adc.bits = 0;
                    array.adc.isComparator = false;
                }},
    ArrayEffect{"converter_errors", "converter errors", "no offset, gain error or bow", Chip,
                [](ArrayTreatment& array) { array.adc.offsetLsb = array.adc.gainSigma = array.adc.inlLsb = 0.0; }},
};

}  // namespace

bool ArrayEffect::isIn(const ArrayTreatment& array) const
{
    ArrayTreatment without = array;
    switchOff(without);
    return without != array;
}

std::span<const ArrayEffect> arrayEffects() { return kEffects; }

}  // namespace core
