// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <QtTest>

#include <numeric>

using namespace core;

namespace {

std::vector<std::uint8_t> counting(std::size_t size)
{
    std::vector<std::uint8_t> values(size);
    std::iota(values.begin(), values.end(), std::uint8_t{0});
    return values;
}

Split bytes(Shape shape)
{
    const auto size = static_cast<std::size_t>(elementCount(shape));
    return {Tensor::of(std::move(shape), counting(size)), {}};
}

Preprocessing plain(TensorLayout layout)
{
    Preprocessing preprocessing;
    preprocessing.layout = layout;
    return preprocessing;
}

std::string messageOf(const Result<SampleSet>& result) { return result ? "" : result.error().message; }

}  // namespace

class TestPrepare : public QObject {
    Q_OBJECT

private slots:
    void bytesAreScaledThenCentredThenDivided();
    void aColourImageBecomesPlanes();
    void planesBecomeAColourImage();
    void everyChannelHasItsOwnMean();
    void everyFeatureHasItsOwnMean();
    void flatKeepsTheStoredOrder();
    void tokensStayWholeNumbers();
    void tokensFromFloatsAreAProblem();
    void aMisfitSaysBothShapes();
    void anOpenAxisTakesAnySize();
    void aTableCannotBecomeAnImage();
    void theWrongNumberOfMeansIsAProblem();
    void aDeviationOfZeroIsAProblem();
    void aStoredShapeMustSuitItsLayout();
    void labelsGoAlong();
};

void TestPrepare::bytesAreScaledThenCentredThenDivided()
{
    const Split split{Tensor::of(Shape{1, 1, 2}, std::vector<std::uint8_t>{0, 255}), {}};
    Preprocessing preprocessing = plain(TensorLayout::ChannelHeightWidth);
    preprocessing.scale = 1.0 / 255.0;
    preprocessing.mean = {0.1307};
    preprocessing.standardDeviation = {0.3081};
    const auto set = prepare(split, SampleLayout::HeightWidth, preprocessing, {1, 1, 2});
    QVERIFY(set);
    QCOMPARE(set.value().inputs.shape(), (Shape{1, 1, 1, 2}));
    // Single precision, one operation after the other.
    const float scale = static_cast<float>(1.0 / 255.0), mean = 0.1307f, deviation = 0.3081f;
    QCOMPARE(set.value().inputs.values<float>()[0], (0.0f * scale - mean) / deviation);
    QCOMPARE(set.value().inputs.values<float>()[1], (255.0f * scale - mean) / deviation);
}

void TestPrepare::aColourImageBecomesPlanes()
{
    // Two rows, one column, three channels: r0 g0 b0 r1 g1 b1.
    const auto set = prepare(bytes({1, 2, 1, 3}), SampleLayout::HeightWidthChannel, plain(TensorLayout::ChannelHeightWidth), {3, 2, 1});
    QVERIFY(set);
    QCOMPARE(set.value().inputs, Tensor::of(Shape{1, 3, 2, 1}, std::vector<float>{0, 3, 1, 4, 2, 5}));
}

void TestPrepare::planesBecomeAColourImage()
{
    const auto set = prepare(bytes({1, 3, 2, 1}), SampleLayout::ChannelHeightWidth, plain(TensorLayout::HeightWidthChannel), {2, 1, 3});
    QVERIFY(set);
    QCOMPARE(set.value().inputs, Tensor::of(Shape{1, 2, 1, 3}, std::vector<float>{0, 2, 4, 1, 3, 5}));
}

void TestPrepare::everyChannelHasItsOwnMean()
{
    Preprocessing preprocessing = plain(TensorLayout::ChannelHeightWidth);
    preprocessing.mean = {0, 10, 100};
    const auto set = prepare(bytes({2, 1, 1, 3}), SampleLayout::HeightWidthChannel, preprocessing, {3, 1, 1});
    QVERIFY(set);
    QCOMPARE(set.value().inputs, Tensor::of(Shape{2, 3, 1, 1}, std::vector<float>{0, -9, -98, 3, -6, -95}));
}

void TestPrepare::everyFeatureHasItsOwnMean()
{
    Preprocessing preprocessing = plain(TensorLayout::Features);
    preprocessing.mean = {0, 1};
    preprocessing.standardDeviation = {1, 2};
    const Split split{Tensor::of(Shape{2, 2}, std::vector<float>{5, 5, -1, -1}), {}};
    const auto set = prepare(split, SampleLayout::Features, preprocessing, {2});
    QVERIFY(set);
    QCOMPARE(set.value().inputs, Tensor::of(Shape{2, 2}, std::vector<float>{5, 2, -1, -1}));
}

