// SPDX-License-Identifier: Apache-2.0
#pragma once
// The two 16-bit floats as storage. Conversions to float are exact; from float they round to nearest, ties to even.

#include <cstdint>

namespace core {

struct Float16 {   // IEEE binary16: 1 sign, 5 exponent, 10 mantissa bits; overflow becomes infinity
    std::uint16_t bits = 0;
    Float16() = default;
    explicit Float16(float value);
    explicit operator float() const;
    bool operator==(const Float16&) const = default;
};

struct BFloat16 {  // the upper half of a float: 1 sign, 8 exponent, 7 mantissa bits
    std::uint16_t bits = 0;
    BFloat16() = default;
    explicit BFloat16(float value);
    explicit operator float() const;
    bool operator==(const BFloat16&) const = default;
};

}  // namespace core
