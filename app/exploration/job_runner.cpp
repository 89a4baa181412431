// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/job_runner.h"

#include <QtConcurrent>

#include <exception>
#include <mutex>
#include <optional>

namespace app {

/// Where the worker leaves what the GUI thread has not seen yet. Each job has its own, so a job that has been
/// overtaken talks to nobody.
struct JobRunner::Mailbox {
    std::mutex mutex;
    Answer interim;
    std::optional<core::Progress> progress;
    std::optional<core::Problem> failure;
    bool announced = false; // the GUI thread has been told to look
};

JobRunner::JobRunner(QObject* parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(1); // an overtaken job is let out before the next one goes in
    m_frame.setSingleShot(true);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &JobRunner::deliver);
    connect(&m_watcher, &QFutureWatcherBase::finished, this, &JobRunner::finish);
}

JobRunner::~JobRunner()
{
    m_stop.request_stop();
    m_watcher.disconnect(this);
    m_pool.waitForDone();
}

void JobRunner::start(Job job)
{
    m_stop.request_stop();
    m_stop = std::stop_source{};
    m_mailbox = std::make_shared<Mailbox>();
    m_sinceDelivery.invalidate(); // the first estimate is shown at once
    m_frame.stop();
    m_progress = {};
    m_running = true;

    // The worker may call back after a newer job has started but never after the destructor, which waits for it.
    auto post = [this, mailbox = m_mailbox](auto&& leave) {
        {
            const std::scoped_lock lock(mailbox->mutex);
            leave(*mailbox);
            if (mailbox->announced)
                return;
            mailbox->announced = true;
        }
        QMetaObject::invokeMethod(this, &JobRunner::deliver, Qt::QueuedConnection);
    };
    m_watcher.setFuture(
        QtConcurrent::run(&m_pool, [job = std::move(job), token = m_stop.get_token(), mailbox = m_mailbox, post](QPromise<Answer>& out) {
            if (token.stop_requested()) { // overtaken, or stopped before it began
                out.addResult(Answer{});
                return;
            }
            core::RunControl control;
            control.stop = token;
            control.tell = [post](const core::Progress& progress) { post([&](Mailbox& box) { box.progress = progress; }); };
            const Tell tell = [post](Answer answer) { post([&](Mailbox& box) { box.interim = std::move(answer); }); };
            try {
                out.addResult(job(control, tell));
            } catch (const std::exception& error) {
                const std::scoped_lock lock(mailbox->mutex);
                mailbox->failure = core::Problem{"", std::string("the computation broke off: ") + error.what()};
                out.addResult(Answer{});
            }
        }));
    emit stateChanged();
}

void JobRunner::stop()
{
    if (!m_running || !m_stop.request_stop())
        return;
    emit stateChanged();
}

void JobRunner::deliver()
{
    if (!m_running || !m_mailbox)
        return;
    if (m_sinceDelivery.isValid()) {
        const std::chrono::milliseconds since(m_sinceDelivery.elapsed());
        if (since < kFrame) {
            if (!m_frame.isActive())
                m_frame.start(kFrame - since);
            return;
        }
    }
    Answer interim;
    std::optional<core::Progress> progress;
    {
        const std::scoped_lock lock(m_mailbox->mutex);
        m_mailbox->announced = false;
        interim = std::exchange(m_mailbox->interim, {});
        progress = std::exchange(m_mailbox->progress, {});
    }
    if (!interim && !progress)
        return; // an overtaken job rang
    if (interim)
        m_sinceDelivery.start();
    if (progress)
        m_progress = *progress;
    const auto mailbox = m_mailbox;
    if (interim)
        interim();
    if (progress && mailbox == m_mailbox)
        emit stateChanged();
}

void JobRunner::finish()
{
    const QFuture<Answer> future = m_watcher.future();
    std::optional<core::Problem> failure;
    if (m_mailbox) {
        const std::scoped_lock lock(m_mailbox->mutex);
        failure = std::exchange(m_mailbox->failure, {});
    }
    m_mailbox.reset();
    m_frame.stop();
    m_running = false;
    if (failure)
        emit failed(*failure);
    else if (future.resultCount() > 0)
        if (const Answer answer = future.result())
            answer(); // may start the next question
    emit stateChanged();
}

} // namespace app
