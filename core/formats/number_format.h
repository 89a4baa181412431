// SPDX-License-Identifier: Apache-2.0
#pragma once
// Number formats as values. A format knows the real *levels* it can hold (in units of a scale), the *codes* that name
// them, and the *thresholds* where two codes meet. One grammar names them all; see core/formats/README.md.

#include "core/base/problem.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace core {

/// int2 ... int16: symmetric, levels -L ... L with L = 2^(bits-1) - 1. uint2 ... uint16: 0 ... 2^bits - 1 with a zero point.
struct IntegerFormat { int bits; bool isSigned; bool operator==(const IntegerFormat&) const = default; };

enum class Specials { Ieee, Ocp, None };   // which codes are infinities or NaN; see the derivation page
/// fp16, bf16, tf32, e4m3 ... and any eXmY: (-1)^s 2^(E-bias) (1 + m/2^mantissaBits), subnormals at E = 0.
struct MinifloatFormat { int exponentBits, mantissaBits, bias; Specials specials; bool operator==(const MinifloatFormat&) const = default; };

/// Any finite set of levels, ascending: nf4, pot4, sp2-4, apot4, odd2, ternary, int1, codebook files.
struct CodebookFormat { std::vector<float> levels; bool operator==(const CodebookFormat&) const = default; };

struct Float32Format { bool operator==(const Float32Format&) const = default; };   // stays as it is

struct Rounding;   // rounding.h: the constants the kernels need

using FormatSpec = std::variant<Float32Format, IntegerFormat, MinifloatFormat, CodebookFormat>;

class NumberFormat {
public:
    NumberFormat();   // fp32
    NumberFormat(std::string name, FormatSpec spec, double storageBits);

    /// By the grammar: "int4", "uint8", "nf4", "e4m3", "e4m3ieee", "bf16", "pot4", "sp2-4", "apot4", "odd2", "ternary" ...
    static Result<NumberFormat> named(std::string_view name);
    /// A codebook of one's own: 2 to 65536 finite levels, strictly ascending. Stored in ceil(log2(levels)) bits.
    static Result<NumberFormat> fromLevels(std::string name, std::vector<float> levels);

    const std::string& name() const { return m_name; }
    const FormatSpec& spec() const { return m_spec; }
    double storageBits() const { return m_storageBits; }   // of one code, scales not counted
    bool isFloat32() const { return std::holds_alternative<Float32Format>(m_spec); }
    bool holdsZero() const;
    float largestLevel() const;      // in magnitude; absmax maps onto this
    /// All distinct finite levels, ascending; empty for formats wider than 16 bits.
    std::vector<float> levels() const;
    /// Where neighbouring levels meet: levels().size() - 1 midpoints.
    std::vector<float> thresholds() const;

    /// The scalar reference: the level nearest to x (in units of the scale), ties to the even code, beyond the ends the
    /// end (IEEE-like wide floats overflow to infinity only where the format's page says so). NaN stays NaN.
    float nearestLevel(float x) const;
    /// nearestLevel of every element, vectorised and equal to it bit for bit. in and out may be the same.
    void roundToLevels(std::span<const float> in, std::span<float> out) const;

    const Rounding& rounding() const { return *m_rounding; }
    bool operator==(const NumberFormat& other) const { return m_name == other.m_name && m_spec == other.m_spec; }

private:
    std::string m_name = "fp32";
    FormatSpec m_spec = Float32Format{};
    double m_storageBits = 32;
    std::shared_ptr<const Rounding> m_rounding;   // follows from m_spec; shared by all copies
};

/// An entry of the catalogue: what people may choose, with its source.
struct CatalogueEntry { std::string name, title, source; NumberFormat format; };
const std::vector<CatalogueEntry>& formatCatalogue();

}  // namespace core
