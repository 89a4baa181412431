// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a technology's prices are paid on: how much of everything works at once, and what room it takes. For estimates of
// time and area (core/energy/estimates.h); a price table without one estimates neither.

#include <string>
#include <string_view>

namespace core {

/// Measured: published of a circuit, and seen there. Recalled: quoted from a publication, not checked against it again.
/// Model: computed by a formula the source names. Estimated: somebody's guess, the source says whose.
enum class Confidence { Measured, Recalled, Model, Estimated };
std::string_view confidenceName(Confidence confidence);   // "measured", "recalled", "model", "estimated"

struct AcceleratorAreas {
    double multiplier = 0;   // square micrometres: an 8 x 8-bit multiplier with its adder
    double converter = 0;    // an 8-bit one; others ~ 2^bits (Accelergy)
    double arrayCell = 0;
    double memoryBit = 0;    // of static memory, with its share of decoders and amplifiers
    bool operator==(const AcceleratorAreas&) const = default;
};

struct Accelerator {
    std::string title;
    double clockMegahertz = 0;
    double multipliers = 0;              // 8 x 8-bit products with their additions a cycle; b x c bits take b c / 64 as long
    double functionLanes = 0;            // comparisons, look-ups and float additions or products of functions a cycle
    double onChipKilobytes = 0;          // for weights; beyond it they come from DRAM at every inference. 0: without end
    double onChipBitsPerCycle = 0;
    double dramGigabytesPerSecond = 0;
    double converters = 0;               // at work at once
    double conversionNanoseconds = 0;    // of 8 bits; others ~ their bits (ZigZag: one step of a search a bit)
    AcceleratorAreas areas;
    std::string source;
    Confidence confidence = Confidence::Estimated;
    bool operator==(const Accelerator&) const = default;
};

}  // namespace core
