// SPDX-License-Identifier: Apache-2.0
// Published machines by our ledger and prices: what is explained is explained within its factor, what is not is told.
#include "core/engine/energy_selfcheck.h"
#include "core/io/library.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace core;

namespace {

std::vector<CheckedPoint> points()
{
    auto result = energySelfCheck(bundledPriceTables());
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return std::move(result).value();
}

}  // namespace

class TestEnergySelfCheck : public QObject {
    Q_OBJECT

private slots:
    void everyPointHoldsWithinItsFactor_data()
    {
        QTest::addColumn<double>("model");
        QTest::addColumn<double>("published");
        QTest::addColumn<double>("factor");
        for (const CheckedPoint& point : points())
            if (point.factor)
                QTest::newRow((point.subject + ": " + point.point + ", " + point.unit).c_str())
                    << point.model << point.published << *point.factor;
    }
    void everyPointHoldsWithinItsFactor()
    {
        QFETCH(double, model);
        QFETCH(double, published);
        QFETCH(double, factor);
        QVERIFY2(model <= published * factor && published <= model * factor,
                 qPrintable(QStringLiteral("%1, published %2").arg(model).arg(published)));
    }

    void whatIsNotExplainedIsReallyNot()
    {
        int unexplained = 0;
        for (const CheckedPoint& point : points()) {
            if (point.factor)
                continue;
            ++unexplained;
            QVERIFY(!point.isExplained() && !point.fails());
            QVERIFY2(std::abs(point.error()) > 0.25,
                     (point.subject + ": " + point.point + " is explained well enough for a factor of its own").c_str());
        }
        QCOMPARE_GT(unexplained, 0);
    }

    void nothingPublishedIsMerelyCopied()
    {
        // A figure that was put in comes out exactly; only sums of rounded parts and rounded tables may come close.
        for (const CheckedPoint& point : points())
            if (point.kind == CheckKind::Predicted || point.kind == CheckKind::Computed)
                QVERIFY2(std::abs(point.error()) > 1e-9, point.point.c_str());
    }

    void everyPointSaysWhatWasPutIn()
    {
        for (const CheckedPoint& point : points())
            QVERIFY2(!point.inputs.empty() && !point.remark.empty() && point.published > 0 && std::isfinite(point.model),
                     point.point.c_str());
        for (const UncheckedPoint& point : uncheckedPoints())
            QVERIFY(!point.reason.empty());
    }

    void aChangedPriceIsNoticed()
    {
        auto tables = bundledPriceTables();
        for (PriceTable& table : tables)
            for (Price& price : table.prices)
                if (table.name == "65nm-cim" && price.operation == LedgerOperation::ArrayCell)
                    price.perOperation = price.perOperation * 1.05;
        const auto changed = energySelfCheck(tables);
        QVERIFY(std::ranges::any_of(changed.value(), &CheckedPoint::fails));
    }

    void aMissingTableIsAProblem()
    {
        const auto result = energySelfCheck({});
        QVERIFY(!result);
        QVERIFY(result.error().text().find("65nm-cim") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestEnergySelfCheck)
#include "tst_energy_selfcheck.moc"
