// SPDX-License-Identifier: Apache-2.0
// Plans and formats on the command line: presets for a network, every flaw with its place, differences row by row, storage,
// and tables that fit a terminal.

#include "app/cli/polar_process.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>

namespace {

QJsonArray listOf(const PolarRun& run, const char* key) { return run.json().value(key).toArray(); }

QJsonObject withKey(const QJsonArray& list, const char* key, const QString& value)
{
    for (const QJsonValue& entry : list)
        if (entry.toObject().value(key).toString() == value)
            return entry.toObject();
    return {};
}

} // namespace

class TestPolarPlans : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString plan(const QString& name, const QByteArray& body) const
    {
        writeFile(path(name), "{\"schema\": \"polarizer.plan/1\", \"name\": \"test\", " + body + "}");
        return path(name);
    }

private slots:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void everyPresetBecomesAFileForItsNetwork()
    {
        const QJsonArray presets = listOf(polar({"plan", "preset", "--json"}), "presets");
        QVERIFY(presets.size() >= 20);
        for (const QJsonValue& entry : presets) {
            const QString name = entry.toObject().value("name").toString(), file = path(name + ".plan.json");
            QVERIFY(!entry.toObject().value("source").toString().isEmpty());
            const PolarRun made = polar({"plan", "preset", name, "--network", "lenet5-mnist", "-o", file});
            QVERIFY2(made.exitCode == 0, made.words());
            const PolarRun checked = polar({"plan", "check", file, "--json"}); // the file names its network
            QVERIFY2(checked.exitCode == 0 && listOf(checked, "problems").isEmpty(), checked.words());
            QCOMPARE(checked.json().value("network").toString(), QString("lenet5-mnist"));
            QVERIFY2(polar({"plan", "check", file, "--network", "mlp-mnist"}).exitCode == 1, qPrintable(name));
        }
    }

    void aMixtureAsksForItsNetwork()
    {
        const PolarRun run = polar({"plan", "preset", "rmsmp-65-30-5"});
        QVERIFY2(run.exitCode == 1 && run.errors.contains("rmsmp-65-30-5") && run.errors.contains("name the network"), run.words());
    }

    void everyFlawIsAProblemWithItsPlace()
    {
        const QString file = plan("flawed.plan.json", R"("default": {"activations": {"format": "int8", "range": "dynamic"}}, "layers": {
            "conv1": {"weights": {"palette": [{"format": "int4"}, {"format": "int8"}], "rows": [0, 1, 2, 0, 0, 9]}},
            "conv2": {"weights": {"palette": [{"format": "int1"}, {"format": "int2", "points": 99}], "channels": [0, 1, 0, 3, 0]},
                      "activations": {"format": "int8", "range": "max"}},
            "fc1": {"weights": {"format": "int4", "flips": [{"row": 0, "column": 400, "bit": 0}, {"row": 3, "column": 0, "bit": 4}]}, "cim": {}}})");
        const PolarRun run = polar({"plan", "check", file, "--network", "lenet5-mnist", "--json"});
        QCOMPARE(run.exitCode, 1);
        QStringList places;
        for (const QJsonValue& value : listOf(run, "problems")) {
            const QJsonObject problem = value.toObject();
            QVERIFY(!problem.value("message").toString().isEmpty());
            places << QString("%1 %2 %3 %4")
                          .arg(problem.value("layer").toString())
                          .arg(problem.value("row").toInt(-1))
                          .arg(problem.value("channel").toInt(-1))
                          .arg(problem.value("field").toString());
        }
        QCOMPARE(places, (QStringList{"conv1 2 -1 weights.rows", "conv1 5 -1 weights.rows", "conv2 -1 -1 weights.palette[1].points",
                                      "conv2 -1 3 weights.channels", "conv2 -1 -1 weights.channels", "fc1 0 -1 weights.flips[0]",
                                      "fc1 3 -1 weights.flips[1]", "fc1 -1 -1 activations.range"}));
    }

    void aFileThatCannotBeReadIsAProblemToo()
    {
        const QString file = plan("unread.plan.json", R"("layers": {"conv1": {"weights": {"format": "int4", "scael": "row"}}})");
        const PolarRun run = polar({"plan", "check", file, "--network", "lenet5-mnist", "--json"});
        QCOMPARE(run.exitCode, 1);
        const QJsonObject problem = listOf(run, "problems").first().toObject();
        QCOMPARE(problem.value("layer").toString(), QString("conv1"));
        QCOMPARE(problem.value("field").toString(), QString("weights.scael"));
        QVERIFY2(run.errors.contains("unread.plan.json") && run.errors.contains("scael"), run.words());
    }

    void rowsThatChangeAreNamed()
    {
        const QString before = plan("before.plan.json", R"("default": {"weights": {"format": "int4"}})");
        const QString after = plan("after.plan.json", R"("default": {"weights": {"format": "int4"}}, "layers": {"conv2": {"weights": {
            "palette": [{"format": "int4"}, {"format": "int8"}], "rows": "0*3,1,0*3,1*6,0*3"}}})");
        const QJsonArray changes = listOf(polar({"plan", "diff", before, after, "--json"}), "changes");
        QCOMPARE(changes.size(), 1);
        const QJsonObject change = changes.first().toObject();
        QCOMPARE(change.value("layer").toString(), QString("conv2"));
        QCOMPARE(change.value("where").toString(), QString("rows 3, 7-12"));
        QCOMPARE(change.value("before").toString(), QString("int4 row"));
        QCOMPARE(change.value("after").toString(), QString("int8 row"));
    }

    void showTellsOrdersAndStorageOfEveryLayer()
    {
        const PolarRun run = polar({"plan", "show", "npp-nf4-rank8", "--network", "lenet5-mnist", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonArray layers = listOf(run, "layers");
        QCOMPARE(layers.size(), 5);
        const QJsonObject conv1 = layers.first().toObject();
        QCOMPARE(conv1.value("treatment").toString(), QString("nf4 group:64, activations int8, rank 8 fp16"));
        QCOMPARE(conv1.value("weight_bits").toDouble(), 4.0 * 150 + 16 * 6);         // one group of 25 a row
        QCOMPARE(conv1.value("recovery_bits").toDouble(), 16.0 * 6 * (25 + 6));      // rank 6: the layer has 6 rows
        QCOMPARE(conv1.value("storage_bits").toDouble(), 696.0 + 32 * 6 + 2976);
        QCOMPARE(conv1.value("orders").toObject().value("weights").toObject().value("format").toString(), QString("nf4"));
        double total = 0;
        for (const QJsonValue& layer : layers)
            total += layer.toObject().value("storage_bits").toDouble();
        QCOMPARE(run.json().value("storage_bits").toDouble(), total);
        QCOMPARE(run.json().value("reference_bits").toDouble(), 32.0 * 61'706);
    }

    void correctionsAreCheckedShownAndCarriedOut()
    {
        const QString sound = plan("corrected.plan.json", R"("default": {"weights": {"format": "int2", "clip": "mse"}, "activations": {"format": "int8"},
            "correction": {"bias": true, "rounding": "adaptive", "equalize": true}}, "layers": {"fc3": {"correction": {"equalize": false}}})");
        const PolarRun shown = polar({"plan", "show", sound, "--network", "mlp-mnist", "--json"});
        QVERIFY2(shown.exitCode == 0, shown.words());
        const QJsonObject fc1 = listOf(shown, "layers").first().toObject();
        QCOMPARE(fc1.value("treatment").toString(), QString("int2 row clip mse, activations int8, equalized, rounded adaptively, bias corrected"));
        QCOMPARE(fc1.value("orders").toObject().value("correction").toObject().value("rounding").toString(), QString("adaptive"));
        const PolarRun report = polar({"evaluate", "mlp-mnist", "mnist", "--plan", sound, "--samples", "1000", "--json"});
        QVERIFY2(report.exitCode == 0, report.words());
        QVERIFY(report.json().value("top1").toObject().value("value").toDouble() > 0.93);   // 0.89 without
        const QString flawed = plan("flawed.plan.json", R"("default": {"cim": {}, "correction": {"equalize": true}})");
        const QJsonArray problems = listOf(polar({"plan", "check", flawed, "--network", "mlp-mnist", "--json"}), "problems");
        QCOMPARE(problems.size(), 1);
        QCOMPARE(problems.first().toObject().value("field").toString(), QString("correction.equalize"));
        const QString strange = plan("strange.plan.json", R"("layers": {"fc1": {"correction": {"rounding": "up"}}})");
        const QJsonObject problem = listOf(polar({"plan", "check", strange, "--network", "mlp-mnist", "--json"}), "problems").first().toObject();
        QCOMPARE(problem.value("layer").toString(), QString("fc1"));
        QCOMPARE(problem.value("field").toString(), QString("correction.rounding"));
    }

    void formatsTellTheirStorageAndSpan()
    {
        const QJsonObject int4 = polar({"formats", "int4", "--json"}).json();
        QCOMPARE(int4.value("smallest_level").toDouble(), 1.0);
        QCOMPARE(int4.value("largest_level").toDouble(), 7.0);
        const QJsonArray storage = int4.value("storage").toArray();
        QCOMPARE(withKey(storage, "scale", "group:64").value("bits_per_weight").toDouble(), 4 + 16.0 / 64);
        QCOMPARE(withKey(storage, "scale", "block:32").value("bits_per_weight").toDouble(), 4 + 8.0 / 32);
        QCOMPARE(withKey(storage, "scale", "row").value("bits_per_weight").toDouble(), 4 + 16.0 / 576);
        const QJsonObject fp32 = polar({"formats", "fp32", "--json"}).json();
        QCOMPARE(fp32.value("level_count").toDouble(), 4'278'190'079.0); // 2 x 255 x 2^23 codes, the two zeros are one level
        QVERIFY(fp32.value("levels").toArray().isEmpty());
        QCOMPARE(fp32.value("float").toObject().value("mantissa_bits").toInt(), 23);
        const QJsonObject fp16 = polar({"formats", "fp16", "--json"}).json();
        QCOMPARE(fp16.value("level_count").toInt(), 63'487);
        QCOMPARE(fp16.value("levels").toArray().size(), 63'487);
    }

    void aCodebookOfOnesOwnIsAFormat()
    {
        writeFile(path("mine.txt"), "-1\n-0.5\n0\n2\n");
        const QJsonObject mine = polar({"formats", "codebook:" + path("mine.txt"), "--json"}).json();
        QCOMPARE(mine.value("levels").toArray(), (QJsonArray{-1, -0.5, 0, 2}));
        QCOMPARE(mine.value("thresholds").toArray(), (QJsonArray{-0.75, -0.25, 1}));
        QCOMPARE(mine.value("bits").toDouble(), 2.0);
        const QString file = plan("mine.plan.json", R"("default": {"weights": {"format": "codebook:mine.txt"}})");
        QCOMPARE(polar({"plan", "check", file, "--network", "lenet5-mnist"}).exitCode, 0);
        QCOMPARE(polar({"evaluate", "mlp-mnist", "mnist", "--samples", "50", "--plan", file}).exitCode, 0);
        writeFile(path("mine.txt"), "-1\nhalf\n");
        const PolarRun run = polar({"plan", "check", file, "--network", "lenet5-mnist"});
        QVERIFY2(run.exitCode == 1 && run.errors.contains("mine.txt: line 2") && run.errors.contains("half"), run.words());
    }

    void arraysAreBuiltOfADevice()
    {
        const QString out = path("pcm.plan.json");
        const PolarRun run = polar({"device", "pcm", "--plan", "cim-w4a8-rank8", "-o", out, "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        QCOMPARE(run.json().value("cells").toObject().value("drift").toObject().value("model").toString(), QString("phase-change"));
        const PolarRun shown = polar({"plan", "show", out});
        QVERIFY2(shown.exitCode == 0 && shown.output.contains("1/f"), shown.words());
        const PolarRun refused = polar({"device", "pcm", "--plan", "w4a8", "-o", out});
        QVERIFY2(refused.exitCode == 1 && refused.errors.contains("no array"), refused.words());
    }

    void measuredConductancesBecomeADevice()
    {
        QByteArray table = "target,measured\n";
        for (int level = 0; level < 4; ++level)
            for (int cell = 0; cell < 12; ++cell)
                table += QByteArray::number(level * 5) + "," + QByteArray::number(level * 5 + (cell % 2 == 0 ? 0.2 : -0.2) * (level + 1)) + "\n";
        writeFile(path("mine.csv"), table);
        const PolarRun run = polar({"device", path("mine.csv"), "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject fit = run.json().value("fit").toObject();
        QCOMPARE(fit.value("levels").toArray().size(), 4);
        QVERIFY(fit.value("residual").toDouble() < 1e-6);   // deviations grow in a straight line: the fit is exact
        writeFile(path("text.csv"), "target,measured\n1,2\n3,high\n");
        const PolarRun refused = polar({"device", path("text.csv")});
        QVERIFY2(refused.exitCode == 1 && refused.errors.contains("line 3, column 2"), refused.words());
    }

    void tablesFitATerminal_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("presets") << QStringList{"plan", "preset"};
        QTest::newRow("formats") << QStringList{"formats"};
        QTest::newRow("a format") << QStringList{"formats", "nf4"};
        QTest::newRow("a wide format") << QStringList{"formats", "fp32"};
        QTest::newRow("device") << QStringList{"device", "pcm"};
        QTest::newRow("diff") << QStringList{"plan", "diff", "fp32", "rmsmp-65-30-5", "--network", "lenet5-mnist"};
        QTest::newRow("show") << QStringList{"plan", "show", "cim-w4a8-rank8"};
        QTest::newRow("show a mixture") << QStringList{"plan", "show", "sysmol-1-2-4", "--network", "vit-mnist"};
        QTest::newRow("show an array") << QStringList{"plan", "show", "cim-w4a8-rank8", "--network", "resnet8-photodigits"};
    }
    void tablesFitATerminal()
    {
        QFETCH(QStringList, arguments);
        const PolarRun run = polar(arguments);
        QVERIFY2(run.exitCode == 0, run.words());
        for (const QString& line : QString::fromUtf8(run.output).split('\n'))
            QVERIFY2(line.size() <= 100, qPrintable(line));
    }
};

QTEST_GUILESS_MAIN(TestPolarPlans)
#include "tst_polar_plans.moc"
