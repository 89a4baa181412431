// SPDX-License-Identifier: Apache-2.0
#include "core/network/operation.h"

#include "support/network_builder.h"

#include <QtTest>

#include <cmath>
#include <limits>

using core::DataType;
using core::Shape;
using core::Tensor;

namespace {

core::Result<std::vector<Tensor>> run(const std::string& operation, const std::vector<Tensor>& inputs, const core::Attributes& attributes = {},
                                      int opset = 17, std::size_t outputs = 1)
{
    core::Node node{"n", operation, std::vector<core::ValueIndex>(inputs.size()), std::vector<core::ValueIndex>(outputs, core::ValueIndex(0)), attributes};
    std::vector<const Tensor*> pointers;
    for (const Tensor& input : inputs)
        pointers.push_back(&input);
    return core::runOperation(node, opset, pointers);
}

std::string problemOf(const core::Result<std::vector<Tensor>>& result) { return result ? "no problem" : result.error().text(); }

Tensor floats(Shape shape, std::vector<float> values) { return Tensor::of<float>(std::move(shape), values); }
Tensor longs(std::vector<std::int64_t> values) { return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values); }

}  // namespace

class TestOperation : public QObject {
    Q_OBJECT

private slots:
    void theTableIsSortedAndFindsItself()
    {
        const std::vector<std::string> names = core::knownOperations();
        QVERIFY(std::is_sorted(names.begin(), names.end()));
        QVERIFY(std::adjacent_find(names.begin(), names.end()) == names.end());
        for (const std::string& name : names)
            QVERIFY2(core::isKnownOperation(name), name.c_str());
        QVERIFY(!core::isKnownOperation("Loop"));
    }

    void aConvolutionOfHandComesOutRight()
    {
        // 1 2 3 / 4 5 6 / 7 8 9 with kernel 1 0 / 0 1 and bias 10: 1+5, 2+6 / 4+8, 5+9.
        const auto y = run("Conv", {floats({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}), floats({1, 1, 2, 2}, {1, 0, 0, 1}), floats({1}, {10})});
        QVERIFY2(y.has_value(), problemOf(y).c_str());
        QCOMPARE(y.value()[0], floats({1, 1, 2, 2}, {16, 18, 22, 24}));
    }

    void aDepthwiseConvolutionKeepsChannelsApart()
    {
        const auto y = run("Conv", {floats({1, 2, 1, 2}, {1, 2, 3, 4}), floats({2, 1, 1, 1}, {10, 100})}, support::attributes({{"group", std::int64_t{2}}}));
        QVERIFY2(y.has_value(), problemOf(y).c_str());
        QCOMPARE(y.value()[0], floats({1, 2, 1, 2}, {10, 20, 300, 400}));
    }

    void channelsThatDoNotFitAreNamedWithBothShapes()
    {
        const auto y = run("Conv", {Tensor(DataType::Float32, {1, 3, 8, 8}), Tensor(DataType::Float32, {4, 2, 3, 3})});
        QCOMPARE(problemOf(y), std::string("n (Conv): input X is float32 1x3x8x8 and input W is float32 4x2x3x3; with 1 groups the weights must have 3 channels "
                                           "and a multiple of 1 rows"));
    }

    void aMissingOperandIsNamed() { QCOMPARE(problemOf(run("Gemm", {floats({1, 1}, {1})})), std::string("n (Gemm): input B is missing")); }

    void operandsOfDifferentTypesAreRefused()
    {
        QCOMPARE(problemOf(run("Add", {floats({1}, {1}), longs({1})})), std::string("n (Add): input B is int64 1; float32 is wanted as in the inputs before it"));
    }

    void integersWrapAndDivisionByZeroIsAProblem()
    {
        const auto big = Tensor::scalar(std::numeric_limits<std::int32_t>::max());
        QCOMPARE(run("Add", {big, Tensor::scalar(std::int32_t{1})}).value()[0], Tensor::scalar(std::numeric_limits<std::int32_t>::min()));
        const auto lowest = Tensor::scalar(std::numeric_limits<std::int64_t>::min());
        QCOMPARE(run("Div", {lowest, Tensor::scalar(std::int64_t{-1})}).value()[0], lowest);
        QCOMPARE(problemOf(run("Div", {longs({4, 4}), longs({2, 0})})), std::string("n (Div): input B, element 1 is 0; integers divide by other numbers only"));
    }

    void sixteenBitFloatsAreComputedInFloatAndRoundedOnce()
    {
        // 1 + 2^-11 is halfway between 1 and the next half; the tie goes to the even one, which is 1.
        const Tensor one = Tensor::scalar(core::Float16(1.0f)), tiny = Tensor::scalar(core::Float16(std::ldexp(1.0f, -11)));
        QCOMPARE(run("Add", {one, tiny}).value()[0], one);
    }

    void softmaxHasTheAxisOfItsOpset()
    {
        const Tensor x = floats({1, 2, 2}, {0, 0, 0, 0});
        QCOMPARE(run("Softmax", {x}, {}, 13).value()[0], floats({1, 2, 2}, {0.5f, 0.5f, 0.5f, 0.5f}));
        QCOMPARE(run("Softmax", {x}, {}, 11).value()[0], floats({1, 2, 2}, {0.25f, 0.25f, 0.25f, 0.25f}));
    }

