// SPDX-License-Identifier: Apache-2.0
#include "app/views/heat_map_view.h"

#include "app/views/gallery_values.h"
#include "app/views/heat_map_canvas.h"

#include <QSignalSpy>
#include <QTest>

#include <limits>

using namespace app;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

core::RowMatrix matrix(std::initializer_list<std::initializer_list<float>> rows)
{
    core::RowMatrix result(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows.begin()->size()));
    Eigen::Index r = 0;
    for (const auto& row : rows) {
        Eigen::Index c = 0;
        for (const float value : row)
            result(r, c++) = value;
        ++r;
    }
    return result;
}

}  // namespace

class TstHeatMapView : public QObject {
    Q_OBJECT

private slots:
    void everyCellHasTheColourOfItsValue()
    {
        const core::RowMatrix values = matrix({{0, 1}, {2, 4}});
        const QImage image = heatMapImage(values, ColourMap::Viridis, {0, 4}, {3, 2});
        QCOMPARE(image.size(), QSize(6, 4));
        for (int y = 0; y < 4; ++y)
            for (int x = 0; x < 6; ++x)
                QCOMPARE(image.pixel(x, y), colourAt(ColourMap::Viridis, static_cast<double>(values(y / 2, x / 3)) / 4));
    }

    void valuesBeyondTheRangeTakeTheEnds()
    {
        const QImage image = heatMapImage(matrix({{-5, 9}}), ColourMap::Cividis, {0, 1});
        QCOMPARE(image.pixel(0, 0), colourAt(ColourMap::Cividis, 0));
        QCOMPARE(image.pixel(1, 0), colourAt(ColourMap::Cividis, 1));
    }

    void whatIsNotMeasuredIsHatched()
    {
        const QImage image = heatMapImage(matrix({{kNan}}), ColourMap::Viridis, {0, 1}, {20, 20});
        int ground = 0, hatch = 0;
        for (int y = 0; y < 20; ++y)
            for (int x = 0; x < 20; ++x)
                (image.pixel(x, y) == colourOfMissing() ? ground : hatch) += 1;
        QCOMPARE(hatch, 80);  // every fifth diagonal
        QCOMPARE(ground, 320);
        QCOMPARE(heatMapImage(matrix({{kNan}}), ColourMap::Viridis, {0, 1}).pixel(0, 0), colourOfMissing());
    }

    void exactCarriesItsSign()
    {
        const QImage image = heatMapImage(matrix({{kInfinity}}), ColourMap::Viridis, {0, 1}, {20, 14});
        QCOMPARE(image.pixel(0, 0), colourOfExact());
        int inked = 0;
        for (int y = 0; y < 14; ++y)
            for (int x = 0; x < 20; ++x)
                inked += image.pixel(x, y) != colourOfExact();
        QCOMPARE_GT(inked, 20);
        // Two rings, one right of the other: ink left and right of the middle, mirrored.
        for (int y = 0; y < 14; ++y)
            for (int x = 0; x < 10; ++x)
                QCOMPARE_LE(std::abs(qGreen(image.pixel(x, y)) - qGreen(image.pixel(19 - x, y))), 8);
    }

    void noMapContainsTheSignColours()
    {
        for (const ColourMap map : {ColourMap::Viridis, ColourMap::Cividis, ColourMap::Grey, ColourMap::Difference})
            for (int i = 0; i <= 1000; ++i) {
                QVERIFY(colourAt(map, i / 1000.0) != colourOfMissing());
                QVERIFY(colourAt(map, i / 1000.0) != colourOfExact());
            }
    }

    void orderedMapsGrowLighterEvenly()
    {
        const auto luminance = [](QRgb c) { return 0.2126 * qRed(c) + 0.7152 * qGreen(c) + 0.0722 * qBlue(c); };
        for (const ColourMap map : {ColourMap::Viridis, ColourMap::Cividis, ColourMap::Grey})
            for (int i = 1; i <= 64; ++i)
                QCOMPARE_GT(luminance(colourAt(map, i / 64.0)), luminance(colourAt(map, (i - 1) / 64.0)));
    }

    void absurdPicturesAreRefused()
    {
        QVERIFY(heatMapImage(core::RowMatrix(), ColourMap::Grey, {0, 1}).isNull());
        QVERIFY(heatMapImage(matrix({{1}}), ColourMap::Grey, {0, 1}, {0, 5}).isNull());
        QVERIFY(heatMapImage(core::RowMatrix::Zero(2000, 2000), ColourMap::Grey, {0, 1}, {100, 100}).isNull());
    }

