// SPDX-License-Identifier: Apache-2.0
// Box-Muller across the lanes of a vector: the Gaussians of core/base/noise.h, many at a time.
// Highway compiles it once per target: the toggle below takes the place of #pragma once.
#if defined(CORE_CIM_GAUSSIANS_INL_) == defined(HWY_TARGET_TOGGLE)
#ifdef CORE_CIM_GAUSSIANS_INL_
#undef CORE_CIM_GAUSSIANS_INL_
#else
#define CORE_CIM_GAUSSIANS_INL_
#endif

#include "core/base/philox.inl"

#include <hwy/highway.h>
// math-inl.h wants highway.h first.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// sqrt(-2 ln u) for u = (word + 1/2) / 2^32. Near u = 1 the logarithm is taken of the exact complement 1 - u, so the
/// radius keeps its relative accuracy down to the smallest one.
template <class D, class VU>
HWY_INLINE hn::Vec<D> radius(D d, VU word)
{
    const hn::RebindToSigned<D> di;
    const hn::RebindToUnsigned<D> du;
    const auto high = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<16>(word)));
    const auto low = hn::ConvertTo(d, hn::BitCast(di, hn::And(word, hn::Set(du, 0xFFFFu))));
    const auto half = hn::Set(d, 0.5f), scale = hn::Set(d, 0x1p-32f), two16 = hn::Set(d, 65536.0f), most = hn::Set(d, 65535.0f);
    const auto u = hn::Mul(hn::MulAdd(high, two16, hn::Add(low, half)), scale);
    const auto v = hn::Mul(hn::MulAdd(hn::Sub(most, high), two16, hn::Add(hn::Sub(most, low), half)), scale);   // 1 - u
    const auto nearOne = hn::MulAdd(hn::Mul(half, v), v, v);                                                    // -ln(1 - v) to v^3 / 3
    const auto t = hn::IfThenElse(hn::Lt(v, hn::Set(d, 0x1p-10f)), nearOne, hn::Neg(hn::Log(d, u)));
    return hn::Sqrt(hn::Add(t, t));
}

/// Sine and cosine of 2 pi (word + 1/2) / 2^32: the quadrant and the rest come exactly from the word's bits; the
/// polynomials on [-pi/4, pi/4] are those of Cephes' sinf and cosf (relative error 1e-8).
template <class D, class VU, class V = hn::Vec<D>>
HWY_INLINE void sineAndCosine(D d, VU word, V& sine, V& cosine)
{
    const hn::RebindToSigned<D> di;
    const hn::RebindToUnsigned<D> du;
    const VU quadrant = hn::ShiftRight<30>(hn::Add(word, hn::Set(du, 1u << 29)));
    const auto rest = hn::BitCast(di, hn::Sub(word, hn::ShiftLeft<30>(quadrant)));
    const V x = hn::Mul(hn::Add(hn::ConvertTo(d, rest), hn::Set(d, 0.5f)), hn::Set(d, 6.28318530717958648f * 0x1p-32f));
    const V z = hn::Mul(x, x);

    V s = hn::MulAdd(hn::Set(d, -1.9515295891e-4f), z, hn::Set(d, 8.3321608736e-3f));
    s = hn::MulAdd(s, z, hn::Set(d, -1.6666654611e-1f));
    s = hn::MulAdd(hn::Mul(s, z), x, x);
    V c = hn::MulAdd(hn::Set(d, 2.443315711809948e-5f), z, hn::Set(d, -1.388731625493765e-3f));
    c = hn::MulAdd(c, z, hn::Set(d, 4.166664568298827e-2f));
    c = hn::MulAdd(hn::Mul(c, z), z, hn::MulAdd(hn::Set(d, -0.5f), z, hn::Set(d, 1.0f)));

    // A quarter turn makes (s, c) into (c, -s).
    const auto swaps = hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::BitCast(di, hn::And(quadrant, hn::Set(du, 1u))))));
    const auto signBit = [&](VU bits) { return hn::BitCast(d, hn::ShiftLeft<30>(hn::And(bits, hn::Set(du, 2u)))); };
    sine = hn::Xor(hn::IfThenElse(swaps, c, s), signBit(quadrant));
    cosine = hn::Xor(hn::IfThenElse(swaps, s, c), signBit(hn::Add(quadrant, hn::Set(du, 1u))));
}

/// NoiseStream::gaussians of the counters {a + lane, b, c} with purpose d, to 4e-6.
template <class D, class V = hn::Vec<D>>
HWY_INLINE FourVectors<V> gaussians(D d, const PhiloxKeys& keys, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t purpose)
{
    const hn::RebindToUnsigned<D> du;
    const auto words = philoxWords(du, keys, a, b, c, purpose);
    FourVectors<V> result;
    for (int pair = 0; pair < 4; pair += 2) {
        const V r = radius(d, words.v[pair]);
        V sine, cosine;
        sineAndCosine(d, words.v[pair + 1], sine, cosine);
        result.v[pair] = hn::Mul(r, cosine);
        result.v[pair + 1] = hn::Mul(r, sine);
    }
    return result;
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
