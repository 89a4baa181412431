// SPDX-License-Identifier: Apache-2.0
#include "core/formats/codebooks.h"

#include <cmath>
#include <set>

namespace core {

namespace {

std::vector<float> signedSums(const std::vector<float>& first, const std::vector<float>& second)
{
    std::set<float> sums;
    for (const float a : first)
        for (const float b : second)
            sums.insert({a + b, 0.0f - (a + b)});
    return {sums.begin(), sums.end()};
}

}  // namespace

std::vector<float> nf4Levels()
{
    return {-1.0f,
            static_cast<float>(-0.6961928009986877),
            static_cast<float>(-0.5250730514526367),
            static_cast<float>(-0.39491748809814453),
            static_cast<float>(-0.28444138169288635),
            static_cast<float>(-0.18477343022823334),
            static_cast<float>(-0.09105003625154495),
            0.0f,
            static_cast<float>(0.07958029955625534),
            static_cast<float>(0.16093020141124725),
            static_cast<float>(0.24611230194568634),
            static_cast<float>(0.33791524171829224),
            static_cast<float>(0.44070982933044434),
            static_cast<float>(0.5626170039176941),
            static_cast<float>(0.7229568362236023),
            1.0f};
}

std::vector<float> binaryLevels() { return {-1.0f, 1.0f}; }

std::vector<float> ternaryLevels() { return {-1.0f, 0.0f, 1.0f}; }

std::vector<float> powerOfTwoLevels(int bits)
{
    std::vector<float> powers{0.0f};
    for (int exponent = 0; exponent <= (1 << (bits - 1)) - 2; ++exponent)
        powers.push_back(std::ldexp(1.0f, -exponent));
    return signedSums(powers, {0.0f});
}

std::vector<float> sumOfTwoPowersLevels() { return signedSums({0.0f, 0.125f, 0.25f, 0.5f}, {0.0f, 0.5f}); }

std::vector<float> additivePowersOfTwoLevels() { return signedSums({0.0f, 0.0625f, 0.25f, 0.5f}, {0.0f, 0.125f}); }

std::vector<float> oddMultipleLevels(int bits)
{
    std::vector<float> levels;
    for (int odd = 1 - (1 << bits); odd < 1 << bits; odd += 2)
        levels.push_back(std::ldexp(static_cast<float>(odd), 1 - bits));
    return levels;
}

}  // namespace core
