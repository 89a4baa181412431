// SPDX-License-Identifier: Apache-2.0
#include "core/base/noise.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace core {

std::array<std::uint32_t, 4> NoiseStream::words(Counter counter) const
{
    const r123::Philox4x32::ctr_type count = {{counter.a, counter.b, counter.c, static_cast<std::uint32_t>(m_purpose)}};
    const r123::Philox4x32::key_type key = {{static_cast<std::uint32_t>(m_seed), static_cast<std::uint32_t>(m_seed >> 32)}};
    const auto drawn = r123::Philox4x32{}(count, key);
    return {drawn[0], drawn[1], drawn[2], drawn[3]};
}

std::array<double, 4> NoiseStream::uniforms(Counter counter) const
{
    const auto drawn = words(counter);
    std::array<double, 4> result{};
    for (std::size_t i = 0; i < 4; ++i)
        result[i] = (static_cast<double>(drawn[i]) + 0.5) * 0x1p-32;
    return result;
}

std::array<float, 4> NoiseStream::gaussians(Counter counter) const
{
    const auto u = uniforms(counter);
    std::array<float, 4> result{};
    for (std::size_t pair = 0; pair < 2; ++pair) {
        const double radius = std::sqrt(-2.0 * std::log(u[2 * pair]));
        const double angle = 2.0 * std::numbers::pi * u[2 * pair + 1];
        result[2 * pair] = static_cast<float>(radius * std::cos(angle));
        result[2 * pair + 1] = static_cast<float>(radius * std::sin(angle));
    }
    return result;
}

}  // namespace core
