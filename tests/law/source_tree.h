// SPDX-License-Identifier: Apache-2.0
#pragma once
// The project's own files as the law tests see them: where they lie and what their lines say.

#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QStringList>

namespace law {

inline QDir root() { return QDir(qEnvironmentVariable("POLARIZER_ROOT")); }

/// All files below `folders`, as paths from the root, sorted; caches of tools are left out.
inline QStringList filesBelow(const QStringList& folders)
{
    QStringList found;
    for (const QString& folder : folders) {
        QDirIterator walk(root().filePath(folder), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (walk.hasNext()) {
            const QString path = root().relativeFilePath(walk.next());
            if (!path.contains(QLatin1String("__pycache__")) && !path.contains(QLatin1String("node_modules")))
                found.append(path);
        }
    }
    found.sort();
    return found;
}

inline bool isCpp(const QString& path) { return path.endsWith(QLatin1String(".cpp")) || path.endsWith(QLatin1String(".h")); }

inline QByteArray contentOf(const QString& path)
{
    QFile file(root().filePath(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace law
