// SPDX-License-Identifier: Apache-2.0
// The convention a plan's TOPS/W stands under, worked out by hand.
#include "core/engine/plan_convention.h"

#include <QtTest>

using namespace core;

namespace {

Treatment treatment(const char* format) { return {NumberFormat::named(format).value(), {}, {}}; }

LayerPlan orders(const std::vector<const char*>& palette, const char* activations)
{
    LayerPlan plan;
    plan.weights = WeightPlan{};
    plan.weights->palette.clear();
    for (const char* format : palette)
        plan.weights->palette.push_back(treatment(format));
    plan.activations = ActivationPlan{};
    plan.activations->format = NumberFormat::named(activations).value();
    return plan;
}

WeightedLayer layer(const char* name, int rows, int columns, std::int64_t positions)
{
    WeightedLayer result;
    result.name = name;
    result.rows = rows;
    result.columns = columns;
    result.positions = positions;
    return result;
}

PrecisionPlan everywhere(LayerPlan defaults)
{
    PrecisionPlan plan;
    plan.defaults = std::move(defaults);
    return plan;
}

EfficiencyConvention convention(double weightBits, double activationBits) { return {2, weightBits, activationBits, true}; }

}  // namespace

class TestPlanConvention : public QObject {
    Q_OBJECT

private slots:
    void onePairOfWidthsIsThatPair()
    {
        QCOMPARE(conventionOf(everywhere(orders({"int4"}, "int8")), {layer("a", 10, 64, 5)}), convention(4, 8));
        QCOMPARE(conventionOf(everywhere(orders({"nf4"}, "bf16")), {layer("a", 10, 64, 5)}), convention(4, 16));
        QCOMPARE(conventionOf(PrecisionPlan{}, {layer("a", 10, 64, 5)}), convention(32, 32));
    }

    void anArrayHasItsOwnBits()
    {
        LayerPlan analog = orders({"int8"}, "uint8");
        analog.cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
        analog.cim->value->weightBits = 3;
        analog.cim->value->inputBits = 5;
        QCOMPARE(conventionOf(everywhere(analog), {layer("a", 10, 64, 5)}), convention(3, 5));
    }

    void layersCountByTheirMacs()
    {
        // a: 2 x 8 weights at 15 positions, 240 MACs of 8 x 4 bits; b: 4 x 20 at one, 80 MACs of 4 x 16. Weights (240 x 8 + 80 x 4)
        // / 320 = 7 bits, products (240 x 32 + 80 x 64) / 320 = 40, so activations 40 / 7.
        PrecisionPlan plan = everywhere(orders({"int8"}, "int4"));
        plan.layers["b"] = orders({"int4"}, "fp16");
        const EfficiencyConvention found = conventionOf(plan, {layer("a", 2, 8, 15), layer("b", 4, 20, 1)});
        QCOMPARE(found.weightBits, 7.0);
        QCOMPARE(found.activationBits, 40.0 / 7);
        QCOMPARE(found.operationsPerMac, 2);
        QVERIFY(found.includesMemory);
    }

    void rowsCountByTheirNumber()
    {
        LayerPlan mixed = orders({"pot4", "int4", "int8"}, "int4");
        mixed.weights->rows = {0, 0, 0, 1, 1, 2};  // (3 x 4 + 2 x 4 + 8) / 6 bits
        const EfficiencyConvention found = conventionOf(everywhere(mixed), {layer("a", 6, 10, 3)});
        QCOMPARE(found.weightBits, 28.0 / 6);
        QCOMPARE(found.activationBits, 4.0);
    }

    void anActivationIsAsWideAsItsChannel()
    {
        // Channels of 2, 4 and 4 bits: weights 10 / 3 bits, products (4 + 16 + 16) / 3 = 12, so activations 3.6.
        LayerPlan mixed = orders({"int2", "int4"}, "int8");
        mixed.weights->channels = {0, 1, 1};
        const EfficiencyConvention found = conventionOf(everywhere(mixed), {layer("a", 6, 12, 3)});
        QCOMPARE(found.weightBits, 10.0 / 3);
        QCOMPARE(found.activationBits, 3.6);
    }

    void noLayersAreSaidAs8Times8() { QCOMPARE(conventionOf(PrecisionPlan{}, {}), convention(8, 8)); }
};

QTEST_APPLESS_MAIN(TestPlanConvention)
#include "tst_plan_convention.moc"
