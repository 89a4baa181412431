// SPDX-License-Identifier: Apache-2.0
#pragma once
// Quantized weights as the bytes they are shipped in, and single bits of them turned over.

#include "core/base/problem.h"
#include "core/formats/treatment.h"

#include <cstdint>

namespace core {

/// Four streams of bits, least significant first, in the order of QuantizedMatrix; only the last byte of a stream is padded,
/// with zeros. What a plan says anyway - shape, palette, choices - is not in them and not counted.
struct PackedMatrix {
    Eigen::Index rows = 0, columns = 0;
    std::vector<std::uint8_t> codes;        // part by part, row by row
    std::vector<std::uint8_t> scales;       // fp16; B bits under vector:N:B, after the row's fp16 unit; e8m0 or e4m3 under block:N
    std::vector<std::uint8_t> tensorUnits;  // fp32, one for each entry with e4m3 blocks
    std::vector<std::uint8_t> zeroPoints;   // as wide as a code
    std::vector<std::uint8_t> exponents;    // a byte for each part, two's complement; none where all fp16 scales are as they stand
    std::size_t byteCount() const { return codes.size() + scales.size() + tensorUnits.size() + zeroPoints.size() + exponents.size(); }
    bool operator==(const PackedMatrix&) const = default;
};

/// The bytes of weights that were quantized with this palette and these choices. Before padding they have storedBits bits.
PackedMatrix pack(const QuantizedMatrix& quantized, const std::vector<Treatment>& palette, const PaletteChoices& choices = {});
inline PackedMatrix pack(const RowMatrix& weights, const std::vector<Treatment>& palette, const PaletteChoices& choices = {})
{
    return pack(quantizeWeights(weights, palette, choices), palette, choices);
}

/// What was packed, bit for bit, under the same palette and choices. A stream that is too short or too long is a problem.
Result<QuantizedMatrix> unpack(const PackedMatrix& packed, const std::vector<Treatment>& palette, const PaletteChoices& choices = {});

/// How many bits name the weights of a row, or of a column's channel: those of one code for each point.
int bitsOfWeight(const std::vector<Treatment>& palette, const PaletteChoices& choices, int row, int column);

/// The quantized weights after these bits were turned over; twice is not at all. Values may become infinite or NaN where a format
/// has codes for them: see levelOfCode. Rows, columns and bits below bitsOfWeight only.
QuantizedMatrix withFlips(QuantizedMatrix quantized, const std::vector<Treatment>& palette, const PaletteChoices& choices, std::span<const CodeFlip> flips);

}  // namespace core
