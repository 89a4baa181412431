// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a multiplier sees of a format: the energy ledger counts by it.

#include "core/formats/number_format.h"

namespace core {

struct Operand {
    enum class Kind {
        Integer,   // levels are integers times the scale
        Shift,     // levels are powers of two (or zero): a product is a shift
        Float      // a floating-point number; a codebook without structure is looked up as fp16 first
    };
    Kind kind = Kind::Float;
    double bits = 32;
    bool isLookedUp = false;
    bool isBfloat = false;     // bf16: a float whose significand has 8 bits, one hidden; fp16 has 11
    bool operator==(const Operand&) const = default;
};

/// int4 is a 4-bit integer; odd2, sp2-4, apot4, ternary and int1 are integers as wide as their codes; pot4 shifts; nf4 is
/// looked up; e4m3 is an 8-bit float; bf16 is a 16-bit bfloat.
Operand operandOf(const NumberFormat& format);

}  // namespace core
