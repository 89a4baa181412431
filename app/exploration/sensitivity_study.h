// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How much the loss minds what the plan does to each layer, measured while somebody looks.

#include "app/exploration/watched_study.h"

#include <array>

namespace app {

/// The ways of core/learn/sensitivity.h, by their numbers.
enum class SensitivityMetric { Taylor = 1, Fisher, Probe, Curvature };
inline constexpr std::array kSensitivityMetrics{SensitivityMetric::Taylor, SensitivityMetric::Fisher, SensitivityMetric::Probe,
                                                SensitivityMetric::Curvature};
double sensitivityOf(const core::LayerSensitivity& layer, SensitivityMetric metric);

struct SensitivityQuestion {
    LayersPtr layers;
    std::uint64_t seed = 0;
    std::vector<core::LayerTreatment> treatments;
    bool withCurvature = false;  // metric 4 is among what is measured
    bool operator==(const SensitivityQuestion&) const = default;
};

struct MeasuredSensitivities : core::Sensitivities {
    bool withCurvature = false;
};

using WatchedSensitivities = WatchedStudy<SensitivityQuestion, MeasuredSensitivities>;
using LayerSensitivities = WatchedSensitivities::Found;

class SensitivityStudy : public WatchedSensitivities {
    Q_OBJECT
public:
    explicit SensitivityStudy(Exploration& exploration, QObject* parent = nullptr);

    /// Metric 4 costs tens of gradients a layer and is measured for who looks at it; the others come together.
    void watch(SensitivityMetric metric);
    /// What is on show stays; nothing is measured until the plan moves on or somebody asks again.
    void stop();
    void askAgain();

private:
    std::optional<SensitivityQuestion> question() const override;
    Ask asking(const SensitivityQuestion& question) const override;
    Worth worth(const SensitivityQuestion& before, const SensitivityQuestion& now) const override;

    bool m_wantsCurvature = false;
};

}  // namespace app
