// SPDX-License-Identifier: Apache-2.0
// The array dock's pages that look into the array: cells of a tile, column sums, and the range dragged over them.
#include "app/exploration/fake_source.h"
#include "app/shell/array_panel.h"
#include "app/shell/page_switch.h"
#include "app/views/column_sums_view.h"
#include "app/views/tile_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSpinBox>
#include <QTest>

using namespace app;

namespace {

/// Tile t of 2 tiles: 3 inputs by 2 outputs, two slices on two sides; conductances count up from t; sums from -4 to 4.
core::ArrayView viewOf(core::LayerIndex layer, std::int64_t tile, const core::ArrayTreatment& treatment)
{
    core::ArrayView view;
    view.layer = layer;
    view.tile = tile;
    view.tiles = 2;
    view.rows = 3;
    view.outputs = 2;
    view.treatment = treatment;
    for (int side = 0; side < 2; ++side)
        for (int slice = 0; slice < 2; ++slice) {
            core::TilePlane plane{{slice, 1}, side, {}};
            for (int cell = 0; cell < 6; ++cell)
                plane.conductances.push_back(static_cast<float>(tile) + 0.1f * static_cast<float>(cell));
            view.planes.push_back(plane);
        }
    for (int slice = 0; slice < 2; ++slice)
        view.sums.push_back({{slice, 1}, -4, 4, {0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.04, 0.01}, core::ColumnConverter::over(-2, 2, 4), 0.1});
    return view;
}

}  // namespace

class TestArrayPages : public QObject {
    Q_OBJECT
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<ArrayPanel> m_panel;

    template <class T>
    T* child(const char* name)
    {
        return m_panel->findChild<T*>(QString::fromLatin1(name));
    }

private slots:
    void init()
    {
        m_exploration = std::make_unique<Exploration>(
            [open = test::fakeOpener(std::make_shared<test::Pace>())](const OpenRequest& request, const core::RunControl& control) {
                auto opened = open(request, control);
                if (opened && opened.value().source)
                    opened.value().source->arrayAt = [](const core::PrecisionPlan& plan, core::LayerIndex layer, std::int64_t tile,
                                                        std::uint64_t, const core::RunControl&) -> core::Result<core::ArrayView> {
                        return viewOf(layer, tile, *core::resolve(plan, "first").cim);
                    };
                return opened;
            });
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
        m_panel = std::make_unique<ArrayPanel>(*m_exploration);
        m_panel->resize(320, 560);
        m_panel->show();
    }
    void cleanup()
    {
        m_panel.reset();
        m_exploration.reset();
    }

    void aDigitalLayerSaysWhatToDo()
    {
        QVERIFY(m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("tile")));
        QTRY_VERIFY(m_panel->findChild<TileView*>()->isVisible());
        QVERIFY(m_panel->findChild<TileView*>()->isEmpty());
        QVERIFY(!m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("nowhere")));
    }

    void cellsAreShownPlaneByPlaneAndTileByTile()
    {
        child<QCheckBox>("arraySwitch")->click();
        m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("tile"));
        auto* view = m_panel->findChild<TileView*>();
        QTRY_VERIFY(!view->isEmpty());
        auto* plane = child<QComboBox>("tilePlane");
        QCOMPARE(plane->count(), 4);
        QCOMPARE(plane->itemText(2), QStringLiteral("bit 0 −"));
        QCOMPARE(view->numbers().rows.size(), std::size_t{3});
        QCOMPARE(view->numbers().rows[1], (QStringList{"1", "0.2", "0.3"}));
        child<QSpinBox>("tileNumber")->setValue(2);
        QTRY_COMPARE(view->numbers().rows[1], (QStringList{"1", "1.2", "1.3"}));
        QCOMPARE(view->range().high, 1.5);  // further than one full cell
        QVERIFY(view->grab().toImage().width() > 0);
        QVERIFY(!child<QLabel>("tileWords")->text().isEmpty());
    }

    void sharesHaveThreeTicksAndTheRangesEndsTheirValues()
    {
        QCOMPARE(ColumnSumsView::shareTicks(0.35), (std::vector<double>{0, 0.01, 0.1}));
        QCOMPARE(ColumnSumsView::shareTicks(0.08), (std::vector<double>{0, 0.001, 0.01}));
        QCOMPARE(ColumnSumsView::shareTicks(0), (std::vector<double>{0}));
        child<QCheckBox>("arraySwitch")->click();
        m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("sums"));
        auto* view = m_panel->findChild<ColumnSumsView*>();
        QTRY_VERIFY(!view->isEmpty());
        QVERIFY(view->numbers().header.first().contains(QStringLiteral("weight digits")));
        // Above the plot stand two solid handles, wide enough for their values.
        auto* canvas = child<QWidget>("columnSumsCanvas");
        const QImage picture = canvas->grab().toImage().convertToFormat(QImage::Format_RGB32);
        const QColor ink = seriesColour(1, view->palette());
        int most = 0;
        for (int y = 0; y < 2 * canvas->fontMetrics().height() + 4; ++y) {
            int inked = 0;
            for (int x = 0; x < picture.width(); ++x)
                inked += picture.pixelColor(x, y) == ink;
            most = std::max(most, inked);
        }
        QCOMPARE_GT(most, 2 * canvas->fontMetrics().horizontalAdvance(u'2'));
    }

    void aDraggedEndOfTheRangeIsAnEditOfEveryEditedLayer()
    {
        child<QCheckBox>("arraySwitch")->click();
        m_panel->findChild<PageSwitch*>()->showPage(QStringLiteral("sums"));
        auto* view = m_panel->findChild<ColumnSumsView*>();
        QTRY_VERIFY(!view->isEmpty());
        QVERIFY(child<QLabel>("sumsWords")->text().contains(QStringLiteral("16 codes")));
        // All but the last two bins lie under 2: 95 %.
        QCOMPARE(view->percentileAt(2.0), 95.0);
        QCOMPARE(view->percentileAt(-2.0), 95.0);  // either end, where sums have both signs
        QCOMPARE(view->percentileAt(9.0), 100.0);
        QCOMPARE(view->percentileAt(0.0), 65.0);
        emit view->percentileDragged(view->percentileAt(2.0));
        for (const core::WeightedLayer& layer : m_exploration->layers())
            QCOMPARE(m_exploration->treatment(layer.index).cim->adc.range.text(), std::string("percentile:95"));
        m_exploration->undoStack().undo();
        QVERIFY(m_exploration->treatment(core::LayerIndex(0)).cim->adc.range.text() != "percentile:95");
        QVERIFY(view->grab().toImage().width() > 0);
    }
};

QTEST_MAIN(TestArrayPages)
#include "tst_array_pages.moc"
