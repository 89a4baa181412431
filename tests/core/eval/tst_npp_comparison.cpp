// SPDX-License-Identifier: Apache-2.0
// A bill small enough to add up by hand, beside the published headline and our model of it.
#include "core/eval/npp_comparison.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace core;

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;
constexpr auto kInteger = NumberKind::Integer;
constexpr auto kFloat = NumberKind::Float;

PriceTable prices()
{
    PriceTable table;
    table.name = "toy";
    for (const auto& [operation, kind, bits, picojoules] :
         {std::tuple(Op::Multiply, kInteger, 8.0, 0.2), std::tuple(Op::Add, kInteger, 32.0, 0.1),
          std::tuple(Op::Multiply, kFloat, 16.0, 1.1), std::tuple(Op::Add, kFloat, 16.0, 0.4),
          std::tuple(Op::SramBits, kInteger, 65536.0, 0.15), std::tuple(Op::AdcConversion, kInteger, 6.0, 0.5)})
        table.prices.push_back({operation, kind, bits, Picojoules(picojoules), "Toy, 2026", Confidence::Measured});
    return table;
}

LayerReport layer(std::size_t index, const char* name, int rows, int columns, std::int64_t positions, int rank)
{
    LayerReport report;
    report.index = LayerIndex(index);
    report.name = name;
    report.rows = rows;
    report.columns = columns;
    report.macs = positions * rows * columns;
    if (rank > 0) {
        report.surrogate = SurrogateReport{};
        report.surrogate->rank = rank;
    }
    return report;
}

/// A layer of 64 x 32 at ten positions with a path of rank 4, 4 x (64 + 32) x 10 = 3840 products and sums, and one of 16 x 64
/// without:
///   main multiply  20480 + 1024 products at 0.2 pJ     4300.8
///   accumulate     20480 + 1024 sums at 0.1 pJ         2150.4
///   recovery       3840 at 1.1 and 3840 at 0.4 pJ      5760
///   memory         8192 bits at 0.15 pJ                1228.8     together 13440 pJ for 21504 MACs
Report twoLayers()
{
    const LayerIndex first(0), second(1);
    const Ledger ledger{
        {first, Part::MainMultiply, Op::Multiply, kInteger, 8, 8, 20480}, {first, Part::Accumulate, Op::Add, kInteger, 32, 0, 20480},
        {first, Part::Recovery, Op::Multiply, kFloat, 16, 16, 3840},      {first, Part::Recovery, Op::Add, kFloat, 16, 0, 3840},
        {second, Part::MainMultiply, Op::Multiply, kInteger, 8, 8, 1024}, {second, Part::Accumulate, Op::Add, kInteger, 32, 0, 1024},
        {second, Part::Memory, Op::SramBits, kInteger, 8192, 0, 8192}};
    Report report;
    report.layers = {layer(0, "wide", 64, 32, 10, 4), layer(1, "plain", 16, 64, 1, 0)};
    report.energy = makeBill(ledger, prices(), 21504).value();
    return report;
}

/// Equal but for the rounding of sums.
bool isNear(double found, double wanted) { return std::abs(found / wanted - 1) < 1e-12; }

}  // namespace

class TestNppComparison : public QObject {
    Q_OBJECT

private slots:
    void theFourFiguresOfABillAddedUpByHand()
    {
        const NppComparison found = compareWithNpp(twoLayers()).value();
        QCOMPARE(found.published, 464.0);
        // A main MAC costs 2 / 1602 pJ, an operation of the path 0.049 pJ. On 512 x 512 rank 8 is one MAC of the path in 32.
        QVERIFY(isNear(found.model, 2 / (2 / 1602.0 + 2 * 0.049 / 32)));
        QVERIFY(isNear(found.modelHere, 2 * 21504 / (21504 * 2 / 1602.0 + 2 * 3840 * 0.049)));
        QVERIFY(isNear(found.own, 2 * 21504 / 13440.0));
        QVERIFY(isNear(found.own, 3.2));
        QVERIFY(isNear(found.ownRange.low.value(), 13440 / 1.25));  // measured: by rule
        QVERIFY(isNear(found.ownRange.typical.value(), 13440));
        QVERIFY(isNear(found.ownRange.high.value(), 13440 * 1.25));
    }

    void eachStepLeavesOutTheDearestPartThatIsLeft()
    {
        const NppComparison found = compareWithNpp(twoLayers()).value();
        QCOMPARE(found.steps.size(), std::size_t{4});
        const auto is = [&](std::size_t step, const char* words, double picojoulesLeft) {
            return found.steps[step].words == words && isNear(found.steps[step].topsPerWatt, 43008 / picojoulesLeft);
        };
        QVERIFY(is(0, "without recovery", 13440 - 5760));
        QVERIFY(is(1, "and without main multiply", 13440 - 5760 - 4300.8));
        QVERIFY(is(2, "and without accumulate", 1228.8));
        QCOMPARE(found.steps[3].words, std::string("and without memory"));
        QCOMPARE(found.steps[3].topsPerWatt, std::numeric_limits<double>::infinity());
    }

    void theReasonIsTheBillInWords()
    {
        // Recovery: 5760 pJ for 7680 operations. Its ceiling: 2 x 20480 MACs over 5760 pJ.
        QCOMPARE(
            compareWithNpp(twoLayers())->reason,
            std::string("the bill is 43 % recovery, 32 % main multiply, 16 % accumulate, 9 % memory; recovery costs 750 fJ an operation "
                        "here, 49 in the model, and its layers are narrow: the path of wide (64 x 32) alone allows 7.11 TOPS/W; the "
                        "model has no memory; with the model's own prices these layers would reach 107"));
    }

    void onlyWhatIsTrueIsSaid()
    {
        // Rank 8 on 1024 x 2048 is 8 / 1024 + 8 / 2048, less than the model's one in 32: not narrow. Converters without memory.
        Report report;
        report.layers = {layer(0, "large", 1024, 2048, 1, 8)};
        const double macs = 1024 * 2048, path = 8 * (1024 + 2048);
        report.energy = makeBill({{LayerIndex(0), Part::Converter, Op::AdcConversion, kInteger, 6, 0, 100000},
                                  {LayerIndex(0), Part::Recovery, Op::Multiply, kFloat, 16, 16, path},
                                  {LayerIndex(0), Part::Recovery, Op::Add, kFloat, 16, 0, path}},
                                 prices(), macs)
                            .value();
        const NppComparison found = compareWithNpp(report).value();
        // 50000 pJ of conversions and 24576 x 1.5 = 36864 pJ of recovery: 57.6 and 42.4 %. 2 x 2097152 / 36864 = 113.8.
        QCOMPARE(found.reason, std::string("the bill is 58 % converter, 42 % recovery; recovery costs 750 fJ an operation here, 49 in the "
                                           "model: the path of large (1024 x 2048) alone allows 114 TOPS/W; the model has no converters"));
        QVERIFY(isNear(found.own, 2 * macs / 86864));
        QVERIFY(isNear(found.modelHere, 2 / (2 / 1602.0 + 2 * 0.049 * path / macs)));
    }

    void aCeilingIsWhatThePathAloneCosts()
    {
        const Report report = twoLayers();
        QVERIFY(isNear(rankCeilingOf(report.layers[0], report.energy).value(), 2 * 20480 / 5760.0));
        QVERIFY(!rankCeilingOf(report.layers[1], report.energy));
    }

    void noBillComparesNothing() { QVERIFY(!compareWithNpp(Report{})); }
};

QTEST_APPLESS_MAIN(TestNppComparison)
#include "tst_npp_comparison.moc"
