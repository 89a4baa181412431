// SPDX-License-Identifier: Apache-2.0
// A tensor is a value: copies are independent, though they share their elements until one is edited.
#include "core/base/tensor.h"

#include <QtTest>

#include <algorithm>

using namespace core;

class TestTensor : public QObject {
    Q_OBJECT

private slots:
    void aNewTensorIsAllZeroAndAligned()
    {
        for (const DataType type : {DataType::Float32, DataType::Float64, DataType::Float16, DataType::Int8, DataType::Int64, DataType::Bool}) {
            const Tensor tensor(type, {3, 5});
            QCOMPARE(tensor.size(), std::int64_t{15});
            QCOMPARE(tensor.byteCount(), 15 * byteSize(type));
            QVERIFY(std::all_of(tensor.bytes().begin(), tensor.bytes().end(), [](std::byte byte) { return byte == std::byte{0}; }));
            QCOMPARE(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % 64, std::uintptr_t{0});
        }
    }

    void aCopySharesItsElementsUntilOneIsEdited()
    {
        Tensor first = Tensor::of<float>({2, 2}, std::vector<float>{1, 2, 3, 4});
        const Tensor second = first;
        QCOMPARE(first.bytes().data(), second.bytes().data());
        first.edit<float>()[3] = 40;
        QVERIFY(first.bytes().data() != second.bytes().data());
        QCOMPARE(second.values<float>()[3], 4.0f);
        QCOMPARE(first.values<float>()[3], 40.0f);
        const std::byte* own = first.bytes().data();
        first.edit<float>()[0] = 10;   // nobody shares it now, so it stays where it is
        QCOMPARE(first.bytes().data(), own);
    }

    void editingATensorThatWasReshapedLeavesTheOriginal()
    {
        const Tensor row = Tensor::of<std::int32_t>({6}, std::vector<std::int32_t>{1, 2, 3, 4, 5, 6});
        Tensor matrix = row.reshaped({2, 3});
        QCOMPARE(matrix.shape(), (Shape{2, 3}));
        matrix.edit<std::int32_t>()[5] = 0;
        QCOMPARE(row.values<std::int32_t>()[5], 6);
    }

    void equalityComparesTypeShapeAndEveryByte()
    {
        const Tensor a = Tensor::of<float>({2}, std::vector<float>{0, 1});
        QVERIFY(a == Tensor::of<float>({2}, std::vector<float>{0, 1}));
        QVERIFY(!(a == Tensor::of<float>({2}, std::vector<float>{-0.0f, 1})));
        QVERIFY(!(a == Tensor::of<float>({1, 2}, std::vector<float>{0, 1})));
        QVERIFY(!(Tensor(DataType::Int32, {2}) == Tensor(DataType::UInt32, {2})));
    }

    void aScalarHasOneElementAndAnEmptyTensorNone()
    {
        QCOMPARE(Tensor::scalar(2.5f).size(), std::int64_t{1});
        QCOMPARE(Tensor::scalar(2.5f).rank(), std::size_t{0});
        QCOMPARE(Tensor().size(), std::int64_t{0});
        QCOMPARE(Tensor(DataType::Float32, {4, 0, 3}).size(), std::int64_t{0});
        QVERIFY(Tensor(DataType::Float32, {4, 0, 3}).values<float>().empty());
    }

    void everyTypeHasASizeAndANameOfItsOwn()
    {
        const std::vector<std::pair<DataType, std::size_t>> sizes{
            {DataType::Float32, 4}, {DataType::Float64, 8}, {DataType::Float16, 2}, {DataType::BFloat16, 2}, {DataType::Int8, 1},   {DataType::Int16, 2}, {DataType::Int32, 4},
            {DataType::Int64, 8},   {DataType::UInt8, 1},   {DataType::UInt16, 2},  {DataType::UInt32, 4},   {DataType::UInt64, 8}, {DataType::Bool, 1}};
        QStringList names;
        for (const auto& [type, size] : sizes) {
            QCOMPARE(byteSize(type), size);
            names.append(QString::fromStdString(dataTypeName(type)));
        }
        QCOMPARE(names.removeDuplicates(), qsizetype{0});
        QVERIFY(!names.contains("unknown"));
    }

    void shapesReadAsPeopleWriteThem()
    {
        QCOMPARE(QString::fromStdString(shapeText({32, 1, 28, 28})), QString("32x1x28x28"));
        QCOMPARE(QString::fromStdString(shapeText({})), QString("scalar"));
        QCOMPARE(elementCount({}), std::int64_t{1});
        QCOMPARE(elementCount({7, 0}), std::int64_t{0});
    }
};

QTEST_APPLESS_MAIN(TestTensor)
#include "tst_tensor.moc"
