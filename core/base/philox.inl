// SPDX-License-Identifier: Apache-2.0
// Philox4x32-10 across the lanes of a vector: the words of core/base/noise.h, many at a time, for Highway kernels of the rooms
// to the right. Highway compiles it once per target: the toggle below takes the place of #pragma once.
#if defined(CORE_BASE_PHILOX_INL_) == defined(HWY_TARGET_TOGGLE)
#ifdef CORE_BASE_PHILOX_INL_
#undef CORE_BASE_PHILOX_INL_
#else
#define CORE_BASE_PHILOX_INL_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class V>
struct FourVectors {
    V v[4];
};

/// Philox keys of the ten rounds.
struct PhiloxKeys {
    std::uint32_t first[10], second[10];
    explicit PhiloxKeys(std::uint64_t seed)
    {
        auto a = static_cast<std::uint32_t>(seed), b = static_cast<std::uint32_t>(seed >> 32);
        for (int round = 0; round < 10; ++round, a += 0x9E3779B9u, b += 0xBB67AE85u) {
            first[round] = a;
            second[round] = b;
        }
    }
};

/// Ten rounds on counters that sit in the even lanes; what the odd lanes hold is of no consequence and stays so, because
/// MulEven reads even lanes only. A product is used whole as "its low half", and shifted as its high half.
template <class DU, class VU = hn::Vec<DU>>
HWY_INLINE FourVectors<VU> philoxEvenLanes(DU du, const PhiloxKeys& keys, VU a, VU b, VU c, VU d)
{
    const auto m0 = hn::Set(du, 0xD2511F53u);
    const auto m1 = hn::Set(du, 0xCD9E8D57u);
    HWY_UNROLL(10)
    for (int round = 0; round < 10; ++round) {
        const auto p0 = hn::MulEven(a, m0);
        const auto p1 = hn::MulEven(c, m1);
        const VU high0 = hn::BitCast(du, hn::ShiftRight<32>(p0));
        const VU high1 = hn::BitCast(du, hn::ShiftRight<32>(p1));
        a = hn::Xor(hn::Xor(high1, b), hn::Set(du, keys.first[round]));
        b = hn::BitCast(du, p1);
        c = hn::Xor(hn::Xor(high0, d), hn::Set(du, keys.second[round]));
        d = hn::BitCast(du, p0);
    }
    return {{a, b, c, d}};
}

/// The four words of the counters {a + lane, b, c, d}.
template <class DU, class VU = hn::Vec<DU>>
HWY_INLINE FourVectors<VU> philoxWords(DU du, const PhiloxKeys& keys, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d)
{
    const hn::Repartition<std::uint64_t, DU> du64;
    const VU lanes = hn::Iota(du, a);
    const VU odd = hn::BitCast(du, hn::ShiftRight<32>(hn::BitCast(du64, lanes)));
    const auto even4 = philoxEvenLanes(du, keys, lanes, hn::Set(du, b), hn::Set(du, c), hn::Set(du, d));
    const auto odd4 = philoxEvenLanes(du, keys, odd, hn::Set(du, b), hn::Set(du, c), hn::Set(du, d));
    FourVectors<VU> words;
    for (int i = 0; i < 4; ++i)
        words.v[i] = hn::OddEven(hn::BitCast(du, hn::ShiftLeft<32>(hn::BitCast(du64, odd4.v[i]))), even4.v[i]);
    return words;
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
