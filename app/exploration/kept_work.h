// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Work is kept: plan and names are written as a person goes, under a lock that ends with the program. A file whose lock
// nobody holds any more was left by a crash and is offered again.

#include "core/plan/precision_plan.h"

#include <QLockFile>
#include <QObject>
#include <QStringList>
#include <QThreadPool>
#include <QTimer>

#include <memory>
#include <optional>

namespace app {

struct KeptWork {
    std::string network, dataset;  // as `polar` would be told
    core::PrecisionPlan plan;
    bool operator==(const KeptWork&) const = default;
};

class WorkKeeper : public QObject {
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kRest{400};  // quiet time before a change is written

    /// `folder` is made if it is missing: QStandardPaths::AppDataLocation + "/kept" in the program.
    explicit WorkKeeper(const QString& folder, QObject* parent = nullptr);
    /// A clean end: the file goes, unless it is to be left for the next time.
    ~WorkKeeper() override;

    /// The newest work left behind, by a crash or on purpose. It stays on disk until it is forgotten.
    std::optional<KeptWork> leftBehind();
    /// The offer was taken or declined: what leftBehind() found goes.
    void forgetLeftBehind();
    void keep(const KeptWork& work);
    /// The window closes over edits nobody saved: they are offered again at the next start.
    void leaveBehind();
    /// Writes now what waits to be written, and returns when it is on disk.
    void flush();

private:
    void write();

    QString m_folder, m_file;
    QStringList m_left;  // files whose owners are gone
    std::unique_ptr<QLockFile> m_lock;
    std::optional<KeptWork> m_waiting;
    bool m_leave = false;
    QTimer m_rest;
    QThreadPool m_writer;
};

}  // namespace app
