// SPDX-License-Identifier: Apache-2.0
#include "app/views/format_number_line.h"

#include "app/views/gallery_values.h"
#include "app/views/number_line_canvas.h"

#include <QSignalSpy>
#include <QTest>

#include <numeric>

using namespace app;

namespace {

core::NumberFormat format(const char* name) { return core::NumberFormat::named(name).value(); }

QString codeOf(const char* name, float level)
{
    const core::NumberFormat f = format(name);
    const std::vector<float> levels = f.levels();
    const auto place = std::find(levels.begin(), levels.end(), level) - levels.begin();
    return codeText(f, static_cast<std::size_t>(place), levels);
}

}  // namespace

class TstFormatNumberLine : public QObject {
    Q_OBJECT

private slots:
    void codesAreTheBitsOfTheLevel()
    {
        QCOMPARE(codeOf("int4", 7), QStringLiteral("0111"));
        QCOMPARE(codeOf("int4", -1), QStringLiteral("1111"));
        QCOMPARE(codeOf("uint4", 9), QStringLiteral("1001"));
        QCOMPARE(codeOf("e4m3", 448), QStringLiteral("0 1111 110"));
        QCOMPARE(codeOf("e4m3", -1), QStringLiteral("1 0111 000"));
        QCOMPARE(codeOf("e2m1", 0.5f), QStringLiteral("0 00 1"));
        QCOMPARE(codeOf("nf4", 0), QStringLiteral("0111"));  // the exact zero is code 7
        QVERIFY(codeText(format("int4"), 99, format("int4").levels()).isEmpty());
    }

    void everyWeightGoesToOneLevel()
    {
        for (const char* name : {"int1", "ternary", "nf4", "int8", "e4m3", "fp16"}) {
            NumberLineCanvas canvas;
            canvas.showFigure(test::numberLine(name));
            const std::vector<std::size_t>& counts = canvas.counts();
            QCOMPARE(counts.size(), canvas.levels().size());
            QCOMPARE(std::accumulate(counts.begin(), counts.end(), std::size_t{0}), std::size_t{20000});
        }
        const float nan = std::nanf("");
        QCOMPARE(countsPerLevel({-0.6f, 0.4f, 0.6f, nan}, {-0.5f, 0.5f}, 3), (std::vector<std::size_t>{1, 1, 1}));
    }

