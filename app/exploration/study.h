// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What questions beside the scoring of plans have in common: somebody may wait for them, and what is known of them changes.

#include "app/exploration/exploration.h"
#include "app/exploration/study_state.h"

namespace app {

class Study : public QObject {
    Q_OBJECT
public:
    /// Somebody waits for an answer that is under way.
    virtual bool isBusy() const = 0;

signals:
    void changed();     // what is known, or how far it is
    void progressed();  // the work under way

protected:
    Study(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration) {}

    Exploration& exploration() const { return m_exploration; }
    /// What a person turns comes before what a person reads.
    bool isExplorationQuiet() const { return m_exploration.flaws().empty() && m_exploration.jobState().isIdle(); }
    static QString notOffered() { return tr("What is open here cannot answer this question."); }
    static QString textOf(const core::Problem& problem) { return QString::fromStdString(problem.text()); }

private:
    Exploration& m_exploration;
};

}  // namespace app
