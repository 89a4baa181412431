// SPDX-License-Identifier: Apache-2.0
#pragma once
// The numbers of chips: chips of different seeds share nothing, and chip k of a seed is the same in every evaluation.

#include <cstdint>

namespace core {

inline constexpr std::uint64_t kChipsPerSeed = std::uint64_t{1} << 20;

/// chip: 1 for the first.
constexpr std::uint64_t chipNumber(std::uint64_t seed, int chip) { return seed * kChipsPerSeed + static_cast<std::uint64_t>(chip); }

/// Chip k of the seed that `chip` is of.
constexpr std::uint64_t siblingChip(std::uint64_t chip, int k) { return chip / kChipsPerSeed * kChipsPerSeed + static_cast<std::uint64_t>(k); }

/// Chips of that seed which no evaluation scores: a recovery path averaged over them is tested on others.
constexpr std::uint64_t fitChip(std::uint64_t chip, int k) { return siblingChip(chip, static_cast<int>(kChipsPerSeed / 2) + k); }

}  // namespace core
