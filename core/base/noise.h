// SPDX-License-Identifier: Apache-2.0
#pragma once
// Randomness as a function of indices, not of history: Philox4x32-10 (Salmon et al., SC 2011) keyed by a seed and a
// stream name, counted by up to four indices. Any thread, any order, any rerun gives the same noise.

#include <array>
#include <cstdint>

namespace core {

/// What a stream of noise is for; two purposes never share numbers.
enum class NoisePurpose : std::uint32_t { Test, Split, Shuffle, CellVariation, StuckCell, ConverterOffset, ReadNoise, ConversionNoise, Drift, Initialization, SumRounding };

class NoiseStream {
public:
    NoiseStream(std::uint64_t seed, NoisePurpose purpose) : m_seed(seed), m_purpose(purpose) {}

    struct Counter { std::uint32_t a = 0, b = 0, c = 0; };   // e.g. layer, tile, element

    std::array<std::uint32_t, 4> words(Counter counter) const;
    /// Four uniforms in the open interval (0, 1), multiples of 2^-32 plus 2^-33.
    std::array<double, 4> uniforms(Counter counter) const;
    /// Four independent unit Gaussians by Box-Muller.
    std::array<float, 4> gaussians(Counter counter) const;

private:
    std::uint64_t m_seed;
    NoisePurpose m_purpose;
};

}  // namespace core
