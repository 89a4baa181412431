// SPDX-License-Identifier: Apache-2.0
// The sum dock: every knob is an edit of the plan, one that does not apply says why, and the figures stand beside the rule.
#include "app/shell/sum_panel.h"

#include "app/exploration/fake_sums.h"
#include "app/shell/page_switch.h"
#include "app/views/sum_cost_view.h"
#include "app/views/sum_error_view.h"

#include <QCheckBox>
#include <QLabel>
#include <QSlider>
#include <QTest>
#include <QToolButton>

using namespace app;

class TestSumPanel : public QObject {
    Q_OBJECT

    test::PacePtr m_pace;
    test::SumPacePtr m_sums;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<SumPanel> m_panel;

    template <class T>
    T* child(const char* name)
    {
        return m_panel->findChild<T*>(QString::fromLatin1(name));
    }
    core::AccumulatorPlan sums(std::size_t layer = 0) const { return m_exploration->treatment(core::LayerIndex(layer)).accumulator; }
    void choose(const char* field, const char* value) { emit child<ChoiceField>(field)->chosen(QString::fromLatin1(value)); }
    void turn(const char* knob, double value) { emit child<KnobRow>(knob)->valueChanged(value); }
    bool isApplicable(const char* name) { return child<QWidget>(name)->isEnabled(); }
    void change(const core::AccumulatorPlan& plan)
    {
        m_exploration->changePlan(test::fakeSumPlan(plan), QStringLiteral("sums"));
        QTRY_VERIFY(m_exploration->jobState().isIdle());
    }
    void select(std::vector<core::LayerIndex> layers)
    {
        Selection selection;
        selection.layers = std::move(layers);
        m_exploration->setSelection(selection);
    }

private slots:
    void init()
    {
        m_pace = std::make_shared<test::Pace>();
        m_sums = std::make_shared<test::SumPace>();
        m_exploration = std::make_unique<Exploration>(test::fakeSumOpener(m_pace, m_sums));
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
        m_panel = std::make_unique<SumPanel>(*m_exploration);
        m_panel->resize(320, 560);
        m_panel->show();
    }
    void cleanup()
    {
        m_panel.reset();
        m_exploration.reset();
    }

