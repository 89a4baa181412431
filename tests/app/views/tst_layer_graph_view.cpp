// SPDX-License-Identifier: Apache-2.0
#include "app/views/layer_graph_view.h"

#include "app/views/format_style.h"
#include "app/views/gallery_values.h"
#include "app/views/layer_card_item.h"
#include "app/views/layer_graph_layout.h"

#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>

using namespace app;

namespace {

using Chosen = std::vector<int>;

Chosen lastOf(const QSignalSpy& spy) { return spy.isEmpty() ? Chosen{} : spy.constLast().constFirst().value<Chosen>(); }

void click(LayerGraphView& view, int card, Qt::KeyboardModifiers modifiers = {})
{
    view.ensureVisible(view.cardRect(card));
    QTest::mouseClick(view.viewport(), Qt::LeftButton, modifiers, view.mapFromScene(view.cardRect(card).center()));
}

}  // namespace

class TstLayerGraphView : public QObject {
    Q_OBJECT

private:
    LayerGraphView* m_view = nullptr;

private slots:
    void init()
    {
        m_view = new LayerGraphView;
        m_view->resize(400, 600);
        m_view->show();
        m_view->showNetwork(test::residualCards(), test::residualEdges());
    }
    void cleanup() { delete m_view; }

    void cardsStandInDataOrder()
    {
        QCOMPARE(m_view->cardCount(), 14);
        for (int i = 1; i < m_view->cardCount(); ++i)
            QCOMPARE_GT(m_view->cardRect(i).top(), m_view->cardRect(i - 1).bottom() - 4);
    }

    void everyCardFitsTheWidth()
    {
        for (const int width : {280, 400, 900}) {
            m_view->resize(width, 600);
            for (int i = 0; i < m_view->cardCount(); ++i) {
                QCOMPARE_GE(m_view->cardRect(i).left(), 0.0);
                QCOMPARE_LE(m_view->cardRect(i).right(), m_view->viewport()->width() + 0.0);
            }
        }
    }

    void nodesWithoutWeightsAreSmall()
    {
        QCOMPARE_LT(m_view->cardRect(1).height(), 0.5 * m_view->cardRect(0).height());
        QCOMPARE_LT(m_view->cardRect(1).width(), m_view->cardRect(0).width());
    }

    void overlappingBranchesGetLanesOfTheirOwn()
    {
        // 0-5 holds 1-4 within, 6-8 comes after both: two lanes are enough.
        const std::vector<CardEdge> edges{{0, 5}, {0, 1}, {1, 4}, {6, 8}};
        const std::vector<int> lanes = laneOfEdges(edges);
        QCOMPARE(lanes[1], GraphLayout::kStraight);
        QCOMPARE(lanes[2], 0);
        QCOMPARE(lanes[0], 1);
        QCOMPARE(lanes[3], 0);
    }

    void edgesThatLeadNowhereAreLeftOut()
    {
        m_view->showNetwork(test::residualCards(), {{0, 99}, {-1, 2}, {5, 5}, {7, 3}});
        QCOMPARE(m_view->cardCount(), 14);
    }

    void aClickChoosesOneAndCtrlMore()
    {
        QSignalSpy changed(m_view, &LayerGraphView::selectionChanged);
        click(*m_view, 2);
        QCOMPARE(lastOf(changed), Chosen{2});
        click(*m_view, 4, Qt::ControlModifier);
        QCOMPARE(lastOf(changed), (Chosen{2, 4}));
        click(*m_view, 2, Qt::ControlModifier);
        QCOMPARE(lastOf(changed), Chosen{4});
        click(*m_view, 8, Qt::ShiftModifier);  // from 2, the last anchor, over the nodes without weights
        QCOMPARE(lastOf(changed), (Chosen{2, 4, 6, 8}));
    }

    void nodesWithoutWeightsCannotBeChosen()
    {
        QSignalSpy changed(m_view, &LayerGraphView::selectionChanged);
        QTest::ignoreMessage(QtWarningMsg, "Mouse event \"MousePress\" not accepted by receiving widget");
        click(*m_view, 1);
        QCOMPARE(changed.size(), 0);
        m_view->setSelectedCards({0, 1, 99, -3});
        QCOMPARE(m_view->selectedCards(), Chosen{0});
    }

