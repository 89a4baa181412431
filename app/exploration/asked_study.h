// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A question about the present plan that is asked off the GUI thread when a person wants to know, and told bit by bit. A plan
// that moves on comes first: the question is stopped, and what was known stays, marked.

#include "app/exploration/study.h"

namespace app {

/// Figures say themselves whether they are all there: `isPartial`.
template <class Figures>
class AskedStudy : public Study {
public:
    struct Known {
        using State = StudyState;
        StudyState state = StudyState::Nothing;
        bool isOld = false;                      // the plan is not the one that was asked about any more
        std::shared_ptr<const Figures> figures;  // as far as known; null: nothing yet
        QString problem;                         // of Failed
        bool isUnderWay() const { return app::isUnderWay(state); }
    };
    const Known& study() const { return m_known; }
    double fraction() const { return m_asking.progress().fraction; }  // of the work, 0 ... 1
    bool isBusy() const override { return m_known.isUnderWay(); }

    /// Waits for the evaluation's end, then asks; an older question is dropped.
    void measure()
    {
        if (!exploration().isOpen())
            return;
        m_asking.stop();
        m_known = {};
        m_known.state = StudyState::Waiting;
        m_plan = unnamedPlan();
        m_layers = exploration().source().layers;
        m_settings = exploration().settings();
        emit changed();
        look();
    }
    /// What is known so far stays, marked partial.
    void stop()
    {
        if (!m_known.isUnderWay())
            return;
        m_asking.stop();  // its answer arrives and finds nobody waiting
        show(StudyState::Stopped, m_known.figures);
    }

protected:
    using Tell = std::function<void(const Figures&)>;
    using Ask = std::function<core::Result<Figures>(const core::RunControl&, const Tell&)>;

    AskedStudy(Exploration& exploration, QObject* parent) : Study(exploration, parent)
    {
        connect(&exploration, &Exploration::planChanged, this, [this] { look(); });
        connect(&exploration, &Exploration::subjectChanged, this, [this] { look(); });
        connect(&exploration, &Exploration::settingsChanged, this, [this] { look(); });
        connect(&exploration, &Exploration::questionAsked, this, [this] { stop(); });  // the accuracy of the plan comes first
        connect(&exploration, &Exploration::jobStateChanged, this, [this] { look(); });
        connect(&exploration, &Exploration::stopAsked, this, [this] {
            if (m_asking.isRunning())
                stop();
        });
        connect(&m_asking, &JobRunner::stateChanged, this, [this] {
            this->exploration().setBeside(this, m_asking.isRunning());
            emit progressed();
            look();
        });
        connect(&m_asking, &JobRunner::failed, this, [this](const core::Problem& problem) {
            if (m_known.state == StudyState::Running)
                show(StudyState::Failed, m_known.figures, textOf(problem));
        });
    }

    /// How the present plan is asked about, on another thread; empty: what is open cannot answer.
    virtual Ask asking() const = 0;

private:
    core::PrecisionPlan unnamedPlan() const
    {
        core::PrecisionPlan plan = exploration().plan();
        plan.name.clear();
        return plan;
    }
    void show(StudyState state, std::shared_ptr<const Figures> figures, const QString& problem = {})
    {
        m_known.state = state;
        m_known.figures = std::move(figures);
        m_known.problem = problem;
        emit changed();
    }
    void look()
    {
        if (m_known.state == StudyState::Nothing)
            return;
        if (m_layers != exploration().source().layers) {  // another network: the figures mean nothing here
            m_asking.stop();
            m_known = {};
            emit changed();
            return;
        }
        const bool isOld = m_plan != unnamedPlan() || m_settings != exploration().settings();
        if (isOld && m_known.isUnderWay())
            stop();
        if (isOld != m_known.isOld) {
            m_known.isOld = isOld;
            emit changed();
        }
        if (m_known.state == StudyState::Waiting && !m_asking.isRunning() && isExplorationQuiet())
            ask();
    }
    void ask()
    {
        Ask question = asking();
        if (!question)
            return show(StudyState::Failed, {}, notOffered());
        show(StudyState::Running, {});
        m_asking.start(
            [this, question = std::move(question)](const core::RunControl& control, const JobRunner::Tell& tell) -> JobRunner::Answer {
                auto answer = question(control, [&](const Figures& known) {
                    tell([this, figures = std::make_shared<const Figures>(known)] {
                        if (m_known.state == StudyState::Running)
                            show(StudyState::Running, figures);
                    });
                });
                return [this, answer = std::move(answer)] {
                    if (m_known.state != StudyState::Running)
                        return;  // stopped: what was told by then is on show
                    if (!answer)
                        return show(StudyState::Failed, m_known.figures, textOf(answer.error()));
                    const auto figures = std::make_shared<const Figures>(answer.value());
                    show(figures->isPartial ? StudyState::Stopped : StudyState::Done, figures);
                };
            });
    }

    Known m_known;
    core::PrecisionPlan m_plan;
    LayersPtr m_layers;
    EvaluationSettings m_settings;
    JobRunner m_asking;  // last, so that its thread is at rest before anything it answers to is gone
};

}  // namespace app
