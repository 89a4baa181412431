// SPDX-License-Identifier: Apache-2.0
#include "app/shell/samples_panel.h"

#include <QTest>

using namespace app;

class TestStoredSample : public QObject {
    Q_OBJECT
private slots:
    void brightnessComesBackToTheByte();
    void aFlatSquareIsAPicture();
    void featuresKeepTheirUnits();
};

void TestStoredSample::brightnessComesBackToTheByte()
{
    // MNIST's recipe: x = (stored / 255 - 0.1307) / 0.3081.
    core::Subject subject;
    subject.preprocessing.layout = core::TensorLayout::ChannelHeightWidth;
    subject.preprocessing.scale = 1.0 / 255;
    subject.preprocessing.mean = {0.1307};
    subject.preprocessing.standardDeviation = {0.3081};
    std::vector<float> values;
    for (int stored = 0; stored < 256; ++stored)
        values.push_back(static_cast<float>((stored / 255.0 - 0.1307) / 0.3081));
    subject.test.inputs = core::Tensor::of(core::Shape{1, 1, 16, 16}, values);
    const StoredSample sample = storedSample(subject, core::SampleKind::Image, 0);
    QVERIFY(sample.layout == core::SampleLayout::ChannelHeightWidth);
    for (int stored = 0; stored < 256; ++stored)
        QCOMPARE(static_cast<int>(sample.tensor.values<std::uint8_t>()[static_cast<std::size_t>(stored)]), stored);
}

void TestStoredSample::aFlatSquareIsAPicture()
{
    core::Subject subject;
    subject.preprocessing.layout = core::TensorLayout::Flat;
    subject.test.inputs = core::Tensor(core::DataType::Float32, {3, 49});
    const StoredSample sample = storedSample(subject, core::SampleKind::Image, 2);
    QVERIFY(sample.layout == core::SampleLayout::HeightWidth);
    QCOMPARE(sample.tensor.shape(), (core::Shape{7, 7}));
}

void TestStoredSample::featuresKeepTheirUnits()
{
    core::Subject subject;
    subject.preprocessing.layout = core::TensorLayout::Features;
    subject.preprocessing.mean = {10, 20};
    subject.preprocessing.standardDeviation = {2, 4};
    subject.test.inputs = core::Tensor::of(core::Shape{1, 2}, std::vector<float>{1.0F, -1.0F});
    const StoredSample sample = storedSample(subject, core::SampleKind::Table, 0);
    QVERIFY(sample.layout == core::SampleLayout::Features);
    QCOMPARE(sample.tensor.values<float>()[0], 12.0F); // 1 * 2 + 10
    QCOMPARE(sample.tensor.values<float>()[1], 16.0F); // -1 * 4 + 20
}

QTEST_APPLESS_MAIN(TestStoredSample)
#include "tst_stored_sample.moc"
