// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/kept_work.h"

#include "core/io/json_documents.h"
#include "core/io/stored_paths.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QUuid>

namespace app {
namespace {

constexpr auto kSchema = "polarizer.work/1";
constexpr qint64 kLargestFile = 16 << 20;  // a plan of every row of a large network is a few MB

QByteArray toJson(const KeptWork& work)
{
    const nlohmann::ordered_json document{
        {"schema", kSchema}, {"network", work.network}, {"dataset", work.dataset}, {"plan", core::planToJson(work.plan)}};
    return QByteArray::fromStdString(document.dump(1));
}

/// Where the trained paths of kept work lie.
QString pathsOf(const QString& file) { return file + QStringLiteral(".paths"); }

void forget(const QString& file)
{
    QFile::remove(file);
    QDir(pathsOf(file)).removeRecursively();
}

std::optional<KeptWork> fromJson(const QByteArray& text, const QString& paths)
{
    const auto document = nlohmann::ordered_json::parse(text.begin(), text.end(), nullptr, false);
    if (!document.is_object() || document.value("schema", nlohmann::ordered_json()) != kSchema || !document.contains("plan"))
        return {};
    const auto network = document.find("network"), dataset = document.find("dataset");
    if (network == document.end() || !network->is_string() || dataset == document.end() || !dataset->is_string())
        return {};
    auto plan = core::planFromJson(document.at("plan"), QFileInfo::exists(paths) ? paths.toStdString() : std::string());
    if (!plan)
        return {};
    return KeptWork{network->get<std::string>(), dataset->get<std::string>(), std::move(plan).value()};
}

QString lockOf(const QString& file) { return file + QStringLiteral(".lock"); }

}  // namespace

WorkKeeper::WorkKeeper(const QString& folder, QObject* parent) : QObject(parent), m_folder(folder)
{
    m_writer.setMaxThreadCount(1);
    QDir().mkpath(folder);
    m_file = folder + u'/' + QUuid::createUuid().toString(QUuid::WithoutBraces) + QStringLiteral(".work.json");
    m_lock = std::make_unique<QLockFile>(lockOf(m_file));
    m_lock->setStaleLockTime(0);  // only the death of its process makes a lock stale
    m_lock->tryLock();
    m_rest.setSingleShot(true);
    connect(&m_rest, &QTimer::timeout, this, &WorkKeeper::write);
}

WorkKeeper::~WorkKeeper()
{
    m_writer.waitForDone();
    if (!m_leave)
        forget(m_file);
}

void WorkKeeper::leaveBehind()
{
    flush();
    m_leave = true;
}

std::optional<KeptWork> WorkKeeper::leftBehind()
{
    std::optional<KeptWork> newest;
    m_left.clear();
    const QDir folder(m_folder);
    for (const QFileInfo& info : folder.entryInfoList({QStringLiteral("*.work.json")}, QDir::Files, QDir::Time)) {
        const QString path = info.filePath();
        if (info.fileName() == QFileInfo(m_file).fileName())
            continue;
        QLockFile lock(lockOf(path));
        lock.setStaleLockTime(0);
        if (!lock.tryLock())
            continue;  // another window is at work on it
        m_left << path;
        QFile file(path);
        if (!newest && info.size() <= kLargestFile && file.open(QIODevice::ReadOnly))
            newest = fromJson(file.readAll(), pathsOf(path));
    }
    if (!newest)
        forgetLeftBehind();  // nothing in them can be offered
    return newest;
}

void WorkKeeper::forgetLeftBehind()
{
    for (const QString& path : std::exchange(m_left, {}))
        forget(path);
}

void WorkKeeper::keep(const KeptWork& work)
{
    m_waiting = work;
    m_rest.start(kRest);
}

void WorkKeeper::write()
{
    if (!m_waiting)
        return;
    auto work = std::make_shared<const KeptWork>(std::move(*m_waiting));
    m_waiting.reset();
    m_writer.start([path = m_file, work = std::move(work)] {
        // A full or read-only disk must not stop the exploration.
        if (!core::storedPathsOf(work->plan).empty() &&
            (!QDir().mkpath(pathsOf(path)) || !core::writeStoredPathsOf(work->plan, pathsOf(path).toStdString())))
            return;
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return;
        file.write(toJson(*work));
        file.commit();
    });
}

void WorkKeeper::flush()
{
    m_rest.stop();
    write();
    m_writer.waitForDone();
}

}  // namespace app
