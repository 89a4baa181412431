// SPDX-License-Identifier: Apache-2.0
#include "app/views/polarized_strips.h"

#include "app/views/polarized_canvas.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QTest>

using namespace app;

/// A convolution of 2 rows at 4 positions. The target counts 1 ... 8 with alternating signs; the main path is all 0, recovery
/// brings every second value.
class TestPolarizedStrips : public QObject {
    Q_OBJECT
private slots:
    void oneScaleIsSymmetricAndHoldsEveryPart();
    void rootMeanSquaresAndSqnrAreOfTheNumbers();
    void aConvolutionIsRowsByPositions();
    void aDenseLayerIsOneRowOfCells();
    void narrowRoomAveragesAndStripsStillAddUp();
    void thePictureHasTheColoursOfTheValues();
    void gainSaturatesBeyondTheEnds();
    void aPointIsToldInWords();
    void theTableTwinHasEveryElement();
    void nothingToShowSaysSo();

private:
    static core::PolarizedSample conv()
    {
        core::PolarizedSample sample;
        sample.rows = 2;
        sample.positions = 4;
        for (int i = 1; i <= 8; ++i) {
            const float target = i % 2 == 0 ? static_cast<float>(-i) : static_cast<float>(i);
            sample.target.push_back(target);
            sample.main.push_back(0);
            sample.recovery.push_back(i % 2 == 0 ? target : 0.0F);
            sample.sum.push_back(sample.recovery.back());
            sample.residual.push_back(target - sample.sum.back());
        }
        return sample;
    }
    static PolarizedFigure figure(core::PolarizedSample sample)
    {
        PolarizedFigure figure;
        figure.layer = QStringLiteral("conv1");
        figure.sample = 3;
        figure.values = std::make_shared<const core::PolarizedSample>(std::move(sample));
        figure.mainEnergyShare = 0.75;
        figure.recoveryEnergyShare = 0.25;
        return figure;
    }
    static QRgb colour(float value, const ColourRange& range) { return colourOf(static_cast<double>(value), ColourMap::Difference, range); }
};

void TestPolarizedStrips::oneScaleIsSymmetricAndHoldsEveryPart()
{
    QCOMPARE(polarizedRange(conv()), (ColourRange{-8, 8}));
    QCOMPARE(polarizedRange(conv(), 4), (ColourRange{-2, 2}));
    QCOMPARE(polarizedRange(core::PolarizedSample{}), (ColourRange{-1, 1}));
}

void TestPolarizedStrips::rootMeanSquaresAndSqnrAreOfTheNumbers()
{
    const core::PolarizedSample sample = conv();
    QCOMPARE(rootMeanSquare(sample.target), std::sqrt(204.0 / 8));   // 1 + 4 + ... + 64
    QCOMPARE(rootMeanSquare(sample.residual), std::sqrt(84.0 / 8));  // 1 + 9 + 25 + 49
    QCOMPARE(sampleSqnr(sample), 10 * std::log10(204.0 / 84));
    core::PolarizedSample exact = sample;
    exact.residual.assign(8, 0.0F);
    QVERIFY(std::isinf(sampleSqnr(exact)));
}

void TestPolarizedStrips::aConvolutionIsRowsByPositions()
{
    const core::PolarizedSample sample = conv();
    const ColourRange range = polarizedRange(sample);
    const QImage image = stripImage(sample, PolarizedPart::Target, range, QSize(100, 50));
    QCOMPARE(image.size(), QSize(4, 2));
    for (int row = 0; row < 2; ++row)
        for (int position = 0; position < 4; ++position)
            QCOMPARE(image.pixel(position, row), colour(sample.target[static_cast<std::size_t>(row * 4 + position)], range));
}

void TestPolarizedStrips::aDenseLayerIsOneRowOfCells()
{
    core::PolarizedSample sample = conv();
    sample.rows = 8;
    sample.positions = 1;
    QCOMPARE(stripImage(sample, PolarizedPart::Residual, polarizedRange(sample), QSize(100, 50)).size(), QSize(8, 1));
}

