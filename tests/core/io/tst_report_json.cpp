// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <limits>

using namespace core;

class TestReportJson : public QObject {
    Q_OBJECT

private slots:
    void everyPromisedKeyIsThere();
    void aShareCarriesItsInterval();
    void readsAndDifferencesHaveTheirKeys();
    void noErrorAtAllIsNull();
    void theBillOfAllSamplesIsTheirSum();
};

namespace {

Report report()
{
    Report report;
    report.network = "lenet5-mnist";
    report.samples = 10;
    report.requested = 20;
    report.partial = true;
    report.top1 = {8, 10};
    report.referenceTop1 = {9, 10};
    report.agreement = {7, 10};
    LayerReport layer;
    layer.name = "conv1";
    layer.rows = 6;
    layer.columns = 25;
    layer.macs = 117600;
    layer.sqnrDecibels = 21.5;
    layer.propagatedSqnrDecibels = std::numeric_limits<double>::infinity();
    layer.rowErrors = {0.25f, std::numeric_limits<float>::quiet_NaN()};
    layer.surrogate = SurrogateReport{};
    report.layers = {layer};
    report.energy.technology = "45nm";
    report.energy.macs = 100;
    report.energy.lines = {{LedgerEntry{}, Picojoules(50), "a table"}};
    report.chips = chipStatistics(std::array{0.7, 0.8});
    report.remarks = {"a remark"};
    report.seconds = std::chrono::duration<double>(2);
    report.imagesPerSecond = 5;
    report.hash = "xxh3:00";
    return report;
}

}  // namespace

void TestReportJson::everyPromisedKeyIsThere()
{
    const auto json = reportToJson(report());
    for (const char* key : {"samples", "top1", "reference_top1", "agreement", "layers", "energy", "chips", "seconds", "images_per_second",
                            "hash", "partial", "remarks"})
        QVERIFY2(json.contains(key), key);
    for (const char* key : {"name", "rows", "columns", "sqnr_db", "propagated_sqnr_db", "energy_pj", "macs", "recomputed_fraction"})
        QVERIFY2(json["layers"][0].contains(key), key);
    for (const char* key : {"total_pj", "per_inference_pj", "tops_per_watt", "convention"})
        QVERIFY2(json["energy"].contains(key), key);
    for (const char* key : {"mean", "std", "min", "count", "max", "p5", "p95", "reads", "top1"})
        QVERIFY2(json["chips"].contains(key), key);
    QCOMPARE(json["samples"].get<int>(), 10);
    QCOMPARE(json["partial"].get<bool>(), true);
    QCOMPARE(json["chips"]["min"].get<double>(), 0.7);
    QCOMPARE(json["layers"][0]["sqnr_db"].get<double>(), 21.5);
}

void TestReportJson::aShareCarriesItsInterval()
{
    const auto json = reportToJson(report());
    for (const char* key : {"top1", "reference_top1", "agreement"})
        for (const char* part : {"value", "low", "high"})
            QVERIFY(json[key].contains(part));
    QCOMPARE(json["top1"]["value"].get<double>(), 0.8);
    QVERIFY(std::abs(json["top1"]["low"].get<double>() - 0.490) < 0.001);  // Wilson, 8 of 10
    QVERIFY(std::abs(json["top1"]["high"].get<double>() - 0.943) < 0.001);
}

void TestReportJson::readsAndDifferencesHaveTheirKeys()
{
    Report twice = report();
    QVERIFY(!reportToJson(twice).contains("against_reference") && !reportToJson(twice)["chips"].contains("read_std"));
    twice.chips = chipStatistics(std::array{0.7, 0.8, 0.9, 0.9}, 2);
    twice.answers = std::make_shared<const ChipAnswers>(ChipAnswers{1, {3, 4}, 1, {{1, 0}}, {1, 1}});
    const auto json = reportToJson(twice);
    QCOMPARE(json["chips"]["count"].get<int>(), 2);
    QCOMPARE(json["chips"]["reads"].get<int>(), 2);
    QCOMPARE(json["chips"]["read_top1"].size(), std::size_t{4});
    QVERIFY(json["chips"]["read_std"].get<double>() > 0);
    QCOMPARE(json["against_reference"]["value"].get<double>(), -0.5);
    QCOMPARE(json["against_reference"]["lost"].get<int>(), 1);
    QCOMPARE(json["against_reference"]["significant"].get<bool>(), false);
    const auto yield = yieldToJson(twice.chips, 0.8);
    QCOMPARE(yield["value"].get<double>(), 0.5);
    QCOMPARE(yield["trials"].get<int>(), 2);
    QCOMPARE(yield["threshold"].get<double>(), 0.8);
}

void TestReportJson::noErrorAtAllIsNull()
{
    const auto json = reportToJson(report());
    QVERIFY(json["layers"][0]["propagated_sqnr_db"].is_null());
    QVERIFY(json["layers"][0]["row_errors"][1].is_null());
    QCOMPARE(json["layers"][0]["row_errors"][0].get<double>(), 0.25);
}

void TestReportJson::theBillOfAllSamplesIsTheirSum()
{
    const auto json = reportToJson(report());
    QCOMPARE(json["energy"]["per_inference_pj"].get<double>(), 50.0);
    QCOMPARE(json["energy"]["total_pj"].get<double>(), 500.0);
    QCOMPARE(json["energy"]["tops_per_watt"].get<double>(), 4.0);  // 2 x 100 operations for 50 pJ
}

QTEST_APPLESS_MAIN(TestReportJson)
#include "tst_report_json.moc"
