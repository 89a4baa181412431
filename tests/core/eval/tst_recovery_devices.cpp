// SPDX-License-Identifier: Apache-2.0
// Whose errors recovery paths are fitted to where chips differ, and what becomes of them on other chips.

#include "core/eval/evaluator.h"
#include "core/io/library.h"

#include <QtTest>

#include <numeric>

using namespace core;

namespace {

/// All layers in arrays with ideal converters, rank 8.
PrecisionPlan arrays(double sigma, const char* device, int rank = 8)
{
    PrecisionPlan plan;
    ArrayTreatment array;
    array.adc.bits = 0;
    array.variation.sigma = sigma;
    plan.defaults.cim = Switchable<ArrayTreatment>{array};
    SurrogatePlan surrogate;
    surrogate.rank = rank;
    surrogate.fitOn = FitDevice::parse(device).value();
    plan.defaults.surrogate = Switchable<SurrogatePlan>{surrogate};
    return plan;
}

bool isSame(const PolarizedNetwork& a, const PolarizedNetwork& b)
{
    for (std::size_t layer = 0; layer < a.layers.size(); ++layer)
        if (a.layers[layer]->recovery->down != b.layers[layer]->recovery->down ||
            a.layers[layer]->recovery->up != b.layers[layer]->recovery->up)
            return false;
    return true;
}

}  // namespace

class TestRecoveryDevices : public QObject {
    Q_OBJECT
    std::shared_ptr<Evaluator> m_evaluator;

    std::shared_ptr<const PolarizedNetwork> compiled(const PrecisionPlan& plan, int chip, int threads = 0)
    {
        const auto network = m_evaluator->compiled(plan, 1, chip, threads);
        if (!network)
            qFatal("%s", network.error().text().c_str());
        return network.value();
    }

    /// Mean top 1 over chips 2 and on.
    double onOtherChips(const PrecisionPlan& plan)
    {
        EvaluationRequest request;
        request.plan = plan;
        request.samples = 600;
        request.chips = 4;
        request.layerErrors = false;
        const auto report = m_evaluator->evaluate(request);
        if (!report)
            qFatal("%s", report.error().text().c_str());
        const std::vector<double>& chips = report.value()->chips.top1;
        return std::accumulate(chips.begin() + 1, chips.end(), 0.0) / static_cast<double>(chips.size() - 1);
    }

private slots:
    void initTestCase()
    {
        const auto subject = openSubject("mlp-mnist", "mnist");
        QVERIFY2(subject.has_value(), subject ? "" : subject.error().text().c_str());
        m_evaluator = Evaluator::create(subject.value()).value();
    }

    void inTheLoopEveryChipHasPathsOfItsOwn() { QVERIFY(!isSame(*compiled(arrays(0.3, "own"), 1), *compiled(arrays(0.3, "own"), 2))); }

    void thePathsOfOneChipAreTheSameOnEveryOther()
    {
        QVERIFY(isSame(*compiled(arrays(0.3, "chip:1"), 2), *compiled(arrays(0.3, "own"), 1)));
        QVERIFY(isSame(*compiled(arrays(0.3, "chip:3"), 1), *compiled(arrays(0.3, "own"), 3)));
    }

    void theMeanChipAndAveragesAreTheSameForAll()
    {
        QVERIFY(isSame(*compiled(arrays(0.3, "mean"), 1), *compiled(arrays(0.3, "mean"), 2)));
        QVERIFY(isSame(*compiled(arrays(0.3, "average:3"), 1), *compiled(arrays(0.3, "average:3"), 2)));
        QVERIFY(!isSame(*compiled(arrays(0.3, "average:3"), 1), *compiled(arrays(0.3, "average:2"), 1)));
        QVERIFY(isSame(*compiled(arrays(0.3, "average:3"), 1, 1), *compiled(arrays(0.3, "average:3"), 1, 5)));
    }

    void theMeanChipMakesNoErrorOfVariation()
    {
        // What is left to correct there is the rounding of weights and inputs.
        const auto mean = compiled(arrays(0.3, "mean"), 1), calm = compiled(arrays(0.0, "own"), 1);
        for (std::size_t layer = 0; layer < mean->layers.size(); ++layer)
            QVERIFY(std::abs(mean->surrogates[layer]->residualEnergy / calm->surrogates[layer]->residualEnergy - 1) < 1e-6);
    }

    void pathsOfOneChipHarmAnother()
    {
        // At sigma 0.4 surrogates of one chip make another worse than none.
        const double own = onOtherChips(arrays(0.4, "own")), foreign = onOtherChips(arrays(0.4, "chip:1")),
                     none = onOtherChips(arrays(0.4, "own", 0));
        QVERIFY2(own > none && none > foreign, qPrintable(QString("own %1, none %2, of chip 1 %3").arg(own).arg(none).arg(foreign)));
    }

    void withoutArraysEveryChipIsTheSame()
    {
        PrecisionPlan plan;
        plan.defaults.weights = WeightPlan{{Treatment{NumberFormat::named("int3").value(), {ScaleRule::Kind::Row, 0}, {}}}, {}, {}, {}};
        for (const char* device : {"own", "mean", "average:4", "chip:2"}) {
            SurrogatePlan surrogate;
            surrogate.fitOn = FitDevice::parse(device).value();
            plan.defaults.surrogate = Switchable<SurrogatePlan>{surrogate};
            static std::shared_ptr<const PolarizedNetwork> first;
            const auto network = compiled(plan, 1);
            QVERIFY(!first || isSame(*first, *network));
            first = network;
        }
    }
};

QTEST_APPLESS_MAIN(TestRecoveryDevices)
#include "tst_recovery_devices.moc"
