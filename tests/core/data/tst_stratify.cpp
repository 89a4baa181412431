// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

using namespace core;

namespace {

/// How far the fullest or emptiest class of any prefix is from its share, in samples.
double worstDeviation(const std::vector<std::int32_t>& labels, const std::vector<std::int64_t>& order)
{
    std::map<std::int32_t, double> totals, seen;
    for (const std::int32_t label : labels)
        totals[label] += 1;
    double worst = 0;
    for (std::size_t n = 0; n < order.size(); ++n) {
        seen[labels[static_cast<std::size_t>(order[n])]] += 1;
        for (const auto& [label, total] : totals)
            worst = std::max(worst, std::abs(seen[label] - total * static_cast<double>(n + 1) / static_cast<double>(labels.size())));
    }
    return worst;
}

std::vector<std::int32_t> labelsOf(const std::vector<int>& sizes)
{
    std::vector<std::int32_t> labels;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        labels.insert(labels.end(), static_cast<std::size_t>(sizes[i]), static_cast<std::int32_t>(i) * 3 - 1);  // any numbers will do
    return labels;
}

bool isPermutation(std::vector<std::int64_t> order, std::int64_t samples)
{
    std::sort(order.begin(), order.end());
    std::vector<std::int64_t> wanted(static_cast<std::size_t>(samples));
    std::iota(wanted.begin(), wanted.end(), std::int64_t{0});
    return order == wanted;
}

}  // namespace

class TestStratify : public QObject {
    Q_OBJECT

private slots:
    void everyPrefixHoldsEachClassInItsShare_data();
    void everyPrefixHoldsEachClassInItsShare();
    void equalClassesComeInRounds();
    void theSameSeedGivesTheSameOrder();
    void anotherSeedGivesAnotherOrder();
    void withoutLabelsItIsAShuffle();
    void noSamplesGiveNoOrder();
    void aSplitKeepsFourFifthsOfEveryClass();
    void theTwoPartsShareNoSample();
};

void TestStratify::everyPrefixHoldsEachClassInItsShare_data()
{
    QTest::addColumn<QList<int>>("sizes");
    QTest::newRow("ten equal") << QList<int>{50, 50, 50, 50, 50, 50, 50, 50, 50, 50};
    QTest::newRow("nearly equal") << QList<int>{98, 113, 103, 101, 98, 89, 95, 102, 97, 100};
    QTest::newRow("unbalanced") << QList<int>{767, 765, 1654};
    QTest::newRow("rare classes") << QList<int>{4558, 5, 17, 890, 1, 3, 1};
    QTest::newRow("one class") << QList<int>{31};
    QTest::newRow("a sample each") << QList<int>{1, 1, 1, 1, 1};
    QTest::newRow("one against many") << QList<int>{1, 999};
}

void TestStratify::everyPrefixHoldsEachClassInItsShare()
{
    QFETCH(QList<int>, sizes);
    const auto labels = labelsOf({sizes.begin(), sizes.end()});
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto order = stratifiedOrder(labels, static_cast<std::int64_t>(labels.size()), seed);
        QVERIFY2(isPermutation(order, static_cast<std::int64_t>(labels.size())), qPrintable(QString("seed %1").arg(seed)));
        const double worst = worstDeviation(labels, order);
        QVERIFY2(worst <= 1.0 + 1e-9, qPrintable(QString("seed %1: %2 samples off").arg(seed).arg(worst)));
    }
}

void TestStratify::equalClassesComeInRounds()
{
    const auto labels = labelsOf({20, 20, 20, 20});
    const auto order = stratifiedOrder(labels, 80, 7);
    for (std::size_t round = 0; round < 20; ++round) {
        std::set<std::int32_t> seen;
        for (std::size_t i = 0; i < 4; ++i)
            seen.insert(labels[static_cast<std::size_t>(order[round * 4 + i])]);
        QCOMPARE(seen.size(), std::size_t{4});
    }
}

void TestStratify::theSameSeedGivesTheSameOrder()
{
    const auto labels = labelsOf({30, 20, 10});
    QCOMPARE(stratifiedOrder(labels, 60, 5), stratifiedOrder(labels, 60, 5));
}

void TestStratify::anotherSeedGivesAnotherOrder()
{
    const auto labels = labelsOf({30, 20, 10});
    QVERIFY(stratifiedOrder(labels, 60, 5) != stratifiedOrder(labels, 60, 6));
}

void TestStratify::withoutLabelsItIsAShuffle()
{
    const auto order = stratifiedOrder({}, 1000, 1);
    QVERIFY(isPermutation(order, 1000));
    // A sample stays in place with probability 1/1000, so about one of a thousand does; 12 would be a wonder (p < 1e-9).
    int fixed = 0;
    for (std::size_t i = 0; i < order.size(); ++i)
        fixed += order[i] == static_cast<std::int64_t>(i);
    QVERIFY(fixed < 12);
}

void TestStratify::noSamplesGiveNoOrder() { QVERIFY(stratifiedOrder({}, 0, 1).empty()); }

void TestStratify::aSplitKeepsFourFifthsOfEveryClass()
{
    const auto labels = labelsOf({50, 100, 5});
    const Split all{Tensor(DataType::UInt8, {155, 2}), labels};
    Dataset dataset;
    splitTrainTest(dataset, all);
    QVERIFY(dataset.splitByUs);
    QCOMPARE(dataset.splits.at("train").samples(), 124);
    QCOMPARE(dataset.splits.at("test").samples(), 31);
    const auto& test = dataset.splits.at("test").labels;
    const auto share = [&](std::int32_t label) { return std::count(test.begin(), test.end(), label); };
    QVERIFY(std::abs(share(-1) - 10) <= 1);
    QVERIFY(std::abs(share(2) - 20) <= 1);
    QVERIFY(std::abs(share(5) - 1) <= 1);
}

void TestStratify::theTwoPartsShareNoSample()
{
    std::vector<std::int64_t> numbers(100);
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    Dataset dataset;
    splitTrainTest(dataset, {Tensor::of(Shape{100, 1}, numbers), labelsOf({50, 50})}, 3);
    std::vector<std::int64_t> seen;
    for (const char* split : {"train", "test"})
        for (const std::int64_t value : dataset.splits.at(split).inputs.values<std::int64_t>())
            seen.push_back(value);
    QVERIFY(isPermutation(seen, 100));
}

QTEST_APPLESS_MAIN(TestStratify)
#include "tst_stratify.moc"
