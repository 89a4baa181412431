// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/palette_edit.h"

#include <QTest>

using namespace app;

namespace {

core::Treatment treatment(const char* format) { return {core::NumberFormat::named(format).value(), {}, {}, 1}; }

core::WeightPlan uniform(const char* format) { return {{treatment(format)}, {}, {}, {}}; }

using Choices = std::vector<std::uint8_t>;

}  // namespace

class TstPaletteEdit : public QObject {
    Q_OBJECT

private slots:
    void paintingSomeRowsMakesAPaletteOfTwo()
    {
        const core::WeightPlan painted = withPaint(uniform("int4"), PaletteAxis::Rows, 6, {1, 4}, treatment("int8"));
        QCOMPARE(painted.palette, (std::vector{treatment("int4"), treatment("int8")}));
        QCOMPARE(painted.rows, (Choices{0, 1, 0, 0, 1, 0}));
        QVERIFY(painted.channels.empty());
    }

    void paintingEverythingIsUniform()
    {
        const core::WeightPlan some = withPaint(uniform("int4"), PaletteAxis::Rows, 3, {0, 1}, treatment("pot4"));
        const core::WeightPlan all = withPaint(some, PaletteAxis::Rows, 3, {2}, treatment("pot4"));
        QCOMPARE(all, uniform("pot4"));
    }

    void anEntryNobodyTakesLeavesAndTheOthersKeepTheirRows()
    {
        core::WeightPlan plan{{treatment("pot4"), treatment("int4"), treatment("int8")}, {0, 1, 2, 1}, {}, {}};
        plan = withPaint(plan, PaletteAxis::Rows, 4, {0}, treatment("int8"));
        QCOMPARE(plan.palette, (std::vector{treatment("int4"), treatment("int8")}));
        QCOMPARE(plan.rows, (Choices{1, 0, 1, 0}));
    }

    void channelsReplaceAMixtureOverRowsByItsCommonestEntry()
    {
        const core::WeightPlan rows{{treatment("int4"), treatment("int8")}, {0, 1, 1}, {}, {}};
        QVERIFY(!choicesAlong(rows, PaletteAxis::Channels, 4));
        const core::WeightPlan channels = withPaint(rows, PaletteAxis::Channels, 4, {3}, treatment("int2"));
        QVERIFY(channels.rows.empty());
        QCOMPARE(channels.palette, (std::vector{treatment("int8"), treatment("int2")}));
        QCOMPARE(channels.channels, (Choices{0, 0, 0, 1}));
    }

    void aChangedEntryMayFallTogetherWithAnother()
    {
        const core::WeightPlan plan{{treatment("int4"), treatment("int8"), treatment("nf4")}, {0, 1, 2, 0}, {}, {}};
        const core::WeightPlan after = withExchange(plan, treatment("int4"), treatment("nf4"));
        QCOMPARE(after.palette, (std::vector{treatment("nf4"), treatment("int8")}));
        QCOMPARE(after.rows, (Choices{0, 1, 0, 0}));
        QCOMPARE(withExchange(after, treatment("int8"), treatment("nf4")), uniform("nf4"));
    }

    void flippedBitsStayWhereTheyAre()
    {
        core::WeightPlan plan = uniform("int4");
        plan.flips = {{1, 2, 3}};
        QCOMPARE(withPaint(plan, PaletteAxis::Rows, 4, {1}, treatment("int8")).flips, plan.flips);
    }

    void bitsThatACodeNoLongerHasAreForgotten()
    {
        core::WeightPlan plan{{treatment("int8"), treatment("int4")}, {0, 1}, {}, {{0, 0, 7}, {1, 0, 7}, {1, 1, 3}}};
        plan = withoutLostFlips(plan, 1);
        QCOMPARE(plan.flips, (std::vector<core::CodeFlip>{{0, 0, 7}, {1, 1, 3}}));
        core::WeightPlan channels{{treatment("int8"), treatment("int4")}, {}, {0, 1}, {{0, 1, 7}, {0, 2, 7}}};
        QCOMPARE(withoutLostFlips(channels, 2).flips, (std::vector<core::CodeFlip>{{0, 1, 7}}));  // columns 2 and 3 are channel 1
    }

    void stripesThatAreNotThereAreNotPainted()
    {
        QCOMPARE(withPaint(uniform("int4"), PaletteAxis::Rows, 3, {-1, 3, 100}, treatment("int8")), uniform("int4"));
    }

    void aWeightIsTreatedAsItsRowOrItsChannelIs()
    {
        const core::WeightPlan rows{{treatment("int4"), treatment("int8")}, {0, 1}, {}, {}};
        QCOMPARE(treatmentAt(rows, 1, 0), treatment("int8"));
        const core::WeightPlan channels{{treatment("int4"), treatment("int8")}, {}, {1, 0}, {}};
        QCOMPARE(treatmentAt(channels, 1, 0), treatment("int8"));
        QCOMPARE(treatmentAt(channels, 1, 1), treatment("int4"));
        QCOMPARE(treatmentAt(uniform("nf4"), 7, 7), treatment("nf4"));
    }
};

QTEST_APPLESS_MAIN(TstPaletteEdit)
#include "tst_palette_edit.moc"
