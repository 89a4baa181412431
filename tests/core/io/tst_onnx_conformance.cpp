// SPDX-License-Identifier: Apache-2.0
#include "support/onnx_cases.h"

#include <QtTest>

#include <algorithm>
#include <cstdlib>

using support::CaseResult;
using support::Verdict;

class TestOnnxConformance : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(std::filesystem::is_directory(support::kOnnxTestData), "the package libonnx-testdata is missing");
    }

    void theCasesAreThere_data() { groups(); }
    void theCasesAreThere()
    {
        QFETCH(QString, group);
        QFETCH(int, cases);
        QCOMPARE(static_cast<int>(support::onnxCases(group.toStdString()).size()), cases);
    }

    void everyCasePassesOrIsRefusedByName_data() { groups(); }
    void everyCasePassesOrIsRefusedByName()
    {
        QFETCH(QString, group);
        QFETCH(int, passing);
        int passed = 0;
        QStringList wrong, nameless;
        for (const auto& folder : support::onnxCases(group.toStdString())) {
            const CaseResult result = support::runOnnxCase(folder);
            const QString line = QString::fromStdString(result.name + ": " + result.message);
            if (result.verdict == Verdict::Passed)
                ++passed;
            else if (result.verdict == Verdict::Wrong)
                wrong << line;
            else if (!namesAnOperation(result))
                nameless << line;
            if (result.verdict == Verdict::Refused && std::getenv("POLARIZER_SHOW_REFUSALS"))
                qInfo().noquote() << line;
        }
        qInfo().noquote() << group << "passed" << passed;
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join("\n")));
        QVERIFY2(passed >= passing, qPrintable(QString("%1 cases pass, %2 did").arg(passed).arg(passing)));
    }

private:
    static void groups()
    {
        QTest::addColumn<QString>("group");
        QTest::addColumn<int>("cases");
        QTest::addColumn<int>("passing");
        QTest::newRow("node") << "node" << 932 << 831;
        QTest::newRow("pytorch-converted") << "pytorch-converted" << 82 << 82;
        QTest::newRow("pytorch-operator") << "pytorch-operator" << 35 << 35;
        QTest::newRow("simple") << "simple" << 23 << 7;
    }

    static bool namesAnOperation(const CaseResult& result)
    {
        return std::any_of(result.operations.begin(), result.operations.end(),
                           [&](const std::string& operation) { return result.message.find(operation) != std::string::npos; });
    }
};

QTEST_APPLESS_MAIN(TestOnnxConformance)
#include "tst_onnx_conformance.moc"
