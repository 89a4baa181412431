// SPDX-License-Identifier: Apache-2.0
#include "core/formats/operand.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace core {

namespace {

constexpr double kWidestInteger = 16;
constexpr double kLookedUpBits = 16;

Operand operandOfCodebook(const std::vector<float>& levels, double codeBits)
{
    std::set<double> magnitudes;
    for (const float level : levels)
        if (level != 0)
            magnitudes.insert(std::abs(static_cast<double>(level)));
    const auto isPowerOfTwo = [](double magnitude) { int exponent = 0; return std::frexp(magnitude, &exponent) == 0.5; };
    if (magnitudes.size() > 1 && std::all_of(magnitudes.begin(), magnitudes.end(), isPowerOfTwo))
        return {Operand::Kind::Shift, codeBits, false};

    const double step = *magnitudes.begin();
    const auto isMultiple = [&](double magnitude) { return std::nearbyint(magnitude / step) * step == magnitude; };
    if (std::all_of(magnitudes.begin(), magnitudes.end(), isMultiple)) {
        const double largest = *magnitudes.rbegin() / step;
        const double bits = largest < std::exp2(codeBits) ? codeBits : std::ceil(std::log2(largest + 1)) + 1;
        if (bits <= kWidestInteger)
            return {Operand::Kind::Integer, bits, false};
    }
    return {Operand::Kind::Float, kLookedUpBits, true};
}

struct OperandOf {
    double codeBits;
    Operand operator()(const Float32Format&) const { return {}; }
    Operand operator()(const IntegerFormat& format) const { return {Operand::Kind::Integer, static_cast<double>(format.bits), false}; }
    Operand operator()(const MinifloatFormat& format) const
    {
        return {Operand::Kind::Float, codeBits, false, format.exponentBits == 8 && format.mantissaBits == 7};
    }
    Operand operator()(const CodebookFormat& format) const { return operandOfCodebook(format.levels, codeBits); }
};

}  // namespace

Operand operandOf(const NumberFormat& format) { return std::visit(OperandOf{format.storageBits()}, format.spec()); }

}  // namespace core
