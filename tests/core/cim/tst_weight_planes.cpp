// SPDX-License-Identifier: Apache-2.0
#include "core/cim/weight_planes.h"

#include <QtTest>

using core::ArrayTreatment;
using core::CellMapping;
using core::PlaneScheme;
using core::Variation;
using core::WeightPlanes;

class tst_WeightPlanes : public QObject {
    Q_OBJECT
private slots:
    void everyWeightIsTheSumOfItsDigits();
    void slicesAreThoseDrawnByHand();
    void conductancesFollowTheirModel();
};

void tst_WeightPlanes::everyWeightIsTheSumOfItsDigits()
{
    for (const CellMapping mapping : {CellMapping::Differential, CellMapping::Offset})
        for (const PlaneScheme scheme : {PlaneScheme::Input, PlaneScheme::InputAndWeight})
            for (int weightBits = 2; weightBits <= 8; ++weightBits)
                for (int cellBits = 1; cellBits <= weightBits; ++cellBits) {
                    ArrayTreatment treatment;
                    treatment.mapping = mapping;
                    treatment.planes = scheme;
                    treatment.weightBits = weightBits;
                    treatment.bitsPerCell = cellBits;
                    const WeightPlanes planes = WeightPlanes::of(treatment);
                    for (int weight = -planes.largestWeight; weight <= planes.largestWeight; ++weight) {
                        double sum = -planes.offset;
                        for (std::size_t slice = 0; slice < planes.slices.size(); ++slice)
                            for (int side = 0; side < planes.sides; ++side) {
                                const int digit = planes.digit(weight, slice, side);
                                QVERIFY(digit >= 0 && digit <= planes.slices[slice].largestDigit());
                                sum += static_cast<double>(WeightPlanes::sign(side)) * digit * planes.slices[slice].placeValue();
                            }
                        QCOMPARE(sum, static_cast<double>(weight));
                    }
                }
}

void tst_WeightPlanes::slicesAreThoseDrawnByHand()
{
    // 6-bit weights: 5 magnitude bits, in cells of 2: slices of 2, 2 and 1 bits.
    ArrayTreatment treatment;
    treatment.weightBits = 6;
    treatment.bitsPerCell = 2;
    const WeightPlanes planes = WeightPlanes::of(treatment);
    const std::vector<core::WeightSlice> wanted{{0, 2}, {2, 2}, {4, 1}};
    QCOMPARE(planes.slices, wanted);
    QCOMPARE(planes.largestWeight, 31);
    // -27 = -(11011): digits 3, 2, 1 on the negative side.
    for (std::size_t slice = 0; slice < 3; ++slice) {
        QCOMPARE(planes.digit(-27, slice, 1), 3 - static_cast<int>(slice));
        QCOMPARE(planes.digit(-27, slice, 0), 0);
    }
    treatment.planes = PlaneScheme::Input;
    QCOMPARE(WeightPlanes::of(treatment).slices, (std::vector<core::WeightSlice>{{0, 5}}));
}

void tst_WeightPlanes::conductancesFollowTheirModel()
{
    // Two bits hold digit 2 of at most 3: proportional errors are parts of 2, independent ones parts of 3.
    const core::WeightSlice slice{0, 2};
    const Variation proportional{Variation::Model::Proportional, 0.5}, independent{Variation::Model::Independent, 0.5};
    QCOMPARE(programmedConductance(proportional, slice, 2, 0.5f), 2.5f);
    QCOMPARE(programmedConductance(independent, slice, 2, 0.5f), 2.75f);
    QCOMPARE(programmedConductance(proportional, slice, 0, 0.5f), 0.0f);
    QCOMPARE(programmedConductance(independent, slice, 0, -1.0f), -1.5f);
    QCOMPARE(readVariance(proportional, slice, 2.5f), 1.5625f);
    QCOMPARE(readVariance(independent, slice, 2.5f), 2.25f);
}

QTEST_APPLESS_MAIN(tst_WeightPlanes)
#include "tst_weight_planes.moc"
