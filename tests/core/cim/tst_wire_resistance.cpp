// SPDX-License-Identifier: Apache-2.0
#include "core/cim/wire_resistance.h"

#include "core/base/noise.h"

#include <QtTest>

#include <cmath>
#include <numeric>

class tst_WireResistance : public QObject {
    Q_OBJECT
private slots:
    void oneCellIsAVoltageDivider();
    void noResistanceTakesNothing();
    void theApproximationIsCloseToKirchhoff();
};

void tst_WireResistance::oneCellIsAVoltageDivider()
{
    // One cell of 1 mS between two pieces of wire of 10 ohms: 1 V / (1000 + 20) ohms.
    const std::vector<float> cell{1e-3f};
    const auto current = core::columnCurrents({1, 1, 10.0, cell}, std::vector<double>{1.0});
    QCOMPARE_LE(std::abs(current.front() - 1.0 / 1020.0), 1e-9);
    // The approximation of it: 1 / (1 + 2 * 10 * 1e-3).
    QCOMPARE_LE(std::abs(static_cast<double>(core::wireFactors({1, 1, 10.0, cell}, 0.0).front()) - 1.0 / 1.02), 1e-6);
}

void tst_WireResistance::noResistanceTakesNothing()
{
    const std::vector<float> cells(12, 1e-4f);
    for (const float factor : core::wireFactors({3, 4, 0.0, cells}, 0.5))
        QCOMPARE(factor, 1.0f);
}

void tst_WireResistance::theApproximationIsCloseToKirchhoff()
{
    // 64 x 32 cells, half of them on at 25 uS, a quarter of the rows driven: what wires take off a column's current is
    // told to a tenth of itself, over three resistances and several inputs.
    constexpr std::int64_t rows = 64, columns = 32;
    const core::NoiseStream stream(4, core::NoisePurpose::Test);
    std::vector<float> siemens(rows * columns);
    for (std::size_t i = 0; i < siemens.size(); ++i)
        siemens[i] = stream.uniforms({static_cast<std::uint32_t>(i), 0, 0})[0] < 0.5 ? 25e-6f : 0.0f;
    for (const double ohms : {0.5, 2.0, 5.0}) {
        const auto factors = core::wireFactors({rows, columns, ohms, siemens}, 0.25);
        double exactLoss = 0.0, toldLoss = 0.0, ideal = 0.0, distance = 0.0;
        for (std::uint32_t trial = 1; trial <= 4; ++trial) {
            std::vector<double> volts(rows);
            for (std::size_t row = 0; row < volts.size(); ++row)
                volts[row] = stream.uniforms({static_cast<std::uint32_t>(row), trial, 1})[0] < 0.25 ? 1.0 : 0.0;
            const auto exact = core::columnCurrents({rows, columns, ohms, siemens}, volts);
            for (std::size_t column = 0; column < columns; ++column) {
                double undisturbed = 0.0, told = 0.0;
                for (std::size_t row = 0; row < rows; ++row) {
                    const double own = volts[row] * static_cast<double>(siemens[row * columns + column]);
                    undisturbed += own;
                    told += own * static_cast<double>(factors[row * columns + column]);
                }
                ideal += undisturbed;
                exactLoss += undisturbed - exact[column];
                toldLoss += undisturbed - told;
                distance += std::abs(exact[column] - told);
            }
        }
        qInfo("%g ohms: wires take %.2f %%, told %.2f %%, mean distance of a column %.3f %%", ohms, 100 * exactLoss / ideal,
              100 * toldLoss / ideal, 100 * distance / ideal);
        QCOMPARE_GT(exactLoss, 0.0);
        QCOMPARE_LE(std::abs(toldLoss - exactLoss), 0.1 * exactLoss);
        QCOMPARE_LE(distance, 0.25 * exactLoss);
    }
}

QTEST_APPLESS_MAIN(tst_WireResistance)
#include "tst_wire_resistance.moc"
