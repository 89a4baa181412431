// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <QtTest>

using namespace core;

class TestDataset : public QObject {
    Q_OBJECT

private slots:
    void aSliceIsASetOfItsOwn();
    void aSliceWithoutLabelsHasNone();
    void pickingKeepsTheOrderAskedFor();
    void anEmptyPickKeepsTheShapeOfASample();
    void everyLayoutHasAName();

private:
    const SampleSet m_set{Tensor::of(Shape{4, 2}, std::vector<float>{0, 1, 10, 11, 20, 21, 30, 31}), {0, 1, 2, 3}};
};

void TestDataset::aSliceIsASetOfItsOwn()
{
    const SampleSet middle = m_set.slice(1, 3);
    QCOMPARE(middle.samples(), 2);
    QCOMPARE(middle.inputs, Tensor::of(Shape{2, 2}, std::vector<float>{10, 11, 20, 21}));
    QCOMPARE(middle.labels, (std::vector<std::int32_t>{1, 2}));
    QCOMPARE(m_set.slice(2, 2).samples(), 0);
}

void TestDataset::aSliceWithoutLabelsHasNone()
{
    const SampleSet unlabelled{m_set.inputs, {}};
    QVERIFY(unlabelled.slice(0, 4).labels.empty());
    QVERIFY(unlabelled.pick({3}).labels.empty());
}

void TestDataset::pickingKeepsTheOrderAskedFor()
{
    const SampleSet picked = m_set.pick({3, 0, 3});
    QCOMPARE(picked.inputs, Tensor::of(Shape{3, 2}, std::vector<float>{30, 31, 0, 1, 30, 31}));
    QCOMPARE(picked.labels, (std::vector<std::int32_t>{3, 0, 3}));
}

void TestDataset::anEmptyPickKeepsTheShapeOfASample() { QCOMPARE(m_set.pick({}).inputs.shape(), (Shape{0, 2})); }

void TestDataset::everyLayoutHasAName()
{
    QCOMPARE(layoutName(SampleLayout::ChannelHeightWidth), std::string_view("chw"));
    QCOMPARE(layoutName(SampleLayout::HeightWidth), std::string_view("hw"));
    QCOMPARE(layoutName(TensorLayout::Flat), std::string_view("flat"));
    QCOMPARE(layoutName(TensorLayout::HeightWidthChannel), std::string_view("hwc"));
}

QTEST_APPLESS_MAIN(TestDataset)
#include "tst_dataset.moc"
