// SPDX-License-Identifier: Apache-2.0
#include "app/models/entry_weights.h"

#include <QTest>

#include <cmath>

using namespace app;

class TestEntryWeights : public QObject {
    Q_OBJECT
private slots:
    void scalesDivideTheirOwnWeights();
    void rowsOfOtherEntriesAreNoNumbers();
    void channelsAreColumnsOfTheirOwn();

private:
    static core::Treatment treatment(const char* format, const char* scale)
    {
        return {core::NumberFormat::named(format).value(), core::ScaleRule::parse(scale).value(), {}};
    }
    /// 2 rows of 4: int4 divides by the largest weight / 7, so 7 and 14 make the scales 1 and 2.
    static core::WeightedLayer layer()
    {
        core::WeightedLayer layer;
        layer.rows = 2;
        layer.columns = 4;
        layer.columnsPerChannel = 2;
        layer.weights.resize(2, 4);
        layer.weights << 7, 1, 7, 2, 14, 1, 7, 3;
        return layer;
    }
};

void TestEntryWeights::scalesDivideTheirOwnWeights()
{
    QCOMPARE(weightsInScales(layer(), {{treatment("int4", "row")}, {}, {}, {}}, 0), (std::vector<float>{7, 1, 7, 2, 7, 0.5f, 3.5f, 1.5f}));
    QCOMPARE(weightsInScales(layer(), {{treatment("int4", "tensor")}, {}, {}, {}}, 0),
             (std::vector<float>{3.5f, 0.5f, 3.5f, 1, 7, 0.5f, 3.5f, 1.5f}));
    QCOMPARE(weightsInScales(layer(), {{treatment("int4", "group:2")}, {}, {}, {}}, 0),
             (std::vector<float>{7, 1, 7, 2, 7, 0.5f, 7, 3}));
    core::Treatment twice = treatment("int4", "row");
    twice.points = 2;
    QCOMPARE(weightsInScales(layer(), {{twice}, {}, {}, {}}, 0).size(), std::size_t{8});
}

void TestEntryWeights::rowsOfOtherEntriesAreNoNumbers()
{
    const core::WeightPlan mixed{{treatment("int8", "row"), treatment("int4", "row")}, {0, 1}, {}, {}};
    const std::vector<float> weights = weightsInScales(layer(), mixed, 1);
    for (std::size_t column = 0; column < 4; ++column)
        QVERIFY(std::isnan(weights[column]));
    QCOMPARE(std::vector<float>(weights.begin() + 4, weights.end()), (std::vector<float>{7, 0.5f, 3.5f, 1.5f}));
    QCOMPARE(stripesOfEntry(mixed, 1), std::size_t{1});
}

void TestEntryWeights::channelsAreColumnsOfTheirOwn()
{
    const core::WeightPlan mixed{{treatment("int8", "row"), treatment("int4", "row")}, {}, {0, 1}, {}};
    const std::vector<float> weights = weightsInScales(layer(), mixed, 1); // columns 2 and 3: rows 7 2 and 7 3, both scale 1
    QVERIFY(std::isnan(weights[0]) && std::isnan(weights[1]) && std::isnan(weights[4]) && std::isnan(weights[5]));
    QCOMPARE(weights[2], 7.0f);
    QCOMPARE(weights[3], 2.0f);
    QCOMPARE(weights[6], 7.0f);
    QCOMPARE(weights[7], 3.0f);
}

QTEST_APPLESS_MAIN(TestEntryWeights)
#include "tst_entry_weights.moc"
