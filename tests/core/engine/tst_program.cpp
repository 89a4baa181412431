// SPDX-License-Identifier: Apache-2.0
// The engine's kernels are judged by the scalar reference, on small networks made here and on every bundled one.

#include "core/engine/float_run.h"
#include "core/io/library.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

using Integers = std::vector<std::int64_t>;

/// Largest difference in units of the largest reference value.
double distance(const Tensor& got, const Tensor& wanted)
{
    double worst = 0, largest = 1e-30;
    for (std::size_t i = 0; i < wanted.values<float>().size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(got.values<float>()[i]) - static_cast<double>(wanted.values<float>()[i])));
        largest = std::max(largest, std::abs(static_cast<double>(wanted.values<float>()[i])));
    }
    return worst / largest;
}

/// Sums of a few thousand products in another order differ by some epsilons of the largest partial sum.
constexpr double kTolerance = 64 * 0x1p-23;

void compareWithReference(const Network& network, const Tensor& input)
{
    const auto fast = runNetwork(network, std::span(&input, 1));
    const auto slow = runReference(network, std::span(&input, 1));
    QVERIFY2(fast.has_value(), fast ? "" : fast.error().text().c_str());
    QVERIFY2(slow.has_value(), slow ? "" : slow.error().text().c_str());
    QCOMPARE(fast.value().size(), slow.value().size());
    QCOMPARE(fast.value()[0].shape(), slow.value()[0].shape());
    QVERIFY2(distance(fast.value()[0], slow.value()[0]) <= kTolerance, qPrintable(QString::number(distance(fast.value()[0], slow.value()[0]))));
}

}  // namespace

class TestProgram : public QObject {
    Q_OBJECT
private slots:
    void aConvolutionOfAnyWindowEqualsTheReference_data()
    {
        QTest::addColumn<int>("groups");
        QTest::addColumn<QString>("autoPad");
        QTest::addColumn<QList<qint64>>("pads");
        QTest::addColumn<QList<qint64>>("strides");
        QTest::addColumn<QList<qint64>>("dilations");
        const QList<qint64> none, one{1, 1, 1, 1}, lopsided{0, 1, 2, 0};
        QTest::newRow("plain") << 1 << "NOTSET" << none << none << none;
        QTest::newRow("padded") << 1 << "NOTSET" << one << none << none;
        QTest::newRow("lopsided pads") << 1 << "NOTSET" << lopsided << QList<qint64>{2, 1} << none;
        QTest::newRow("same upper, stride 2") << 1 << "SAME_UPPER" << none << QList<qint64>{2, 2} << none;
        QTest::newRow("same lower, stride 2") << 1 << "SAME_LOWER" << none << QList<qint64>{2, 2} << none;
        QTest::newRow("dilated") << 1 << "NOTSET" << one << none << QList<qint64>{2, 2};
        QTest::newRow("two groups") << 2 << "NOTSET" << one << none << none;
        QTest::newRow("depthwise") << 6 << "NOTSET" << one << QList<qint64>{2, 2} << none;
    }

