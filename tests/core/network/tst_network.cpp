// SPDX-License-Identifier: Apache-2.0
#include "core/network/network.h"

#include "support/network_builder.h"

#include <QtTest>

using core::Tensor;
using core::ValueIndex;
using support::NetworkBuilder;

class TestNetwork : public QObject {
    Q_OBJECT

private slots:
    void anAttributeThatIsAbsentHasItsDefault()
    {
        const core::Attributes one = support::attributes({{"axis", std::int64_t{2}}, {"alpha", 0.5f}, {"mode", std::string("edge")}});
        QCOMPARE(one.integer("axis", -1), std::int64_t{2});
        QCOMPARE(one.integer("group", 1), std::int64_t{1});
        QCOMPARE(one.real("alpha", 1.0f), 0.5f);
        QCOMPARE(one.text("mode", "constant"), std::string("edge"));
        QCOMPARE(one.integers("pads", {1, 2}), (std::vector<std::int64_t>{1, 2}));
        QVERIFY(one.tensor("value") == nullptr);
    }

    void aSoundNetworkHasNoFlaws()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 4});
        const core::Network network = builder.build({builder.node("Relu", {x})});
        QVERIFY(core::findFlaws(network).empty());
        QVERIFY(network.nodeNamed("Relu_0").has_value());
        QVERIFY(!network.nodeNamed("Relu_1").has_value());
    }

    void aNodeThatReadsAheadIsAFlaw()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 4});
        const ValueIndex y = builder.node("Relu", {x});
        const ValueIndex z = builder.node("Relu", {y});
        core::Network network = builder.build({z});
        std::swap(network.nodes[0], network.nodes[1]);
        const core::Problems flaws = core::findFlaws(network);
        QCOMPARE(flaws.size(), std::size_t{1});
        QCOMPARE(flaws[0].text(), std::string("Relu_1: reads 'Relu_0.out' before anything has written it"));
    }

    void twoWritersOfAValueAreAFlaw()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 4});
        const ValueIndex y = builder.node("Relu", {x});
        builder.node("Relu", {x});
        core::Network network = builder.build({y});
        network.nodes[1].outputs[0] = y;
        QCOMPARE(core::findFlaws(network).front().text(), std::string("Relu_1: writes 'Relu_0.out' a second time"));
    }

    void anIndexOutOfRangeIsAFlaw()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 4});
        core::Network network = builder.build({builder.node("Relu", {x})});
        network.nodes[0].inputs[0] = ValueIndex(99);
        network.outputs.push_back(ValueIndex{});
        QCOMPARE(core::findFlaws(network).size(), std::size_t{2});
    }
};

QTEST_APPLESS_MAIN(TestNetwork)
#include "tst_network.moc"
