// SPDX-License-Identifier: Apache-2.0
// polar evaluate --technology, polar energy and polar selfcheck: keys, figures, own tables, refusals.

#include "app/cli/polar_process.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>

#include <cmath>

namespace {

const QByteArray kOwn = R"({"schema": "polarizer.energy/1", "name": "mine", "title": "Mine", "node_nm": 22, "voltage": 0.8, "prices": [
    {"operation": "multiply", "kind": "float", "bits": 32, "value": 2, "unit": "pJ", "range": [1, 4], "source": "a bench", "confidence": "measured"},
    {"operation": "add", "kind": "float", "bits": 32, "value": 1, "unit": "pJ", "range": [1, 1], "source": "a bench", "confidence": "measured"},
    {"operation": "compare", "kind": "integer", "bits": 32, "value": 0, "unit": "pJ", "source": "a bench", "confidence": "measured"},
    {"operation": "sram", "bits": 1, "value": 0, "unit": "pJ", "source": "a bench", "confidence": "measured"}]})";

QJsonObject energyOf(const QStringList& more)
{
    const PolarRun run = polar(QStringList{"evaluate", "mlp-mnist", "mnist", "--samples", "20", "--json"} + more);
    if (run.exitCode != 0)
        qFatal("%s", run.words().constData());
    return run.json().value("energy").toObject();
}

double at(const QJsonObject& object, const char* key) { return object.value(key).toDouble(); }

}  // namespace

class TestPolarEnergy : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

