// SPDX-License-Identifier: Apache-2.0
#include "app/views/knob_row.h"

#include <QDoubleSpinBox>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QStyle>
#include <QStyleOptionSlider>
#include <QTest>
#include <QWheelEvent>

using namespace app;

namespace {

KnobSpec bits()
{
    return {QStringLiteral("adcKnob"),
            QStringLiteral("Converter"),
            QStringLiteral("bits"),
            QStringLiteral("Resolution."),
            0,
            14,
            1,
            6,
            0,
            KnobScale::Linear,
            1,
            QStringLiteral("ideal")};
}

KnobSpec sigma()
{
    return {
        QStringLiteral("sigmaKnob"), QStringLiteral("Variation σ"), QStringLiteral("%"), {}, 0, 50, 0.1, 5, 2, KnobScale::Logarithmic, 0.05,
        QStringLiteral("off")};
}

QPoint handleOf(const QSlider& slider)
{
    QStyleOptionSlider option;
    option.initFrom(&slider);
    option.orientation = Qt::Horizontal;
    option.minimum = slider.minimum();
    option.maximum = slider.maximum();
    option.sliderPosition = option.sliderValue = slider.value();
    return slider.style()->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, &slider).center();
}

}  // namespace

class TstKnobRow : public QObject {
    Q_OBJECT

private slots:
    void itStartsAtItsDefault()
    {
        KnobRow knob(bits());
        QCOMPARE(knob.value(), 6.0);
        QCOMPARE(knob.findChild<QDoubleSpinBox*>()->text(), QStringLiteral("6\u00a0bits"));
        QVERIFY(knob.toolTip().contains(QStringLiteral("Default 6\u00a0bits")));
        knob.setValue(1);
        QCOMPARE(knob.findChild<QDoubleSpinBox*>()->text(), QStringLiteral("1\u00a0bit"));
    }

    void oneDragIsOneGesture()
    {
        KnobRow knob(bits());
        knob.resize(320, 60);
        knob.show();
        QSignalSpy begun(&knob, &KnobRow::gestureBegun), ended(&knob, &KnobRow::gestureEnded), changed(&knob, &KnobRow::valueChanged);
        auto* slider = knob.findChild<QSlider*>();
        const QPoint handle = handleOf(*slider);
        QTest::mousePress(slider, Qt::LeftButton, {}, handle);
        for (int step = 1; step <= 4; ++step)
            QTest::mouseMove(slider, handle + QPoint(25 * step, 0));
        QCOMPARE_GT(changed.size(), 2);
        QCOMPARE(begun.size(), 1);
        QCOMPARE(ended.size(), 0);
        const double held = knob.value();
        knob.setValue(1);  // an answer from elsewhere does not overrule the hand
        QCOMPARE(knob.value(), held);
        QTest::mouseRelease(slider, Qt::LeftButton, {}, handle + QPoint(100, 0));
        QCOMPARE(ended.size(), 1);
        QCOMPARE_GT(knob.value(), 8.0);
    }

    void keysInARowAreOneGesture()
    {
        KnobRow knob(bits());
        QSignalSpy begun(&knob, &KnobRow::gestureBegun), ended(&knob, &KnobRow::gestureEnded), changed(&knob, &KnobRow::valueChanged);
        auto* slider = knob.findChild<QSlider*>();
        QTest::keyClick(slider, Qt::Key_Right);
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(knob.value(), 8.0);
        QCOMPARE(changed.size(), 2);
        QCOMPARE(begun.size(), 1);
        QTRY_COMPARE(ended.size(), 1);
    }

    void showingAValueTellsNobody()
    {
        KnobRow knob(bits());
        QSignalSpy changed(&knob, &KnobRow::valueChanged);
        knob.setValue(3);
        QCOMPARE(knob.value(), 3.0);
        knob.setValue(99);
        QCOMPARE(knob.value(), 14.0);
        knob.setValue(std::nan(""));
        QCOMPARE(knob.value(), 14.0);
        QCOMPARE(changed.size(), 0);
    }

