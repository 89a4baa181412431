// SPDX-License-Identifier: Apache-2.0
// What stands between the weighted layers, counted by hand on bundled networks; words of vectors; weights from DRAM.
#include "core/engine/network_ledger.h"
#include "core/io/library.h"

#include <QtTest>

#include <memory>

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

double count(const Ledger& ledger, std::size_t layer, Op operation)
{
    double sum = 0;
    for (const LedgerEntry& entry : ledger)
        if (entry.layer == LayerIndex(layer) && entry.operation == operation)
            sum += entry.count;
    return sum;
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
        QCOMPARE(functions.entries.size(), std::size_t{4});
        for (const LedgerEntry& entry : functions.entries)
            QCOMPARE(entry.part, LedgerPart::Functions);
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
    }

    void aWindowReadsEveryPixelOnce()
    {
        const auto lenet = context("lenet5-mnist");
        QCOMPARE(inputValuesOf(*lenet, lenet->layers[0]), 784.0);
        QCOMPARE(inputValuesOf(*lenet, lenet->layers[1]), 6 * 14 * 14.0);
        QCOMPARE(inputValuesOf(*lenet, lenet->layers[2]), 400.0);
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
