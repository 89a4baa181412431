// SPDX-License-Identifier: Apache-2.0
// What stands between the weighted layers, counted by hand on bundled networks; words of vectors; weights from DRAM.
#include "core/engine/network_ledger.h"
#include "core/io/library.h"

#include "tests/core/engine/network_builder.h"

#include <QtTest>

#include <algorithm>
#include <memory>
#include <vector>

using namespace core;

namespace {

using Op = LedgerOperation;

std::shared_ptr<const EngineContext> context(const std::string& name)
{
    const auto loaded = loadNetwork(name);
    if (!loaded)
        qFatal("%s", loaded.error().text().c_str());
    const auto result = prepareEngine(loaded.value().network);
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

/// Of a memory `firstBits` is the capacity; 0: any.
double count(const Ledger& ledger, std::size_t layer, Op operation, double firstBits = 0)
{
    double sum = 0;
    for (const LedgerEntry& entry : ledger)
        if (entry.layer == LayerIndex(layer) && entry.operation == operation && (firstBits == 0 || entry.firstBits == firstBits))
            sum += entry.count;
    return sum;
}

std::shared_ptr<const EngineContext> contextOf(Network network)
{
    const auto result = prepareEngine(std::make_shared<const Network>(std::move(network)));
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

LayerTreatment orders(const char* weights, const char* activations)
{
    LayerTreatment result;
    result.weights.palette = {{NumberFormat::named(weights).value(), {}, {}}};
    result.activations.format = NumberFormat::named(activations).value();
    return result;
}

WeightedLayer layer(int rows, int columns, std::int64_t positions = 1)
{
    WeightedLayer result;
    result.index = LayerIndex(0);
    result.rows = rows;
    result.columns = columns;
    result.positions = positions;
    return result;
}

}  // namespace

class TestNetworkLedger : public QObject {
    Q_OBJECT

private slots:
    void lenetsRectifiersAndPoolsCompare()
    {
        const auto lenet = context("lenet5-mnist");
        const FunctionLedger functions = functionLedger(*lenet);
        QVERIFY(functions.guessed.empty());
        // A rectifier compares once a number, a 2 x 2 pool three times an output.
        QCOMPARE(count(functions.entries, 0, Op::Compare), 6 * 28 * 28 + 6 * 14 * 14 * 3.0);
        QCOMPARE(count(functions.entries, 1, Op::Compare), 16 * 10 * 10 + 16 * 5 * 5 * 3.0);
        QCOMPARE(count(functions.entries, 2, Op::Compare), 120.0);
        QCOMPARE(count(functions.entries, 3, Op::Compare), 84.0);
        for (const LedgerEntry& entry : functions.entries)
            QCOMPARE(entry.part, entry.operation == Op::SramBits ? LedgerPart::Memory : LedgerPart::Functions);
    }

    void poolsReadAndWriteTheirMaps()
    {
        // A rectifier works on a layer's sums before they are written: nothing moves. A 2 x 2 pool reads 6 x 28 x 28 values, each
        // once since its windows do not overlap, and writes 6 x 14 x 14.
        const auto lenet = context("lenet5-mnist");
        const auto bits = [&](std::span<const double> mapBits, std::size_t layer, double capacity = 0) {
            return count(functionLedger(*lenet, {}, mapBits).entries, layer, Op::SramBits, capacity);
        };
        QCOMPARE(bits({}, 0, 4704 * 32), 4704 * 32.0);
        QCOMPARE(bits({}, 0, 1176 * 32), 1176 * 32.0);
        QCOMPARE(bits({}, 0), (4704 + 1176) * 32.0);
        QCOMPARE(bits({}, 1), (1600 + 400) * 32.0);
        QCOMPARE(bits({}, 2) + bits({}, 3) + bits({}, 4), 0.0);
        const std::vector<double> widths{8, 4, 4, 4, 4};  // as the layer in front writes
        QCOMPARE(bits(widths, 0), (4704 + 1176) * 8.0);
        QCOMPARE(bits(widths, 1), (1600 + 400) * 4.0);
    }

    void overlappingWindowsOfAPoolReadAgain()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {1, 9, 9});
        const ValueIndex conv = builder.node("Conv", {x, builder.constant(seeded({2, 1, 1, 1}, 1))});
        const std::vector<std::int64_t> window{3, 3}, stride{2, 2};
        const ValueIndex pool = builder.node("MaxPool", {conv}, {{"kernel_shape", window}, {"strides", stride}});
        const Ledger entries = functionLedger(*contextOf(builder.finish(pool))).entries;
        const double map = 2 * 9 * 9 * 32, pooled = 2 * 4 * 4 * 32;
        QCOMPARE(count(entries, 0, Op::SramBits, map), 9 * pooled);  // 288 values of 162
        QCOMPARE(count(entries, 0, Op::SramBits, pooled), pooled);
    }

