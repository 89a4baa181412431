// SPDX-License-Identifier: Apache-2.0
// A column's sum becomes a code, many vectors at a time: ColumnConverter::code with noise in front of it.
// Highway compiles it once per target: the toggle below takes the place of #pragma once.
#if defined(CORE_CIM_COLUMN_READING_INL_) == defined(HWY_TARGET_TOGGLE)
#ifdef CORE_CIM_COLUMN_READING_INL_
#undef CORE_CIM_COLUMN_READING_INL_
#else
#define CORE_CIM_COLUMN_READING_INL_
#endif

#include "core/cim/tile_kernel.h"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// `variance`: of the cells' reads. Without `isNoisy` neither it nor z counts; without `isReal` the errors do not.
template <bool isNoisy, bool isReal, class D, class V = hn::Vec<D>>
HWY_INLINE V readColumn(D d, const ColumnConverter& converter, const ColumnErrors& errors, const ConversionVariance& noise, V sum,
                        V variance, V z)
{
    if constexpr (isNoisy) {
        if (noise.isOn()) {
            const V counted = hn::MulAdd(hn::Abs(sum), hn::Set(d, noise.perCount), hn::Set(d, 1.0f));
            variance = hn::Add(variance, hn::Add(hn::Set(d, noise.constant), hn::Div(hn::Set(d, noise.counted), counted)));
        }
        sum = hn::Add(sum, hn::Mul(hn::Sqrt(variance), z));
    }
    if (converter.ideal)
        return sum;
    const V low = hn::Set(d, converter.lowCode), high = hn::Set(d, converter.highCode);
    V steps = hn::Mul(sum, hn::Set(d, converter.gain));
    if constexpr (isReal) {
        steps = hn::Add(steps, hn::Set(d, converter.offset));
        const float middle = (converter.lowCode + converter.highCode) * 0.5f, perHalf = 2.0f / (converter.highCode - converter.lowCode);
        const V one = hn::Set(d, 1.0f);
        const V u = hn::Min(hn::Max(hn::Mul(hn::Sub(steps, hn::Set(d, middle)), hn::Set(d, perHalf)), hn::Neg(one)), one);
        const V bow = hn::Mul(hn::Set(d, errors.bow), hn::Sub(one, hn::Mul(u, u)));
        steps = hn::Add(hn::Add(hn::Mul(steps, hn::Set(d, errors.gain)), hn::Set(d, errors.offset)), bow);
    }
    return hn::Round(hn::Min(hn::Max(steps, low), high));
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
