// SPDX-License-Identifier: Apache-2.0
// Tails of distributions against sums, closed forms and the printed table of Student's t.
#include "core/eval/student.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace core;

class TestStudent : public QObject {
    Q_OBJECT

private slots:
    void theIncompleteBetaIsItsClosedForms()
    {
        for (const double x : {0.01, 0.2, 0.5, 0.77, 0.999}) {
            QCOMPARE_LT(std::abs(incompleteBeta(1, 1, x) - x), 1e-13);
            QCOMPARE_LT(std::abs(incompleteBeta(3, 1, x) - x * x * x), 1e-13);
            QCOMPARE_LT(std::abs(incompleteBeta(0.5, 0.5, x) - 2 / M_PI * std::asin(std::sqrt(x))), 1e-13);
            QCOMPARE_LT(std::abs(incompleteBeta(7.5, 40, x) + incompleteBeta(40, 7.5, 1 - x) - 1), 1e-13);
        }
        QCOMPARE_LT(std::abs(incompleteBeta(2, 3, 0.5) - 0.6875), 1e-14);
        QCOMPARE(incompleteBeta(2, 3, 0), 0.0);
        QCOMPARE(incompleteBeta(2, 3, 1), 1.0);
    }

    void theBoundsOfTAreTheTables_data()
    {
        QTest::addColumn<double>("degrees");
        QTest::addColumn<double>("bound");
        const double infinity = std::numeric_limits<double>::infinity();
        for (const auto& [degrees, bound] :
             {std::pair{1.0, 12.706}, {2.0, 4.303}, {3.0, 3.182}, {10.0, 2.228}, {15.0, 2.131}, {120.0, 1.980}, {infinity, 1.960}})
            QTest::addRow("%g degrees", degrees) << degrees << bound;
    }

    void theBoundsOfTAreTheTables()
    {
        QFETCH(double, degrees);
        QFETCH(double, bound);
        QCOMPARE_LT(std::abs(student95(degrees) - bound), 5.1e-4);
        QCOMPARE_LT(std::abs(twoSidedStudent(student95(degrees), degrees) - 0.05), 1e-10);
        QCOMPARE_LT(std::abs(twoSidedStudent(0, degrees) - 1.0), 1e-12);
    }

    void tossesOfACoinAddUp()
    {
        for (const int n : {1, 7, 30, 200})
            for (int k = -1; k <= n + 1; ++k) {
                double sum = 0;
                for (int i = 0; i <= std::min(k, n); ++i)
                    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) - n * std::log(2.0));
                QCOMPARE_LT(std::abs(fairCoinAtMost(k, n) - sum), 1e-11);
            }
    }
};

QTEST_APPLESS_MAIN(TestStudent)
#include "tst_student.moc"
