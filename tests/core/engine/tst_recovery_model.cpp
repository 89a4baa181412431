// SPDX-License-Identifier: Apache-2.0
// Our model of the published 464 TOPS/W, and the ceiling a recovery path sets, against figures worked by hand.
#include "core/engine/recovery_model.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

double tops(int width, int rank, RecoveryModel model = {}) { return modelBill({width, width}, rank, model).topsPerWatt(); }

PriceTable prices(const char* format, double product, double sum)
{
    const NumberFormat number = NumberFormat::named(format).value();
    const bool isInteger = std::holds_alternative<IntegerFormat>(number.spec());
    const auto kind = isInteger ? NumberKind::Integer : NumberKind::Float;
    PriceTable table;
    table.name = "toy";
    table.prices = {
        {LedgerOperation::Multiply, kind, number.storageBits(), Picojoules(product), "Toy, 2026", Confidence::Measured},
        {LedgerOperation::Add, kind, isInteger ? 32 : number.storageBits(), Picojoules(sum), "Toy, 2026", Confidence::Measured}};
    return table;
}

}  // namespace

class TestRecoveryModel : public QObject {
    Q_OBJECT

private slots:
    void theModelLandsOnThePublishedFigure()
    {
        QCOMPARE_LT(std::abs(tops(512, 8) - kPublishedNppTopsPerWatt), 1.0);
        QCOMPARE_LT(std::abs(tops(512, 0) - 1602), 1e-9);
        QCOMPARE_LT(std::abs(tops(512, 16) - 270), 2.0);
        // The same figure for other widths asks for another price of the path.
        QCOMPARE_LT(std::abs(tops(256, 8, {1602, 24.5}) - 464), 1.0);
        QCOMPARE_LT(std::abs(tops(1024, 8, {1602, 98}) - 464), 1.0);
    }

    void theBillSplitsIntoItsTwoPaths()
    {
        const EnergyBill bill = modelBill({512, 512}, 8);
        const double macs = 512.0 * 512;
        QCOMPARE_LT(std::abs(bill.ofPart(LedgerPart::Array).value() / macs - 2.0 / 1602), 1e-12);     // 1.25 fJ a MAC
        QCOMPARE_LT(std::abs(bill.ofPart(LedgerPart::Recovery).value() / macs - 0.098 / 32), 1e-12);  // 98 fJ for one in 32
    }

    void ceilingsAreThoseOfTheTable_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<double>("product");
        QTest::addColumn<double>("sum");
        QTest::addColumn<QList<int>>("published");  // rank 8; 64, 128 ... 4096 wide
        QTest::newRow("fp16, 7 nm") << "fp16" << 0.34 << 0.16 << QList<int>{16, 32, 64, 128, 256, 512, 1024};
        QTest::newRow("int8, 7 nm") << "int8" << 0.07 << 0.03 << QList<int>{80, 160, 320, 640, 1280, 2560, 5120};
        QTest::newRow("int8, 45 nm") << "int8" << 0.2 << 0.1 << QList<int>{27, 53, 107, 213, 427, 853, 1707};
        QTest::newRow("fp32, 45 nm") << "fp32" << 3.7 << 0.9 << QList<int>{2, 3, 7, 14, 28, 56, 111};
    }
    void ceilingsAreThoseOfTheTable()
    {
        QFETCH(QString, format);
        QFETCH(double, product);
        QFETCH(double, sum);
        QFETCH(QList<int>, published);
        const NumberFormat number = NumberFormat::named(format.toStdString()).value();
        int width = 64;
        for (const int figure : published) {
            const double ceiling = rankCeiling({width, width}, 8, number, prices(format.toLatin1().constData(), product, sum)).value();
            QCOMPARE(std::lround(ceiling), static_cast<long>(figure));
            width *= 2;
        }
    }

    void noPathHasNoCeiling()
    {
        QVERIFY(std::isinf(rankCeiling({64, 64}, 0, NumberFormat::named("fp16").value(), prices("fp16", 1, 1)).value()));
    }

    void aTallLayerPaysForBothSides()
    {
        // Rank 4 on 10 x 1000: 4040 extra products for 10,000.
        const double ceiling = rankCeiling({10, 1000}, 4, NumberFormat::named("fp16").value(), prices("fp16", 0.6, 0.4)).value();
        QCOMPARE_LT(std::abs(ceiling - 2 * 10000 / 4040.0), 1e-9);
    }
};

QTEST_APPLESS_MAIN(TestRecoveryModel)
#include "tst_recovery_model.moc"
