// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every dock's content has in common: it shows an exploration, refreshes once per turn of the event loop however
// much changed, and while it is hidden only remembers that it is stale.

#include "app/exploration/exploration.h"

#include <QFlags>
#include <QTimer>
#include <QWidget>

#include <optional>
#include <type_traits>

namespace app {

class Panel : public QWidget {
    Q_OBJECT
public:
    enum Change { Subject = 1, Plan = 2, Report = 4, Selected = 8, Settings = 16, Everything = 31 };
    Q_DECLARE_FLAGS(Changes, Change)

    bool isStale() const { return m_stale != Changes(); }

protected:
    /// `watched`: what this panel shows; a new subject always counts.
    Panel(Exploration& exploration, Changes watched, const QString& objectName, QWidget* parent);

    /// Shows the exploration as it is now; `changes` says what moved since the last time.
    virtual void refresh(Changes changes) = 0;

    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

    Exploration& exploration() const { return m_exploration; }
    /// The gesture under way; the default one between gestures.
    Gesture gesture() const { return m_gesture; }
    /// One drag of a knob or dial is one undo step.
    template <class Knob>
    void followGestures(Knob* knob)
    {
        connect(knob, &Knob::gestureBegun, this, [this] { m_gesture = Gesture::begin(); });
        connect(knob, &Knob::gestureEnded, this, [this] { m_gesture = {}; });
    }
    /// "conv1", "conv1 and 2 more", "every layer (5)": where edits go.
    QString editedLayersText() const;

private:
    void mark(Change change);
    void freshen();

    Exploration& m_exploration;
    Changes m_watched;
    Changes m_stale = Everything;
    Gesture m_gesture;
    QTimer m_soon;
};

Q_DECLARE_OPERATORS_FOR_FLAGS(Panel::Changes)

/// What all edited layers agree on; empty: they do not (or there is none).
template <class Read, class T = std::decay_t<std::invoke_result_t<Read, const core::LayerTreatment&>>>
std::optional<T> commonValue(const Exploration& exploration, const Read& read)
{
    std::optional<T> common;
    for (const core::LayerIndex layer : exploration.editedLayers()) {
        T value = read(exploration.treatment(layer));
        if (common && *common != value)
            return {};
        common = std::move(value);
    }
    return common;
}

} // namespace app