    void clippingIsCountedAndSaid()
    {
        NumberLineFigure figure;
        figure.format = format("ternary");  // levels −1, 0, 1; half a step beyond is 1.5
        figure.normalised = {0, 1, 1.4f, 1.6f, -9};
        FormatNumberLine view;
        view.showFormat(figure);
        QCOMPARE(view.clippedShare(), 0.4);
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("40.00\u00a0% clipped")));
    }

    void levelsAreNamedWithTheirThresholds()
    {
        NumberLineFigure figure;
        figure.format = format("ternary");
        figure.normalised = {0, 0, 1, -1};
        FormatNumberLine view;
        view.showFormat(figure);
        QCOMPARE(view.levelText(1), QStringLiteral("level 1 of 3: 0, code 01; takes −0.500 to 0.500; 50.00\u00a0% of the weights"));
        QVERIFY(view.levelText(3).isEmpty());
    }

    void levelsStandWhereTheyBelong()
    {
        NumberLineCanvas canvas;
        canvas.setPalette(test::lightPalette());
        NumberLineFigure figure = test::numberLine("int3");
        canvas.showFigure(figure);
        canvas.resize(500, 240);
        canvas.show();
        QSignalSpy hovered(&canvas, &NumberLineCanvas::levelHovered);
        for (std::size_t level = 0; level < canvas.levels().size(); ++level) {
            QTest::mouseMove(&canvas, QPoint(static_cast<int>(std::lround(canvas.pixelOf(canvas.levels()[level]))), 100));
            QCOMPARE(canvas.currentLevel(), static_cast<int>(level));
        }
        QCOMPARE(hovered.size(), static_cast<qsizetype>(canvas.levels().size()));
    }

    void keysStepThroughTheLevels()
    {
        FormatNumberLine view;
        view.showFormat(test::numberLine("nf4"));
        QSignalSpy hovered(&view, &FormatNumberLine::levelHovered);
        auto* canvas = view.findChild<NumberLineCanvas*>();
        QTest::keyClick(canvas, Qt::Key_Home);
        QTest::keyClick(canvas, Qt::Key_Right);
        QTest::keyClick(canvas, Qt::Key_End);
        QCOMPARE(hovered.size(), 3);
        QCOMPARE(hovered.last().constFirst().toInt(), 15);
        QVERIFY(canvas->accessibleDescription().startsWith(QStringLiteral("level 15 of 16: 1.00")));
    }

    void aMarkedWeightStandsWhereItLies()
    {
        NumberLineCanvas canvas;
        canvas.setPalette(test::lightPalette());
        canvas.showFigure(test::numberLine("int3"));
        canvas.resize(500, 240);
        canvas.show();
        const auto columnsThatDiffer = [](const QImage& a, const QImage& b) {
            std::vector<int> columns;
            for (int x = 0; x < a.width(); ++x)
                if (a.pixel(x, a.height() / 2) != b.pixel(x, a.height() / 2))
                    columns.push_back(x);
            return columns;
        };
        const QImage plain = canvas.grab().toImage();
        canvas.setMarker(NumberLineMarker{1.25, QStringLiteral("row 3, column 4: 1.25")});
        const std::vector<int> changed = columnsThatDiffer(plain, canvas.grab().toImage());
        QVERIFY(!changed.empty());
        for (const int x : changed)  // a thin pin: nothing else at half height
            QVERIFY(std::abs(x - canvas.pixelOf(1.25)) < 3);
        canvas.setMarker({});
        QCOMPARE(canvas.grab().toImage(), plain);
    }

    void logarithmicCountsLiftRareWeights()
    {
        NumberLineCanvas canvas;
        canvas.setPalette(test::lightPalette());
        NumberLineFigure figure = test::numberLine("int3");
        figure.normalised.assign(1000, 0.0F);
        figure.normalised.push_back(2.6F);  // one weight far out, off every level
        canvas.showFigure(figure);
        canvas.resize(500, 240);
        canvas.show();
        const QImage plain = canvas.grab().toImage();
        canvas.setLogCounts(true);
        const QImage logarithmic = canvas.grab().toImage();
        // One of 1001 is a pixel high; by logarithms it is log(2) / log(1001), a tenth of the tallest bar.
        const int x = static_cast<int>(canvas.pixelOf(2.6));
        int risen = 0;
        for (int y = canvas.height() / 2; y < canvas.height(); ++y)
            for (const int beside : {-2, -1, 0, 1, 2})
                if (plain.pixel(x + beside, y) != logarithmic.pixel(x + beside, y)) {
                    ++risen;
                    break;
                }
        QCOMPARE_GT(risen, 5);
        canvas.setLogCounts(false);
        QCOMPARE(canvas.grab().toImage(), plain);
    }

    void anyNumberOfLevelsCanBeDrawn()
    {
        for (const char* name : {"int1", "nf4", "int16", "fp16", "bf16", "fp32"})
            for (const QSize size : {QSize(180, 130), QSize(1200, 500)}) {
                NumberLineCanvas canvas;
                canvas.resize(size);
                canvas.showFigure(test::numberLine(name));
                QVERIFY(!canvas.grab().isNull());
            }
        FormatNumberLine view;
        view.showFormat(test::numberLine("fp32"));  // no levels, but weights
        QVERIFY(!view.isEmpty());
        view.clear();
        QVERIFY(view.isEmpty());
    }
};

QTEST_MAIN(TstFormatNumberLine)
#include "tst_format_number_line.moc"
