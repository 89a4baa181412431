// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/shell/errors_panel.h"
#include "app/shell/microscope_panel.h"
#include "app/views/heat_map_canvas.h"
#include "app/views/heat_map_view.h"
#include "app/views/microscope_view.h"
#include "app/views/specimen_canvas.h"

#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <QToolButton>

#include <cmath>

using namespace app;

/// The fake's first layer has 16 rows of 16 columns, all 0.5 but the first weight, -1. All are INT4.
class TestMicroscopePanel : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void aWeightIsPickedByRowAndColumn();
    void aClickOnABitTurnsItOverInThePlanAndIsUndone();
    void theKeyboardTurnsBitsToo();
    void flippedBitsAreListedAndCleared();
    void flippedBitsAreClearedUnderAFlawToo();
    void theWorstWeightIsFound();
    void aClickInTheErrorsMapPutsTheWeightUnderTheMicroscope();
    void theTableTwinSaysEveryBit();
    void aCorrectedLayerShowsWhatTheNetworkReallyHolds();
    void whatCannotBeCompiledIsSaidInWords();

private:
    MicroscopeView* view() const { return m_panel->findChild<MicroscopeView*>(); }
    SpecimenCanvas* canvas() const { return m_panel->findChild<SpecimenCanvas*>(); }
    std::vector<core::CodeFlip> flips() const { return m_exploration->treatment(core::LayerIndex(0)).weights.flips; }
    void pick(int row, int column)
    {
        m_panel->findChild<QSpinBox*>(QStringLiteral("weightRow"))->setValue(row);
        m_panel->findChild<QSpinBox*>(QStringLiteral("weightColumn"))->setValue(column);
        QTRY_VERIFY(m_panel->specimen() && m_panel->specimen()->row == row && m_panel->specimen()->column == column);
    }

    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<MicroscopePanel> m_panel;
};

void TestMicroscopePanel::init()
{
    m_exploration = std::make_unique<Exploration>(test::fakeOpener(std::make_shared<test::Pace>()));
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    core::PrecisionPlan plan;
    plan.defaults.weights = core::WeightPlan{{{core::NumberFormat::named("int4").value(), {}, {}, 1}}, {}, {}, {}};
    m_exploration->changePlan(plan, QStringLiteral("int4"));
    m_exploration->undoStack().clear();
    m_panel = std::make_unique<MicroscopePanel>(*m_exploration);
    m_panel->resize(320, 560);
    m_panel->show();
    QTRY_VERIFY(m_panel->specimen());
}

void TestMicroscopePanel::cleanup()
{
    m_panel.reset();
    m_exploration.reset();
}

void TestMicroscopePanel::aWeightIsPickedByRowAndColumn()
{
    QCOMPARE(m_panel->specimen()->trained, -1.0F);
    QCOMPARE(m_panel->specimen()->codes.front().asStored, 0b1001U);  // -7
    pick(3, 5);
    QCOMPARE(m_panel->specimen()->trained, 0.5F);
    QCOMPARE(m_panel->specimen()->codes.front().asStored, 0b0111U);  // the largest of its row
    QCOMPARE(*m_exploration->selection().weight, (WeightPlace{3, 5}));
    QVERIFY(m_panel->findChild<QLabel*>(QStringLiteral("microscopeFacts"))->text().contains(QStringLiteral("int4 row")));
}

void TestMicroscopePanel::aClickOnABitTurnsItOverInThePlanAndIsUndone()
{
    const core::PrecisionPlan before = m_exploration->plan();
    pick(3, 5);
    QSignalSpy asked(m_exploration.get(), &Exploration::questionAsked);
    QTest::mouseClick(canvas(), Qt::LeftButton, {}, canvas()->bitRect(3).center().toPoint());
    QCOMPARE(flips(), (std::vector<core::CodeFlip>{{3, 5, 3}}));
    QCOMPARE(m_exploration->treatment(core::LayerIndex(1)).weights.flips.size(), std::size_t{0});  // this layer's alone
    QCOMPARE(asked.size(), 1);                                                                     // accuracy follows at once
    QTRY_COMPARE(m_panel->specimen()->codes.front().asStored, 0b1111U);
    QVERIFY(m_panel->specimen()->stored < 0);
    QVERIFY(view()->bitText(3).endsWith(QStringLiteral("1; turned over from 0")));
    m_exploration->undoStack().undo();
    QCOMPARE(m_exploration->plan(), before);
    QTRY_COMPARE(m_panel->specimen()->codes.front().asStored, 0b0111U);
    QTest::mouseClick(canvas(), Qt::LeftButton, {}, canvas()->bitRect(0).center().toPoint());
    QTest::mouseClick(canvas(), Qt::LeftButton, {}, canvas()->bitRect(0).center().toPoint());
    QCOMPARE(m_exploration->plan(), before);
}

