// SPDX-License-Identifier: Apache-2.0
#include "app/views/row_strip.h"

#include "app/views/format_style.h"
#include "app/views/gallery_values.h"
#include "app/views/row_strip_canvas.h"

#include <QPainter>
#include <QSignalSpy>
#include <QTest>

using namespace app;

namespace {

QImage paintedFormats(const QStringList& formats, const std::vector<std::uint8_t>& rows, int width)
{
    QImage image(width, 4, QImage::Format_RGB32);
    QPainter painter(&image);
    paintRowFormats(painter, QRectF(0, 0, width, 4), formats, rows, test::lightPalette());
    return image;
}

std::vector<int> sweptRows(const QSignalSpy& spy)
{
    std::vector<int> all;
    for (const QList<QVariant>& call : spy) {
        const auto rows = call.constFirst().value<std::vector<int>>();
        all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
}

}  // namespace

class TstRowStrip : public QObject {
    Q_OBJECT

private slots:
    void everyRowHasItsFormatsColour()
    {
        const QStringList formats{QStringLiteral("int4"), QStringLiteral("int8")};
        const QImage image = paintedFormats(formats, {0, 1, 1, 0}, 40);
        const QRgb four = formatStyle(formats[0], test::lightPalette()).colour.rgb(),
                   eight = formatStyle(formats[1], test::lightPalette()).colour.rgb();
        QVERIFY(four != eight);
        for (int x = 0; x < 40; ++x)
            QCOMPARE(image.pixel(x, 2), x >= 10 && x < 30 ? eight : four);
    }

    void moreRowsThanPixelsShowTheMostFrequent()
    {
        const QStringList formats{QStringLiteral("int4"), QStringLiteral("int8")};
        std::vector<std::uint8_t> rows(1000, 0);
        for (std::size_t i = 500; i < 1000; ++i)
            rows[i] = i % 3 == 0 ? 0 : 1;
        const QImage image = paintedFormats(formats, rows, 10);
        QCOMPARE(image.pixel(2, 2), formatStyle(formats[0], test::lightPalette()).colour.rgb());
        QCOMPARE(image.pixel(7, 2), formatStyle(formats[1], test::lightPalette()).colour.rgb());
    }

    void siblingsOfAFamilyDifferAndFamiliesHavePatterns()
    {
        const QPalette palette = test::lightPalette();
        QVERIFY(formatStyle(QStringLiteral("pot4"), palette).colour != formatStyle(QStringLiteral("sp2-4"), palette).colour);
        QVERIFY(formatStyle(QStringLiteral("e4m3"), palette).colour != formatStyle(QStringLiteral("e5m2"), palette).colour);
        QVERIFY(formatStyle(QStringLiteral("pot4"), palette).pattern != formatStyle(QStringLiteral("int4"), palette).pattern);
        QCOMPARE(formatStyle(QStringLiteral("e4m3"), palette).bits, 8.0);
        QCOMPARE(formatStyle(QStringLiteral("what"), palette).family, FormatFamily::Other);
        // Every format of the catalogue belongs to a family.
        for (const core::CatalogueEntry& entry : core::formatCatalogue())
            QVERIFY2(formatStyle(QString::fromStdString(entry.name), palette).family != FormatFamily::Other, entry.name.c_str());
    }

    void aSweepTellsEveryRowItPassed()
    {
        RowStrip view;
        RowStripFigure figure = test::rowFormats(40);
        view.showRows(figure);
        view.resize(500, 120);
        view.show();
        auto* canvas = view.findChild<RowStripCanvas*>();
        QSignalSpy swept(&view, &RowStrip::rowsSwept), begun(&view, &RowStrip::gestureBegun), ended(&view, &RowStrip::gestureEnded);
        QTest::mousePress(canvas, Qt::LeftButton, {}, canvas->placeRect(5).center().toPoint());
        QTest::mouseMove(canvas, canvas->placeRect(12).center().toPoint());  // a fast hand skips over pixels, not over rows
        QTest::mouseMove(canvas, canvas->placeRect(10).center().toPoint());
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, canvas->placeRect(10).center().toPoint());
        std::vector<int> expected;
        for (const int place : {5, 6, 7, 8, 9, 10, 11, 12, 11, 10})
            expected.push_back(figure.order[static_cast<std::size_t>(place)]);
        QCOMPARE(sweptRows(swept), expected);
        QCOMPARE(begun.size(), 1);
        QCOMPARE(ended.size(), 1);
    }

    void keysWalkAndPaint()
    {
        RowStrip view;
        RowStripFigure figure;
        figure.values = {0.1f, 0.2f, 0.3f};
        figure.valueName = QStringLiteral("error");
        view.showRows(figure);
        auto* canvas = view.findChild<RowStripCanvas*>();
        QSignalSpy swept(&view, &RowStrip::rowsSwept), activated(&view, &RowStrip::rowActivated);
        QTest::keyClick(canvas, Qt::Key_Right);
        QTest::keyClick(canvas, Qt::Key_Right);
        QCOMPARE(view.currentRow(), 1);
        QTest::keyClick(canvas, Qt::Key_Space);
        QCOMPARE(sweptRows(swept), std::vector<int>{1});
        QTest::keyClick(canvas, Qt::Key_Return);
        QCOMPARE(activated.last().constFirst().toInt(), 1);
    }