    void absurdSizesAreRefusedBeforeMemoryIsTaken_data()
    {
        QTest::addColumn<QString>("operation");
        QTest::addColumn<QList<qlonglong>>("sizes");
        QTest::newRow("product") << "ConstantOfShape" << QList<qlonglong>{1 << 30, 1 << 30};
        QTest::newRow("overflow") << "ConstantOfShape" << QList<qlonglong>{1LL << 62, 1LL << 62, 1LL << 62};
        QTest::newRow("behind zero") << "ConstantOfShape" << QList<qlonglong>{0, 1LL << 62, 1LL << 62};
        QTest::newRow("negative") << "ConstantOfShape" << QList<qlonglong>{-5};
    }
    void absurdSizesAreRefusedBeforeMemoryIsTaken()
    {
        QFETCH(QString, operation);
        QFETCH(QList<qlonglong>, sizes);
        const auto y = run(operation.toStdString(), {longs({sizes.begin(), sizes.end()})});
        QVERIFY(!y.has_value());
        QVERIFY2(problemOf(y).find("an output would be") != std::string::npos, problemOf(y).c_str());
    }

    void badAttributesAreProblems_data()
    {
        QTest::addColumn<QString>("operation");
        QTest::addColumn<QString>("attribute");
        QTest::addColumn<QList<qlonglong>>("value");
        QTest::newRow("stride 0") << "MaxPool" << "strides" << QList<qlonglong>{0, 1};
        QTest::newRow("kernel 0") << "MaxPool" << "kernel_shape" << QList<qlonglong>{0, 1};
        QTest::newRow("huge kernel") << "MaxPool" << "kernel_shape" << QList<qlonglong>{1LL << 40, 1LL << 40};
        QTest::newRow("negative pad") << "AveragePool" << "pads" << QList<qlonglong>{-3, 0, 0, 0};
        QTest::newRow("axis twice") << "Transpose" << "perm" << QList<qlonglong>{0, 0, 1, 2};
        QTest::newRow("axis beyond") << "Transpose" << "perm" << QList<qlonglong>{0, 1, 2, 9};
        QTest::newRow("axes beyond") << "ReduceMean" << "axes" << QList<qlonglong>{7};
    }
    void badAttributesAreProblems()
    {
        QFETCH(QString, operation);
        QFETCH(QString, attribute);
        QFETCH(QList<qlonglong>, value);
        core::Attributes all = support::attributes({{"kernel_shape", std::vector<std::int64_t>{2, 2}}});
        all.set(attribute.toStdString(), std::vector<std::int64_t>(value.begin(), value.end()));
        QVERIFY(!run(operation.toStdString(), {Tensor(DataType::Float32, {1, 1, 4, 4})}, all).has_value());
    }

    void anIndexOutOfRangeSaysWhichOne()
    {
        const auto y = run("Gather", {floats({3}, {1, 2, 3}), longs({0, -3, 3})});
        QCOMPARE(problemOf(y), std::string("n (Gather): input indices, element 2 is 3; the axis has 3 places"));
    }

    void theReferenceEqualsAPlainLoopOnMatMul()
    {
        const Tensor a = support::noiseTensor({7, 13}, 1), b = support::noiseTensor({13, 5}, 2);
        const Tensor c = run("MatMul", {a, b}).value()[0];
        for (std::size_t row = 0; row < 7; ++row)
            for (std::size_t column = 0; column < 5; ++column) {
                float sum = 0;
                for (std::size_t k = 0; k < 13; ++k)
                    sum += a.values<float>()[row * 13 + k] * b.values<float>()[k * 5 + column];
                QCOMPARE(c.values<float>()[row * 5 + column], sum);
            }
    }

    void transposingTwiceGivesTheSameBack()
    {
        const Tensor x = support::noiseTensor({2, 3, 4, 5}, 3);
        const Tensor y = run("Transpose", {x}, support::attributes({{"perm", std::vector<std::int64_t>{2, 0, 3, 1}}})).value()[0];
        QCOMPARE(y.shape(), (Shape{4, 2, 5, 3}));
        QCOMPARE(run("Transpose", {y}, support::attributes({{"perm", std::vector<std::int64_t>{1, 3, 0, 2}}})).value()[0], x);
    }

    void aShapeIsKnownBeforeItsOperandIs()
    {
        const core::TensorDescription x{DataType::Float32, {5, 7}, std::nullopt};
        const core::TensorDescription* inputs[] = {&x};
        const core::Node node{"s", "Shape", {core::ValueIndex(0)}, {core::ValueIndex(1)}, {}};
        const auto described = core::describeOutputs(node, 17, inputs);
        QVERIFY(described.has_value());
        QCOMPARE(described.value()[0].constant.value(), longs({5, 7}));
    }
};

QTEST_APPLESS_MAIN(TestOperation)
#include "tst_operation.moc"
