// SPDX-License-Identifier: Apache-2.0
#include "core/plan/mixtures.h"
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

#include <algorithm>
#include <random>

using namespace core;

namespace {

WeightedLayer noise(int rows, int columns, unsigned seed)
{
    WeightedLayer layer = plan_cases::layer("noise", rows, columns);
    std::mt19937 generator(seed);
    layer.weights.resize(rows, columns);
    for (Eigen::Index i = 0; i < layer.weights.size(); ++i)
        layer.weights.data()[i] = static_cast<float>(generator()) / static_cast<float>(1u << 31) - 1.0f;
    return layer;
}

int countOf(const std::vector<std::uint8_t>& choices, std::uint8_t entry) { return static_cast<int>(std::ranges::count(choices, entry)); }

double totalOf(const Eigen::MatrixXd& errors, const std::vector<std::uint8_t>& choices)
{
    double total = 0;
    for (Eigen::Index item = 0; item < errors.rows(); ++item)
        total += errors(item, choices[static_cast<std::size_t>(item)]);
    return total;
}

double costOf(const std::vector<double>& costs, const std::vector<std::uint8_t>& choices)
{
    double total = 0;
    for (const std::uint8_t choice : choices)
        total += costs[choice];
    return total;
}

/// The least error of all combinations within the budget.
double leastError(const Eigen::MatrixXd& errors, const std::vector<double>& costs, double budget)
{
    std::vector<std::uint8_t> choices(static_cast<std::size_t>(errors.rows()), 0);
    double least = totalOf(errors, choices);
    while (true) {
        std::size_t at = 0;
        while (at < choices.size() && ++choices[at] == costs.size())
            choices[at++] = 0;
        if (at == choices.size())
            return least;
        if (costOf(costs, choices) <= budget)
            least = std::min(least, totalOf(errors, choices));
    }
}

}  // namespace

class TestMixtures : public QObject {
    Q_OBJECT

private slots:
    void countsOfRowsAreExact_data();
    void countsOfRowsAreExact();
    void eightBitsGoToTheLargestErrorAndPowersOfTwoToTheSmallestVariance();
    void tiesGoToTheLowerRow();
    void greedyIsOptimalWhereStepsCostTheSame();
    void greedyKeepsTheBudgetAndComesNearTheOptimum();
    void anOptionThatHelpsNothingIsNotTaken();
    void channelsOfLargeWeightsGetMoreBits();
    void aSingleChannelStaysWithinItsBits();
};

void TestMixtures::countsOfRowsAreExact_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("powerOfTwo");
    QTest::addColumn<int>("eightBit");
    QTest::newRow("1") << 1 << 0 << 1;  // floor(0.65); at least one row of 8 bits
    QTest::newRow("2") << 2 << 1 << 1;
    QTest::newRow("7") << 7 << 4 << 1;    // 4.55, 0.35
    QTest::newRow("10") << 10 << 6 << 1;  // 6.5, 0.5 rounds to 1
    QTest::newRow("20") << 20 << 13 << 1;
    QTest::newRow("30") << 30 << 19 << 2;      // 19.5, 1.5 rounds to 2
    QTest::newRow("64") << 64 << 41 << 3;      // 41.6, 3.2
    QTest::newRow("512") << 512 << 332 << 26;  // 332.8, 25.6
}

void TestMixtures::countsOfRowsAreExact()
{
    QFETCH(int, rows);
    QFETCH(int, powerOfTwo);
    QFETCH(int, eightBit);
    const WeightPlan weights = mixedRows(noise(rows, 9, 1), {65, 5});
    QCOMPARE(static_cast<int>(weights.rows.size()), rows);
    QCOMPARE(countOf(weights.rows, 0), powerOfTwo);
    QCOMPARE(countOf(weights.rows, 2), eightBit);
    QCOMPARE(countOf(weights.rows, 1), rows - powerOfTwo - eightBit);
    QCOMPARE(weights.palette[0].format.name(), std::string("pot4"));
    QCOMPARE(weights.palette[1].format.name(), std::string("int4"));
    QCOMPARE(weights.palette[2].format.name(), std::string("int8"));
}

/// Row r is the same row r + 1 times as large, in shuffled places: error and variance both grow with the factor.
void TestMixtures::eightBitsGoToTheLargestErrorAndPowersOfTwoToTheSmallestVariance()
{
    constexpr int kRows = 40;
    WeightedLayer layer = noise(kRows, 25, 2);
    const auto placeOf = [](int factor) { return (factor * 17) % kRows; };
    const RowMatrix row = layer.weights.row(0);
    for (int factor = 0; factor < kRows; ++factor)
        layer.weights.row(placeOf(factor)) = row * static_cast<float>(factor + 1);
    const WeightPlan weights = mixedRows(layer, {65, 5});
    for (int factor = 0; factor < kRows; ++factor)
        QCOMPARE(int{weights.rows[static_cast<std::size_t>(placeOf(factor))]}, factor < 26 ? 0 : factor < 38 ? 1 : 2);
}

