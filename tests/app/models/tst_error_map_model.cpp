// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/models/error_map_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

#include <cmath>
#include <limits>

using namespace app;

class TestErrorMapModel : public QObject {
    Q_OBJECT
private slots:
    void theModelKeepsQtsPromises();
    void rowErrorsBecomeDecibels();
    void aLayerWithoutErrorIsInfinite();
    void whatIsNotMeasuredIsNotANumber();
};

void TestErrorMapModel::theModelKeepsQtsPromises()
{
    const EvaluationSource source = test::fakeSource(std::make_shared<test::Pace>());
    ErrorMapModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(nullptr);
    QCOMPARE(model.rowCount(), 0);
    model.show(test::fakeReport(source, {}, 1, 4, true));
    model.show(test::fakeReport(source, {}, 4, 4, false));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.headerData(2, Qt::Vertical, Qt::DisplayRole).toString(), QStringLiteral("third"));
}

void TestErrorMapModel::rowErrorsBecomeDecibels()
{
    auto report = std::make_shared<core::Report>();
    report->layers.resize(1);
    report->layers.front().rowErrors = {0.1F, 0.01F, 0.001F}; // 20, 40 and 60 dB
    ErrorMapModel model;
    model.show(report);
    QVERIFY(std::abs(model.values()(0, ErrorMapModel::WorstRow) - 20.0F) < 1e-4F);
    QVERIFY(std::abs(model.values()(0, ErrorMapModel::MedianRow) - 40.0F) < 1e-4F);
}

void TestErrorMapModel::aLayerWithoutErrorIsInfinite()
{
    auto report = std::make_shared<core::Report>();
    report->layers.resize(1);
    report->layers.front().sqnrDecibels = std::numeric_limits<double>::infinity();
    report->layers.front().rowErrors = {0.0F, 0.0F};
    ErrorMapModel model;
    model.show(report);
    QVERIFY(std::isinf(model.values()(0, ErrorMapModel::Local)));
    QVERIFY(std::isinf(model.values()(0, ErrorMapModel::WorstRow)));
    QCOMPARE(model.index(0, ErrorMapModel::Local).data().toString(), QStringLiteral("exact"));
}

void TestErrorMapModel::whatIsNotMeasuredIsNotANumber()
{
    auto report = std::make_shared<core::Report>();
    report->layers.resize(1);
    ErrorMapModel model;
    model.show(report);
    for (int measure = 0; measure < ErrorMapModel::MeasureCount; ++measure)
        QVERIFY(std::isnan(model.values()(0, measure)));
}

QTEST_MAIN(TestErrorMapModel)
#include "tst_error_map_model.moc"
