// SPDX-License-Identifier: Apache-2.0
#include "app/views/sample_grid.h"

#include "app/views/gallery_values.h"
#include "app/views/sample_list_model.h"
#include "app/views/sample_picture.h"

#include <QAbstractItemModelTester>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <set>

using namespace app;
using core::SampleKind;
using core::SampleLayout;
using core::Shape;
using core::Tensor;

namespace {

SamplePictureStyle style()
{
    SamplePictureStyle result;
    result.palette = test::lightPalette();
    return result;
}

}  // namespace

class TstSamples : public QObject {
    Q_OBJECT

private slots:
    void greyBytesStayTheirBytes()
    {
        const Tensor tensor = Tensor::of(Shape{2, 2}, std::vector<std::uint8_t>{0, 128, 255, 7});
        const QImage image = sampleImage(tensor, SampleKind::Image, SampleLayout::HeightWidth, ColourMap::Grey);
        QCOMPARE(image.size(), QSize(2, 2));
        QCOMPARE(image.pixel(1, 0), qRgb(128, 128, 128));
        QCOMPARE(image.pixel(0, 1), qRgb(255, 255, 255));
        QCOMPARE(image.pixel(1, 1), qRgb(7, 7, 7));
    }

    void coloursAreReadInEitherLayout()
    {
        const std::vector<std::uint8_t> interleaved{1, 2, 3, 4, 5, 6}, planar{1, 4, 2, 5, 3, 6};
        const QImage a =
            sampleImage(Tensor::of(Shape{1, 2, 3}, interleaved), SampleKind::Image, SampleLayout::HeightWidthChannel, ColourMap::Grey);
        const QImage b =
            sampleImage(Tensor::of(Shape{3, 1, 2}, planar), SampleKind::Image, SampleLayout::ChannelHeightWidth, ColourMap::Grey);
        QCOMPARE(a.pixel(0, 0), qRgb(1, 2, 3));
        QCOMPARE(a.pixel(1, 0), qRgb(4, 5, 6));
        QCOMPARE(a, b);
    }

    void floatsAreStretchedOnlyBeyondOne()
    {
        const auto grey = [](std::vector<float> values) {
            return sampleImage(Tensor::of(Shape{1, 2}, values), SampleKind::Image, SampleLayout::HeightWidth, ColourMap::Grey);
        };
        QCOMPARE(grey({0.0f, 0.4f}).pixel(1, 0), qRgb(102, 102, 102));
        QCOMPARE(grey({-1.0f, 3.0f}).pixel(0, 0), qRgb(0, 0, 0));
        QCOMPARE(grey({-1.0f, 3.0f}).pixel(1, 0), qRgb(255, 255, 255));
    }

    void theLowestBandOfASpectrogramIsAtTheBottom()
    {
        const Tensor tensor = Tensor::of(Shape{2, 1}, std::vector<std::uint8_t>{0, 200});
        const QImage image = sampleImage(tensor, SampleKind::Spectrogram, SampleLayout::HeightWidth, ColourMap::Viridis);
        QCOMPARE(image.pixel(0, 1), colourAt(ColourMap::Viridis, 0));
        QCOMPARE(image.pixel(0, 0), colourAt(ColourMap::Viridis, 1));
    }

    void shapesThatAreNoPictureGiveNone()
    {
        QVERIFY(samplePicture(Tensor(core::DataType::UInt8, Shape{5}), SampleKind::Image, SampleLayout::HeightWidth, style()).isNull());
        QVERIFY(samplePicture(Tensor(core::DataType::UInt8, Shape{4, 4, 2}), SampleKind::Image, SampleLayout::HeightWidthChannel, style())
                    .isNull());
        QVERIFY(samplePicture(Tensor(core::DataType::UInt8, Shape{0, 4}), SampleKind::Image, SampleLayout::HeightWidth, style()).isNull());
        QVERIFY(
            samplePicture(Tensor(core::DataType::Int64, Shape{100000}), SampleKind::Sequence, SampleLayout::Sequence, style()).isNull());
    }

    void imagesKeepTheirShapeAtAnyPixelRatio()
    {
        SamplePictureStyle wanted = style();
        wanted.pixelRatio = 2;
        const QImage picture =
            samplePicture(Tensor(core::DataType::UInt8, Shape{14, 28}), SampleKind::Image, SampleLayout::HeightWidth, wanted);
        QCOMPARE(picture.size(), QSize(168, 84));
        QCOMPARE(picture.deviceIndependentSize(), QSizeF(84, 42));
    }

    void lettersHaveColoursOfTheirOwn()
    {
        std::set<QRgb> grounds;
        for (std::int64_t token = 0; token < 4; ++token) {
            const QImage picture = samplePicture(Tensor::of(Shape{1}, std::vector<std::int64_t>{token}), SampleKind::Sequence,
                                                 SampleLayout::Sequence, style());
            grounds.insert(picture.pixel(10, 42));
        }
        QCOMPARE(grounds.size(), std::size_t{4});
    }