    void aResidualSumReadsBothItsMapsAndItsRectifierNone()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {3, 4, 4});
        const ValueIndex first = builder.node("Conv", {x, builder.constant(seeded({3, 3, 1, 1}, 1))});
        const ValueIndex second = builder.node("Conv", {first, builder.constant(seeded({3, 3, 1, 1}, 2))});
        const ValueIndex sum = builder.node("Add", {second, first});
        const ValueIndex rectified = builder.node("Relu", {sum});
        const ValueIndex twice = builder.node("Mul", {rectified, rectified});
        const ValueIndex scaled = builder.node("Mul", {twice, builder.constant(seeded({3, 1, 1}, 3))});
        const ValueIndex shape = builder.node("Flatten", {scaled});
        const std::vector<double> widths{4, 8};
        const Ledger entries = functionLedger(*contextOf(builder.finish(shape)), {}, widths).entries;
        const double values = 3 * 4 * 4;
        QCOMPARE(count(entries, 0, Op::SramBits), 0.0);
        // The sum reads the second layer's map of 8 bits and the first's of 4 and its rectifier writes 8 bits; the square reads
        // one map once and writes one, the product does and reads three factors of 32 bits; what flattens is free.
        QCOMPARE(count(entries, 1, Op::SramBits, values * 4), values * 4);
        QCOMPARE(count(entries, 1, Op::SramBits, values * 8), (2 + 2 + 2) * values * 8);
        QCOMPARE(count(entries, 1, Op::SramBits, 96), 96.0);
        QCOMPARE(count(entries, 1, Op::SramBits), values * 4 + 6 * values * 8 + 96);
    }

    void residualSumsAddAndAPoolOverAllAveragesOnce()
    {
        const auto resnet = context("resnet8-photodigits");
        const FunctionLedger functions = functionLedger(*resnet);
        double sums = 0, averaged = 0, averages = 0;
        for (const Node& node : resnet->network->nodes) {
            const auto elements = [&](ValueIndex value) {
                return static_cast<double>(elementCount(resnet->values[value.value()].shape) / resnet->batch);
            };
            if (node.operation == "Add")
                sums += elements(node.outputs.front());
            if (node.operation == "GlobalAveragePool") {
                averaged += elements(node.inputs.front());
                averages += elements(node.outputs.front());
            }
        }
        QVERIFY(sums > 0 && averages > 0);
        double adds = 0, products = 0;
        for (const LedgerEntry& entry : functions.entries) {
            adds += entry.operation == Op::Add ? entry.count : 0;
            products += entry.operation == Op::Multiply ? entry.count : 0;
        }
        QCOMPARE(adds, sums + averaged);
        QCOMPARE(products, averages);
    }

    void attentionMultipliesActivations()
    {
        const auto transformer = context("transformer-splice");
        double products = 0, found = 0;
        for (const Node& node : transformer->network->nodes) {
            const bool isWeighted = std::any_of(transformer->layers.begin(), transformer->layers.end(), [&](const WeightedLayer& weighted) {
                return transformer->network->node(weighted.node).name == node.name;
            });
            if (node.operation == "MatMul" && !isWeighted)
                products +=
                    static_cast<double>(elementCount(transformer->values[node.outputs.front().value()].shape) / transformer->batch) *
                    static_cast<double>(transformer->values[node.inputs.front().value()].shape.back());
        }
        QVERIFY(products > 0);
        for (const LedgerEntry& entry : functionLedger(*transformer).entries)
            found += entry.operation == Op::Multiply && entry.firstBits == 32 ? entry.count : 0;
        QCOMPARE_GT(found, products);  // normalisations multiply too
        QCOMPARE_LT(found, 2 * products + 1e6);
    }

    void anAttentionsLogitsAreAddedAtTheirOwnWidths()
    {
        const auto transformer = context("transformer-splice");
        const auto additions = [](const FunctionLedger& ledger, double bits) {
            double sum = 0;
            for (const LedgerEntry& entry : ledger.entries)
                sum += entry.operation == Op::Add && entry.firstBits == bits ? entry.count : 0;
            return sum;
        };
        ScorePlan plan;
        plan.low.format = NumberFormat::named("e4m3").value();
        plan.high = NumberFormat::named("fp16").value();
        std::vector<ScoreSums> scores;
        for (const ScoreProduct& product : scoreProducts(*transformer->network, transformer->layers))
            scores.push_back({product.node, plan, 0.25});
        QCOMPARE(scores.size(), std::size_t(2));
        const FunctionLedger before = functionLedger(*transformer), after = functionLedger(*transformer, scores);
        const double logits = 2 * 4 * 60 * 60 * 8;   // blocks, heads, queries, keys, width
        QCOMPARE(additions(after, 8), logits);
        QCOMPARE(additions(after, 16), 0.25 * logits);
        QCOMPARE(additions(before, 32) - additions(after, 32), logits);
        // Queries and keys are read once and the logits written, whatever they are added in.
        double bits = 0, same = 0;
        for (std::size_t layer = 0; layer < transformer->layers.size(); ++layer) {
            bits += count(after.entries, layer, Op::SramBits);
            same += count(before.entries, layer, Op::SramBits);
        }
        QVERIFY(bits > 0);
        QCOMPARE(bits, same);
        for (ScoreSums& one : scores)
            one.plan.low.format = NumberFormat::named("bf16").value();
        const FunctionLedger bfloats = functionLedger(*transformer, scores);
        QVERIFY(std::ranges::any_of(bfloats.entries, [](const LedgerEntry& entry) { return entry.kind == NumberKind::Bfloat; }));
    }

    void aWindowReadsEveryPixelOnce()
    {
        const auto lenet = context("lenet5-mnist");
        QCOMPARE(lenet->layers[0].inputValues, std::int64_t{784});
        QCOMPARE(lenet->layers[1].inputValues, std::int64_t{6 * 14 * 14});
        QCOMPARE(lenet->layers[2].inputValues, std::int64_t{400});
    }

    void weightsBeyondTheChipComeFromDram()
    {
        std::vector<WeightedLayer> layers{layer(10, 10), layer(10, 10)};
        layers[1].index = LayerIndex(1);
        QVERIFY(weightsFromDram(layers, {400, 600}, 1000).empty());
        QVERIFY(weightsFromDram(layers, {400, 600}, 0).empty());  // no limit
        const Ledger fetched = weightsFromDram(layers, {400, 601}, 1000);
        QCOMPARE(count(fetched, 0, Op::DramBits), 400.0);
        QCOMPARE(count(fetched, 1, Op::DramBits), 601.0);
        QCOMPARE(weightsFromDram(layers, {0, 1601}, 1000).size(), std::size_t{1});  // an array's codes stay where they are
    }

    void channelsOfOneWidthFillWordsTogether()
    {
        // 50 columns of 2 bits and 100 of 4: ceil(100 / 128) + ceil(400 / 128) = 5 words an output; at 8 bits ceil(1200 / 128) = 10.
        LayerTreatment mixed = orders("int2", "int4");
        mixed.weights.palette = {{NumberFormat::named("int2").value(), {}, {}}, {NumberFormat::named("int4").value(), {}, {}}};
        mixed.weights.channels = {0, 1, 1};
        const auto words = wordsOf(layer(7, 150, 3), mixed);
        QCOMPARE(words->words, 7 * 3 * 5.0);
        QCOMPARE(words->wordsInt8, 7 * 3 * 10.0);
        QCOMPARE(words->speedUp(), 2.0);
    }

    void rowsOfOneWidthFillWordsOfTheirOwn()
    {
        LayerTreatment mixed = orders("int4", "int4");
        mixed.weights.palette = {{NumberFormat::named("pot4").value(), {}, {}}, {NumberFormat::named("int8").value(), {}, {}}};
        mixed.weights.rows = {0, 0, 0, 1};
        // 33 products of 4 bits are two words, of 8 bits three.
        QCOMPARE(wordsOf(layer(4, 33), mixed)->words, 3 * 2 + 3.0);
    }

    void floatsAndArraysFillNoWords()
    {
        QVERIFY(!wordsOf(layer(4, 33), orders("nf4", "int8")));
        LayerTreatment analog = orders("int4", "uint8");
        analog.cim = ArrayTreatment{};
        QVERIFY(!wordsOf(layer(4, 33), analog));
    }

    void roomForArraysIsRoomForWholeTiles()
    {
        LayerTreatment analog = orders("int4", "uint8");
        analog.cim = ArrayTreatment{};  // tiles of 64 x 128, differential, 3 magnitude planes
        AreaDemand demand;
        addTo(demand, layer(10, 150), analog, {0, 0, false});
        QCOMPARE(demand.arrayCells, 3 * 64 * 128 * 6.0);  // 150 inputs fill three tiles, 10 outputs a corner of one
        QCOMPARE(demand.converterBits, 6.0);
        QCOMPARE(demand.weightBits, 160.0);  // scales
        addTo(demand, layer(10, 150), orders("int4", "int8"), {1500 * 4, 0, true});
        QCOMPARE(demand.weightBits, 160 + 6000 + 320.0);
    }
};

QTEST_GUILESS_MAIN(TestNetworkLedger)
#include "tst_network_ledger.moc"
