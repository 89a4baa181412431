// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The current layer's array under a probe: asked off the GUI thread while somebody looks, anew when the plan has moved on.

#include "app/exploration/exploration.h"
#include "app/exploration/study_state.h"

#include <QTimer>

namespace app {

struct ArrayProbe {
    StudyState state = StudyState::Nothing;
    bool isOld = false;   // `view` is of the plan before
    std::shared_ptr<const core::ArrayView> view;
    QString problem;      // of Failed
};

class ArrayStudy : public QObject {
    Q_OBJECT
public:
    /// A knob that rests this long is settled.
    static constexpr std::chrono::milliseconds kRest{120};

    explicit ArrayStudy(Exploration& exploration, QObject* parent = nullptr);
    ~ArrayStudy() override;

    void watch();
    void unwatch();
    /// Along the layer's inputs, from 0.
    void setTile(std::int64_t tile);
    const ArrayProbe& found() const { return m_found; }

signals:
    void changed();

private:
    /// What an answer follows from.
    struct Key {
        LayersPtr layers;
        core::LayerIndex layer;
        std::int64_t tile = 0;
        std::uint64_t seed = 0;
        core::LayerTreatment treatment;
        bool operator==(const Key&) const = default;
    };
    Key key() const;
    void look();
    void ask();
    void show(StudyState state, const QString& problem = {});

    Exploration& m_exploration;
    ArrayProbe m_found;
    bool m_isWatched = false;
    std::int64_t m_tile = 0;
    Key m_key;   // of the answer on show or under way
    QTimer m_rest;
    JobRunner m_asking;   // last, so that its thread is at rest before anything it answers to is gone
};

}  // namespace app