private slots:
    void theBillHasItsIntervalItsPartsAndItsLines()
    {
        const PolarRun run = polar(
            {"evaluate", "lenet5-mnist", "mnist", "--samples", "20", "--plan", "cim-w4a8-rank8", "--technology", "28nm-cim", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        const QJsonObject energy = run.json().value("energy").toObject();
        const QJsonObject range = energy.value("per_inference_range_pj").toObject();
        QVERIFY(at(range, "low") < at(range, "typical") && at(range, "typical") < at(range, "high"));
        QCOMPARE(at(range, "typical"), at(energy, "per_inference_pj"));
        double lines = 0, layers = 0, parts = 0;
        for (const QJsonValue& line : energy.value("lines").toArray()) {
            lines += at(line.toObject().value("energy_pj").toObject(), "typical");
            QVERIFY(!line.toObject().value("source").toString().isEmpty() && !line.toObject().value("confidence").toString().isEmpty());
            QVERIFY(!line.toObject().value("layer").isNull());
        }
        for (const QJsonValue& layer : run.json().value("layers").toArray()) {
            layers += at(layer.toObject(), "energy_pj");
            const double own = 2 * at(layer.toObject(), "macs") / at(layer.toObject(), "energy_pj");
            QVERIFY(at(layer.toObject(), "rank_ceiling_tops_per_watt") > own);  // the path is a part of the layer's bill
        }
        for (const QJsonValue& part : energy.value("parts_pj").toObject())
            parts += part.toDouble();
        for (const double sum : {lines, layers, parts})
            QVERIFY(std::abs(sum / at(energy, "per_inference_pj") - 1) < 1e-9);
        const QJsonObject npp = energy.value("npp").toObject();
        QCOMPARE(at(npp, "published_tops_per_watt"), 464.0);
        QVERIFY(std::abs(at(npp, "model_tops_per_watt") - 464) < 1 && at(npp, "own_tops_per_watt") < 464);
        QVERIFY(npp.value("reason").toString().contains("converter"));
        const QJsonObject estimates = run.json().value("estimates").toObject();
        QVERIFY(at(estimates.value("latency").toObject(), "seconds") > 0 && at(estimates.value("area").toObject(), "array_cells_mm2") > 0);
        QVERIFY(energy.value("conventions").toArray().size() >= 4);
    }

    void aTableOfOnesOwnIsPaidBy()
    {
        const QString file = m_folder.filePath("mine.json");
        writeFile(file, kOwn);
        const QJsonObject energy = energyOf({"--technology", file});
        // FP32: a product and a sum each MAC; nothing else costs here.
        QVERIFY(std::abs(at(energy, "per_inference_pj") / (3 * at(energy, "macs")) - 1) < 1e-9);
        QVERIFY(std::abs(at(energy.value("per_inference_range_pj").toObject(), "high") / (5 * at(energy, "macs")) - 1) < 1e-9);
        QVERIFY(std::abs(at(energy, "tops_per_watt") - 2.0 / 3) < 1e-9);
        QByteArray half = kOwn;
        half.replace("\"value\": 1, \"unit\": \"pJ\", \"range\": [1, 1]", "\"value\": 500, \"unit\": \"fJ\", \"range\": [500, 500]");
        writeFile(file, half);
        const QJsonObject halved = energyOf({"--technology", file});
        QCOMPARE(at(halved.value("parts_pj").toObject(), "accumulate"), at(energy.value("parts_pj").toObject(), "accumulate") / 2);
        QCOMPARE(at(halved.value("parts_pj").toObject(), "main multiply"), at(energy.value("parts_pj").toObject(), "main multiply"));
    }

    void aTableSeenFromAnotherNodeCostsLess()
    {
        QVERIFY(at(energyOf({"--technology", "45nm@16nm,0.8V"}), "per_inference_pj") <
                at(energyOf({"--technology", "45nm"}), "per_inference_pj"));
    }

    void badTablesAreNamed_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("an unknown operation") << QByteArray("\"compare\"") << QByteArray("\"divide\"") << QByteArray("prices[2].operation");
        QTest::newRow("an operation nobody priced")
            << QByteArray("\"operation\": \"sram\"") << QByteArray("\"operation\": \"dram\"") << QByteArray("has no price for sram");
        QTest::newRow("a range beside its price") << QByteArray("[1, 4]") << QByteArray("[3, 4]") << QByteArray("prices[0].range");
        QTest::newRow("a price below zero") << QByteArray("\"value\": 2") << QByteArray("\"value\": -2") << QByteArray("prices[0].value");
        QTest::newRow("a price that is text") << QByteArray("\"value\": 2") << QByteArray("\"value\": \"two\"")
                                              << QByteArray("prices[0].value");
        QTest::newRow("half a file") << kOwn.mid(200) << QByteArray() << QByteArray("line");
    }
    void badTablesAreNamed()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, words);
        QByteArray text = kOwn;
        QVERIFY(text.contains(from));
        text.replace(from, to);
        writeFile(m_folder.filePath("bad.json"), text);
        const PolarRun run =
            polar({"evaluate", "mlp-mnist", "mnist", "--samples", "20", "--technology", m_folder.filePath("bad.json"), "--json"});
        QCOMPARE(run.exitCode, 1);
        QVERIFY2(run.errors.contains(words), run.words());
    }

    void badNodesAreNamed()
    {
        for (const char* name : {"45nm@", "45nm@22", "45nm@22nm,", "45nm@22nm,0.8", "45nm@3nm", "45nm@22nm,9V", "3nm@22nm"}) {
            const PolarRun run = polar({"evaluate", "mlp-mnist", "mnist", "--samples", "20", "--technology", name});
            QVERIFY2(run.exitCode == 1 && !run.errors.isEmpty() && !run.crashed, name);
        }
    }

    void figuresAreSaidInOtherConventions()
    {
        const QJsonObject wide = polar({"energy", "convert", "400", "--bits", "1x1", "--to-bits", "8x8", "--json"}).json();
        QCOMPARE(at(wide.value("to").toObject(), "tops_per_watt"), 6.25);
        const QJsonObject one = polar({"energy", "convert", "464", "--to-ops", "1", "--json"}).json();
        QCOMPARE(at(one.value("to").toObject(), "tops_per_watt"), 232.0);
        QCOMPARE(at(one.value("to").toObject(), "femtojoules_per_mac"), at(one.value("from").toObject(), "femtojoules_per_mac"));
        const PolarRun noShare = polar({"energy", "convert", "464", "--to-memory", "without"});
        QCOMPARE(noShare.exitCode, 1);
        QVERIFY2(noShare.errors.contains("memory share"), noShare.words());
        QCOMPARE(polar({"energy", "convert", "464", "--to-bits", "8"}).exitCode, 1);
        QCOMPARE(polar({"energy", "convert", "464", "--to-ops", "3"}).exitCode, 2);
        QCOMPARE(polar({"energy", "convert", "-3"}).exitCode, 1);
        QCOMPARE(polar({"energy"}).exitCode, 2);
    }

    void theModelOfTheHeadlineIsLabelledAsOne()
    {
        const PolarRun run = polar({"energy", "npp"});
        QVERIFY2(run.output.contains("published   464") && run.output.contains("calibrated, not measured"), run.words());
        const auto model = [](const QStringList& more) {
            return at(polar(QStringList{"energy", "npp", "--json"} + more).json(), "model_tops_per_watt");
        };
        QVERIFY(std::abs(model({}) - 464) <= 1);
        QVERIFY(std::abs(model({"--rank", "0"}) - 1602) < 1e-6);
        QVERIFY(std::abs(model({"--rank", "16"}) - 270) <= 2);
    }

    void ceilingsDoubleWithTheWidth()
    {
        const QJsonArray ceilings = polar({"energy", "ceiling", "--json"}).json().value("ceilings").toArray();
        QCOMPARE(ceilings.size(), 7);
        QCOMPARE(at(ceilings[2].toObject(), "tops_per_watt"), 64.0);  // 256 wide, fp16 at 7 nm
        for (int width = 1; width < ceilings.size(); ++width)
            QCOMPARE(at(ceilings[width].toObject(), "tops_per_watt"), 2 * at(ceilings[width - 1].toObject(), "tops_per_watt"));
        QCOMPARE(polar({"energy", "ceiling", "--format", "nf5"}).exitCode, 1);
    }

    void theSelfCheckHoldsAndSaysWhatItDoesNotExplain()
    {
        const PolarRun run = polar({"selfcheck", "--json"});
        QVERIFY2(run.exitCode == 0, run.words());
        int explained = 0, unexplained = 0;
        for (const QJsonValue& entry : run.json().value("points").toArray()) {
            const QJsonObject point = entry.toObject();
            for (const char* key : {"subject", "point", "unit", "model", "published", "error", "kind", "inputs", "verdict"})
                QVERIFY2(point.contains(key), key);
            QVERIFY(std::abs(at(point, "error") - (at(point, "model") / at(point, "published") - 1)) < 1e-12);
            (point.value("verdict").toString() == "holds" ? explained : unexplained) += 1;
        }
        QVERIFY(explained > 40 && unexplained > 0);
        QVERIFY(run.json().value("unchecked").toArray().size() >= 3);
    }
};

QTEST_APPLESS_MAIN(TestPolarEnergy)
#include "tst_polar_energy.moc"
