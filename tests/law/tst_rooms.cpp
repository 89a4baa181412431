// SPDX-License-Identifier: Apache-2.0
// The walls between the rooms, read from the include lines: a room includes only rooms below it, core and polar know no
// Qt, and only core/io knows OpenCV and ONNX. The first cases prove that the judge itself can say no.

#include "law/source_tree.h"

#include <QtCore/QHash>
#include <QtCore/QRegularExpression>
#include <QtTest/QtTest>

namespace {

/// Height of each room; an arrow may only go down, and rooms of one height do not know each other.
const QHash<QString, int>& heights()
{
    static const QHash<QString, int> rooms{
        {"core/base", 0}, {"core/formats", 1}, {"core/network", 1},     {"core/data", 1},   {"core/energy", 1}, {"core/cim", 2},
        {"core/plan", 3}, {"core/engine", 4},  {"core/eval", 5},        {"core/learn", 6},  {"core/assign", 7}, {"core/explore", 8},
        {"core/io", 9},   {"app/cli", 20},     {"app/exploration", 20}, {"app/models", 21}, {"app/views", 22},  {"app/shell", 23},
    };
    return rooms;
}

QString roomOf(const QString& path) { return path.section('/', 0, 1); }

bool isQt(const QString& header) { return QRegularExpression("^(Q[A-Z]|Qt[A-Z]|q[a-z]+\\.h$)").match(header).hasMatch(); }
bool isOpenCv(const QString& header) { return header.startsWith("opencv"); }
bool isOnnx(const QString& header) { return header.startsWith("onnx") || header.startsWith("google/protobuf"); }

/// Why a file may not include a header; empty when it may.
QString verdict(const QString& path, const QString& header, bool quoted)
{
    const QString room = roomOf(path);
    if (header.startsWith("core/") || header.startsWith("app/")) {
        const QString other = roomOf(header);
        if (other == room)
            return {};
        if (!heights().contains(other))
            return other + " is not a room";
        if (heights().value(other) >= heights().value(room))
            return QString("%1 is not below %2").arg(other, room);
        return {};
    }
    if (quoted && law::root().exists(path.section('/', 0, -2) + '/' + header))
        return "include paths are from the root";
    if (isQt(header) && (room.startsWith("core/") || room == "app/cli"))
        return room + " knows no Qt";
    if ((isOpenCv(header) || isOnnx(header)) && room != "core/io")
        return "only core/io knows OpenCV and ONNX";
    return {};
}

}  // namespace

class TestRooms : public QObject {
    Q_OBJECT

private slots:
    void theJudgeKnowsAForbiddenArrow_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("header");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("down") << "core/eval/report.cpp"
                              << "core/plan/check.h" << true;
        QTest::newRow("own") << "core/eval/report.cpp"
                             << "core/eval/proportion.h" << true;
        QTest::newRow("up") << "core/plan/check.cpp"
                            << "core/engine/compile.h" << false;
        QTest::newRow("sideways") << "core/data/dataset.cpp"
                                  << "core/network/network.h" << false;
        QTest::newRow("core to app") << "core/io/library.cpp"
                                     << "app/models/x.h" << false;
        QTest::newRow("view to core") << "app/views/x.cpp"
                                      << "core/eval/report.h" << true;
        QTest::newRow("model to view") << "app/models/x.cpp"
                                       << "app/views/x.h" << false;
        QTest::newRow("cli to window") << "app/cli/main.cpp"
                                       << "app/exploration/x.h" << false;
        QTest::newRow("no such room") << "core/io/library.cpp"
                                      << "core/attic/x.h" << false;
        QTest::newRow("Qt in core") << "core/io/library.cpp"
                                    << "QString" << false;
        QTest::newRow("Qt module in polar") << "app/cli/main.cpp"
                                            << "QtCore/QString" << false;
        QTest::newRow("Qt in a view") << "app/views/x.cpp"
                                      << "QWidget" << true;
        QTest::newRow("OpenCV in io") << "core/io/image.cpp"
                                      << "opencv2/core.hpp" << true;
        QTest::newRow("OpenCV in data") << "core/data/dataset.cpp"
                                        << "opencv2/core.hpp" << false;
        QTest::newRow("ONNX in network") << "core/network/network.cpp"
                                         << "onnx/onnx_pb.h" << false;
        QTest::newRow("standard") << "core/base/hash.cpp"
                                  << "queue" << true;
    }
    void theJudgeKnowsAForbiddenArrow()
    {
        QFETCH(QString, path);
        QFETCH(QString, header);
        QFETCH(bool, allowed);
        QCOMPARE(verdict(path, header, false).isEmpty(), allowed);
    }

    void everyArrowGoesDown()
    {
        static const QRegularExpression include("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]", QRegularExpression::MultilineOption);
        QStringList forbidden;
        int seen = 0;
        for (const QString& path : law::filesBelow({"core", "app"})) {
            if (!law::isCpp(path))
                continue;
            if (!heights().contains(roomOf(path)))
                forbidden.append(path + ": lies in no room");
            auto lines = include.globalMatch(QString::fromUtf8(law::contentOf(path)));
            while (lines.hasNext()) {
                const auto line = lines.next();
                ++seen;
                const QString why = verdict(path, line.captured(2), line.captured(1) == "\"");
                if (!why.isEmpty())
                    forbidden.append(QString("%1 includes %2: %3").arg(path, line.captured(2), why));
            }
        }
        QVERIFY2(seen > 100, "the tree was not found; POLARIZER_ROOT must name it");
        QVERIFY2(forbidden.isEmpty(), qPrintable(forbidden.join('\n')));
    }

    void everyHeaderIsReadOnce()
    {
        QStringList without;
        for (const QString& path : law::filesBelow({"core", "app", "tests"}))
            if (path.endsWith(".h") && !law::contentOf(path).contains("#pragma once"))
                without.append(path);
        QVERIFY2(without.isEmpty(), qPrintable("no #pragma once in\n" + without.join('\n')));
    }
};

QTEST_APPLESS_MAIN(TestRooms)
#include "tst_rooms.moc"