    void aFormatIsWhatTheEditedLayersAddUpIn()
    {
        select({core::LayerIndex(0), core::LayerIndex(2)});
        choose("sumFormat", "bf16");
        QCOMPARE(sums(0).sum.format.name(), std::string("bf16"));
        QVERIFY(sums(1).isEngineSum());
        QCOMPARE(sums(2).sum.format.name(), std::string("bf16"));
        choose("sumOrder", "pairwise");
        choose("sumProducts", "fp32");
        QVERIFY(sums(0).sum.order == core::SumOrder::Pairwise && sums(0).sum.products == core::ProductRounding::Float32);
        choose("sumFormat", "fp32");  // the engine's own
        QVERIFY(sums(0).isEngineSum());
    }
    void aTypedFormatMustBeAFloat()
    {
        auto* field = child<ChoiceField>("sumFormat");
        auto* text = child<QWidget>("sumFormatText");
        QTest::keyClicks(text, QStringLiteral("int4"));
        QTest::keyClick(text, Qt::Key_Return);
        QVERIFY(child<QLabel>("sumFormatProblem")->text().contains(QStringLiteral("no float")));
        QVERIFY(sums().isEngineSum());
        Q_UNUSED(field)
    }
    void blocksMayBeTheRootOfEachLayersProducts()
    {
        choose("sumFormat", "e4m3");
        choose("sumBlock", "root");
        QCOMPARE(sums().sum.block, 4);  // of 16 columns
        choose("sumCombine", "fp16");
        QCOMPARE(sums().sum.outerFormat().name(), std::string("fp16"));
        choose("sumBlock", "0");
        QVERIFY(!sums().sum.combine);  // nothing to combine
        QVERIFY(m_exploration->flaws().empty());
    }
    void chanceHasItsBits()
    {
        choose("sumFormat", "fp16");
        QTRY_VERIFY(!isApplicable("sumRandomBitsKnob"));
        choose("sumRounding", "stochastic");
        QTRY_VERIFY(isApplicable("sumRandomBitsKnob"));
        turn("sumRandomBitsKnob", 5);
        QCOMPARE(sums().sum.randomBits, std::optional(5));
        choose("sumRounding", "nearest");
        QVERIFY(!sums().sum.randomBits);
    }
    void integersHaveAWidthAndAnEnd()
    {
        choose("sumFormat", "integer");
        QVERIFY(sums().integer);
        turn("sumIntegerBitsKnob", 12);
        choose("sumOverflow", "saturate");
        QCOMPARE(*sums().integer, (core::IntegerSumRule{12, core::IntegerOverflow::Saturate}));
        QTRY_VERIFY(!isApplicable("sumOrder"));
        QVERIFY(child<QWidget>("sumOrder")->toolTip().contains(QStringLiteral("Integers add up exactly")));
        choose("sumFormat", "e4m3");
        QVERIFY(!sums().integer);
        QTRY_VERIFY(!isApplicable("sumIntegerBitsKnob"));
        QVERIFY(child<QWidget>("sumIntegerBitsKnob")->toolTip().contains(QStringLiteral("Only of integer accumulators")));
    }
    void theRuleBeginsAsPublished()
    {
        QVERIFY(!isApplicable("sumToleranceKnob"));
        child<QCheckBox>("sumRule")->click();
        QVERIFY(sums().mixed);
        QCOMPARE(core::text(sums()), std::string("e4m3ieee / fp16 above 0.1 in blocks of 8"));
        QTRY_VERIFY(isApplicable("sumToleranceKnob"));
        QVERIFY(!isApplicable("sumMiddleToleranceKnob"));
        choose("sumHigh", "bf16");
        choose("sumCondition", "full");
        choose("sumLast", "margin");
        turn("sumTileKnob", 4);
        choose("sumMiddle", "fp16");
        QTRY_VERIFY(isApplicable("sumMiddleToleranceKnob"));
        turn("sumMiddleToleranceKnob", 3);
        const core::MixedSum mixed = *sums().mixed;
        QCOMPARE(mixed.high.name(), std::string("bf16"));
        QVERIFY(mixed.condition == core::MixedSum::Condition::Full && mixed.last == core::MixedSum::LastLayer::Margin);
        QCOMPARE(mixed.tile, 4);
        QCOMPARE(mixed.middle->tolerance, 3.0);
        QVERIFY(m_exploration->flaws().empty());
        turn("sumRowsKnob", 40);
        QCOMPARE(sums().mixed->highRows, 0.4);
        QVERIFY(!sums().mixed->middle && m_exploration->flaws().empty());
        QTRY_VERIFY(!isApplicable("sumToleranceKnob"));
        child<QCheckBox>("sumRule")->click();
        QVERIFY(!sums().mixed);
        QCOMPARE(sums().sum.format.name(), std::string("e4m3ieee"));  // the low format stays
    }
    void oneDragOfTheToleranceIsOneUndoStep()
    {
        change(test::fakeRule(0.1));
        const int steps = m_exploration->undoStack().count();
        auto* slider = child<QSlider>("sumToleranceKnobSlider");
        slider->setSliderDown(true);
        for (const int position : {300, 500, 700})
            slider->setValue(position);
        slider->setSliderDown(false);
        QCOMPARE(m_exploration->undoStack().count(), steps + 1);
        QVERIFY(sums().mixed->tolerance > 1);
        slider->setValue(0);  // the left end is 0 itself
        QCOMPARE(sums().mixed->tolerance, 0.0);
        m_exploration->undoStack().undo();
        m_exploration->undoStack().undo();
        QCOMPARE(sums().mixed->tolerance, 0.1);
    }
    void anArrayAddsUpByItself()
    {
        core::PrecisionPlan plan;
        plan.layers["first"].cim = core::Switchable<core::ArrayTreatment>{core::ArrayTreatment{}};
        m_exploration->changePlan(plan, QStringLiteral("array"));
        choose("sumFormat", "fp16");  // of the two others
        QVERIFY(sums(0).isEngineSum());
        QCOMPARE(sums(1).sum.format.name(), std::string("fp16"));
        QVERIFY(m_exploration->flaws().empty());
        QTRY_VERIFY(child<QLabel>("sumArray")->isVisible());
        QVERIFY(isApplicable("sumFormat"));
        select({core::LayerIndex(0)});
        QTRY_VERIFY(!isApplicable("sumFormat"));
        QVERIFY(child<QLabel>("sumArray")->text().contains(QStringLiteral("converters add up")));
    }
    void aKnobTurnsOnlyTheLayersItAppliesTo()
    {
        core::PrecisionPlan plan;
        plan.layers["first"].accumulator = test::fakeRule(0.1);
        plan.layers["second"].accumulator = core::AccumulatorPlan{{}, core::IntegerSumRule{16}};
        m_exploration->changePlan(plan, QStringLiteral("sums"));
        turn("sumToleranceKnob", 0.5);
        choose("sumOrder", "kahan");
        QCOMPARE(sums(0).mixed->tolerance, 0.5);
        QVERIFY(sums(0).sum.order == core::SumOrder::Kahan);
        QCOMPARE(sums(1), (core::AccumulatorPlan{{}, core::IntegerSumRule{16}}));
        QVERIFY(!sums(2).mixed);
    }
    void aFlawStandsAtItsField()
    {
        choose("sumFormat", "fp16");
        choose("sumProducts", "fused");
        choose("sumOrder", "pairwise");
        QTRY_VERIFY(child<QLabel>("sumProductsProblem")->text().contains(QStringLiteral("pairwise")));
        QVERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("flaw")));
    }
    void figuresUnderAFlawAreOfThePlanBefore()
    {
        change(test::fakeRule());
        QTRY_VERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("50.0")));
        core::AccumulatorPlan flawed = test::fakeRule();
        flawed.sum.products = core::ProductRounding::Fused;
        flawed.sum.order = core::SumOrder::Pairwise;
        m_exploration->changePlan(test::fakeSumPlan(flawed), QStringLiteral("flawed"));
        QTRY_VERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("flaw")));
        QVERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("of the plan before")));
        QVERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("50.0")));
    }
    void theFiguresStandBesideTheRule()
    {
        QVERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("adds up in fp32")));
        change(test::fakeRule(0.1));
        QTRY_VERIFY(child<QLabel>("sumFigures")->text().contains(QStringLiteral("50.0")));
        QVERIFY(child<QLabel>("sumVerdict")->text().contains(QStringLiteral("Does not pay")));  // 1 + 2 / 2 against 2
        change(test::fakeRule(0.9));
        QTRY_VERIFY(child<QLabel>("sumVerdict")->text().contains(QStringLiteral("less than fp16 throughout")));
    }
    void theErrorIsFollowedAlongASample()
    {
        change(test::fakeRule());
        QVERIFY(m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("error")));
        auto* view = m_panel->findChild<SumErrorView*>();
        QTRY_VERIFY(!view->isEmpty());
        QCOMPARE(view->numbers().rows[2], (QStringList{"16", "0.04", "inf"}));
        QVERIFY(child<QLabel>("sumErrorWhere")->text().contains(QStringLiteral("sample 0")));
        QVERIFY(child<QLabel>("sumErrorWords")->text().contains(QStringLiteral("higher format")));
        m_exploration->changePlan({}, QStringLiteral("fp32"));
        QTRY_VERIFY(view->isEmpty());
        QVERIFY(view->accessibleDescription().contains(QStringLiteral("nobody watches")));
    }
    void whatMixingIsWorthIsMeasuredWhenAsked()
    {
        m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("cost"));
        auto* view = m_panel->findChild<SumCostView*>();
        QTRY_VERIFY(view->accessibleDescription().contains(QStringLiteral("mixes formats")));
        QVERIFY(!isApplicable("measureSumCost"));
        change(test::fakeRule(0.9));
        QTRY_VERIFY(isApplicable("measureSumCost"));
        QTest::keyClick(child<QToolButton>("measureSumCost"), Qt::Key_Space);
        QTRY_VERIFY(view->ways().size() == 3 + kSweptTolerances.size() + kSweptShares.size() && isApplicable("measureSumCost"));
        const auto note = [this] { return child<QLabel>("sumCostNote")->text(); };
        QVERIFY2(note().contains(QStringLiteral("Every cheaper way is significantly below fp16 throughout")), qPrintable(note()));
        const auto measureAgain = [this] {
            QTRY_VERIFY(isApplicable("measureSumCost"));
            QTest::keyClick(child<QToolButton>("measureSumCost"), Qt::Key_Space);
            QTRY_VERIFY(!isApplicable("measureSumCost"));
            QTRY_VERIFY(isApplicable("measureSumCost"));
        };
        m_sums->mixedRight = 985;
        measureAgain();
        QVERIFY2(note().contains(
                     QStringLiteral("Cheapest that is not significantly below fp16 throughout: 10\u00a0% of the rows, cost 1.10: −0.5 "
                                    "points to fp16 (95 %: ")),
                 qPrintable(note()));
        m_sums->lowRight = 987;
        measureAgain();
        QVERIFY2(note().contains(QStringLiteral("do not tell any cheaper way from fp16 throughout; the cheapest is e4m3 throughout")),
                 qPrintable(note()));
        emit view->wayChosen(view->ways()[2]);  // fp16 throughout, one undo step
        QCOMPARE(core::text(sums()), core::text(core::resolve(view->ways()[2].plan, "first").accumulator));
        QTRY_VERIFY(child<QLabel>("sumCostNote")->text().contains(QStringLiteral("moved on")));
        m_exploration->undoStack().undo();
        QCOMPARE(sums().mixed->tolerance, 0.9);
    }
};

QTEST_MAIN(TestSumPanel)
#include "tst_sum_panel.moc"
