// SPDX-License-Identifier: Apache-2.0
// polar recover and polar compare-cost: what is fitted, what is written, what is refused.

#include "app/cli/polar_process.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>

namespace {

double value(const QJsonObject& document, const char* key) { return document.value(key).toObject().value("value").toDouble(); }

}  // namespace

class TestPolarRecover : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString int2() const
    {
        const QString file = path("int2.plan.json");
        writeFile(
            file,
            R"({"schema": "polarizer.plan/1", "name": "INT2", "default": {"weights": {"format": "int2", "scale": "row", "clip": "mse"},
                            "activations": {"format": "int8"}}})");
        return file;
    }

private slots:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void rankEightWinsBackWhatTwoBitsLose()
    {
        const QString out = path("recovered.plan.json");
        const PolarRun run =
            polar({"recover", "mlp-mnist", "mnist", "--plan", int2(), "--rank", "8", "--method", "activation", "-o", out, "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject document = run.json();
        // What a faithful recovery does here: at least five points, ending within one point of the reference.
        QVERIFY2(value(document, "top1_after") - value(document, "top1_before") >= 0.05, run.words());
        QVERIFY2(value(document, "top1_after") >= value(document, "reference_top1") - 0.01, run.words());
        for (const QJsonValue& entry : document.value("layers").toArray()) {
            QCOMPARE(entry.toObject().value("rank").toInt(), 8);
            QVERIFY(entry.toObject().value("after_sqnr_db").toDouble() > entry.toObject().value("before_sqnr_db").toDouble());
        }
        const PolarRun again = polar({"evaluate", "mlp-mnist", "mnist", "--plan", out, "--json"});
        QCOMPARE(value(again.json(), "top1"), value(document, "top1_after"));
    }

    void everyMethodIsFitted_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"svd", "activation", "fisher", "lqer", "qera"})
            QTest::newRow(method) << method;
    }
    void everyMethodIsFitted()
    {
        QFETCH(QString, method);
        const PolarRun run =
            polar({"recover", "mlp-mnist", "mnist", "--plan", int2(), "--rank", "4", "--method", method, "--samples", "1000", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        QVERIFY(value(run.json(), "top1_after") > value(run.json(), "top1_before"));
        QVERIFY(run.json().value("cost").toObject().value("bytes").toDouble() > 0);
    }

    void trainedPathsAreNoWorseAndLieBesideThePlan()
    {
        const QString out = path("trained.plan.json");
        const PolarRun run = polar({"recover", "mlp-mnist", "mnist", "--plan", int2(), "--rank", "2", "--method", "trained", "--epochs",
                                    "4", "--calibration", "128", "-o", out, "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        QVERIFY(QFile::exists(path("trained.paths.npz")));
        const PolarRun again = polar({"evaluate", "mlp-mnist", "mnist", "--plan", out, "--json"});
        QVERIFY2(again.exitCode == 0, again.words());
        QCOMPARE(value(again.json(), "top1"), value(run.json(), "top1_after"));
        QVERIFY(QFile::remove(path("trained.paths.npz")));
        const PolarRun lost = polar({"evaluate", "mlp-mnist", "mnist", "--plan", out});
        QVERIFY2(lost.exitCode == 1 && lost.errors.contains("trained.paths.npz"), lost.words());
    }

    void weightsAreTrainedInLowPrecisionAndGoOn()
    {
        const QString folder = path("learned");
        const QStringList common{"train", "mlp-mnist", "mnist", "--plan", int2(), "--train-samples", "1500", "--json"};
        const PolarRun first = polar(common + QStringList{"--epochs", "1", "-o", folder});
        QVERIFY2(first.exitCode == 0, first.words());
        QVERIFY(value(first.json(), "top1_after") > value(first.json(), "top1_before") + 0.02);
        QCOMPARE(first.json().value("history").toArray().size(), 2);
        const PolarRun further = polar(common + QStringList{"--epochs", "2", "--resume", folder + "/training.npz"});
        QVERIFY2(further.exitCode == 0, further.words());
        QCOMPARE(further.json().value("epochs").toInt(), 2);
        QCOMPARE(further.json().value("history").toArray().at(1), first.json().value("history").toArray().at(1));
        const PolarRun opened = polar({"evaluate", folder, "mnist", "--plan", folder + "/trained.plan.json", "--samples", "500", "--json"});
        QVERIFY2(opened.exitCode == 0, opened.words());
        const PolarRun wrong =
            polar({"train", "lenet5-mnist", "mnist", "--plan", int2(), "--train-samples", "100", "--resume", folder + "/training.npz"});
        QVERIFY2(wrong.exitCode == 1 && wrong.errors.contains("training.npz"), wrong.words());
    }

    void aBudgetIsSharedOut()
    {
        const PolarRun run =
            polar({"recover", "lenet5-mnist", "mnist", "--plan", int2(), "--budget", "bytes:4%", "--samples", "1000", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject budget = run.json().value("budget").toObject();
        QVERIFY(budget.value("spent").toDouble() <= budget.value("amount").toDouble());
        QVERIFY(budget.value("uniform_spent").toDouble() <= budget.value("amount").toDouble());
        QVERIFY(budget.contains("uniform_top1"));
    }

    void whatIsWrongIsSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("words");
        QTest::newRow("more rank than the layer has") << QStringList{"--rank", "11", "--layers", "fc3"} << 1 << "takes at most 10";
        QTest::newRow("a layer without weights") << QStringList{"--layers", "relu1"} << 1 << "no weighted layer \"relu1\"";
        QTest::newRow("more samples than there are") << QStringList{"--calibration", "1000000"} << 1 << "samples to fit to";
        QTest::newRow("no samples") << QStringList{"--calibration", "0"} << 2 << "calibration";
        QTest::newRow("a budget of nothing") << QStringList{"--budget", "bytes:0"} << 1 << "wanted macs:N";
        QTest::newRow("a device of no kind") << QStringList{"--fit-on", "chip:0"} << 1 << "wanted own, mean";
        QTest::newRow("a method of no kind") << QStringList{"--method", "magic"} << 2 << "magic";
        QTest::newRow("rank and budget") << QStringList{"--rank", "2", "--budget", "bytes:5%"} << 2 << "excludes";
    }
    void whatIsWrongIsSaid()
    {
        QFETCH(QStringList, arguments);
        const PolarRun run = polar(QStringList{"recover", "mlp-mnist", "mnist", "--plan", int2(), "--samples", "100"} + arguments);
        QFETCH(int, exitCode);
        QVERIFY2(run.exitCode == exitCode, run.words());
        QFETCH(QString, words);
        QVERIFY2(run.errors.contains(words.toUtf8()), run.words());
    }

    void aPlanWithoutErrorHasNothingToRecover()
    {
        const PolarRun run = polar({"recover", "mlp-mnist", "mnist", "--plan", "fp32", "--samples", "100"});
        QVERIFY2(run.exitCode == 1 && run.errors.contains("no layer with an error"), run.words());
    }

    void theLossMindsALayerOnlyWhereThePlanTouchesIt()
    {
        writeFile(path("one.plan.json"), R"({"schema": "polarizer.plan/1", "layers": {"fc1": {"weights": {"format": "int2"}}}})");
        const PolarRun run = polar({"sensitivity", "mlp-mnist", "mnist", "--plan", path("one.plan.json"), "--curvature", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        for (const QJsonValue& entry : run.json().value("layers").toArray()) {
            const QJsonObject layer = entry.toObject();
            const bool isTouched = layer.value("name").toString() == "fc1";
            for (const char* metric : {"taylor", "fisher_error", "curvature"})
                QVERIFY2((layer.value(metric).toDouble() > 0) == isTouched, metric);
            QVERIFY((std::abs(layer.value("probe").toDouble()) > 1e-9) == isTouched);
        }
    }

    void theSameCostIsSpentInSeveralWays()
    {
        const PolarRun run = polar({"compare-cost", "mlp-mnist", "mnist", "--plan", "int2-rank8", "--samples", "500", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        QStringList names;
        double rankBytes = 0, most = 0;
        for (const QJsonValue& entry : run.json().value("contenders").toArray()) {
            names << entry.toObject().value("name").toString();
            most = std::max(most, entry.toObject().value("bytes").toDouble());
            if (names.last() == "rank")
                rankBytes = entry.toObject().value("bytes").toDouble();
        }
        QVERIFY2(names.contains("rank") && names.contains("shared rank") && names.contains("more bits") && names.contains("nothing"),
                 run.words());
        QVERIFY(most <= rankBytes * (1 + 1e-6));
        const PolarRun none = polar({"compare-cost", "mlp-mnist", "mnist", "--plan", "w4a8", "--samples", "100"});
        QVERIFY2(none.exitCode == 1 && none.errors.contains("no recovery path"), none.words());
    }
};

QTEST_GUILESS_MAIN(TestPolarRecover)
#include "tst_polar_recover.moc"
