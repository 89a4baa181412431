// SPDX-License-Identifier: Apache-2.0
#pragma once
// Codes: the bits that name a level. Signed integers are two's complement, unsigned ones plain; floats are sign, exponent,
// mantissa from the top; a codebook's code is the rank of the level, the lowest first.

#include "core/formats/kernels.h"

#include <cstdint>

namespace core {

/// Bits of one code: 1 ... 32.
int codeBits(const NumberFormat& format);

/// The code of a level (of what nearestLevel gives; for a format with a zero point, of an unsigned integer). What a float
/// cannot hold is saturated; the infinities of wide floats have their own codes, NaN the quiet one where there is one.
std::uint32_t codeOf(const NumberFormat& format, float level);

/// What a code says, also one that rounding never gives: int8's 0x80 is -128, floats have infinities and NaN where their
/// specials say so, and a rank beyond the last level reads as the last level. Bits above codeBits are ignored.
float levelOfCode(const NumberFormat& format, std::uint32_t code);

/// The code of a number that quantizeValue gave on this grid, and back: scale * (level - zeroPoint).
std::uint32_t codeOfValue(const NumberFormat& format, CodeGrid grid, float value);
float valueOfCode(const NumberFormat& format, CodeGrid grid, std::uint32_t code);

/// The value after one stored bit was turned over, bit 0 the least significant. Infinity and NaN may come out of formats whose
/// codes name them (fp16, bf16, tf32, fp32, e5m2, other IEEE-like floats; NaN alone of e4m3).
float withFlippedBit(const NumberFormat& format, CodeGrid grid, float value, int bit);

}  // namespace core