void TestPrepare::flatKeepsTheStoredOrder()
{
    const auto set = prepare(bytes({1, 2, 1, 3}), SampleLayout::HeightWidthChannel, plain(TensorLayout::Flat), {6});
    QVERIFY(set);
    QCOMPARE(set.value().inputs, Tensor::of(Shape{1, 6}, std::vector<float>{0, 1, 2, 3, 4, 5}));
}

void TestPrepare::tokensStayWholeNumbers()
{
    Preprocessing preprocessing = plain(TensorLayout::Sequence);
    preprocessing.type = DataType::Int64;
    preprocessing.scale = 0.5;  // means nothing to tokens
    const Split split{Tensor::of(Shape{1, 3}, std::vector<std::int64_t>{3, 0, 2}), {}};
    const auto set = prepare(split, SampleLayout::Sequence, preprocessing, {3});
    QVERIFY(set);
    QCOMPARE(set.value().inputs, Tensor::of(Shape{1, 3}, std::vector<std::int64_t>{3, 0, 2}));
}

void TestPrepare::tokensFromFloatsAreAProblem()
{
    Preprocessing preprocessing = plain(TensorLayout::Sequence);
    preprocessing.type = DataType::Int64;
    const Split split{Tensor::of(Shape{1, 1}, std::vector<float>{0.5f}), {}};
    QCOMPARE(messageOf(prepare(split, SampleLayout::Sequence, preprocessing, {1})),
             std::string("samples are float32; the network reads tokens, so whole numbers (uint8 or int64) are wanted"));
}

void TestPrepare::aMisfitSaysBothShapes()
{
    QCOMPARE(messageOf(prepare(bytes({2, 4, 4}), SampleLayout::HeightWidth, plain(TensorLayout::ChannelHeightWidth), {1, 28, 28})),
             std::string("samples are 1x4x4 (4x4 as stored); the network reads 1x28x28"));
    QCOMPARE(messageOf(prepare(bytes({2, 4, 4}), SampleLayout::HeightWidth, plain(TensorLayout::Flat), {784})),
             std::string("samples are 16 (4x4 as stored); the network reads 784"));
    QCOMPARE(messageOf(prepare(bytes({2, 4, 4}), SampleLayout::HeightWidth, plain(TensorLayout::ChannelHeightWidth), {3, -1, -1})),
             std::string("samples are 1x4x4 (4x4 as stored); the network reads 3x?x?"));
}

void TestPrepare::anOpenAxisTakesAnySize()
{
    QVERIFY(prepare(bytes({2, 4, 5}), SampleLayout::HeightWidth, plain(TensorLayout::ChannelHeightWidth), {1, -1, -1}));
}

void TestPrepare::aTableCannotBecomeAnImage()
{
    QCOMPARE(messageOf(prepare(bytes({2, 16}), SampleLayout::Features, plain(TensorLayout::ChannelHeightWidth), {1, 4, 4})),
             std::string("samples are 16 laid out as \"features\"; the network reads 1x4x4 laid out as \"chw\""));
}

void TestPrepare::theWrongNumberOfMeansIsAProblem()
{
    Preprocessing preprocessing = plain(TensorLayout::ChannelHeightWidth);
    preprocessing.mean = {1, 2};
    QCOMPARE(messageOf(prepare(bytes({1, 1, 1, 3}), SampleLayout::HeightWidthChannel, preprocessing, {3, 1, 1})),
             std::string("mean has 2 values; a sample has 3 channels or features, so 1 or 3 are wanted"));
}

void TestPrepare::aDeviationOfZeroIsAProblem()
{
    Preprocessing preprocessing = plain(TensorLayout::Flat);
    preprocessing.standardDeviation = {0};
    QCOMPARE(messageOf(prepare(bytes({1, 2, 2}), SampleLayout::HeightWidth, preprocessing, {4})),
             std::string("std is 0; wanted a positive number"));
}

void TestPrepare::aStoredShapeMustSuitItsLayout()
{
    QCOMPARE(messageOf(prepare(bytes({2, 4}), SampleLayout::HeightWidth, plain(TensorLayout::Flat), {4})),
             std::string("a stored sample is 4; layout \"hw\" wants rows x columns"));
}

void TestPrepare::labelsGoAlong()
{
    Split split = bytes({2, 3});
    split.labels = {7, 8};
    const auto set = prepare(split, SampleLayout::Features, plain(TensorLayout::Features), {3});
    QVERIFY(set);
    QCOMPARE(set.value().labels, split.labels);
}

QTEST_APPLESS_MAIN(TestPrepare)
#include "tst_prepare.moc"
