// SPDX-License-Identifier: Apache-2.0
#include "core/formats/integer_form.h"

#include "core/formats/fit.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/formats/integer_form.cpp"
#include <hwy/foreach_target.h>

#include "core/formats/rounding_inl.h"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

using EncodeTag = hn::CappedTag<float, 16>;
using EncodeVector = hn::Vec<EncodeTag>;
constexpr EncodeTag kEncodeTag{};

/// x in units of the scale; NaN counts as zero.
HWY_INLINE EncodeVector inScales(EncodeVector x, EncodeVector scale)
{
    return hn::IfThenElseZero(hn::Eq(x, x), hn::Div(x, scale));
}

/// Stores the whole numbers that codeOf gives for the values.
template <class CodeOf, class Code>
HWY_INLINE void encodeEach(const CodeOf& codeOf, const float* in, Code* out, std::size_t size)
{
    const hn::Rebind<std::int32_t, EncodeTag> di;
    const hn::Rebind<Code, EncodeTag> dc;
    const std::size_t lanes = hn::Lanes(kEncodeTag);
    const auto encoded = [&](EncodeVector x) HWY_ATTR { return hn::DemoteTo(dc, hn::ConvertTo(di, codeOf(x))); };
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes)
        hn::StoreU(encoded(hn::LoadU(kEncodeTag, in + i)), dc, out + i);
    if (i == size)
        return;
    HWY_ALIGN float rest[hn::MaxLanes(EncodeTag())] = {};
    HWY_ALIGN Code codes[hn::MaxLanes(EncodeTag())];
    std::memcpy(rest, in + i, (size - i) * sizeof(float));
    hn::Store(encoded(hn::Load(kEncodeTag, rest)), dc, codes);
    std::memcpy(out + i, codes, size - i);
}

template <class Code>
void encodeIntegers(IntegerRange range, CodeGrid grid, const float* in, Code* out, std::size_t size)
{
    const EncodeVector scale = hn::Set(kEncodeTag, grid.scale), zero = hn::Set(kEncodeTag, grid.zeroPoint);
    const EncodeVector lowest = hn::Set(kEncodeTag, range.lowest), highest = hn::Set(kEncodeTag, range.highest);
    encodeEach([&](EncodeVector x) HWY_ATTR {
        return hn::Min(hn::Max(hn::Add(hn::Round(inScales(x, scale)), zero), lowest), highest);
    }, in, out, size);
}

/// The levels are integers times a unit; its inverse is a power of two, so the product is exact.
struct EncodeLevels {
    CodeGrid grid;
    float inverseUnit;
    const float* in;
    std::int8_t* out;
    std::size_t size;

    template <class MakeRounder>
    HWY_INLINE void operator()(const MakeRounder& rounderOf) const
    {
        const auto round = rounderOf(grid);
        const EncodeVector scale = hn::Set(kEncodeTag, grid.scale), inverse = hn::Set(kEncodeTag, inverseUnit);
        encodeEach([&](EncodeVector x) HWY_ATTR { return hn::Mul(round(kEncodeTag, inScales(x, scale)), inverse); }, in, out, size);
    }
};

void encodeSigned(IntegerRange range, CodeGrid grid, const float* in, std::int8_t* out, std::size_t size) { encodeIntegers(range, grid, in, out, size); }
void encodeUnsigned(IntegerRange range, CodeGrid grid, const float* in, std::uint8_t* out, std::size_t size) { encodeIntegers(range, grid, in, out, size); }

void encodeLevels(const Rounding& rounding, float scale, float inverseUnit, const float* in, std::int8_t* out, std::size_t size)
{
    withRounder(kEncodeTag, rounding, EncodeLevels{{scale, 0.0f}, inverseUnit, in, out, size});
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

namespace {

HWY_EXPORT(encodeSigned);
HWY_EXPORT(encodeUnsigned);
HWY_EXPORT(encodeLevels);

}  // namespace

std::optional<IntegerMatrix> integerForm(const RowMatrixRef& values)
{
    const auto columns = static_cast<std::size_t>(values.cols());
    IntegerMatrix result;
    result.codes.resize(static_cast<std::size_t>(values.size()));
    result.steps.reserve(static_cast<std::size_t>(values.rows()));
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
        const std::span<const float> row(values.data() + r * values.outerStride(), columns);
        const std::optional<double> common = commonStep(row);
        if (!common)
            return std::nullopt;
        const float step = *common > 0 ? static_cast<float>(*common) : 1.0f;
        std::int8_t* codes = result.codes.data() + static_cast<std::size_t>(r) * columns;
        for (std::size_t c = 0; c < columns; ++c) {
            codes[c] = static_cast<std::int8_t>(row[c] / step);
            if (step * static_cast<float>(codes[c]) != row[c])
                return std::nullopt;
        }
        result.steps.push_back(step);
    }
    return result;
}

std::optional<ActivationCoding> codingOf(const ActivationQuantizer& quantizer)
{
    const float step = quantizer.scale * quantizer.format.rounding().unit;
    if (step < std::numeric_limits<float>::min())   // no unit; or so small that the product with it costs bits
        return std::nullopt;
    return ActivationCoding{step, static_cast<int>(quantizer.zeroPoint), !hasZeroPoint(quantizer.format)};
}

void encodeActivations(const ActivationQuantizer& quantizer, std::span<const float> in, std::span<std::int8_t> out)
{
    assert(in.size() == out.size());
    const Rounding& rounding = quantizer.format.rounding();
    if (const auto* range = std::get_if<IntegerRange>(&rounding.rule))
        return HWY_DYNAMIC_DISPATCH(encodeSigned)(*range, {quantizer.scale, quantizer.zeroPoint}, in.data(), out.data(), in.size());
    assert(rounding.unit > 0);
    HWY_DYNAMIC_DISPATCH(encodeLevels)(rounding, quantizer.scale, 1 / rounding.unit, in.data(), out.data(), in.size());
}

void encodeActivations(const ActivationQuantizer& quantizer, std::span<const float> in, std::span<std::uint8_t> out)
{
    assert(in.size() == out.size());
    const auto& range = std::get<IntegerRange>(quantizer.format.rounding().rule);
    HWY_DYNAMIC_DISPATCH(encodeUnsigned)(range, {quantizer.scale, quantizer.zeroPoint}, in.data(), out.data(), in.size());
}

}  // namespace core
#endif
