// SPDX-License-Identifier: Apache-2.0
#include "app/models/sum_words.h"

#include <QTest>

#include <algorithm>

using namespace app;

namespace {

core::NumberFormat format(const char* name) { return core::NumberFormat::named(name).value(); }

core::AccumulatorPlan rule()
{
    core::AccumulatorPlan plan;
    plan.sum.format = format("e4m3");
    plan.mixed = core::MixedSum{format("fp16"), 0.1};
    return plan;
}

core::SumFigures figures()
{
    core::SumFigures made;
    made.recomputedFraction = 0.18;
    made.cost = 1.36;
    made.uniformCost = 2;
    made.overflowRate = 0.003;
    made.condition = {17, 95, 1133};
    made.perturbation = 0.38;
    made.boundOverError = 12.3;
    made.rows = {core::OverflowVerdict::Cannot, core::OverflowVerdict::Can, core::OverflowVerdict::Can, core::OverflowVerdict::Does};
    return made;
}

QString valueOf(const std::vector<SumLine>& lines, const char* name)
{
    const auto line = std::ranges::find(lines, QString::fromUtf8(name), &SumLine::name);
    return line == lines.end() ? QStringLiteral("(none)") : QString(line->value).replace(QChar(QChar::Nbsp), u' ');
}

}  // namespace

class TestSumWords : public QObject {
    Q_OBJECT
private slots:
    void theRuleTellsItsShareAndItsCost()
    {
        const auto lines = sumLines(figures(), rule());
        QCOMPARE(valueOf(lines, "taken again"), QStringLiteral("18.0 %"));
        QCOMPARE(valueOf(lines, "cost in low sums"), QStringLiteral("1.36; fp16 throughout 2.00"));
        QVERIFY(sumVerdict(figures(), rule()).contains(QStringLiteral("32")));  // 1 - 1.36 / 2
    }
    void figuresOfThePlanBeforeAreToldToo()
    {
        core::SumFigures before = figures();   // a third format was taken, which the plan has no more
        before.middleFraction = 0.09;
        QCOMPARE(valueOf(sumLines(before, rule()), "taken again"), QStringLiteral("18.0 %"));
        core::AccumulatorPlan integers;
        integers.integer = core::IntegerSumRule{16};
        QCOMPARE(valueOf(sumLines(figures(), integers), "safe from"), QStringLiteral("(none)"));   // floats have no widths
    }
    void aRuleThatCostsAsMuchDoesNotPay()
    {
        core::SumFigures dear = figures();
        dear.cost = 2;
        QVERIFY(sumVerdict(dear, rule()).contains(QStringLiteral("Does not pay")));
        dear.cost = 1.995;
        QVERIFY(sumVerdict(dear, rule()).contains(QStringLiteral("Hardly pays")));  // a quarter of a percent
        dear.cost = 1.98;
        QVERIFY(sumVerdict(dear, rule()).contains(QStringLiteral("less than fp16")));
        core::AccumulatorPlan plain = rule();
        plain.mixed.reset();
        QVERIFY(sumVerdict(dear, plain).isEmpty());
    }
    void rowsAreCountedByWhatTheyCanDo()
    {
        QCOMPARE(valueOf(sumLines(figures(), rule()), "rows that overflow"), QStringLiteral("1 cannot, 2 can, 1 do"));
        QCOMPARE(valueOf(sumLines(figures(), rule()), "overflow"), QStringLiteral("0.30 % of sums"));
    }
    void aBoundIsToldWhereItSaysSomething()
    {
        QCOMPARE(valueOf(sumLines(figures(), rule()), "bound / error"), QStringLiteral("12.3 (median)"));
        core::SumFigures vacuous = figures();
        vacuous.perturbation = 49;
        vacuous.boundOverError.reset();
        vacuous.rankCorrelation = 0.617;
        const auto lines = sumLines(vacuous, rule());
        QCOMPARE(valueOf(lines, "bound / error"), QStringLiteral("(none)"));
        QCOMPARE(valueOf(lines, "n u, roundings × unit"), QStringLiteral("49.0"));
        QCOMPARE(valueOf(lines, ""), QStringLiteral("the bound says nothing; rank correlation of κ′ and error: 0.62"));
    }
    void integersTellTheirSafeWidthAndNoRounding()
    {
        core::AccumulatorPlan plan;
        plan.integer = core::IntegerSumRule{16};
        core::SumFigures made = figures();
        made.leastSafeBits = 14;
        made.mostSafeBits = 17;
        made.safeBits = {{14, 15, {}, 21}, {17, 18, {}, 21}};
        const auto lines = sumLines(made, plan);
        QCOMPARE(valueOf(lines, "safe from"), QStringLiteral("14 to 17 bits on, by row"));
        QCOMPARE(valueOf(lines, "by A2Q, by data types"), QStringLiteral("18, 21 bits"));
        QCOMPARE(valueOf(lines, "n u, roundings × unit"), QStringLiteral("(none)"));
        QCOMPARE(valueOf(lines, "taken again"), QStringLiteral("(none)"));
    }
    void thePageEscapesNames() { QVERIFY(sumFiguresPage(QStringLiteral("a<b"), figures(), rule()).contains(QStringLiteral("a&lt;b"))); }
};

QTEST_APPLESS_MAIN(TestSumWords)
#include "tst_sum_words.moc"