void TestPolarizedStrips::narrowRoomAveragesAndStripsStillAddUp()
{
    const core::PolarizedSample sample = conv();
    const ColourRange range = polarizedRange(sample);
    const QSize narrow(2, 2);
    // The first two positions of row 0: target (1 − 2) / 2, recovery (0 − 2) / 2, left wrong (1 + 0) / 2.
    QCOMPARE(stripImage(sample, PolarizedPart::Target, range, narrow).pixel(0, 0), colour(-0.5F, range));
    QCOMPARE(stripImage(sample, PolarizedPart::Sum, range, narrow).pixel(0, 0), colour(-1.0F, range));
    QCOMPARE(stripImage(sample, PolarizedPart::Residual, range, narrow).pixel(0, 0), colour(0.5F, range));
    QVERIFY(stripImage(sample, PolarizedPart::Target, range, {}).isNull());
}

void TestPolarizedStrips::thePictureHasTheColoursOfTheValues()
{
    PolarizedStrips strips;
    strips.resize(400, 400);
    strips.showFigure(figure(conv()));
    const QImage picture = strips.grab().toImage().convertToFormat(QImage::Format_RGB32);
    const core::PolarizedSample sample = conv();
    const ColourRange range = polarizedRange(sample);
    int below = 0;
    for (const PolarizedPart part : kPolarizedParts) {
        const QRect strip = strips.stripRect(part);
        QVERIFY2(strip.top() > below, "strips do not overlap");
        below = strip.bottom();
        for (int row = 0; row < 2; ++row)
            for (int position = 0; position < 4; ++position) {
                const QPoint middle(strip.left() + (2 * position + 1) * strip.width() / 8,
                                    strip.top() + (2 * row + 1) * strip.height() / 4);
                QCOMPARE(picture.pixel(middle), colour(partOf(sample, part)[static_cast<std::size_t>(row * 4 + position)], range));
            }
    }
    QVERIFY(below < strips.height() - 20);  // the scale with its ends has room
}

void TestPolarizedStrips::gainSaturatesBeyondTheEnds()
{
    PolarizedFigure shown = figure(conv());
    shown.gain = 4;
    PolarizedStrips strips;
    strips.resize(400, 400);
    strips.showFigure(shown);
    const QImage picture = strips.grab().toImage().convertToFormat(QImage::Format_RGB32);
    const QRect strip = strips.stripRect(PolarizedPart::Target);
    const QPoint last(strip.right() - strip.width() / 8, strip.bottom() - strip.height() / 4);  // −8 under −2 ... 2
    QCOMPARE(picture.pixel(last), colourAt(ColourMap::Difference, 0));
}

void TestPolarizedStrips::aPointIsToldInWords()
{
    PolarizedStrips strips;
    strips.resize(400, 400);
    strips.showFigure(figure(conv()));
    const QRect strip = strips.stripRect(PolarizedPart::Recovery);
    QCOMPARE(strips.textAt(QPoint(strip.left() + 3 * strip.width() / 8, strip.top() + 3 * strip.height() / 4)),
             QStringLiteral("recovery path, row 1, position 1: −6.00"));
    QVERIFY(strips.textAt(QPoint(strip.left(), strip.top() - 3)).isEmpty());
}

void TestPolarizedStrips::theTableTwinHasEveryElement()
{
    PolarizedStrips strips;
    strips.showFigure(figure(conv()));
    const NumberTable numbers = strips.numbers();
    QCOMPARE(numbers.header.size(), 7);
    QCOMPARE(numbers.rows.size(), std::size_t{8});
    QCOMPARE(numbers.rows[5], (QStringList{QStringLiteral("1"), QStringLiteral("1"), QStringLiteral("0"), QStringLiteral("-6"),
                                           QStringLiteral("-6"), QStringLiteral("-6"), QStringLiteral("0")}));
    strips.copyAction()->trigger();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("row,position,main path")));
    QVERIFY(strips.accessibleDescription().contains(QStringLiteral("sample 3")));
}

void TestPolarizedStrips::nothingToShowSaysSo()
{
    PolarizedStrips strips;
    strips.setEmptyHint(QStringLiteral("Pick a sample."));
    strips.showFigure(figure(conv()));
    QVERIFY(!strips.isEmpty());
    strips.clear();
    QVERIFY(strips.isEmpty());
    QCOMPARE(strips.accessibleDescription(), QStringLiteral("Pick a sample."));
    QVERIFY(strips.numbers().rows.empty());
}

QTEST_MAIN(TestPolarizedStrips)
#include "tst_polarized_strips.moc"
