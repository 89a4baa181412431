// SPDX-License-Identifier: Apache-2.0
#include "app/models/stripe_measures.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace app;

namespace {

/// Two rows of two channels of two columns each.
core::WeightedLayer smallLayer()
{
    core::WeightedLayer layer;
    layer.rows = 2;
    layer.columns = 4;
    layer.columnsPerChannel = 2;
    layer.weights = core::RowMatrix(2, 4);
    layer.weights << 3, 4, 0, 0,  //
        1, 1, 1, -5;
    return layer;
}

}  // namespace

class TstStripeMeasures : public QObject {
    Q_OBJECT

private slots:
    void rowsAreMeasured()
    {
        const core::WeightedLayer layer = smallLayer();
        QCOMPARE(stripeMagnitudes(layer, PaletteAxis::Rows), (std::vector<float>{4, 5}));
        // Row 0: mean 7/4, squares 25 - 4 (7/4)^2 = 12.75, over 4. Row 1: mean -1/2, 28 - 1 = 27, over 4.
        QCOMPARE(stripeVariances(layer, PaletteAxis::Rows), (std::vector<float>{12.75F / 4, 27.0F / 4}));
    }

    void channelsAreMeasuredOverAllRows()
    {
        const core::WeightedLayer layer = smallLayer();
        QCOMPARE(stripeMagnitudes(layer, PaletteAxis::Channels), (std::vector<float>{4, 5}));
        // Channel 0: 3, 4, 1, 1 has mean 9/4, 27 - 81/4 = 6.75. Channel 1: 0, 0, 1, -5 has mean -1, 26 - 4 = 22.
        QCOMPARE(stripeVariances(layer, PaletteAxis::Channels), (std::vector<float>{6.75F / 4, 5.5F}));
    }

    void theWeightErrorIsALengthOverALength()
    {
        const core::WeightedLayer layer = smallLayer();
        core::RowMatrix stored = layer.weights;
        stored(0, 0) = 0;  // |(3, 0, 0, 0)| over |(3, 4, 0, 0)| = 3 / 5
        QCOMPARE(stripeWeightErrors(layer, stored, PaletteAxis::Rows), (std::vector<float>{60, 0}));
        const std::vector<float> channels = stripeWeightErrors(layer, stored, PaletteAxis::Channels);
        QCOMPARE(channels[0], static_cast<float>(100 * 3 / std::sqrt(27.0)));
        QCOMPARE(channels[1], 0.0F);
    }

    void aStripeOfZerosHasNoError()
    {
        core::WeightedLayer layer = smallLayer();
        layer.weights.setZero();
        QCOMPARE(stripeWeightErrors(layer, layer.weights, PaletteAxis::Rows), (std::vector<float>{0, 0}));
    }

    void theLargestComeFirstAndEqualOnesByIndex()
    {
        const float unknown = std::numeric_limits<float>::quiet_NaN();
        QCOMPARE(largestFirst({1, 3, unknown, 3, 2}), (std::vector<int>{1, 3, 4, 0, 2}));
    }

    void aShareIsRoundedUpAndNeverTakesWhatIsNotMeasured()
    {
        const float unknown = std::numeric_limits<float>::quiet_NaN();
        const std::vector<float> values{5, 1, 4, 2, 3, unknown};
        QCOMPARE(largestShare(values, 1), std::vector<int>{0});
        QCOMPARE(largestShare(values, 50), (std::vector<int>{0, 2, 4}));
        QCOMPARE(largestShare(values, 100), (std::vector<int>{0, 1, 2, 3, 4}));
        QVERIFY(largestShare(values, 0).empty());
        std::vector<float> twenty(20, 0.0F);
        twenty[7] = 1;
        QCOMPARE(largestShare(twenty, 5), std::vector<int>{7});  // 5 % of 20 is one, exactly
    }

    void everyNthBeginsWithTheFirst()
    {
        QCOMPARE(everyNth(7, 3), (std::vector<int>{0, 3, 6}));
        QCOMPARE(everyNth(3, 0), (std::vector<int>{0, 1, 2}));
        QVERIFY(everyNth(0, 2).empty());
    }
};

QTEST_APPLESS_MAIN(TstStripeMeasures)
#include "tst_stripe_measures.moc"
