// SPDX-License-Identifier: Apache-2.0
#include "core/cim/weight_planes.h"

#include <QtTest>

using core::ArrayTreatment;
using core::CellMapping;
using core::PlaneScheme;
using core::WeightPlanes;

class tst_WeightPlanes : public QObject {
    Q_OBJECT
private slots:
    void everyWeightIsTheSumOfItsDigits();
    void slicesAreThoseDrawnByHand();
};

void tst_WeightPlanes::everyWeightIsTheSumOfItsDigits()
{
    for (const CellMapping mapping : {CellMapping::Differential, CellMapping::Offset, CellMapping::OneSided})
        for (const PlaneScheme scheme : {PlaneScheme::Input, PlaneScheme::InputAndWeight})
            for (int weightBits = 2; weightBits <= 8; ++weightBits)
                for (int cellBits = 1; cellBits <= weightBits; ++cellBits) {
                    ArrayTreatment treatment;
                    treatment.mapping = mapping;
                    treatment.planes = scheme;
                    treatment.weightBits = weightBits;
                    treatment.bitsPerCell = cellBits;
                    if (mapping == CellMapping::OneSided && scheme == PlaneScheme::Input)
                        continue;   // refused: its top bit counts negative
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

QTEST_APPLESS_MAIN(tst_WeightPlanes)
#include "tst_weight_planes.moc"