    void aDoubleClickRestoresTheDefault()
    {
        KnobRow knob(bits());
        knob.resize(320, 60);
        knob.show();
        knob.setValue(11);
        QSignalSpy begun(&knob, &KnobRow::gestureBegun), ended(&knob, &KnobRow::gestureEnded), changed(&knob, &KnobRow::valueChanged);
        QTest::mouseDClick(knob.findChild<QLabel*>(QStringLiteral("adcKnobName")), Qt::LeftButton);
        QCOMPARE(knob.value(), 6.0);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(begun.size(), 1);
        QCOMPARE(ended.size(), 1);
        knob.restoreDefault();  // already there: nothing to undo
        QCOMPARE(begun.size(), 1);
    }

    void typingANumberSetsIt()
    {
        KnobRow knob(sigma());
        QSignalSpy changed(&knob, &KnobRow::valueChanged), ended(&knob, &KnobRow::gestureEnded);
        auto* number = knob.findChild<QDoubleSpinBox*>();
        number->selectAll();
        QTest::keyClicks(number, QStringLiteral("12.5"));
        QCOMPARE(changed.size(), 0);  // half-typed numbers are not asked for
        QTest::keyClick(number, Qt::Key_Return);
        QCOMPARE(knob.value(), 12.5);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(ended.size(), 1);
    }

    void aLogarithmicSliderReachesZeroAndItsSmallestValue()
    {
        KnobRow knob(sigma());
        auto* slider = knob.findChild<QSlider*>();
        slider->setValue(0);
        QCOMPARE(knob.value(), 0.0);
        QCOMPARE(knob.findChild<QDoubleSpinBox*>()->text(), QStringLiteral("off"));
        slider->setValue(slider->maximum());
        QCOMPARE(knob.value(), 50.0);
        slider->setValue(slider->maximum() / 2);  // the geometric middle of 0.05 and 50
        QVERIFY(std::abs(knob.value() - std::sqrt(0.05 * 50)) < 0.01);
    }

    void everyKeyStepOfALogarithmicSliderMoves()
    {
        KnobRow knob(sigma());
        auto* slider = knob.findChild<QSlider*>();
        knob.setValue(0);
        double before = knob.value();
        for (int step = 0; step < 200; ++step) {
            QTest::keyClick(slider, Qt::Key_Right);
            QCOMPARE_GT(knob.value(), before);
            before = knob.value();
        }
        for (int step = 0; step < 100; ++step) {
            QTest::keyClick(slider, Qt::Key_Left);
            QCOMPARE_LT(knob.value(), before);
            before = knob.value();
        }
    }

    void aWheelThatPassesByDoesNotTurnIt()
    {
        KnobRow knob(bits());
        knob.resize(320, 60);
        knob.show();
        auto* slider = knob.findChild<QSlider*>();
        const QPointF centre = slider->rect().center();
        QWheelEvent wheel(centre, slider->mapToGlobal(centre), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        slider->clearFocus();
        QCoreApplication::sendEvent(slider, &wheel);
        QCOMPARE(knob.value(), 6.0);
        QVERIFY(!wheel.isAccepted());
    }

    void mixedAndProblemsAreSaidInWords()
    {
        KnobRow knob(bits());
        auto* name = knob.findChild<QLabel*>(QStringLiteral("adcKnobName"));
        knob.setMixed(true);
        QCOMPARE(name->text(), QStringLiteral("Converter (mixed)"));
        QTest::keyClick(knob.findChild<QSlider*>(), Qt::Key_Right);
        QCOMPARE(name->text(), QStringLiteral("Converter"));
        auto* problem = knob.findChild<QLabel*>(QStringLiteral("adcKnobProblem"));
        knob.setProblem(QStringLiteral("too few bits"));
        QCOMPARE(problem->text(), QStringLiteral("⚠ too few bits"));
        QVERIFY(!problem->isHidden());
        knob.setProblem({});
        QVERIFY(problem->isHidden());
    }
};

QTEST_MAIN(TstKnobRow)
#include "tst_knob_row.moc"
