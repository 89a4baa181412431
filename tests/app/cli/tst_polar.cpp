// SPDX-License-Identifier: Apache-2.0
// The contract of the command line: exit codes, keys of the JSON documents, and messages that say where, what and what
// to do.

#include "app/cli/polar_process.h"

#include <cmath>

#include <QtCore/QDir>
#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>

namespace {

QStringList names(const QJsonValue& list)
{
    QStringList all;
    for (const QJsonValue& entry : list.toArray())
        all.append(entry.toObject().value("name").toString());
    return all;
}

/// Keys that an object lacks.
QStringList missing(const QJsonObject& object, const QStringList& keys)
{
    QStringList absent;
    for (const QString& key : keys)
        if (!object.contains(key))
            absent.append(key);
    return absent;
}

const QStringList kQuickEvaluation{"evaluate", "mlp-mnist", "mnist", "--samples", "200", "--json"};

}  // namespace

class TestPolar : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const QString& name) const { return m_folder.filePath(name); }

private slots:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void usageErrorsEndWithTwo_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("no verb") << QStringList{} << QByteArray("subcommand");
        QTest::newRow("no such verb") << QStringList{"levitate"} << QByteArray("levitate");
        QTest::newRow("no network") << QStringList{"evaluate"} << QByteArray("NETWORK");
        QTest::newRow("no such option") << QStringList{"list", "--louder"} << QByteArray("--louder");
        QTest::newRow("negative samples") << QStringList{"evaluate", "mlp-mnist", "mnist", "--samples", "-3"} << QByteArray("--samples");
        QTest::newRow("more samples than numbers") << QStringList{"evaluate", "mlp-mnist", "mnist", "--samples", "99999999999999999999"}
                                                   << QByteArray("99999999999999999999");
        QTest::newRow("negative seed") << QStringList{"evaluate", "mlp-mnist", "mnist", "--seed", "-1"} << QByteArray("found -1");
        QTest::newRow("half a chip") << QStringList{"evaluate", "mlp-mnist", "mnist", "--chips", "1.5"} << QByteArray("whole number from 1 to 10000");
        QTest::newRow("no chips") << QStringList{"evaluate", "mlp-mnist", "mnist", "--chips", "0"} << QByteArray("--chips");
        QTest::newRow("threads in words") << QStringList{"evaluate", "mlp-mnist", "mnist", "--threads", "many"} << QByteArray("--threads");
        QTest::newRow("plan without a verb") << QStringList{"plan"} << QByteArray("subcommand");
        QTest::newRow("page that is no page") << QStringList{"report", "x.json", "-o", "x.txt"} << QByteArray(".html");
    }
    void usageErrorsEndWithTwo()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, says);
        const PolarRun run = polar(arguments);
        QVERIFY2(run.exitCode == 2 && !run.crashed, run.words());
        QVERIFY2(run.output.isEmpty(), "usage errors keep standard output clean");
        QVERIFY2(run.errors.startsWith("polar: "), run.words());
        QVERIFY2(run.errors.contains(says), run.words());
        QVERIFY2(run.errors.contains("--help"), run.words());
    }

    void helpAndVersionAreNoErrors()
    {
        const PolarRun help = polar({"--help"});
        QCOMPARE(help.exitCode, 0);
        for (const char* verb : {"list", "inspect", "run", "evaluate", "plan", "formats", "bench", "report"})
            QVERIFY2(help.output.contains(verb), verb);
        const PolarRun version = polar({"--version"});
        QCOMPARE(version.exitCode, 0);
        QVERIFY(version.output.startsWith("polar "));
    }

    void problemsSayWhereAndWhat_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArrayList>("says");
        writeFile(path("empty.onnx"), "");
        writeFile(path("text.onnx"), "this is not a network\n");
        writeFile(path("broken.plan.json"), "{\"schema\": \"polarizer.plan/1\", \"default\": {\"wieghts\": {}}}");
        writeFile(path("broken.report.json"), "{\"top1\": ");
        writeFile(path("other.report.json"), "{\"colour\": \"blue\"}");
        writeFile(path("deep.plan.json"), "{\"schema\":\"polarizer.plan/1\",\"default\":{\"surrogate\":{\"rank\":-1}}}");
        const auto file = [this](const char* name) { return path(name); };
        const auto row = [](const char* name, const QStringList& arguments, const QByteArrayList& says) {
            QTest::newRow(name) << arguments << says;
        };
        row("no such network", {"inspect", "lenet6-mnist"}, {"lenet6-mnist", "lenet5-mnist"});
        row("empty network", {"inspect", file("empty.onnx")}, {"empty.onnx"});
        row("text as network", {"inspect", file("text.onnx")}, {"text.onnx"});
        row("no such dataset", {"evaluate", "mlp-mnist", "emnist"}, {"emnist"});
        row("no such split", {"evaluate", "mlp-mnist", "mnist#dev"}, {"dev"});
        row("no such plan", {"evaluate", "mlp-mnist", "mnist", "--plan", "nf5"}, {"nf5"});
        row("no such technology", {"evaluate", "mlp-mnist", "mnist", "--technology", "3nm"}, {"3nm"});
        row("misspelt key", {"plan", "show", file("broken.plan.json")}, {"broken.plan.json", "wieghts"});
        row("negative rank", {"plan", "check", file("deep.plan.json"), "--network", "mlp-mnist"}, {"deep.plan.json", "rank", "-1"});
        row("no such format", {"formats", "int99"}, {"int99"});
        row("a format without a name", {"formats", ""}, {"NAME: is empty", "wanted"});
        row("cut report", {"report", file("broken.report.json"), "-o", file("x.html")}, {"broken.report.json"});
        row("no report", {"report", file("other.report.json"), "-o", file("x.html")}, {"other.report.json", "top1"});
        row("missing input", {"run", "mlp-mnist", "-o", file("out")}, {"input"});
        row("misnamed input", {"run", "mlp-mnist", "--input", "ghost=nothing.npy", "-o", file("out")}, {"ghost"});
        row("no such input file", {"run", "mlp-mnist", "--input", file("nothing.npy"), "-o", file("out")}, {"nothing.npy"});
        row("dataset of another shape", {"evaluate", "mlp-mnist", "letter"}, {"letter"});
    }
    void problemsSayWhereAndWhat()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArrayList, says);
        const PolarRun run = polar(arguments);
        QVERIFY2(run.exitCode == 1 && !run.crashed, run.words());
        QVERIFY2(run.errors.startsWith("polar: "), run.words());
        for (const QByteArray& word : says)
            QVERIFY2(run.errors.contains(word), run.words());
    }

    void listNamesWhatIsBundled()
    {
        const QJsonObject all = polar({"list", "--json"}).json();
        QCOMPARE(missing(all, {"networks", "datasets", "plans", "formats", "technologies"}), QStringList());
        QVERIFY(names(all.value("networks")).contains("lenet5-mnist"));
        QVERIFY(names(all.value("datasets")).contains("mnist"));
        QVERIFY(names(all.value("plans")).contains("npp-nf4-rank8"));
        QVERIFY(names(all.value("formats")).contains("nf4"));
        QVERIFY(names(all.value("technologies")).contains("45nm"));
        for (const QByteArray& line : polar({"list"}).output.split('\n'))
            QVERIFY2(QString::fromUtf8(line).size() <= 120, line);
    }

    void benchTellsWhatTheMachineAllows()
    {
        const QJsonObject bench = polar({"bench", "--only", "digital_lenet5", "--only", "cim_planes", "--turns", "1", "--json"}).json();
        QCOMPARE(missing(bench, {"ratio_to_sgemm", "limits", "macs_per_second", "first_estimate_ms"}), QStringList());
        const QJsonObject limits = bench.value("limits").toObject();
        QCOMPARE(limits.keys(), QStringList{"digital_lenet5"}); // nothing bounds an array's planes
        QVERIFY(limits.value("digital_lenet5").toDouble() > 0);
    }

    void inspectCountsWhatTheManifestSays()
    {
        const QJsonObject network = polar({"inspect", "lenet5-mnist", "--json"}).json();
        QCOMPARE(network.value("parameters").toInt(), 61'706); // LeNet-5: 156 + 2,416 + 48,120 + 10,164 + 850
        QCOMPARE(network.value("macs").toInt(), 416'520);
        const QJsonArray nodes = network.value("nodes").toArray();
        QVERIFY(nodes.size() >= 10);
        for (const QJsonValue& node : nodes)
            QCOMPARE(missing(node.toObject(), {"name", "op", "rows", "columns", "macs", "parameters", "support"}), QStringList());
        const QJsonObject convolution = nodes.first().toObject();
        QCOMPARE(convolution.value("op").toString(), QString("Conv"));
        QCOMPARE(convolution.value("rows").toInt(), 6);
        QCOMPARE(convolution.value("columns").toInt(), 25);
        QCOMPARE(convolution.value("macs").toInt(), 6 * 25 * 28 * 28);
    }

    void runWritesEveryOutput()
    {
        writeFile(path("digit.npy"), npyOfZeros("2, 784", 2 * 784));
        const PolarRun run = polar({"run", "mlp-mnist", "--input", path("digit.npy"), "--output", path("answers"), "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject output = run.json().value("outputs").toArray().first().toObject();
        QCOMPARE(output.value("shape").toArray(), (QJsonArray{2, 10}));
        QFile file(output.value("file").toString());
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray content = file.readAll();
        QVERIFY(content.startsWith("\x93NUMPY"));
        QVERIFY(content.size() >= 80);
        QCOMPARE(content.right(40), content.mid(content.size() - 80, 40)); // two equal samples, two equal answers
    }

    void anInputOfTheWrongShapeIsToldWithBothShapes()
    {
        writeFile(path("image.npy"), npyOfZeros("1, 1, 28, 28", 784));
        const PolarRun run = polar({"run", "mlp-mnist", "--input", path("image.npy"), "--output", path("answers")});
        QVERIFY2(run.exitCode == 1 && run.errors.contains("1x1x28x28") && run.errors.contains("784"), run.words());
    }

    void evaluateGivesEveryKey()
    {
        const PolarRun run = polar(kQuickEvaluation + QStringList{"--plan", "npp-nf4-rank8"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject report = run.json();
        QCOMPARE(missing(report, {"samples", "top1", "reference_top1", "agreement", "layers", "energy", "chips", "seconds",
                                  "images_per_second", "hash"}),
                 QStringList());
        QCOMPARE(missing(report.value("top1").toObject(), {"value", "low", "high"}), QStringList());
        QCOMPARE(missing(report.value("energy").toObject(), {"total_pj", "per_inference_pj", "tops_per_watt", "convention"}),
                 QStringList());
        QCOMPARE(missing(report.value("chips").toObject(), {"mean", "std", "min", "count"}), QStringList());
        QCOMPARE(report.value("samples").toInt(), 200);
        const QJsonArray layers = report.value("layers").toArray();
        QCOMPARE(layers.size(), 3);
        for (const QJsonValue& layer : layers)
            QCOMPARE(missing(layer.toObject(),
                             {"name", "rows", "columns", "sqnr_db", "propagated_sqnr_db", "energy_pj", "macs", "recomputed_fraction"}),
                     QStringList());
    }

    void severalChipsTellTheirSpreadTheirYieldAndADifference()
    {
        const PolarRun run = polar(kQuickEvaluation + QStringList{"--plan", "cim-w4a8-rank8", "--chips", "3", "--yield", "0.5", "--against", "int2-rank8"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject report = run.json(), chips = report.value("chips").toObject();
        QCOMPARE(missing(chips, {"mean", "std", "min", "max", "count", "p5", "p95", "reads", "top1", "yield"}), QStringList());
        QCOMPARE(chips.value("count").toInt(), 3);
        QCOMPARE(missing(chips.value("yield").toObject(), {"threshold", "value", "low", "high"}), QStringList());
        QCOMPARE(chips.value("yield").toObject().value("trials").toInt(), 3);
        const QStringList keys{"value", "low", "high", "p", "significant", "method", "chips", "samples"};
        QCOMPARE(missing(report.value("against_reference").toObject(), keys), QStringList());
        const QJsonObject against = report.value("against").toObject();
        QCOMPARE(against.value("plan").toString(), QString("INT2 rows, rank 8"));
        const QJsonObject difference = against.value("difference").toObject();
        QCOMPARE(missing(difference, keys), QStringList());
        const double own = chips.value("mean").toDouble(), other = against.value("chips").toObject().value("mean").toDouble();
        QVERIFY(std::abs(difference.value("value").toDouble() - (own - other)) < 1e-12);
    }

    void aWaterfallTellsEveryEffect()
    {
        const PolarRun run = polar({"waterfall", "mlp-mnist", "mnist", "--plan", "cim-w4a8-rank8", "--samples", "64", "--chips", "2", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject waterfall = run.json();
        QCOMPARE(missing(waterfall, {"schema", "ideal", "full", "total", "effects", "chips", "reads", "samples", "reference_top1", "partial"}), QStringList());
        double sum = 0;
        QStringList names;
        for (const QJsonValue& effect : waterfall.value("effects").toArray()) {
            QCOMPARE(missing(effect.toObject(), {"name", "title", "off", "present", "alone", "cost", "without", "gain", "up_to", "step"}), QStringList());
            names << effect.toObject().value("name").toString();
            sum += effect.toObject().value("step").toObject().value("value").toDouble();
        }
        QVERIFY(names.contains("variation") && names.contains("read_noise") && names.contains("converter"));
        QVERIFY(std::abs(sum - waterfall.value("total").toObject().value("value").toDouble()) < 1e-12);
        const PolarRun digital = polar({"waterfall", "mlp-mnist", "mnist", "--plan", "int2-rank8", "--samples", "64"});
        QVERIFY2(digital.exitCode == 1 && digital.errors.contains("no layer is computed in an array"), digital.words());
    }

    void sumsAndScoresTellWhatTheyTookAgain()
    {
        writeFile(path("sums.plan.json"),
                  R"({"schema": "polarizer.plan/1", "default": {"scores": {"low": "e4m3", "tolerance": 0.1},
                      "accumulator": {"mixed": {"low": "e4m3", "high": "fp16", "tolerance": 0.5}}}})");
        const PolarRun run =
            polar({"evaluate", "transformer-splice", "dna-splice", "--plan", path("sums.plan.json"), "--samples", "32", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        int queries = 0;
        for (const QJsonValue& value : run.json().value("layers").toArray()) {
            const QJsonObject layer = value.toObject();
            QCOMPARE(missing(layer, {"recomputed_fraction", "overflow_rate", "kappa", "sums"}), QStringList());
            QCOMPARE(missing(layer.value("kappa").toObject(), {"median", "p90", "p99"}), QStringList());
            const double again = layer.value("recomputed_fraction").toDouble();
            QVERIFY(again > 0 && again < 1);
            QCOMPARE(layer.value("sums").toObject().value("cost").toDouble(), 1 + 2 * again);
            if (!layer.value("name").toString().endsWith("attention.query"))
                continue;
            ++queries;
            const QJsonObject scores = layer.value("scores").toObject();
            QCOMPARE(missing(scores, {"logits", "recomputed_fraction", "error_mass", "error_mass_low"}), QStringList());
            QVERIFY(scores.value("error_mass").toDouble() < scores.value("error_mass_low").toDouble());
        }
        QCOMPARE(queries, 2);
    }

    void theHashDoesNotKnowTheThreads()
    {
        const QStringList question = kQuickEvaluation + QStringList{"--plan", "cim-w4a8-rank8"};
        const QString one = polar(question + QStringList{"--threads", "1"}).json().value("hash").toString();
        QVERIFY(one.startsWith("xxh3:"));
        QCOMPARE(polar(question + QStringList{"--threads", "2"}).json().value("hash").toString(), one);
        QCOMPARE(polar(question + QStringList{"--threads", "8"}).json().value("hash").toString(), one);
    }

    void anotherSeedIsAnotherChip()
    {
        const QStringList question = kQuickEvaluation + QStringList{"--plan", "cim-w4a8-rank8"};
        QVERIFY(polar(question + QStringList{"--seed", "1"}).json().value("hash") !=
                polar(question + QStringList{"--seed", "2"}).json().value("hash"));
    }

    void theWholeReferenceIsTheManifestToTheSample()
    {
        const QJsonObject report = polar({"evaluate", "lenet5-mnist", "mnist", "--json"}).json();
        QCOMPARE(report.value("samples").toInt(), 10'000);
        QCOMPARE(report.value("top1").toObject().value("successes").toInt(), 9'938);
        QCOMPARE(report.value("agreement").toObject().value("value").toDouble(), 1.0);
    }

    void presetsAreFilesThatComeBack()
    {
        const QString file = path("nf4.plan.json");
        QCOMPARE(polar({"plan", "preset", "npp-nf4-rank8", "-o", file}).exitCode, 0);
        QCOMPARE(polar({"plan", "diff", "npp-nf4-rank8", file, "--json"}).json().value("changes").toArray().size(), 0);
        const QJsonObject check = polar({"plan", "check", file, "--network", "lenet5-mnist", "--json"}).json();
        QVERIFY(check.value("problems").isArray());
        QVERIFY(check.value("problems").toArray().isEmpty());
    }

    void aDifferenceIsToldFieldByField()
    {
        const QJsonArray changes = polar({"plan", "diff", "fp32", "npp-nf4-rank8", "--json"}).json().value("changes").toArray();
        QVERIFY(!changes.isEmpty());
        for (const QJsonValue& change : changes)
            QCOMPARE(missing(change.toObject(), {"layer", "field", "before", "after"}), QStringList());
    }

    void aPlanForNoSuchLayerIsFlawed()
    {
        writeFile(path("ghost.plan.json"),
                  R"({"schema": "polarizer.plan/1", "name": "ghost", "layers": {"ghost": {"weights": {"format": "int4"}}}})");
        const PolarRun run = polar({"plan", "check", path("ghost.plan.json"), "--network", "mlp-mnist", "--json"});
        QCOMPARE(run.exitCode, 1);
        QCOMPARE(run.json().value("problems").toArray().size(), 1);
        QVERIFY2(run.errors.contains("ghost"), run.words());
        QCOMPARE(polar({"evaluate", "mlp-mnist", "mnist", "--plan", path("ghost.plan.json")}).exitCode, 1);
    }

    void everyBundledPlanFitsTheNetworkItNames()
    {
        const QDir plans(qEnvironmentVariable("POLARIZER_ROOT") + "/resources/plans");
        const QStringList files = plans.entryList({"*.plan.json"});
        QVERIFY(!files.isEmpty());
        for (const QString& file : files) {
            const PolarRun run = polar({"plan", "check", plans.filePath(file)});
            QVERIFY2(run.exitCode == 0, run.words());
        }
    }

    void formatsTellLevelsAndThresholds()
    {
        const QJsonObject nf4 = polar({"formats", "nf4", "--json"}).json();
        QCOMPARE(nf4.value("bits").toDouble(), 4.0);
        QCOMPARE(nf4.value("levels").toArray().size(), 16);
        QCOMPARE(nf4.value("thresholds").toArray().size(), 15);
        QCOMPARE(nf4.value("levels").toArray().last().toDouble(), 1.0);
        QVERIFY(nf4.value("holds_zero").toBool());
        const QJsonObject e4m3 = polar({"formats", "e4m3", "--json"}).json();
        QCOMPARE(e4m3.value("largest_level").toDouble(), 448.0); // OCP 8-bit floating point, revision 1.0
    }

    void aReportBecomesOnePage()
    {
        const QString report = path("mlp.report.json"), page = path("mlp.html");
        QCOMPARE(polar({"evaluate", "mlp-mnist", "mnist", "--samples", "200", "--plan", "int2-rank8", "-o", report}).exitCode, 0);
        const PolarRun run = polar({"report", report, "-o", page, "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        QCOMPARE(run.json().value("file").toString(), page);
        QFile file(page);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray html = file.readAll();
        QVERIFY(html.startsWith("<!doctype html>"));
        QVERIFY(html.contains("mlp-mnist") && html.contains("INT2") && html.contains("TOPS/W"));
        QVERIFY2(!html.contains("src=") && !html.contains("href="), "the page needs nothing but itself");
    }

    void progressIsSilentUnlessAskedFor()
    {
        QVERIFY(polar(kQuickEvaluation).errors.isEmpty());
        QVERIFY(!polar(kQuickEvaluation + QStringList{"--progress"}).errors.isEmpty());
    }

    void aFullDiskIsNotSuccess()
    {
        if (!QFile::exists("/dev/full"))
            QSKIP("this system has no /dev/full");
        QProcess process;
        process.setStandardOutputFile("/dev/full");
        process.start(polarProgram(), {"list"});
        const PolarRun run = finished(process);
        QVERIFY2(run.exitCode == 1 && run.errors.contains("standard output"), run.words());
    }
};

QTEST_GUILESS_MAIN(TestPolar)
#include "tst_polar.moc"
