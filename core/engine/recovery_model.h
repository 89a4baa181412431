// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a recovery path of some rank leaves of a main path's efficiency: our model of the published 464 TOPS/W, and the
// ceiling a path sets even if the main path were free. Both count by the layer ledger.

#include "core/energy/bill.h"
#include "core/network/weighted_layer.h"
#include "core/plan/surrogate_plan.h"

namespace core {

/// NPP's abstract says about 464 TOPS/W with rank-8 recovery and gives no breakdown. 1602 TOPS/W is the same group's
/// converter-free bit-plane crossbar (8-bit inputs, 0.8 V); 49 fJ an operation of the path lands on 464 for layers of
/// 512 x 512. A calibration, not their split.
struct RecoveryModel {
    double mainTopsPerWatt = 1602;
    double recoveryFemtojoulesPerOperation = 49;   // 2 operations a MAC
};
inline constexpr double kPublishedNppTopsPerWatt = 464;

struct LayerShape { int rows = 512, columns = 512; };

/// Main path and recovery of one inner product a row, as a bill: `macs` are the main path's.
EnergyBill modelBill(const LayerShape& shape, int rank, const RecoveryModel& model = {});

/// TOPS/W (2 operations a main MAC) where only the recovery path of this rank and format costs anything; a path of rank 0
/// has no ceiling (infinity).
Result<double> rankCeiling(const LayerShape& shape, int rank, const NumberFormat& format, const PriceTable& prices);

}  // namespace core