    void aConvolutionOfAnyWindowEqualsTheReference()
    {
        QFETCH(int, groups);
        QFETCH(QString, autoPad);
        QFETCH(QList<qint64>, pads);
        QFETCH(QList<qint64>, strides);
        QFETCH(QList<qint64>, dilations);
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {6, 9, 11});
        std::vector<std::pair<std::string, AttributeValue>> attributes{{"group", std::int64_t{groups}}, {"auto_pad", autoPad.toStdString()}};
        if (!pads.isEmpty())
            attributes.emplace_back("pads", Integers(pads.begin(), pads.end()));
        if (!strides.isEmpty())
            attributes.emplace_back("strides", Integers(strides.begin(), strides.end()));
        if (!dilations.isEmpty())
            attributes.emplace_back("dilations", Integers(dilations.begin(), dilations.end()));
        const ValueIndex weights = builder.constant(seeded({12, 6 / groups, 3, 3}, 2)), bias = builder.constant(seeded({12}, 3));
        const ValueIndex y = builder.node("Conv", {x, weights, bias}, attributes);
        const Network network = builder.finish(builder.node("Relu", {y}));
        compareWithReference(network, seeded({3, 6, 9, 11}, 4));
    }

    void aResidualBlockEqualsTheReference()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {8, 6, 6});
        const Integers pads{1, 1, 1, 1};
        const ValueIndex first = builder.node("Relu", {builder.node("Conv", {x, builder.constant(seeded({8, 8, 3, 3}, 5))}, {{"pads", pads}})});
        const ValueIndex second = builder.node("Conv", {first, builder.constant(seeded({8, 8, 3, 3}, 6))}, {{"pads", pads}});
        const ValueIndex shortcut = builder.node("Conv", {x, builder.constant(seeded({8, 8, 1, 1}, 7))});
        const ValueIndex sum = builder.node("Relu", {builder.node("Add", {second, shortcut})});
        const ValueIndex pooled = builder.node("GlobalAveragePool", {sum});
        const ValueIndex flat = builder.node("Flatten", {pooled});
        const Network network = builder.finish(builder.node("Gemm", {flat, builder.constant(seeded({5, 8}, 8)), builder.constant(seeded({5}, 9))}, {{"transB", std::int64_t{1}}}));
        compareWithReference(network, seeded({4, 8, 6, 6}, 10));
    }

    void poolsAndActivationsEqualTheReference()
    {
        for (const std::string pool : {"MaxPool", "AveragePool"})
            for (const std::int64_t includePad : {0, 1}) {
                NetworkBuilder builder;
                const ValueIndex x = builder.input("x", {4, 9, 7});
                std::vector<std::pair<std::string, AttributeValue>> attributes{{"kernel_shape", Integers{3, 2}}, {"strides", Integers{2, 2}}, {"pads", Integers{1, 0, 1, 1}}};
                if (pool == "AveragePool")
                    attributes.emplace_back("count_include_pad", includePad);
                const ValueIndex pooled = builder.node(pool, {x}, attributes);
                const ValueIndex leaky = builder.node("LeakyRelu", {pooled}, {{"alpha", 0.125f}});
                const Network network = builder.finish(builder.node("Sigmoid", {leaky}));
                compareWithReference(network, seeded({2, 4, 9, 7}, 11));
            }
    }

    void aBiasWrittenAsAnAdditionJoinsItsProduct()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {5, 12});
        const ValueIndex product = builder.node("MatMul", {x, builder.constant(seeded({12, 7}, 12))});
        const ValueIndex biased = builder.node("Add", {builder.constant(seeded({7}, 13)), product});
        const Network network = builder.finish(builder.node("Clip", {biased, builder.constant(Tensor::scalar(-0.5f)), builder.constant(Tensor::scalar(2.0f))}));
        const auto values = describeValues(network, 2);
        QVERIFY(values.has_value());
        const auto groups = fuseNodes(network, weightedLayers(network, values.value()));
        QCOMPARE(groups.size(), std::size_t{1});
        QCOMPARE(groups[0].nodes.size(), std::size_t{3});
        compareWithReference(network, seeded({2, 5, 12}, 14));
    }

    void theValuesThatCrossACutAreThoseReadBehindIt()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {4});
        const ValueIndex a = builder.node("Exp", {x});
        const ValueIndex b = builder.node("Neg", {a});
        const Network network = builder.finish(builder.node("Mul", {b, x}));
        const auto groups = separateNodes(network, {});
        QCOMPARE(valuesCrossing(network, groups, 0), (std::vector<ValueIndex>{x}));
        QCOMPARE(valuesCrossing(network, groups, 1), (std::vector<ValueIndex>{a, x}));
        QCOMPARE(valuesCrossing(network, groups, 2), (std::vector<ValueIndex>{b, x}));
    }

    void everyBundledNetworkEqualsTheReference_data()
    {
        QTest::addColumn<QString>("name");
        for (const NetworkManifest& manifest : bundledNetworks())
            if (!manifest.dataset.empty())
                QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name);
        QVERIFY(!bundledNetworks().empty());
    }

    void everyBundledNetworkEqualsTheReference()
    {
        QFETCH(QString, name);
        const auto loaded = loadNetwork(name.toStdString());
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
        const auto subject = openSubject(name.toStdString(), loaded.value().manifest.dataset, 8);
        QVERIFY2(subject.has_value(), subject ? "" : subject.error().text().c_str());
        const Tensor input = subject.value()->test.slice(0, 3).inputs;
        compareWithReference(*loaded.value().network, input);
    }
};

QTEST_APPLESS_MAIN(TestProgram)
#include "tst_program.moc"
