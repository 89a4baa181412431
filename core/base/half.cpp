// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"

#include <Eigen/Core>

#include <bit>

namespace core {

Float16::Float16(float value) : bits(Eigen::numext::bit_cast<std::uint16_t>(Eigen::half(value))) {}

Float16::operator float() const { return static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(bits)); }

BFloat16::BFloat16(float value) : bits(Eigen::numext::bit_cast<std::uint16_t>(Eigen::bfloat16(value))) {}

BFloat16::operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

}  // namespace core