    void manyRowsWrapAndEveryOneCanBeTouched()
    {
        RowStrip view;
        RowStripFigure figure = test::rowFormats(1000);
        figure.order.clear();
        figure.wraps = true;
        view.showRows(figure);
        view.resize(300, 260);
        view.show();
        const auto* canvas = view.findChild<RowStripCanvas*>();
        QVERIFY(canvas->lineCount() > 5);
        for (int place = 0; place < 1000; ++place) {
            QCOMPARE(canvas->placeAt(canvas->placeRect(place).center()), place);
            QVERIFY(canvas->rect().toRectF().contains(canvas->placeRect(place)));
        }
        figure = test::rowFormats(10);
        figure.wraps = true;
        view.showRows(figure);
        QCOMPARE(canvas->lineCount(), 1);  // wide enough as they are
        QVERIFY(!view.grab().isNull());
    }

    void shiftAndAClickSweepsFromTheLastTouch()
    {
        RowStrip view;
        RowStripFigure figure = test::rowFormats(20);
        figure.order.clear();
        view.showRows(figure);
        view.resize(400, 120);
        view.show();
        auto* canvas = view.findChild<RowStripCanvas*>();
        QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->placeRect(8).center().toPoint());
        QSignalSpy swept(&view, &RowStrip::rowsSwept), begun(&view, &RowStrip::gestureBegun), ended(&view, &RowStrip::gestureEnded);
        QTest::mouseClick(canvas, Qt::LeftButton, Qt::ShiftModifier, canvas->placeRect(5).center().toPoint());
        QCOMPARE(sweptRows(swept), (std::vector<int>{8, 7, 6, 5}));
        QCOMPARE(begun.size(), 1);
        QCOMPARE(ended.size(), 1);
        QSignalSpy digits(&view, &RowStrip::digitTyped);
        QTest::keyClick(canvas, Qt::Key_3);
        QCOMPARE(digits.last().constFirst().toInt(), 3);
    }

    void rowsOfSeveralLayersAreToldByTheirLayer()
    {
        RowStrip view;
        RowStripFigure figure;
        figure.formats = QStringList{QStringLiteral("int4"), QStringLiteral("int4")};
        figure.labels = QStringList{QStringLiteral("int4 row"), QStringLiteral("int4 group:64")};
        figure.rowFormats = {0, 0, 1};
        figure.sections = {{QStringLiteral("conv1"), 0}, {QStringLiteral("conv2"), 2}};
        figure.stripeName = QStringLiteral("channel");
        view.showRows(figure);
        QCOMPARE(view.rowText(1), QStringLiteral("conv1, channel 1: int4 row"));
        QCOMPARE(view.rowText(2), QStringLiteral("conv2, channel 0: int4 group:64"));
        const NumberTable table = view.numbers();
        QCOMPARE(table.header, (QStringList{QStringLiteral("layer"), QStringLiteral("channel"), QStringLiteral("format")}));
        QCOMPARE(table.rows[2], (QStringList{QStringLiteral("conv2"), QStringLiteral("0"), QStringLiteral("int4 group:64")}));
    }

    void rowsAreNamedInWords()
    {
        RowStrip view;
        RowStripFigure figure;
        figure.formats = QStringList{QStringLiteral("pot4")};
        figure.rowFormats = {0, 0};
        figure.values = {0.0312f, std::numeric_limits<float>::infinity()};
        figure.valueName = QStringLiteral("error");
        figure.protectedRows = {1};
        view.showRows(figure);
        QCOMPARE(view.rowText(0), QStringLiteral("row 0: pot4, error 0.0312"));
        QCOMPARE(view.rowText(1), QStringLiteral("row 1: pot4, error exact, protected"));
        QVERIFY(view.rowText(2).isEmpty());
    }

    void listsOfUnlikeLengthAndStrangeOrdersDoNoHarm()
    {
        RowStrip view;
        RowStripFigure figure = test::rowFormats(16);
        figure.values.resize(40, 1.0f);
        figure.order = {99, -1};
        figure.protectedRows = {1000, -5};
        figure.selectedRows = {1000, 3};
        view.showRows(figure);
        view.resize(400, 120);
        QVERIFY(!view.grab().isNull());
        QVERIFY(view.rowText(39).contains(QStringLiteral("unknown format")));
        view.clear();
        QVERIFY(view.isEmpty());
        QVERIFY(!view.grab().isNull());
    }

    void theTableTwinHoldsFormatsAndValues()
    {
        RowStrip view;
        view.showRows(test::rowFormats(10));
        const NumberTable table = view.numbers();
        QCOMPARE(table.header, (QStringList{QStringLiteral("row"), QStringLiteral("format"), QStringLiteral("error"), QStringLiteral("protected")}));
        QCOMPARE(table.rows.size(), std::size_t{10});
    }
};

QTEST_MAIN(TstRowStrip)
#include "tst_row_strip.moc"
