// SPDX-License-Identifier: Apache-2.0
#include "app/models/sum_measures.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace app;

namespace {

core::SumSample sample(int rows, std::int64_t positions, float first)
{
    core::SumSample made;
    made.rows = rows;
    made.positions = positions;
    for (int c = 0; c < rows * static_cast<int>(positions); ++c) {
        made.error.push_back(first + static_cast<float>(c));
        made.condition.push_back(c == 0 ? std::numeric_limits<float>::infinity() : c == 1 ? 0.0F : 100.0F);
        made.choices.push_back(static_cast<core::SumChoice>(c % 3));
        made.overflowed.push_back(c == 2 ? 1 : 0);
    }
    return made;
}

}  // namespace

class TestSumMeasures : public QObject {
    Q_OBJECT
private slots:
    void positionsOfOneSampleAreColumns()
    {
        const core::RowMatrix error = sumMatrix({sample(2, 3, 10)}, SumMeasure::Error);
        QCOMPARE(error.rows(), 2);
        QCOMPARE(error.cols(), 3);
        QCOMPARE(error(1, 0), 13.0F);
    }
    void samplesOfOnePositionAreColumns()
    {
        const core::RowMatrix error = sumMatrix({sample(4, 1, 0), sample(4, 1, 50)}, SumMeasure::Error);
        QCOMPARE(error.rows(), 4);
        QCOMPARE(error.cols(), 2);
        QCOMPARE(error(2, 1), 52.0F);
    }
    void aConditionWithoutEndIsTheLargestShown()
    {
        const core::RowMatrix condition = sumMatrix({sample(1, 3, 0)}, SumMeasure::Condition);
        QCOMPARE(condition(0, 0), static_cast<float>(kMostDecadesOfCondition));
        QVERIFY(std::isnan(condition(0, 1)));  // nothing to sum
        QCOMPARE(condition(0, 2), 2.0F);
    }
    void choicesAndOverflowsAreShares()
    {
        const core::RowMatrix again = sumMatrix({sample(1, 3, 0)}, SumMeasure::Recomputed);
        QCOMPARE(again(0, 0), 0.0F);
        QCOMPARE(again(0, 1), 0.5F);
        QCOMPARE(again(0, 2), 1.0F);
        QCOMPARE(sumMatrix({sample(1, 3, 0)}, SumMeasure::Overflow)(0, 2), 1.0F);
        QCOMPARE(sumMatrix({}, SumMeasure::Overflow).size(), 0);
    }
};

QTEST_APPLESS_MAIN(TestSumMeasures)
#include "tst_sum_measures.moc"
