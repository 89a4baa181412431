// SPDX-License-Identifier: Apache-2.0
#pragma once
// Time and room by the same ledger that makes the bill. Models all of them: no control, no waiting between layers, nothing
// overlapped across layers. Each says what it is made of.

#include "core/energy/bill.h"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace core {

using Seconds = std::chrono::duration<double>;

/// What a layer waits for.
enum class Bottleneck { Multipliers, Converters, OnChipMemory, Dram, Functions };
inline constexpr std::array kBottlenecks{Bottleneck::Multipliers, Bottleneck::Converters, Bottleneck::OnChipMemory, Bottleneck::Dram,
                                         Bottleneck::Functions};
std::string_view bottleneckName(Bottleneck bottleneck);   // "multipliers", "converters", "on-chip memory", "DRAM", "functions"

struct LayerLatency {
    LayerIndex layer;
    std::array<Seconds, kBottlenecks.size()> busy{};   // each resource alone
    Seconds time() const;                              // the longest: all work at once
    Bottleneck bottleneck() const;
};

struct LatencyEstimate {
    std::string device, source;
    Confidence confidence = Confidence::Estimated;
    std::vector<LayerLatency> layers;                  // by LayerIndex
    Seconds time() const;                              // one layer after another
};

/// The roofline of the device. Products of b x c bits take b c / 64 of an 8-bit multiplier's cycle, shifts b / 64, additions ride
/// along with them; a recovery path uses the same multipliers after the main path. A conversion of b bits takes b / 8 of an
/// 8-bit one. A resource the device does not have is no limit.
LatencyEstimate latencyOf(const Ledger& ledger, const Accelerator& device, std::size_t layers);

/// What has to be there: cells of all arrays, converters, multipliers, bits of weights.
struct AreaDemand { double arrayCells = 0, weightBits = 0, converterBits = 0; bool hasDigitalProducts = true; };

struct AreaEstimate {
    double arrayCells = 0, converters = 0, multipliers = 0, weightMemory = 0;   // square millimetres
    double total() const { return arrayCells + converters + multipliers + weightMemory; }
};

AreaEstimate areaOf(const AreaDemand& demand, const Accelerator& device);

/// RMSMP's machine (arXiv 2111.00153): rows of powers of two run as shifts on the fabric of an FPGA, rows of integers on its
/// multipliers, both at once. A layer takes max(shifts / shiftRate, products / productRate) where a product of b-bit
/// weights counts b / 4. Clock 100 MHz; two 4-bit products a DSP slice and cycle (model); the fabric's rate is the one at
/// which the published ratio of rows balances both.
struct ShiftMachine {
    std::string_view name;
    int slices = 0, lookupTables = 0;
    double productRate = 0, shiftRate = 0;             // 4-bit products, shifts a second
};
const std::array<ShiftMachine, 2>& shiftMachines();    // XC7Z020, 60:35:5, and XC7Z045, 65:30:5

struct ShiftMachineEstimate {
    std::string machine;
    Seconds time{0}, multipliersOnly{0};               // the second: the same weights, all of them 4-bit products
    double speedUp() const { return time.count() > 0 ? multipliersOnly / time : 0.0; }
};

/// Nothing where the main path of some layer is neither integers nor shifts.
std::optional<ShiftMachineEstimate> timeOn(const ShiftMachine& machine, const Ledger& ledger);

/// SySMOL's vector words (arXiv 2311.14114): n_p products of p bits fill ceil(n_p p / 128) instructions of 128 bits an output.
struct WordCount {
    LayerIndex layer;
    double words = 0, wordsInt8 = 0;                   // an inference; the second: all at 8 bits
    double speedUp() const { return words > 0 ? wordsInt8 / words : 0.0; }
};
inline constexpr double kVectorWordBits = 128;

/// What a report holds of all this.
struct Estimates {
    std::optional<LatencyEstimate> latency;            // where the technology names a device
    std::optional<AreaEstimate> area;
    std::vector<ShiftMachineEstimate> shiftMachines;   // where they can run the plan
    std::vector<WordCount> words;                      // of layers whose products are integers
};

}  // namespace core
