// SPDX-License-Identifier: Apache-2.0
#pragma once
// The built `polar` as its users meet it: a process with arguments, two output streams and an exit code.

#include <QtCore/QByteArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QStringList>
#include <QtTest/QtTest>

struct PolarRun {
    int exitCode = -1;
    bool crashed = false;
    QByteArray output, errors;
    QJsonObject json() const { return QJsonDocument::fromJson(output).object(); }
    /// For QVERIFY2: what a person would want to see when this run was not as expected.
    QByteArray words() const
    {
        return "exit " + QByteArray::number(exitCode) + (crashed ? " CRASHED\n" : "\n") + output.left(2000) + errors.left(2000);
    }
};

inline QString polarProgram() { return qEnvironmentVariable("POLARIZER_BIN") + "/polar"; }

inline PolarRun finished(QProcess& process, int milliseconds = 300'000)
{
    PolarRun run;
    run.crashed = !process.waitForFinished(milliseconds) || process.exitStatus() == QProcess::CrashExit;
    if (process.state() != QProcess::NotRunning)
        process.kill();
    run.exitCode = process.exitCode();
    run.output = process.readAllStandardOutput();
    run.errors = process.readAllStandardError();
    return run;
}

inline PolarRun polar(const QStringList& arguments, const QString& folder = {})
{
    QProcess process;
    if (!folder.isEmpty())
        process.setWorkingDirectory(folder);
    process.start(polarProgram(), arguments);
    return finished(process);
}

/// A .npy file of floats, written here so that no reader of ours is judged by a writer of ours.
inline QByteArray npyOfZeros(const QByteArray& shape, qsizetype elements)
{
    QByteArray header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    header = header.leftJustified((10 + header.size() + 1 + 63) / 64 * 64 - 11, ' ') + '\n';
    const auto length = static_cast<quint16>(header.size());
    const char low = static_cast<char>(length & 0xff), high = static_cast<char>(length >> 8);
    return QByteArray("\x93NUMPY\x01\x00", 8) + low + high + header + QByteArray(elements * 4, '\0');
}

inline void writeFile(const QString& path, const QByteArray& content)
{
    QFile file(path);
    QVERIFY2(file.open(QIODevice::WriteOnly) && file.write(content) == content.size(), qPrintable(path));
}
