// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How much the loss minds what the plan does to each layer, measured off the GUI thread while somebody looks and asked anew
// when the plan has moved on.

#include "app/exploration/exploration.h"
#include "app/exploration/study_state.h"

#include <QTimer>

#include <array>

namespace app {

/// The ways of core/learn/sensitivity.h, by their numbers.
enum class SensitivityMetric { Taylor = 1, Fisher, Probe, Curvature };
inline constexpr std::array kSensitivityMetrics{SensitivityMetric::Taylor, SensitivityMetric::Fisher, SensitivityMetric::Probe,
                                                SensitivityMetric::Curvature};
double sensitivityOf(const core::LayerSensitivity& layer, SensitivityMetric metric);

struct LayerSensitivities {
    StudyState state = StudyState::Nothing;
    bool isOld = false;          // `measured` is of the plan before
    bool withCurvature = false;  // metric 4 is among what was measured
    std::shared_ptr<const core::Sensitivities> measured;
    QString problem;  // of Failed
};

class SensitivityStudy : public QObject {
    Q_OBJECT
public:
    /// A knob that rests this long is settled.
    static constexpr std::chrono::milliseconds kRest{200};

    explicit SensitivityStudy(Exploration& exploration, QObject* parent = nullptr);
    ~SensitivityStudy() override;

    /// Metric 4 costs tens of gradients a layer and is measured for who looks at it; the others come together.
    void watch(SensitivityMetric metric);
    void unwatch();
    /// What is on show stays; nothing is measured until the plan moves on or somebody asks again.
    void stop();
    void askAgain();

    const LayerSensitivities& found() const { return m_found; }
    bool isBusy() const { return m_isWatched && isUnderWay(m_found.state); }

signals:
    void changed();

private:
    /// What an answer follows from.
    struct Key {
        LayersPtr layers;
        std::uint64_t seed = 0;
        std::vector<core::LayerTreatment> treatments;
        bool operator==(const Key&) const = default;
    };
    Key key() const;
    void look();
    void ask();
    void show(StudyState state, const QString& problem = {});

    Exploration& m_exploration;
    LayerSensitivities m_found;
    bool m_isWatched = false, m_wantsCurvature = false;
    Key m_key;                    // of the answer on show or under way
    bool m_keyCurvature = false;  // and whether metric 4 is part of it
    QTimer m_rest;
    JobRunner m_asking;  // last, so that its thread is at rest before anything it answers to is gone
};

}  // namespace app