void TestMixtures::tiesGoToTheLowerRow()
{
    WeightedLayer layer = noise(20, 9, 3);
    for (int row = 1; row < 20; ++row)
        layer.weights.row(row) = layer.weights.row(0).eval();
    const WeightPlan weights = mixedRows(layer, {65, 5});
    for (int row = 0; row < 20; ++row)
        QCOMPARE(int{weights.rows[static_cast<std::size_t>(row)]}, row == 0 ? 2 : row <= 13 ? 0 : 1);
    layer.weights.setZero();
    QCOMPARE(mixedRows(layer, {65, 5}).rows, weights.rows);
}

void TestMixtures::greedyIsOptimalWhereStepsCostTheSame()
{
    std::mt19937 generator(4);
    const std::vector<double> costs{1, 2, 3};
    for (int trial = 0; trial < 200; ++trial) {
        Eigen::MatrixXd errors(6, 3);
        for (Eigen::Index item = 0; item < errors.rows(); ++item) {
            const auto a = static_cast<double>(generator() % 1000), b = static_cast<double>(generator() % 1000);
            errors.row(item) << std::max(a, b) + std::min(a, b), std::min(a, b), 0;  // the first step gains no less than the second
        }
        const double mean = 1 + static_cast<double>(generator() % 13) / 6;
        const auto choices = cheapestChoices(errors, costs, mean);
        QVERIFY2(costOf(costs, choices) <= 6 * mean + 1e-9, qPrintable(QString::number(trial)));
        QCOMPARE(totalOf(errors, choices), leastError(errors, costs, 6 * mean + 1e-9));
    }
}

void TestMixtures::greedyKeepsTheBudgetAndComesNearTheOptimum()
{
    std::mt19937 generator(5);
    const std::vector<double> costs{1, 2, 4};
    for (int trial = 0; trial < 200; ++trial) {
        Eigen::MatrixXd errors(6, 3);
        for (Eigen::Index i = 0; i < errors.size(); ++i)
            errors.data()[i] = static_cast<double>(generator() % 1000);
        const double mean = 1 + static_cast<double>(generator() % 19) / 6;
        const auto choices = cheapestChoices(errors, costs, mean);
        QVERIFY(costOf(costs, choices) <= 6 * mean + 1e-9);
        // The relaxed problem is solved by the same steps, the last of them in part; one step gains less than 1000.
        QCOMPARE_LT(totalOf(errors, choices), leastError(errors, costs, 6 * mean + 1e-9) + 1000);
    }
}

void TestMixtures::anOptionThatHelpsNothingIsNotTaken()
{
    Eigen::MatrixXd errors(2, 3);
    errors << 5, 5, 7, 4, 6, 3;
    QCOMPARE(cheapestChoices(errors, {1, 2, 4}, 4), (std::vector<std::uint8_t>{0, 2}));
}

void TestMixtures::channelsOfLargeWeightsGetMoreBits()
{
    WeightedLayer layer = noise(12, 32, 6);  // 8 channels of a 2x2 window
    layer.columnsPerChannel = 4;
    for (int channel = 0; channel < 8; ++channel)
        layer.weights.middleCols(channel * 4, 4) *= channel % 2 == 0 ? 1.0f : 0.02f;
    const WeightPlan weights = mixedChannels(layer, {1, 2, 4}, 2);
    QCOMPARE(weights.channels.size(), std::size_t{8});
    QVERIFY(weights.rows.empty());
    double bits = 0;
    for (std::size_t channel = 0; channel < 8; ++channel) {
        bits += weights.palette[weights.channels[channel]].format.storageBits();
        if (channel % 2 == 0)
            for (std::size_t small = 1; small < 8; small += 2)
                QVERIFY(weights.channels[channel] >= weights.channels[small]);
    }
    QVERIFY(bits <= 16);
    QVERIFY(*std::ranges::max_element(weights.channels) > 0);
}

void TestMixtures::aSingleChannelStaysWithinItsBits()
{
    WeightedLayer layer = noise(6, 25, 7);
    layer.columnsPerChannel = 25;
    QCOMPARE(mixedChannels(layer, {1, 2, 4}, 2).channels, (std::vector<std::uint8_t>{1}));
    QCOMPARE(mixedChannels(layer, {2, 4}, 3).channels, (std::vector<std::uint8_t>{0}));
}

QTEST_APPLESS_MAIN(TestMixtures)
#include "tst_mixtures.moc"
