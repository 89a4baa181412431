// SPDX-License-Identifier: Apache-2.0
// The small values everybody uses: problems, hashes, half floats, quantities, indices.
#include "core/base/half.h"
#include "core/base/hash.h"
#include "core/base/index.h"
#include "core/base/problem.h"
#include "core/base/quantity.h"
#include "core/base/run_control.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <vector>

using namespace core;

namespace {

Result<int> positive(int number)
{
    if (number <= 0)
        return Problem{"number", "found " + std::to_string(number) + "; wanted a positive one"};
    return number;
}

Result<void> demandPositive(int number)
{
    CORE_TRY(positive(number));
    return success();
}

Result<int> sumOfPositives(int a, int b)
{
    CORE_TRY(const int first, positive(a));
    int second = 0;
    CORE_TRY(second, positive(b));
    return first + second;
}

}  // namespace

class TestBaseValues : public QObject {
    Q_OBJECT

private slots:
    void aProblemIsHandedOnUnchanged()
    {
        QCOMPARE(sumOfPositives(2, 3).value(), 5);
        QVERIFY(sumOfPositives(-1, 3).error() == (Problem{"number", "found -1; wanted a positive one"}));
        QVERIFY(sumOfPositives(2, 0).has_error());
        QVERIFY(demandPositive(1).has_value());
        QVERIFY(demandPositive(0).has_error());
    }

    void aProblemSaysWhereFromTheOutsideIn()
    {
        const Problem problem{"key bits", "found 0"};
        QCOMPARE(QString::fromStdString(problem.within("plan.json").text()), QString("plan.json: key bits: found 0"));
        QCOMPARE(QString::fromStdString((Problem{"", "found 0"}).text()), QString("found 0"));
        QCOMPARE(QString::fromStdString((Problem{"", "found 0"}).within("plan.json").text()), QString("plan.json: found 0"));
    }

    void hashesAreXxh3()
    {
        QCOMPARE(Hasher().textValue(), std::string("xxh3:2d06800538d394c2"));   // published: XXH3-64 of nothing
        QCOMPARE(Hasher().add(1.0f).value(), Hasher().add(1.0f).value());
        QVERIFY(Hasher().add(1.0f).value() != Hasher().add(1).value());
        QVERIFY(Hasher().add(0.0f).value() != Hasher().add(-0.0f).value());
    }

    void neighboursInAHashDoNotRunTogether()
    {
        QVERIFY(Hasher().text("ab").text("c").value() != Hasher().text("a").text("bc").value());
        const std::vector<int> one{1}, two{2}, both{1, 2}, none;
        QVERIFY(Hasher().all<int>(one).all<int>(two).value() != Hasher().all<int>(both).all<int>(none).value());
    }

    void every16BitFloatSurvivesTheWayThroughFloat()
    {
        for (std::uint32_t code = 0; code < 65536; ++code) {
            Float16 half;
            half.bits = static_cast<std::uint16_t>(code);
            BFloat16 brain;
            brain.bits = static_cast<std::uint16_t>(code);
            if (!std::isnan(static_cast<float>(half)))
                QCOMPARE(std::uint32_t{Float16(static_cast<float>(half)).bits}, code);
            if (!std::isnan(static_cast<float>(brain)))
                QCOMPARE(std::uint32_t{BFloat16(static_cast<float>(brain)).bits}, code);
        }
    }

    void halfFloatsRoundTiesToEvenAndOverflowToInfinity()
    {
        QCOMPARE(static_cast<float>(Float16(1.0f + 0x1p-11f)), 1.0f);
        QCOMPARE(static_cast<float>(Float16(1.0f + 0x3p-11f)), 1.0f + 0x1p-9f);
        QCOMPARE(static_cast<float>(Float16(65519.0f)), 65504.0f);
        QVERIFY(std::isinf(static_cast<float>(Float16(65520.0f))));
        QCOMPARE(static_cast<float>(Float16(0x1p-25f)), 0.0f);
        QCOMPARE(static_cast<float>(Float16(0x3p-25f)), 0x1p-23f);
        QCOMPARE(static_cast<float>(BFloat16(1.0f + 0x1p-8f)), 1.0f);
        QCOMPARE(static_cast<float>(BFloat16(1.0f + 0x3p-8f)), 1.0f + 0x1p-6f);
        QVERIFY(std::isnan(static_cast<float>(Float16(std::nanf("")))));
        QVERIFY(std::isnan(static_cast<float>(BFloat16(std::bit_cast<float>(0x7f800001u)))));   // its payload is cut off, it stays NaN
    }

    void quantitiesKeepTheirUnit()
    {
        Picojoules energy(3);
        energy += Picojoules(2) * 4;
        QCOMPARE(energy.value(), 11.0);
        QCOMPARE((energy - Picojoules(1)).value(), 10.0);
        QCOMPARE(Picojoules(10) / Picojoules(4), 2.5);
        QVERIFY(Picojoules(1) < Picojoules(2));
        static_assert(!std::is_convertible_v<Bits, Picojoules>);
    }

    void anIndexKnowsWhetherItPointsAnywhere()
    {
        QVERIFY(!LayerIndex().isValid());
        QVERIFY(LayerIndex(0).isValid());
        QCOMPARE(LayerIndex(7).value(), std::size_t{7});
        QVERIFY(LayerIndex() < LayerIndex(0));
        static_assert(!std::is_convertible_v<RowIndex, LayerIndex>);
    }

    void aRunIsToldToStopThroughItsToken()
    {
        std::stop_source source;
        std::vector<double> told;
        const RunControl control{source.get_token(), [&](const Progress& progress) { told.push_back(progress.fraction); }};
        control.report(0.5, "evaluating");
        QVERIFY(!control.stopped());
        source.request_stop();
        QVERIFY(control.stopped());
        QCOMPARE(told, (std::vector<double>{0.5}));
        RunControl().report(1, "nobody listens");
    }
};

QTEST_APPLESS_MAIN(TestBaseValues)
#include "tst_base_values.moc"
