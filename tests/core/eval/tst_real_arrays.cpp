// SPDX-License-Identifier: Apache-2.0
// What arrays do to whole networks, and what brings it back: variation is recovered by small exact paths, a converter that
// is too coarse for its range is not, and time is compensated. Figures are of the first 2,000 test samples.

#include "core/eval/evaluator.h"
#include "core/io/library.h"

#include <QtTest>

using namespace core;

class TestRealArrays : public QObject {
    Q_OBJECT
    std::shared_ptr<Evaluator> m_evaluator;

    struct Scores {
        double top1, reference;
    };
    Scores scores(const ArrayTreatment& array, int rank)
    {
        EvaluationRequest request;
        request.plan.defaults.cim = Switchable<ArrayTreatment>{array};
        if (rank > 0) {
            SurrogatePlan surrogate;
            surrogate.rank = rank;
            request.plan.defaults.surrogate = Switchable<SurrogatePlan>{surrogate};
        }
        request.samples = 2000;
        request.layerErrors = false;
        const auto report = m_evaluator->evaluate(request);
        if (!report)
            qFatal("%s", report.error().text().c_str());
        return {100 * report.value()->top1.value(), 100 * report.value()->referenceTop1.value()};
    }

    static ArrayTreatment array(int adcBits, const char* range, double sigma)
    {
        ArrayTreatment made;  // 64 rows, W4A8
        made.adc.bits = adcBits;
        made.adc.range = ConverterRange::parse(range).value();
        made.variation.sigma = sigma;
        return made;
    }

private slots:
    void initTestCase_data();
    void initTestCase();
    void variationIsRecovered();
    void aCoarseConverterIsNotAndItsRangeIsTheGain();
    void timeIsCompensated();
};

void TestRealArrays::initTestCase_data()
{
    QTest::addColumn<QString>("network");
    QTest::newRow("mlp-mnist") << "mlp-mnist";
    QTest::newRow("lenet5-mnist") << "lenet5-mnist";
}

void TestRealArrays::initTestCase() {}

void TestRealArrays::variationIsRecovered()
{
    QFETCH_GLOBAL(QString, network);
    m_evaluator = Evaluator::create(openSubject(network.toStdString(), "mnist").value()).value();
    const Scores recovered = scores(array(0, "full", 0.4), 8);
    qInfo("sigma 0.4, rank 8: %.2f %%, reference %.2f %%", recovered.top1, recovered.reference);
    QCOMPARE_GE(recovered.top1, recovered.reference - 1.0);
}

void TestRealArrays::aCoarseConverterIsNotAndItsRangeIsTheGain()
{
    QFETCH_GLOBAL(QString, network);
    m_evaluator = Evaluator::create(openSubject(network.toStdString(), "mnist").value()).value();
    for (const int bits : {3, 4}) {
        const Scores full = scores(array(bits, "full", 0.1), 8);
        qInfo("%d bits over full scale, rank 8: %.2f %%, reference %.2f %%", bits, full.top1, full.reference);
        QCOMPARE_LT(full.top1, full.reference - 5.0);
    }
    const Scores full = scores(array(4, "full", 0.1), 0), calibrated = scores(array(4, "percentile:99.9", 0.1), 0);
    qInfo("4 bits: full scale %.2f %%, calibrated %.2f %%", full.top1, calibrated.top1);
    QCOMPARE_GE(calibrated.top1, full.top1 + 15.0);
}

void TestRealArrays::timeIsCompensated()
{
    // Ten years of phase-change drift: every layer's outputs shrink, and one digital factor each brings most of it back. An MLP
    // hardly minds (without biases a rectified network's choice does not depend on its scale); there it must do no harm.
    QFETCH_GLOBAL(QString, network);
    m_evaluator = Evaluator::create(openSubject(network.toStdString(), "mnist").value()).value();
    ArrayTreatment aged = withDevice(array(0, "full", 0.0), loadDevice("pcm").value());
    aged.drift.seconds = 3.2e8;
    const Scores alone = scores(aged, 0);
    aged.drift.compensation = Drift::Compensation::Global;
    const Scores compensated = scores(aged, 0);
    aged.drift.compensation = Drift::Compensation::Column;
    const Scores byColumn = scores(aged, 0);
    qInfo("ten years: %.2f %%, compensated %.2f %%, by column %.2f %%", alone.top1, compensated.top1, byColumn.top1);
    const double gain = network == "lenet5-mnist" ? 1.0 : -0.5;
    QCOMPARE_GE(compensated.top1, alone.top1 + gain);
    QCOMPARE_GE(byColumn.top1, alone.top1 + gain);
    QCOMPARE_GE(compensated.top1, compensated.reference - 2.0);
}

QTEST_GUILESS_MAIN(TestRealArrays)
#include "tst_real_arrays.moc"
