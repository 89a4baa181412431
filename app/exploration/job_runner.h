// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one bridge between core::RunControl and Qt: runs jobs off the GUI thread, one at a time, newest question first.
// Answers come back as functions that are called on the GUI thread, interim ones at most once per frame.

#include "core/base/problem.h"
#include "core/base/run_control.h"

#include <QElapsedTimer>
#include <QFutureWatcher>
#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>

namespace app {

class JobRunner : public QObject {
    Q_OBJECT
public:
    using Answer = std::function<void()>;
    using Tell = std::function<void(Answer)>;
    /// Runs on the pool. `tell` hands over an interim answer; of several in one frame only the newest is called.
    using Job = std::function<Answer(const core::RunControl& control, const Tell& tell)>;

    static constexpr std::chrono::milliseconds kFrame{16};

    explicit JobRunner(QObject* parent = nullptr);
    /// Asks the running job to stop and waits for it; its answers are dropped.
    ~JobRunner() override;

    /// A newer question: the running job is asked to stop and none of its answers is called any more.
    void start(Job job);
    /// Asks the running job to finish early; its answer (what was done so far) still arrives.
    void stop();

    bool isRunning() const { return m_running; }
    bool isStopping() const { return m_running && m_stop.stop_requested(); }
    core::Progress progress() const { return m_progress; }

signals:
    void stateChanged();                       // running, stopping, progress
    void failed(const core::Problem& problem); // the job threw

private:
    struct Mailbox;
    void deliver();
    void finish();

    QThreadPool m_pool;
    QFutureWatcher<Answer> m_watcher;
    std::shared_ptr<Mailbox> m_mailbox;
    std::stop_source m_stop{std::nostopstate};
    QTimer m_frame;
    QElapsedTimer m_sinceDelivery;
    core::Progress m_progress;
    bool m_running = false;
};

} // namespace app
