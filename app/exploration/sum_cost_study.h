// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What mixing two formats of running sums is worth: the plan's layers with a componentwise rule, scored in the low format
// throughout, in the high one, and between - by tolerance, and with a fixed share of the rows - when a person wants to know.

#include "app/exploration/asked_study.h"

#include <array>

namespace app {

/// One way of adding up those layers, and what it gives.
struct SumCost {
    enum class Kind { Low, High, Tolerance, Rows };
    Kind kind = Kind::Low;
    double setting = 0;      // of Tolerance: the tolerance, in units of its condition; of Rows: their share
    bool isPresent = false;  // what the plan says
    core::PrecisionPlan plan = {};
    double cost = 1;        // in sums of the low format; the mean over those layers, each weighted by its multiplications
    double recomputed = 0;  // share of the components in a format above the low one, weighted likewise
    core::Proportion top1 = {};
    std::optional<double> outputSqnrDecibels = {};
    std::optional<core::PairedDifference> toHigh = {};  // minus the high format throughout, on the same samples
};

struct SumCosts {
    std::int64_t samples = 0;
    core::Proportion referenceTop1;
    double uniformCost = 2;  // of the high format throughout: what costs more does not pay
    std::vector<SumCost> ways;
    bool isPartial = true;
};

/// What the samples say of the ways that cost less than the high format throughout.
struct CheaperWays {
    int count = 0, compared = 0;        // all of them, those that were compared with it
    int told = 0;                       // that differ from it significantly
    const SumCost* cheapest = nullptr;  // of those not significantly below it; null: all are, or there are none
};
CheaperWays cheaperWays(const SumCosts& costs);

inline constexpr std::array kSweptTolerances{0.03, 0.1, 0.3, 0.5, 1.0};
inline constexpr std::array kSweptFullTolerances{2.0, 5.0, 10.0, 20.0, 50.0};  // of the full condition, which has no unit
inline constexpr std::array kSweptShares{0.1, 0.2, 0.4};

/// What is scored, in this order: the plan as it is, the low format, the high one, tolerances, shares. A third format's
/// tolerance keeps its ratio to the first. Empty where no layer has a componentwise rule.
std::vector<SumCost> sumWays(const core::PrecisionPlan& plan, const std::vector<core::WeightedLayer>& layers);

using AskedSumCosts = AskedStudy<SumCosts>;

class SumCostStudy : public AskedSumCosts {
    Q_OBJECT
public:
    static constexpr std::int64_t kSamples = 500;

    explicit SumCostStudy(Exploration& exploration, QObject* parent = nullptr) : AskedSumCosts(exploration, parent) {}

    bool hasRule() const;  // some layer of the present plan is summed by a componentwise rule
    std::int64_t samples() const { return m_samples; }
    void setSamples(std::int64_t samples) { m_samples = samples; }

private:
    Ask asking() const override;

    std::int64_t m_samples = kSamples;
};

}  // namespace app
