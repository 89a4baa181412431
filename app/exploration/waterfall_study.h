// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What each imperfection of the plan's arrays costs, asked when a person wants to know.

#include "app/exploration/asked_study.h"

#include <optional>

namespace app {

using AskedWaterfall = AskedStudy<core::NoiseWaterfall>;
using NoiseStudy = AskedWaterfall::Known;

class WaterfallStudy : public AskedWaterfall {
    Q_OBJECT
public:
    /// Enough to tell effects of a point from luck, few enough to wait for.
    static constexpr std::int64_t kSamples = 1000;
    static constexpr int kFewestChips = 4;

    explicit WaterfallStudy(Exploration& exploration, QObject* parent = nullptr) : AskedWaterfall(exploration, parent) {}

    /// Some layer of the present plan is computed in an array.
    bool hasArrays() const;
    /// The chips and samples that measure() would ask for: those of the evaluation, but not fewer than kFewestChips nor more than
    /// kSamples, until a person says otherwise.
    core::WaterfallRequest request() const;
    void setSamples(std::int64_t samples) { m_samples = samples; }
    void setChips(int chips) { m_chips = chips; }

private:
    Ask asking() const override;

    std::optional<std::int64_t> m_samples;
    std::optional<int> m_chips;
};

}  // namespace app
