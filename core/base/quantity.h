// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers with a unit. One storage unit per dimension; people get prefixes where text is made.

#include <compare>

namespace core {

template <class Tag>
class Quantity {
public:
    constexpr Quantity() = default;
    constexpr explicit Quantity(double value) : m_value(value) {}
    constexpr double value() const { return m_value; }
    constexpr auto operator<=>(const Quantity&) const = default;
    constexpr Quantity& operator+=(Quantity other) { m_value += other.m_value; return *this; }
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.m_value + b.m_value); }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.m_value - b.m_value); }
    friend constexpr Quantity operator*(Quantity a, double factor) { return Quantity(a.m_value * factor); }
    friend constexpr Quantity operator*(double factor, Quantity a) { return a * factor; }
    friend constexpr Quantity operator/(Quantity a, double divisor) { return Quantity(a.m_value / divisor); }
    friend constexpr double operator/(Quantity a, Quantity b) { return a.m_value / b.m_value; }

private:
    double m_value = 0.0;
};

using Picojoules = Quantity<struct PicojoulesTag>;
using Microsiemens = Quantity<struct MicrosiemensTag>;
using Decibels = Quantity<struct DecibelsTag>;
using Bits = Quantity<struct BitsTag>;

}  // namespace core