    void poolingTakesMeansAndForgetsNothing()
    {
        const core::RowMatrix small = pooled(matrix({{1, 3, 5, 7}, {1, 3, kNan, kNan}}), 1, 2);
        QCOMPARE(small.rows(), 1);
        QCOMPARE(small(0, 0), 2.0f);
        QCOMPARE(small(0, 1), 6.0f);
        QVERIFY(std::isnan(pooled(matrix({{kNan, kNan}}), 1, 1)(0, 0)));
        const core::RowMatrix rare = pooled(matrix({{0, 0, 0, 1}, {0, kNan, kNan, kNan}}), 2, 2, Pooling::Largest);
        QCOMPARE(rare(0, 0), 0.0F);
        QCOMPARE(rare(0, 1), 1.0F);
        QVERIFY(rare(1, 0) == 0.0F && std::isnan(rare(1, 1)));
        core::RowMatrix wide = core::RowMatrix::Random(7, 1000);
        const core::RowMatrix few = pooled(wide, 7, 10);  // equal blocks: the mean of means is the mean
        QVERIFY(std::abs(few.mean() - wide.mean()) < 1e-5f);
    }

    void theScaleShowsItsRange()
    {
        QCOMPARE(finiteRange(matrix({{kNan, 2, kInfinity, -3}}).data(), 4), (ColourRange{-3, 2}));
        QCOMPARE(finiteRange(nullptr, 0), (ColourRange{0, 1}));
        QCOMPARE(symmetricRange({-3, 2}), (ColourRange{-3, 3}));
    }

    void wordsSayTheCell()
    {
        HeatMapView view;
        view.showMap(test::layerErrorMap());
        QCOMPARE(view.cellText(0, 0), QStringLiteral("stem, local: 41.2\u00a0dB"));
        QCOMPARE(view.cellText(6, 0), QStringLiteral("hidden, local: not measured"));
        QCOMPARE(view.cellText(7, 0), QStringLiteral("classifier, local: exact"));
        QVERIFY(view.cellText(99, 0).isEmpty());
    }

    void keysAndMouseChooseACell()
    {
        HeatMapView view;
        view.showMap(test::layerErrorMap());
        view.resize(600, 500);
        view.show();
        auto* canvas = view.findChild<HeatMapCanvas*>();
        QSignalSpy selected(&view, &HeatMapView::cellSelected), activated(&view, &HeatMapView::cellActivated);
        QTest::keyClick(canvas, Qt::Key_Down);  // the first key takes the first cell
        QCOMPARE(selected.last(), (QVariantList{0, 0}));
        QTest::keyClick(canvas, Qt::Key_Down);
        QTest::keyClick(canvas, Qt::Key_Right);
        QCOMPARE(selected.last(), (QVariantList{1, 1}));
        QTest::keyClick(canvas, Qt::Key_End);
        QTest::keyClick(canvas, Qt::Key_End);
        QCOMPARE(selected.last(), (QVariantList{1, 2}));
        QTest::keyClick(canvas, Qt::Key_Return);
        QCOMPARE(activated.last(), (QVariantList{1, 2}));
        QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->cellRect(4, 1).center().toPoint());
        QCOMPARE(selected.last(), (QVariantList{4, 1}));
        QCOMPARE(view.selectedRow(), 4);
        const auto before = selected.size();
        view.select(2, 2);
        QCOMPARE(selected.size(), before);  // showing a choice is not making one
    }

    void thePictureOnScreenIsTheMap()
    {
        HeatMapView view;
        HeatMap map;
        map.values = matrix({{0, 10}, {5, 2}});
        view.showMap(map);
        view.resize(400, 300);
        view.show();
        auto* canvas = view.findChild<HeatMapCanvas*>();
        const QImage picture = canvas->grab().toImage();
        for (int row = 0; row < 2; ++row)
            for (int column = 0; column < 2; ++column) {
                const QPoint corner = canvas->cellRect(row, column).topLeft().toPoint() + QPoint(4, 4);
                QCOMPARE(picture.pixel(corner), colourAt(ColourMap::Viridis, static_cast<double>(map.values(row, column)) / 10));
            }
    }

    void aHugeMatrixIsShownWithoutScrolling()
    {
        HeatMapView view;
        HeatMap map;
        map.values = core::RowMatrix::Random(3000, 10000);
        view.resize(300, 200);
        view.showMap(map);
        view.show();
        auto* canvas = view.findChild<HeatMapCanvas*>();
        QCOMPARE(canvas->cellAt(canvas->cellRect(2999, 9999).center()), QPoint(9999, 2999));
        QVERIFY(!canvas->grab().isNull());
        QCOMPARE_LE(canvas->height(), 200);
    }

    void theTableTwinHoldsTheMatrix()
    {
        HeatMapView view;
        view.showMap(test::layerErrorMap());
        const NumberTable table = view.numbers();
        QCOMPARE(table.header, (QStringList{QStringLiteral("layer / dB"), QStringLiteral("local"), QStringLiteral("propagated"),
                                            QStringLiteral("recovered")}));
        QCOMPARE(table.rows[1][1], QStringLiteral("22.4"));
        QCOMPARE(table.rows[6][1], QStringLiteral("nan"));
        QCOMPARE(table.rows[7][1], QStringLiteral("inf"));
        view.clear();
        QVERIFY(view.isEmpty());
    }
};

QTEST_MAIN(TstHeatMapView)
#include "tst_heat_map_view.moc"