    void keysWalkAmongTheLayers()
    {
        QSignalSpy changed(m_view, &LayerGraphView::selectionChanged), activated(m_view, &LayerGraphView::cardActivated);
        QTest::keyClick(m_view, Qt::Key_Down);
        QCOMPARE(lastOf(changed), Chosen{0});
        QTest::keyClick(m_view, Qt::Key_Down);
        QCOMPARE(lastOf(changed), Chosen{2});
        QTest::keyClick(m_view, Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(lastOf(changed), (Chosen{2, 4}));
        QTest::keyClick(m_view, Qt::Key_End);
        QCOMPARE(lastOf(changed), Chosen{13});
        QTest::keyClick(m_view, Qt::Key_Home, Qt::ControlModifier);
        QTest::keyClick(m_view, Qt::Key_Space);
        QCOMPARE(lastOf(changed), (Chosen{0, 13}));
        QTest::keyClick(m_view, Qt::Key_Return);
        QCOMPARE(activated.last().constFirst().toInt(), 0);
        QTest::keyClick(m_view, Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(lastOf(changed), (Chosen{0, 2, 4, 6, 8, 9, 12, 13}));
    }

    void showingAChoiceIsNotMakingOne()
    {
        QSignalSpy changed(m_view, &LayerGraphView::selectionChanged);
        m_view->setSelectedCards({2, 6});
        QCOMPARE(changed.size(), 0);
        QCOMPARE(m_view->selectedCards(), (Chosen{2, 6}));
    }

    void theChoiceSurvivesTheSameNamesElsewhere()
    {
        m_view->setSelectedCards({2});
        std::vector<LayerCard> cards = test::residualCards();
        cards.erase(cards.begin() + 1);  // one small node fewer: everything moves up
        m_view->showNetwork(cards, {});
        QCOMPARE(m_view->selectedCards(), Chosen{1});
    }

    void theStripeFollowsColourBy()
    {
        const QPoint inStripe(3, 12);
        const auto stripe = [&](int card) {
            m_view->ensureVisible(m_view->cardRect(card));
            const QImage picture = m_view->viewport()->grab().toImage();
            return picture.pixelColor(m_view->mapFromScene(m_view->cardRect(card).topLeft() + QPointF(2, 2)) + inStripe);
        };
        m_view->setColourBy(ColourBy::Format);
        QCOMPARE(stripe(0).rgb(), formatStyle(QStringLiteral("int8"), m_view->palette()).colour.rgb());
        m_view->setColourBy(ColourBy::Energy);
        const QColor most = stripe(8), least = stripe(9);
        QVERIFY(most != least);
        QCOMPARE_GT(most.lightness(), least.lightness());
    }

    void aProblemIsWrittenOnItsCard()
    {
        const NumberTable table = m_view->numbers();
        QCOMPARE(table.rows.size(), std::size_t{8});
        QVERIFY(table.rows[6].last().contains(QStringLiteral("row 17")));
    }

    void anEmptyGraphSaysWhatToDo()
    {
        m_view->clear();
        QCOMPARE(m_view->cardCount(), 0);
        QVERIFY(m_view->accessibleDescription().contains(QStringLiteral("Open")));
        QTest::keyClick(m_view, Qt::Key_Down);
        QVERIFY(m_view->selectedCards().empty());
        QVERIFY(!m_view->grab().isNull());
    }

    /// What recovery wins back is the edged part of the error's bar, to the right of what is left, and nothing else changes.
    void theErrorBeforeRecoveryLengthensTheBarAlone()
    {
        LayerCard card = test::residualCards()[0];
        card.rank = 8;
        card.localSqnr = 30;  // half the bar
        const auto painted = [](const LayerCard& shown) {
            LayerCardItem item(shown);
            item.setSize(QSizeF(230, LayerCardItem::heightOf(shown, QFont())));
            QImage image(item.boundingRect().size().toSize(), QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            item.paint(&painter, nullptr, nullptr);
            return image;
        };
        card.localSqnrWithoutRecovery.reset();
        const QImage after = painted(card);
        card.localSqnrWithoutRecovery = 15;  // three quarters
        const QImage both = painted(card);
        QRect changed;
        for (int y = 0; y < both.height(); ++y)
            for (int x = 0; x < both.width(); ++x)
                if (both.pixel(x, y) != after.pixel(x, y))
                    changed |= QRect(x, y, 1, 1);
        QVERIFY(!changed.isEmpty());
        QCOMPARE_LE(changed.height(), 6);
        QCOMPARE_LT(changed.right(), both.width() / 2);
        QVERIFY(cardText(card).contains(QStringLiteral("without recovery 15.0")));
        card.localSqnrWithoutRecovery = 30;  // recovery wins nothing: the bar is the bar
        QCOMPARE(painted(card), after);
    }
};

QTEST_MAIN(TstLayerGraphView)
#include "tst_layer_graph_view.moc"