void TestMicroscopePanel::theKeyboardTurnsBitsToo()
{
    QTest::keyClick(canvas(), Qt::Key_Home);
    QTest::keyClick(canvas(), Qt::Key_Right);
    QTest::keyClick(canvas(), Qt::Key_Space);
    QCOMPARE(flips(), (std::vector<core::CodeFlip>{{0, 0, 2}}));
}

void TestMicroscopePanel::flippedBitsAreClearedUnderAFlawToo()
{
    core::PrecisionPlan plan = m_exploration->plan();
    plan.layers["first"].weights = plan.defaults.weights;
    plan.layers["first"].weights->flips = {{0, 0, 9}};  // of four bits
    m_exploration->changePlan(plan, QStringLiteral("a bit that is not there"));
    QVERIFY(!m_exploration->flaws().empty());
    QTRY_VERIFY(!m_panel->findChild<QSpinBox*>(QStringLiteral("weightRow"))->isEnabled());
    QTest::keyClick(m_panel->findChild<QToolButton*>(QStringLiteral("flipClearAll")), Qt::Key_Space);
    QVERIFY(flips().empty() && m_exploration->flaws().empty());
    QTRY_VERIFY(m_panel->findChild<QSpinBox*>(QStringLiteral("weightRow"))->isEnabled());
}

void TestMicroscopePanel::flippedBitsAreListedAndCleared()
{
    auto* list = m_panel->findChild<QListWidget*>(QStringLiteral("flipList"));
    QVERIFY(!list->isVisible());
    emit view()->bitToggled(0);
    pick(2, 1);
    emit view()->bitToggled(3);
    QTRY_COMPARE(list->count(), 2);
    QCOMPARE(list->item(1)->text(), QStringLiteral("row 2, column 1, bit 3"));
    list->setCurrentRow(0);
    m_panel->findChild<QToolButton*>(QStringLiteral("flipClear"))->click();
    QCOMPARE(flips(), (std::vector<core::CodeFlip>{{2, 1, 3}}));
    emit view()->bitToggled(2);
    m_panel->findChild<QToolButton*>(QStringLiteral("flipClearAll"))->click();
    QVERIFY(flips().empty());
    m_exploration->undoStack().undo();
    QCOMPARE(flips().size(), std::size_t{2});
}

void TestMicroscopePanel::theWorstWeightIsFound()
{
    // In row 0 the halves are 3.5 steps of 1/7 and are rounded by half a step; everything else is exact but for its scale.
    m_panel->findChild<QToolButton*>(QStringLiteral("weightWorst"))->click();
    QTRY_VERIFY(m_panel->specimen()->column > 0);
    QCOMPARE(m_panel->specimen()->row, 0);
}

void TestMicroscopePanel::aClickInTheErrorsMapPutsTheWeightUnderTheMicroscope()
{
    ErrorsPanel errors(*m_exploration);
    errors.resize(700, 600);
    errors.show();
    auto* picker = errors.findChild<QComboBox*>(QStringLiteral("errorPicker"));
    picker->setCurrentIndex(2);  // the weights, rows x columns
    emit picker->activated(2);
    auto* matrix = errors.findChild<HeatMapView*>(QStringLiteral("errorMatrix"));
    QTRY_COMPARE(matrix->map().values.rows(), Eigen::Index{16});
    QSignalSpy picked(&errors, &ErrorsPanel::weightPicked), hovered(m_exploration.get(), &Exploration::weightHovered);
    emit matrix->cellSelected(4, 7);
    QCOMPARE(picked.size(), 1);
    QTRY_VERIFY(m_panel->specimen()->row == 4 && m_panel->specimen()->column == 7);
    emit matrix->cellHovered(1, 2);
    QCOMPARE(hovered.last().constFirst().value<std::optional<WeightPlace>>(), (std::optional<WeightPlace>{{1, 2}}));
    emit matrix->cellHovered(-1, -1);
    QVERIFY(!hovered.last().constFirst().value<std::optional<WeightPlace>>());
}

void TestMicroscopePanel::theTableTwinSaysEveryBit()
{
    pick(3, 5);
    const NumberTable table = view()->numbers();
    const auto row = [&](const QString& name) {
        for (const QStringList& line : table.rows)
            if (line.front() == name)
                return line.value(1);
        return QString();
    };
    QCOMPARE(row(QStringLiteral("code")), QStringLiteral("0111"));
    QCOMPARE(row(QStringLiteral("bit 3")), QStringLiteral("bit 3, two's complement, worth −8: 0"));
    QCOMPARE(row(QStringLiteral("bit 0")), QStringLiteral("bit 0, two's complement, worth 1: 1"));
    QCOMPARE(row(QStringLiteral("level")), QStringLiteral("7"));
}

