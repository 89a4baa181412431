// SPDX-License-Identifier: Apache-2.0
#include "app/views/chart_style.h"

#include "app/models/number_text.h"
#include "app/views/gallery_values.h"
#include "app/views/plot_axes.h"

#include <QFile>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>
#include <set>

using namespace app;

namespace {

double luminance(const QColor& colour)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)  // WCAG 2
{
    const double high = std::max(luminance(a), luminance(b)), low = std::min(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

}  // namespace

class TstChartStyle : public QObject {
    Q_OBJECT

private slots:
    void wordsCanBeReadOnBothGrounds()
    {
        for (const QPalette& palette : {test::lightPalette(), test::darkPalette()})
            for (const QPalette::ColorRole ground : {QPalette::Base, QPalette::Window})
                for (const QColor& ink : {mutedText(palette), goodColour(palette), cautionColour(palette), badColour(palette)})
                    QCOMPARE_GE(contrast(ink, palette.color(ground)), 4.5);
    }

    void barsStandOutOnBothGrounds()
    {
        for (const QPalette& palette : {test::lightPalette(), test::darkPalette()})
            for (int series = 0; series < 8; ++series)
                QCOMPARE_GE(contrast(seriesColour(series, palette), palette.color(QPalette::Base)), 2.2);
    }

    void noTwoSeriesShareColourOrPattern()
    {
        std::set<QRgb> colours;
        std::set<int> patterns;
        for (int series = 0; series < 8; ++series) {
            colours.insert(seriesColour(series, test::lightPalette()).rgb());
            patterns.insert(seriesPattern(series));
        }
        QCOMPARE(colours.size(), std::size_t{8});
        QCOMPARE(patterns.size(), std::size_t{8});
        QCOMPARE(seriesColour(-1, test::lightPalette()), seriesColour(7, test::lightPalette()));
    }

    void inkIsWhatReadsBetter()
    {
        for (int grey = 0; grey < 256; ++grey) {
            const QColor ground(grey, grey, grey);
            const QColor other = inkOn(ground) == QColor(Qt::black) ? QColor(Qt::white) : QColor(Qt::black);
            QCOMPARE_GE(contrast(inkOn(ground), ground), contrast(other, ground) - 0.05);
        }
    }

    void csvQuotesWhatNeedsQuotes()
    {
        NumberTable table;
        table.header = {QStringLiteral("layer"), QStringLiteral("say, \"what\"")};
        table.rows = {{QStringLiteral("conv1"), QStringLiteral("1.5")}};
        QCOMPARE(csvText(table), QStringLiteral("layer,\"say, \"\"what\"\"\"\r\nconv1,1.5\r\n"));
    }

    void ticksAreRoundAndWithin()
    {
        QCOMPARE(roundTicks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
        for (const double high : {0.003, 0.7, 1.0, 99.0, 12345.0})
            for (const int most : {2, 5, 9}) {
                const std::vector<double> ticks = roundTicks(0.1 * high, high, most);
                QCOMPARE_LE(ticks.size(), static_cast<std::size_t>(most + 1));
                for (const double tick : ticks) {
                    QCOMPARE_GE(tick, 0.1 * high * (1 - 1e-9));
                    QCOMPARE_LE(tick, high * (1 + 1e-9));
                }
            }
        QCOMPARE(roundTicks(5, 5, 4), std::vector<double>{5});
        QCOMPARE(roundTicks(0, std::numeric_limits<double>::infinity(), 4), std::vector<double>{0});
        QCOMPARE(tickText(0.2, {0, 0.2, 0.4}), QStringLiteral("0.2"));
    }

    void picturesAreSavedAsPngAndSvg()
    {
        QTemporaryDir folder;
        AccuracyView view;
        for (const AccuracyFigure& figure : test::convergingRun(320, 320, 0.9, 0.95))
            view.showEstimate(figure);
        view.resize(500, 400);
        const QString png = folder.filePath(QStringLiteral("a.png")), svg = folder.filePath(QStringLiteral("a.svg"));
        QVERIFY(savePicture(view, png));
        QCOMPARE(QImage(png).size(), QSize(1000, 800));  // twice the logical size
        QVERIFY(savePicture(view, svg));
        QFile file(svg);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        QVERIFY(text.contains("<svg"));
        QVERIFY(text.contains("<title>Accuracy</title>"));
        QVERIFY(text.contains("accuracy / %"));
    }

    void whatCannotBeSavedSaysWhy()
    {
        QTemporaryDir folder;
        QWidget widget;
        widget.resize(10, 10);
        const auto ending = savePicture(widget, folder.filePath(QStringLiteral("a.bmp")));
        QVERIFY(!ending);
        QVERIFY(ending.error().message.find("'bmp'") != std::string::npos);
        const auto nowhere = savePicture(widget, folder.filePath(QStringLiteral("missing/a.png")));
        QVERIFY(!nowhere);
        QVERIFY(nowhere.error().place.find("missing/a.png") != std::string::npos);
    }

    void theTableTwinShowsTheNumbers()
    {
        AccuracyView view;
        view.showEstimate(test::estimateAt(32, 64, 0.75, 1.0));
        view.setFace(FigureView::Face::Table);
        auto* table = view.findChild<QTableView*>(QStringLiteral("accuracyViewTable"));
        QVERIFY(table);
        QCOMPARE(table->model()->rowCount(), 1);
        QCOMPARE(table->model()->index(0, 1).data().toString(), QStringLiteral("75.000"));
        view.showEstimate(test::estimateAt(64, 64, 0.75, 1.0));  // the twin follows
        QCOMPARE(table->model()->rowCount(), 2);
        QVERIFY(view.tableAction()->isChecked());
    }

    void chartsFollowThePalette()
    {
        AccuracyView view;
        for (const AccuracyFigure& figure : test::convergingRun(320, 320, 0.9, 0.95))
            view.showEstimate(figure);
        view.resize(500, 400);
        for (const QPalette& palette : {test::lightPalette(), test::darkPalette()}) {
            view.setPalette(palette);
            const QImage picture = view.grab().toImage();
            int base = 0, window = 0;
            for (int y = 0; y < picture.height(); ++y)
                for (int x = 0; x < picture.width(); ++x) {
                    base += picture.pixelColor(x, y) == palette.color(QPalette::Base);
                    window += picture.pixelColor(x, y) == palette.color(QPalette::Window);
                }
            QCOMPARE_GT(base, 10000);    // the plot's ground
            QCOMPARE_GT(window, 10000);  // all around it
        }
    }
};

QTEST_MAIN(TstChartStyle)
#include "tst_chart_style.moc"
