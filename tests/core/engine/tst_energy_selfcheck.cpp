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

    void convertersAreJudgedAsTheyAreSold_data()
    {
        QTest::addColumn<QString>("subject");
        QTest::addColumn<QString>("seller");
        QTest::addColumn<double>("sold");
        QTest::addColumn<double>("published");
        QTest::addColumn<bool>("isExplained");
        const double wang = 0.34 * 64 * 2 / 16.376;  // pJ
        // Inverters (Stillmaker and Baas): 0.94969 at 65 nm, 0.85 V; 0.84433 at 45 nm and 0.42774 at 28 nm, 0.9 V; 0.51502 at 28 nm
        // and 0.32063 at 22 nm, 1.0 V.
        QTest::newRow("Jia, 45nm") << "Jia, JSSC 2020"
                                   << "45nm@65nm,0.85V" << 3.2484 * 0.94969 / 0.84433 << 1.79 << true;
        QTest::newRow("Jia, 28nm-cim") << "Jia, JSSC 2020"
                                       << "28nm-cim@65nm,0.85V" << 0.70108 * 0.94969 / 0.42774 << 1.79 << true;
        QTest::newRow("Wang, 45nm") << "Wang, VLSI 2022"
                                    << "45nm@22nm,1V" << 3.2484 * 0.32063 / 0.84433 << wang << true;
        QTest::newRow("Wang, 28 nm") << "Wang, VLSI 2022"
                                     << "28nm-cim@28nm,1V" << 0.70108 * 0.51502 / 0.42774 << wang << true;
        QTest::newRow("Wang, 22 nm") << "Wang, VLSI 2022"
                                     << "28nm-cim@22nm,1V" << 0.70108 * 0.32063 / 0.42774 << wang << false;
    }
    void convertersAreJudgedAsTheyAreSold()
    {
        QFETCH(QString, subject);
        QFETCH(QString, seller);
        QFETCH(double, sold);
        QFETCH(double, published);
        QFETCH(bool, isExplained);
        const auto all = points();
        const auto point = std::ranges::find_if(all, [&](const CheckedPoint& one) {
            return one.subject == subject.toStdString() && one.point == "its 8-bit conversion, " + seller.toStdString();
        });
        QVERIFY(point != all.end());
        QCOMPARE_LT(std::abs(point->model / sold - 1), 1e-4);
        QCOMPARE_LT(std::abs(point->published / published - 1), 1e-9);
        QCOMPARE(point->isExplained(), isExplained);
        // Explained is what lies within the range the price is sold with.
        const PricedOperation price =
            priceOf(loadPriceTable(seller.toStdString()).value(),
                    {LayerIndex(0), LedgerPart::Converter, LedgerOperation::AdcConversion, NumberKind::Integer, 8, 0, 1})
                .value();
        QCOMPARE(point->model, price.perOperation.value());
        QCOMPARE(price.range.low.value() <= published && published <= price.range.high.value(), isExplained);
        if (isExplained)
            QCOMPARE_LT(std::abs(*point->factor / 3.7 - 1), 1e-4);
    }

    void theConverterModelItselfIsShownBesideWhatIsSold()
    {
        int shown = 0;
        for (const CheckedPoint& point : points()) {
            if (point.point.find("the ADC model itself") == std::string::npos)
                continue;
            ++shown;
            QVERIFY(point.isExplained());
            const double apart = std::max(point.model / point.published, point.published / point.model);
            // 6.49 pJ beside 1.79, 0.85 beside a third of 64 MACs at 16.4 TOPS/W.
            QCOMPARE_LT(std::abs(apart - (point.subject.starts_with("Jia") ? 3.6257 : 3.1265)), 1e-3);
        }
        QCOMPARE(shown, 2);
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
