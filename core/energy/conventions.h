// SPDX-License-Identifier: Apache-2.0
#pragma once
// One efficiency, said in several ways. TOPS/W means nothing without what is an operation, of how many bits, and what is paid:
// here a figure travels with its convention, and is converted by arithmetic alone.

#include "core/base/problem.h"

#include <optional>
#include <string>

namespace core {

struct EfficiencyConvention {
    int operationsPerMac = 2;                  // 1: a multiply-accumulate is one operation; 2: a product and an addition
    double weightBits = 8, activationBits = 8; // of the operation that is counted
    bool includesMemory = true;
    bool operator==(const EfficiencyConvention&) const = default;
    std::string text() const;                  // "2 operations a MAC, 8b x 8b, with memory"
};

struct EfficiencyFigure {
    double topsPerWatt = 0;
    EfficiencyConvention convention;
    double femtojoulesPerMac() const { return topsPerWatt > 0 ? 1000.0 * convention.operationsPerMac / topsPerWatt : 0.0; }
};

/// What the conversion between bits takes for granted: b x c bits are b c products of one bit (bit-serial machines, one
/// conversion a plane pair). Exact for such a machine's array and converters, a rule of thumb for any other.
///   operations  times to / from
///   bits        times (from.weightBits x from.activationBits) / (to ...)
///   memory      `memoryShare` is memory's part of the energy with memory: without it, divided by 1 - share; with it, times that
/// A problem where a number is not positive, the share is not in [0, 1), or memory changes and no share is given.
Result<EfficiencyFigure> converted(const EfficiencyFigure& figure, const EfficiencyConvention& to, std::optional<double> memoryShare = {});

}  // namespace core
