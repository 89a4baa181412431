// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/models/sample_outcome_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace app;

class TestSampleOutcomeModel : public QObject {
    Q_OBJECT
private slots:
    void theModelAndItsFilterKeepQtsPromises();
    void filtersShowWhatTheySay();
    void lowMarginsSortFirst();
    void fatesAreWords();
    void classesWithoutANameAreNumbers();

private:
    static core::ReportPtr report() { return test::fakeReport(test::fakeSource(std::make_shared<test::Pace>()), {}, 4, 4, false); }
};

void TestSampleOutcomeModel::theModelAndItsFilterKeepQtsPromises()
{
    SampleOutcomeModel model;
    SampleFilter filter;
    filter.setSourceModel(&model);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester filterTester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(report(), {"nought", "one"});
    for (const auto what : {SampleFilter::Show::Flipped, SampleFilter::Show::LowMargin, SampleFilter::Show::All})
        filter.setShow(what);
    model.show(nullptr, {});
    QCOMPARE(filter.rowCount(), 0);
}

void TestSampleOutcomeModel::filtersShowWhatTheySay()
{
    SampleOutcomeModel model;
    SampleFilter filter;
    filter.setSourceModel(&model);
    model.show(report(), {"nought", "one"}); // six samples, margins 0 ... 5; sample 3 is flipped and wrong
    QCOMPARE(filter.rowCount(), 6);
    filter.setShow(SampleFilter::Show::Flipped);
    QCOMPARE(filter.rowCount(), 1);
    QCOMPARE(filter.index(0, SampleOutcomeModel::Sample).data().toInt(), 3);
    filter.setShow(SampleFilter::Show::Wrong);
    QCOMPARE(filter.rowCount(), 1);
    filter.setShow(SampleFilter::Show::LowMargin);
    QCOMPARE(filter.rowCount(), 1); // only margin 0 is below 1
    filter.setMarginLimit(2.5);
    QCOMPARE(filter.rowCount(), 3);
}

void TestSampleOutcomeModel::lowMarginsSortFirst()
{
    SampleOutcomeModel model;
    SampleFilter filter;
    filter.setSourceModel(&model);
    model.show(report(), {"nought", "one"});
    filter.sort(SampleOutcomeModel::Margin, Qt::DescendingOrder);
    QCOMPARE(filter.index(0, SampleOutcomeModel::Sample).data().toInt(), 5);
    filter.sort(SampleOutcomeModel::Margin, Qt::AscendingOrder);
    QCOMPARE(filter.index(0, SampleOutcomeModel::Sample).data().toInt(), 0);
}

void TestSampleOutcomeModel::fatesAreWords()
{
    const auto fate = [](int label, int reference, int predicted) {
        core::SampleOutcome outcome;
        outcome.label = label;
        outcome.referencePredicted = reference;
        outcome.predicted = predicted;
        return fateText(outcome);
    };
    QCOMPARE(fate(1, 1, 1), QStringLiteral("right"));
    QCOMPARE(fate(1, 2, 2), QStringLiteral("wrong"));
    QCOMPARE(fate(1, 1, 2), QStringLiteral("flipped to wrong"));
    QCOMPARE(fate(1, 2, 1), QStringLiteral("flipped to right"));
    QCOMPARE(fate(1, 2, 3), QStringLiteral("flipped"));
    QCOMPARE(fate(-1, 2, 3), QStringLiteral("flipped"));
    QCOMPARE(fate(-1, 2, 2), QStringLiteral("right"));
}

void TestSampleOutcomeModel::classesWithoutANameAreNumbers()
{
    SampleOutcomeModel model;
    model.show(report(), {"nought"});
    QCOMPARE(model.className(0), QStringLiteral("nought"));
    QCOMPARE(model.className(1), QStringLiteral("1"));
    QVERIFY(model.className(-1).isEmpty());
}

QTEST_MAIN(TestSampleOutcomeModel)
#include "tst_sample_outcome_model.moc"
