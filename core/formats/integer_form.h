// SPDX-License-Identifier: Apache-2.0
#pragma once
// Quantized numbers as 8-bit integers, where they are such: a layer whose weights and activations both have this form is
// an integer matrix product, exact in 32 bits.

#include "core/base/matrix.h"
#include "core/formats/treatment.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace core {

/// Rows of integers, each under one step: values(r, c) == steps[r] * codes[r * columns + c].
struct IntegerMatrix {
    std::vector<std::int8_t> codes;   // -127 ... 127, rows by columns
    std::vector<float> steps;         // one a row, positive; 1 for a row of zeros
};

/// The integer form of values that were quantized in whatever way: a row's step is the greatest common divisor of its
/// values, taken exactly. Nothing where a row needs an integer beyond +-127 or holds what is not finite, or where a product in
/// float misses its value. As stored scales have 11 significant bits, all rows of int2 ... int8, int1, ternary, pot2 ... pot4,
/// sp2-4, apot4, odd1 ... odd7 and uint2 ... uint7 under tensor and row scales have one, and so has every other row whose
/// scales are small integers times a unit. Where channels choose, each entry's columns are a matrix of their own.
std::optional<IntegerMatrix> integerForm(const RowMatrixRef& values);

/// How a quantizer's results read as 8-bit integers: apply(x) == step * (code - zeroPoint), in float.
struct ActivationCoding {
    float step = 1.0f;
    int zeroPoint = 0;        // not 0 only for uint2 ... uint8
    bool isSigned = true;     // codes -127 ... 127; otherwise 0 ... 255
    bool operator==(const ActivationCoding&) const = default;
};

/// Of int2 ... int8 and uint2 ... uint8 the codes themselves; of other formats the levels as integers times the largest unit
/// that all are multiples of, where these stay within +-127: int1, ternary, pot2 ... pot4, sp2-4, apot4, odd1 ... odd7, e2m1,
/// e2m3. Nothing for all others.
std::optional<ActivationCoding> codingOf(const ActivationQuantizer& quantizer);

/// The code of every element, bit for bit clamp(round(x / scale) + zeroPoint, codes), or the integer of the nearest level.
/// NaN is encoded as zero would be. Only for a quantizer with a coding, in the type that it asks for; equal sizes.
void encodeActivations(const ActivationQuantizer& quantizer, std::span<const float> in, std::span<std::int8_t> out);
void encodeActivations(const ActivationQuantizer& quantizer, std::span<const float> in, std::span<std::uint8_t> out);

}  // namespace core
