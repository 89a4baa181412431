// SPDX-License-Identifier: Apache-2.0
#pragma once
// A treatment is a format with its scale rule: what is done to a row. A palette of treatments and one choice per row
// make a row-wise mixture (RMSMP).

#include "core/base/matrix.h"
#include "core/formats/number_format.h"

#include <optional>
#include <span>

namespace core {

struct ScaleRule {
    // Group: `length` weights of a row share a scale. Vector: the scales of a row's vectors are integers times one row
    // scale (VS-Quant). Block: the scales of blocks are 8-bit floats.
    enum class Kind { Tensor, Row, Group, Vector, Block };
    // Of Block. E8m0: a power of two (OCP MX). E4m3: with a float for all rows of the treatment above it (NVFP4).
    enum class BlockScale { E8m0, E4m3 };
    Kind kind = Kind::Row;
    int length = 0;            // of Group, Vector, Block
    int scaleBits = 8;         // of Vector: 3 ... 10
    BlockScale blockScale = BlockScale::E8m0;
    bool operator==(const ScaleRule&) const = default;
    std::string text() const;  // "row", "group:64", "vector:16", "vector:16:4" where scaleBits is not 8, "block:32", "block:16:e4m3"
    static Result<ScaleRule> parse(std::string_view text);
};

struct ClipRule {
    enum class Kind { AbsMax, Mse, Percentile };   // Mse: grid search of c * max|w|, c in 0.2 ... 1.0 in 33 steps
    Kind kind = Kind::AbsMax;
    double percentile = 100.0;
    bool operator==(const ClipRule&) const = default;
    std::string text() const;  // "absmax", "mse", "percentile:99.9"
    static Result<ClipRule> parse(std::string_view text);
};

struct Treatment {
    NumberFormat format;
    ScaleRule scale;
    ClipRule clip;
    // Low-bit vectors that add up to a row (multipoint quantization, arXiv 2002.09049): each is fitted to what the ones before
    // it left, its scale by the line search of ClipRule::Mse whatever `clip` says. One: an ordinary row, with its clip.
    int points = 1;
    bool operator==(const Treatment&) const = default;
};

/// One bit of one stored weight code turned over: what a fault, or a curious hand, does. Bit 0 is the least significant; in a
/// weight of several points, the bits of the second code follow those of the first, and so on.
struct CodeFlip { int row = 0, column = 0, bit = 0; bool operator==(const CodeFlip&) const = default; };

/// Quantized weights. They consist of *parts*, each quantized as a matrix of its own: the columns of one entry where channels
/// choose, else all; and of these one part for each point, holding the rows that have so many. Whatever is listed here is
/// listed part after part (entry by entry, its points in order), within a part in order of its first weight.
struct QuantizedMatrix {
    RowMatrix values;              // dequantized: scale * level; what the digital engine multiplies with
    std::vector<RowMatrix> points; // what the points contribute, where a treatment has several: values is their sum in order
    std::vector<float> scales;     // as used and stored: exactly what their bits say
    std::vector<float> units;      // above two-level scales: one for each row under `vector`, one for each entry under e4m3 blocks
    std::vector<float> zeroPoints; // one for each scale, in codes; empty where no format of the palette has one
    std::vector<int> exponents;    // one for each part: its fp16 scales count in 2^exponent; empty where all are 0
    double storedBits = 0;         // codes and scales together
};

/// Scales a row of this many weights has of its own: none of `tensor`, one of `row`, one a group, vector or block.
std::size_t scalesPerRow(const ScaleRule& rule, std::size_t columns);

/// What so many rows of this treatment are shipped as: storageBits a code, 16 bits a tensor, row or group scale (as fp16), 8 a
/// block scale and 32 for what stands above e4m3 ones, scaleBits a vector scale and 16 its row's unit, and `bits` a zero
/// point; all this for each point. Wide floats have no scales. Exponents (QuantizedMatrix) are not in it.
double storedBits(const Treatment& treatment, std::size_t rows, std::size_t columns);

/// Which entry of a palette each row, or each input channel, takes; at most one of the two is given. None: all the first.
/// Channel c owns the columns [c * columnsPerChannel, (c + 1) * columnsPerChannel): a convolution's window.
struct PaletteChoices {
    std::span<const std::uint8_t> rows, channels;
    std::size_t columnsPerChannel = 1;
    static PaletteChoices overRows(std::span<const std::uint8_t> rows) { return {rows, {}, 1}; }
    static PaletteChoices overChannels(std::span<const std::uint8_t> channels, std::size_t columnsPerChannel) { return {{}, channels, columnsPerChannel}; }
};

/// Quantizes each row, or each input channel, by the entry it chose. Scales are rounded to what is stored of them before codes
/// are chosen. A row of zeros keeps scale 1, and wide floats (fp16, bf16, tf32 ...) have no scale: theirs stays 1 and is not
/// stored. Rows of one treatment with scale `tensor` share it.
/// Over channels the columns of one entry are packed together, in order, and scaled as a matrix of their own; the values
/// come back at their places. Needs finite weights; that is checked where networks are read.
QuantizedMatrix quantizeWeights(const RowMatrix& weights, const std::vector<Treatment>& palette, const PaletteChoices& choices = {});

/// Quantizes and dequantizes activations with fixed parameters: y = scale * (clamp(round(x / scale) + zero, codes) - zero)
/// for integers, scale * nearestLevel(x / scale) for the others. fp32 leaves x as it is.
struct ActivationQuantizer {
    NumberFormat format;
    float scale = 1.0f;
    float zeroPoint = 0.0f;        // in codes; unsigned integers only
    void apply(std::span<const float> in, std::span<float> out) const;   // in and out may be the same; vectorised
    void applyInPlace(std::span<float> values) const { apply(values, values); }
    float applyScalar(float x) const;                                    // the reference; apply equals it bit for bit
    bool operator==(const ActivationQuantizer&) const = default;
};

/// Fits a quantizer to a calibrated range [low, high]. Signed integers and floats are symmetric about zero; unsigned ones
/// get a zero point so that zero is exact. An empty or one-sided range is widened to hold zero.
ActivationQuantizer fitActivationQuantizer(const NumberFormat& format, float low, float high);

}  // namespace core