namespace {

core::PrecisionPlan adaptive(core::PrecisionPlan plan)
{
    core::CorrectionPlan correction;
    correction.rounding = core::WeightRounding::Adaptive;
    plan.defaults.correction = core::Switchable<core::CorrectionPlan>{correction};
    return plan;
}

}  // namespace

void TestMicroscopePanel::aCorrectedLayerShowsWhatTheNetworkReallyHolds()
{
    // Weight (3, 5) is 0.5, its nearest level too; the fake compiler puts it one level down, 3/7.
    auto exploration = std::make_unique<Exploration>([open = test::fakeOpener(std::make_shared<test::Pace>())](
                                                         const OpenRequest& request, const core::RunControl& control) {
        auto opened = open(request, control);
        if (opened && opened.value().source)
            opened.value().source->compiledLayer = [layers = opened.value().source->layers](
                                                       const core::PrecisionPlan& compiledPlan, core::LayerIndex layer, std::uint64_t,
                                                       const core::RunControl&) -> core::Result<core::CompiledLayerPtr> {
                auto compiled = std::make_shared<core::CompiledLayer>();
                const core::WeightedLayer& weighted = layers->at(layer.value());
                compiled->weights = core::quantizeWeights(weighted.weights, core::resolve(compiledPlan, weighted.name).weights.palette).values;
                compiled->weights(3, 5) = 3.0F / 7.0F;
                return core::CompiledLayerPtr(compiled);
            };
        return opened;
    });
    m_panel.reset();
    const core::PrecisionPlan plan = m_exploration->plan();
    m_exploration = std::move(exploration);
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    m_exploration->changePlan(plan, QStringLiteral("int4"));
    m_panel = std::make_unique<MicroscopePanel>(*m_exploration);
    m_panel->resize(320, 560);
    m_panel->show();
    QTRY_VERIFY(m_panel->specimen());
    pick(3, 5);
    const auto facts = [&] { return m_panel->findChild<QLabel*>(QStringLiteral("microscopeFacts"))->text(); };
    QVERIFY(!facts().contains(QStringLiteral("the network holds")));
    m_exploration->changePlan(adaptive(plan), QStringLiteral("adaptive"));
    QTRY_VERIFY2(facts().contains(QStringLiteral("rounded adaptively: the network holds 0.429, error −0.0714")), qPrintable(facts()));
    pick(2, 2);
    QVERIFY2(facts().contains(QStringLiteral("the network holds this same value")), qPrintable(facts()));
    m_panel->findChild<QToolButton*>(QStringLiteral("weightWorst"))->click(); // of what is held
    QTRY_COMPARE(*m_exploration->selection().weight, (WeightPlace{3, 5}));

    ErrorsPanel errors(*m_exploration);
    errors.resize(700, 500);
    errors.show();
    auto* picker = errors.findChild<QComboBox*>(QStringLiteral("errorPicker"));
    picker->setCurrentIndex(1); // weight error
    emit picker->activated(1);
    auto* matrix = errors.findChild<HeatMapView*>(QStringLiteral("errorMatrix"));
    QTRY_COMPARE(matrix->map().values.rows(), Eigen::Index{16});
    QCOMPARE(matrix->map().values(3, 5), 3.0F / 7.0F - 0.5F);
    QCOMPARE(matrix->map().title, QStringLiteral("Stored minus trained weight"));
    m_exploration->changePlan(plan, QStringLiteral("int4"));
    QTRY_VERIFY(std::abs(matrix->map().values(3, 5)) < 1e-3F); // its nearest level, to the scale's rounding
}

void TestMicroscopePanel::whatCannotBeCompiledIsSaidInWords()
{
    m_exploration->changePlan(adaptive(m_exploration->plan()), QStringLiteral("adaptive"));
    QTRY_VERIFY(m_panel->findChild<QLabel*>(QStringLiteral("microscopeFacts"))->text().contains(QStringLiteral("the level on show is the nearest")));
    ErrorsPanel errors(*m_exploration);
    errors.resize(700, 500);
    errors.show();
    auto* picker = errors.findChild<QComboBox*>(QStringLiteral("errorPicker"));
    picker->setCurrentIndex(1);
    emit picker->activated(1);
    auto* matrix = errors.findChild<HeatMapView*>(QStringLiteral("errorMatrix"));
    QTRY_COMPARE(matrix->map().title, QStringLiteral("Nearest level minus trained weight (corrections and turned bits not known)"));
}

QTEST_MAIN(TestMicroscopePanel)
#include "tst_microscope_panel.moc"
