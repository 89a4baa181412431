// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A question about the present plan that is asked off the GUI thread while somebody looks at its answer, and anew when what the
// answer follows from has changed. It waits until knobs rest and the evaluation has ended.

#include "app/exploration/study.h"

#include <QTimer>

namespace app {

/// Question: all that an answer follows from; equal questions have one answer.
template <class Question, class Answer>
class WatchedStudy : public Study {
public:
    /// A knob that rests this long is settled.
    static constexpr std::chrono::milliseconds kRest{120};

    struct Found {
        StudyState state = StudyState::Nothing;
        bool isOld = false;  // `answer` is of the plan before
        std::shared_ptr<const Answer> answer;
        QString problem;  // of Failed
    };
    const Found& found() const { return m_found; }

    void watch()
    {
        m_isWatched = true;
        look();
    }
    void unwatch()
    {
        m_isWatched = false;
        m_asking.stop();
        if (isUnderWay(m_found.state))
            show(StudyState::Nothing);
    }
    bool isBusy() const override { return m_isWatched && isUnderWay(m_found.state); }

protected:
    using Ask = std::function<core::Result<Answer>(const core::RunControl&)>;
    /// What the answer to an earlier question is worth while a later one is asked: as good, of the plan before, or nothing.
    enum class Worth { Same, Old, None };

    WatchedStudy(Exploration& exploration, QObject* parent) : Study(exploration, parent)
    {
        m_rest.setSingleShot(true);
        m_rest.setInterval(kRest);
        const auto moved = [this] {
            m_rest.start();
            look();
        };
        connect(&m_rest, &QTimer::timeout, this, [this] { look(); });
        connect(&exploration, &Exploration::planChanged, this, moved);
        connect(&exploration, &Exploration::subjectChanged, this, moved);
        connect(&exploration, &Exploration::settingsChanged, this, moved);
        connect(&exploration, &Exploration::selectionChanged, this, [this] { look(); });
        connect(&exploration, &Exploration::jobStateChanged, this, [this] { look(); });
        connect(&m_asking, &JobRunner::stateChanged, this, [this] {
            emit progressed();
            look();
        });
        connect(&m_asking, &JobRunner::failed, this, [this](const core::Problem& problem) {
            if (m_found.state == StudyState::Running)
                show(StudyState::Failed, textOf(problem));
        });
    }

    /// What is asked now; empty: there is nothing to ask about.
    virtual std::optional<Question> question() const = 0;
    /// How it is asked, on another thread; empty: what is open cannot answer.
    virtual Ask asking(const Question& question) const = 0;
    /// Of another network, or another layer where one layer is asked about: nothing.
    virtual Worth worth(const Question& before, const Question& now) const
    {
        bool isAlike = before.layers == now.layers;
        if constexpr (requires { before.layer; })
            isAlike = isAlike && before.layer == now.layer;
        return isAlike ? Worth::Old : Worth::None;
    }

    const std::optional<Question>& asked() const { return m_asked; }  // last: its answer is on show or under way
    bool isAsking() const { return m_asking.isRunning(); }
    void look()
    {
        if (!m_isWatched)
            return;
        const std::optional<Question> wanted = question();
        if (!wanted) {
            forget();
            return;
        }
        if (wanted != m_asked || m_found.state == StudyState::Nothing)
            take(*wanted);
        if (m_found.state == StudyState::Waiting && !m_rest.isActive() && !m_asking.isRunning() && isExplorationQuiet())
            ask();
    }
    void stopAsking() { m_asking.stop(); }
    void show(StudyState state, const QString& problem = {})
    {
        m_found.state = state;
        m_found.problem = problem;
        emit changed();
    }

private:
    void forget()
    {
        m_asking.stop();
        m_asked.reset();
        const bool isForgotten = m_found.state == StudyState::Nothing && !m_found.answer;
        m_found = {};
        if (!isForgotten)
            emit changed();
    }
    void take(const Question& wanted)
    {
        m_asking.stop();
        const Worth left = m_asked ? worth(*m_asked, wanted) : Worth::None;
        if (left == Worth::None)
            m_found.answer.reset();
        m_found.isOld = m_found.answer && (m_found.isOld || (wanted != *m_asked && left == Worth::Old));
        m_asked = wanted;
        show(StudyState::Waiting);
    }
    void ask()
    {
        Ask question = asking(*m_asked);
        if (!question)
            return show(StudyState::Failed, notOffered());
        show(StudyState::Running);
        m_asking.start([this, question = std::move(question), asked = m_asked](const core::RunControl& control,
                                                                               const JobRunner::Tell&) -> JobRunner::Answer {
            auto answer = question(control);
            return [this, asked, isWhole = !control.stopped(), answer = std::move(answer)] {
                if (!isWhole || m_found.state != StudyState::Running || asked != m_asked)
                    return;  // stopped, or the plan has moved on
                m_found.isOld = false;
                m_found.answer = answer ? std::make_shared<const Answer>(answer.value()) : nullptr;
                answer ? show(StudyState::Done) : show(StudyState::Failed, textOf(answer.error()));
            };
        });
    }

    Found m_found;
    bool m_isWatched = false;
    std::optional<Question> m_asked;
    QTimer m_rest;
    JobRunner m_asking;  // last, so that its thread is at rest before anything it answers to is gone
};

}  // namespace app
