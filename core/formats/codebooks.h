// SPDX-License-Identifier: Apache-2.0
#pragma once
// The published codebooks, as lists of levels in ascending order. Each is exact in float but NF4, whose levels are the
// floats nearest to its published decimals.

#include <vector>

namespace core {

std::vector<float> nf4Levels();                      // 16: 7 negative, zero, 8 positive; QLoRA (Dettmers et al., 2023)
std::vector<float> binaryLevels();                   // -1, 1
std::vector<float> ternaryLevels();                  // -1, 0, 1
std::vector<float> powerOfTwoLevels(int bits);       // 0 and +-2^-e, e = 0 ... 2^(bits-1) - 2
std::vector<float> sumOfTwoPowersLevels();           // sp2-4: +-(q1 + q2), q1 of {0, 1/8, 1/4, 1/2}, q2 of {0, 1/2}; MSQ
std::vector<float> additivePowersOfTwoLevels();      // apot4: +-(q1 + q2), q1 of {0, 1/16, 1/4, 1/2}, q2 of {0, 1/8}; APoT
std::vector<float> oddMultipleLevels(int bits);      // (2k + 1 - 2^bits) 2^(1-bits), k = 0 ... 2^bits - 1; no zero; SMOL

}  // namespace core