    void barsOfATableRowStandOnTheirZero()
    {
        const QImage picture =
            samplePicture(Tensor::of(Shape{2}, std::vector<float>{1, -1}), SampleKind::Table, SampleLayout::Features, style());
        const QPalette palette = test::lightPalette();
        QCOMPARE(picture.pixelColor(20, 20), seriesColour(0, palette));  // up
        QCOMPARE(picture.pixelColor(60, 60), seriesColour(1, palette));  // down
        QCOMPARE(picture.pixelColor(60, 20), palette.color(QPalette::Base));
    }

    void oneSampleIsCutOutOfASplit()
    {
        const Tensor inputs = Tensor::of(Shape{3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
        QCOMPARE(sampleOf(inputs, 1), Tensor::of(Shape{2}, std::vector<float>{3, 4}));
        QCOMPARE(sampleOf(inputs, 3).size(), std::int64_t{0});
        QCOMPARE(sampleOf(inputs, -1).size(), std::int64_t{0});
    }

    void verdictsAreWords()
    {
        SampleCard card;
        card.label = QStringLiteral("7");
        QCOMPARE(sampleVerdict(card), QStringLiteral("right"));
        card.wrong = true;
        QCOMPARE(sampleVerdict(card), QStringLiteral("wrong"));
        card.flipped = true;
        QCOMPARE(sampleVerdict(card), QStringLiteral("flipped to wrong"));
        card.wrong = false;
        QCOMPARE(sampleVerdict(card), QStringLiteral("flipped to right"));
    }

    void theModelKeepsItsContract()
    {
        SampleListModel model;
        QAbstractItemModelTester tester(&model);
        model.show(test::sampleCards(20));
        QCOMPARE(model.rowCount(), 20);
        const QString words = model.data(model.index(3), Qt::AccessibleTextRole).toString();
        QVERIFY(words.contains(QStringLiteral("flipped to wrong")));
        QVERIFY(words.contains(QStringLiteral("pushed over by block1.conv2")));
        model.show({});
        QCOMPARE(model.rowCount(), 0);
    }

    void onlyPicturesInSightAreMade()
    {
        SampleGrid grid;
        std::set<std::int32_t> made;
        grid.resize(420, 330);
        grid.show();
        grid.showSamples(test::sampleCards(10000), [&made](std::int32_t sample, QSize size, double) {
            made.insert(sample);
            return QImage(size, QImage::Format_RGB32);
        });
        QCOMPARE(grid.sampleCount(), 10000);
        QTRY_COMPARE_GT(made.size(), std::size_t{8});
        QCOMPARE_LT(made.size(), std::size_t{60});
        grid.verticalScrollBar()->setValue(grid.verticalScrollBar()->maximum());
        QTRY_VERIFY(made.contains(9999));
        QCOMPARE_LT(made.size(), std::size_t{120});
    }

    void keysChooseSamplesAndShowingDoesNot()
    {
        SampleGrid grid;
        grid.resize(420, 330);
        grid.show();
        QSignalSpy selected(&grid, &SampleGrid::sampleSelected), activated(&grid, &SampleGrid::sampleActivated);
        const auto nothing = [](std::int32_t, QSize, double) { return QImage(); };
        grid.showSamples(test::sampleCards(50), nothing);
        grid.setFocus();
        QTest::keyClick(&grid, Qt::Key_Home);
        QTest::keyClick(&grid, Qt::Key_Right);
        QCOMPARE(selected.last().constFirst().toInt(), 1);
        QTest::keyClick(&grid, Qt::Key_Return);
        QCOMPARE(activated.last().constFirst().toInt(), 1);
        const auto before = selected.size();
        std::vector<SampleCard> reversed = test::sampleCards(50);
        std::reverse(reversed.begin(), reversed.end());
        grid.showSamples(reversed, nothing);  // the same sample stays chosen, elsewhere
        QCOMPARE(selected.size(), before);
        QCOMPARE(grid.card(grid.currentIndex().row()).sample, 1);
    }

    void anEmptyWallSaysWhatToDo()
    {
        SampleGrid grid;
        grid.clear();
        QVERIFY(grid.accessibleDescription().contains(QStringLiteral("Open")));
        QVERIFY(!grid.grab().isNull());
        grid.showSamples(test::sampleCards(3), {});  // without pictures: hatched places
        QVERIFY(!grid.grab().isNull());
        QCOMPARE(grid.numbers().rows.size(), std::size_t{3});
    }
};

QTEST_MAIN(TstSamples)
#include "tst_samples.moc"
