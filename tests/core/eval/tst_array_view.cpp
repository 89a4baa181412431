// SPDX-License-Identifier: Apache-2.0
#include "core/eval/evaluator.h"
#include "core/io/library.h"

#include <QtTest>

#include <numeric>

using namespace core;

/// What a probe sees is what the array holds, and what its converters were calibrated on.
class TestArrayView : public QObject {
    Q_OBJECT
    std::shared_ptr<Evaluator> m_evaluator;

    static PrecisionPlan plan(double sigma, int bits)
    {
        ArrayTreatment array;
        array.variation.sigma = sigma;
        array.adc.bits = bits;
        PrecisionPlan made;
        made.defaults.cim = Switchable<ArrayTreatment>{array};
        return made;
    }

private slots:
    void initTestCase() { m_evaluator = Evaluator::create(openSubject("lenet5-mnist", "mnist").value()).value(); }

    void aTileHoldsTheWeightsDigits()
    {
        // conv2: 16 x 150; tile 2 of 3 begins at input 64 and holds 64, the last one 22.
        const auto view = m_evaluator->arrayAt(plan(0.0, 6), LayerIndex(1), 1);
        QVERIFY(view.has_value());
        QCOMPARE(view.value().tiles, std::int64_t{3});
        QCOMPARE(view.value().firstRow, std::int64_t{64});
        QCOMPARE(view.value().rows, std::int64_t{64});
        QCOMPARE(view.value().outputs, std::int64_t{16});
        QCOMPARE(view.value().planes.size(), std::size_t{6});   // 3 slices on 2 sides
        const auto network = m_evaluator->compiled(plan(0.0, 6), 1, 1, 0).value();
        const CompiledLayer& layer = *network->layers[1];
        for (std::int64_t row = 0; row < 64; ++row)
            for (std::int64_t output = 0; output < 16; ++output) {
                double code = 0.0;
                for (const TilePlane& plane : view.value().planes)
                    code += (plane.side == 0 ? 1.0 : -1.0) * plane.slice.placeValue() * static_cast<double>(plane.conductances[static_cast<std::size_t>(row * 16 + output)]);
                const double step = static_cast<double>(layer.array->rowScales[static_cast<std::size_t>(output)]);
                QCOMPARE(static_cast<float>(code * step), layer.weights(output, 64 + row));
            }
        QCOMPARE(m_evaluator->arrayAt(plan(0.0, 6), LayerIndex(1), 99).value().rows, std::int64_t{22});   // beyond the last: the last
    }

    void sumsAreThoseTheRangeWasTakenFrom()
    {
        const ArrayView view = m_evaluator->arrayAt(plan(0.1, 6), LayerIndex(1), 0).value();
        QCOMPARE(view.sums.size(), std::size_t{3});
        for (const SumsOfSlice& sums : view.sums) {
            QVERIFY(std::abs(std::accumulate(sums.shares.begin(), sums.shares.end(), 0.0) - 1.0) < 1e-9);
            QVERIFY(sums.least < 0 && sums.greatest > 0);
            QVERIFY(sums.clipped < 0.004);   // 99.9 % on either side, and half a step more
            QVERIFY(sums.converter.high() <= sums.greatest + sums.converter.step);
            QVERIFY(sums.quantile(1.0) <= sums.greatest && sums.quantile(0.999) <= sums.quantile(1.0));
        }
        QCOMPARE(m_evaluator->arrayAt(plan(0.1, 0), LayerIndex(1), 0).value().sums.front().clipped, 0.0);
    }

    void aDigitalLayerIsAProblem()
    {
        const auto view = m_evaluator->arrayAt({}, LayerIndex(0), 0);
        QVERIFY(!view.has_value());
        QVERIFY(view.error().text().find("conv1") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestArrayView)
#include "tst_array_view.moc"
