// SPDX-License-Identifier: Apache-2.0
// The part of the sum dock about attention, on a bundled network that attends and on one that does not.
#include "app/shell/scores_section.h"

#include "app/exploration/library_source.h"

#include <QCheckBox>
#include <QLabel>
#include <QTest>

using namespace app;

class TestScoresSection : public QObject {
    Q_OBJECT

    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<ScoresSection> m_section;

    template <class T>
    T* child(const char* name)
    {
        return m_section->findChild<T*>(QString::fromLatin1(name));
    }
    core::LayerIndex layer(const std::string& name) const
    {
        const auto& layers = m_exploration->layers();
        return std::ranges::find(layers, name, &core::WeightedLayer::name)->index;
    }
    std::optional<core::ScorePlan> scores(const std::string& name) const { return m_exploration->treatment(layer(name)).scores; }
    void select(const std::string& name)
    {
        Selection selection;
        selection.layers = {layer(name)};
        m_exploration->setSelection(selection);
    }
    void open(const std::string& network)
    {
        m_exploration = std::make_unique<Exploration>(openFromLibrary);
        EvaluationSettings settings = m_exploration->settings();
        settings.samples = 32;
        m_exploration->changeSettings(settings);
        m_section = std::make_unique<ScoresSection>(*m_exploration);  // before there is a network, as in the window
        m_section->resize(320, 300);
        m_section->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_section.get()));
        m_exploration->open({network});
        QTRY_VERIFY_WITH_TIMEOUT(m_exploration->report() && m_exploration->jobState().isIdle(), 60'000);
    }

private slots:
    void cleanup()
    {
        m_section.reset();
        m_exploration.reset();
    }

    void theSwitchBelongsToLayersThatMakeQueries()
    {
        open("transformer-splice");
        QTRY_VERIFY(child<QWidget>("scoresContent")->isVisible() && child<QWidget>("scoresContent")->isEnabled());
        child<QCheckBox>("scoresSwitch")->click();
        QCOMPARE(scores("block1.attention.query")->low.format.name(), std::string("e4m3"));
        QVERIFY(scores("block2.attention.query").has_value());
        QVERIFY(!scores("block1.attention.key").has_value());
        emit child<ChoiceField>("scoresLow")->chosen(QStringLiteral("e5m2"));
        emit child<ChoiceField>("scoresHigh")->chosen(QStringLiteral("bf16"));
        emit child<KnobRow>("scoresToleranceKnob")->valueChanged(0.25);
        const auto after = scores("block2.attention.query");
        QVERIFY(after && after->low.format.name() == "e5m2" && after->high.name() == "bf16" && after->tolerance == 0.25);
        QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("scoresFigures")->text().contains(QStringLiteral("block1.attention.query")), 60'000);
        child<QCheckBox>("scoresSwitch")->click();
        QVERIFY(!scores("block1.attention.query").has_value());
    }

    void otherLayersHaveNoneToSum()
    {
        open("transformer-splice");
        select("fc");
        QTRY_VERIFY(!child<QWidget>("scoresContent")->isEnabled());
        select("block2.attention.query");
        QTRY_VERIFY(child<QWidget>("scoresContent")->isEnabled());
        child<QCheckBox>("scoresSwitch")->click();
        QVERIFY(scores("block2.attention.query").has_value() && !scores("block1.attention.query").has_value());
    }

    void withoutAttentionThereIsNoSwitch()
    {
        open("mlp-satellite");
        QTRY_VERIFY(!child<QWidget>("scoresContent")->isVisible());
    }
};

QTEST_MAIN(TestScoresSection)
#include "tst_scores_section.moc"
