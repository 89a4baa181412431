// SPDX-License-Identifier: Apache-2.0
#pragma once
// Does the ledger with its prices say of published machines what was published of them? Each point tells what the model was
// given, so that nobody takes a figure that was put in for one that came out.

#include "core/energy/bill.h"

#include <optional>
#include <string>
#include <vector>

namespace core {

enum class CheckKind {
    Composed,    // the machine's own breakdown and geometry are put in; checked is that they add up to its headline
    Predicted,   // calibrated at one published point, checked at another
    Computed,    // from prices that know nothing of this machine
    Arithmetic   // a figure worked out by hand elsewhere, worked out again by ledger and prices
};
std::string_view checkKindName(CheckKind kind);   // "composed", "predicted", "computed", "arithmetic"

struct CheckedPoint {
    std::string subject, point, unit;     // "Jia, JSSC 2020", "1b x 1b, 0.85 V", "TOPS/W"
    double model = 0, published = 0;
    CheckKind kind = CheckKind::Composed;
    /// The larger over the smaller of the two is at most this. None: the model does not explain the point, `remark` says
    /// what is missing; it is told all the same.
    std::optional<double> factor;
    std::string inputs, remark;
    double error() const { return model / published - 1; }
    bool isExplained() const;             // within the factor
    bool fails() const { return factor && !isExplained(); }
};

/// A published figure nobody can check by a model from what we know of it.
struct UncheckedPoint { std::string subject, figure, reason; };
std::vector<UncheckedPoint> uncheckedPoints();

/// `tables` must hold 45nm, 7nm, 28nm-cim and 65nm-cim; a missing one is a problem.
Result<std::vector<CheckedPoint>> energySelfCheck(const std::vector<PriceTable>& tables);

}  // namespace core
