// SPDX-License-Identifier: Apache-2.0
// The ledger of a layer, counted by hand.
#include "core/cim/array_layer.h"
#include "core/engine/layer_ledger.h"

#include <QtTest>

#include <vector>

using namespace core;

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;

NumberFormat named(const char* name) { return NumberFormat::named(name).value(); }

Treatment treatment(const char* format, const char* scale = "row") { return {NumberFormat::named(format).value(), ScaleRule::parse(scale).value(), {}}; }

WeightedLayer layer(int rows, int columns, std::int64_t positions = 1, int groups = 1, std::size_t bias = 0)
{
    WeightedLayer result;
    result.index = LayerIndex(3);
    result.rows = rows;
    result.columns = columns;
    result.positions = positions;
    result.groups = groups;
    result.bias.resize(bias);
    return result;
}

LayerTreatment orders(const char* weights, const char* scale, const char* activations)
{
    LayerTreatment result;
    result.weights.palette = {treatment(weights, scale)};
    result.activations.format = named(activations);
    return result;
}

/// How many operations of this sort the ledger has; widths of 0 are any.
double count(const Ledger& ledger, Part part, Op operation, double firstBits = 0, double secondBits = 0)
{
    double sum = 0;
    for (const LedgerEntry& entry : ledger)
        if (entry.part == part && entry.operation == operation && (firstBits == 0 || entry.firstBits == firstBits) && (secondBits == 0 || entry.secondBits == secondBits))
            sum += entry.count;
    return sum;
}

NumberKind kindOf(const Ledger& ledger, Part part, Op operation)
{
    for (const LedgerEntry& entry : ledger)
        if (entry.part == part && entry.operation == operation)
            return entry.kind;
    qFatal("no such entry");
}

}  // namespace

class TestLayerLedger : public QObject {
    Q_OBJECT

private slots:
    void anInt4LayerOf10By64()
    {
        const Ledger ledger = ledgerOf(layer(10, 64, 1, 1, 10), orders("int4", "row", "int8"));
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 4, 8), 640.0);
        QCOMPARE(kindOf(ledger, Part::MainMultiply, Op::Multiply), NumberKind::Integer);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add, 32), 640.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Multiply, 16, 16), 10.0);           // each output to its own scale
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 3040), 640 * 4 + 10 * 16 + 10 * 32.0);   // codes, scales, bias
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 64 * 8), 64 * 8.0);          // read from the input map
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 80), 10 * 8.0);              // written to the output map
        QCOMPARE(count(ledger, Part::Recovery, Op::Multiply), 0.0);
        for (const LedgerEntry& entry : ledger)
            QCOMPARE(entry.layer, LayerIndex(3));
    }

    void aConvolutionCountsEveryPosition()
    {
        const Ledger ledger = ledgerOf(layer(6, 25, 784), orders("int8", "row", "uint8"));
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 8, 8), 6 * 25 * 784.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits), 6 * 25 * 8 + 6 * 16 + (25 + 6) * 784 * 8.0);   // weights once, windows each time
    }

    void aDepthwiseConvolutionReadsEveryGroupsInputs()
    {
        const Ledger ledger = ledgerOf(layer(16, 9, 100, 16), orders("int8", "tensor", "int8"));
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply), 16 * 9 * 100.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits), 16 * 9 * 8 + 16 + (9 * 16 + 16) * 100 * 8.0);
    }

    void fullPrecisionIsFloatThroughoutAndNeverRescaled()
    {
        const Ledger ledger = ledgerOf(layer(10, 64), LayerTreatment{});
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 32, 32), 640.0);
        QCOMPARE(kindOf(ledger, Part::MainMultiply, Op::Multiply), NumberKind::Float);
        QCOMPARE(kindOf(ledger, Part::Accumulate, Op::Add), NumberKind::Float);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Multiply), 0.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits), (640 + 64 + 10) * 32.0);
    }

    void bf16IsMultipliedAndAddedAsBfloat()
    {
        LayerTreatment orders16 = orders("bf16", "tensor", "bf16");
        orders16.accumulator.sum.format = named("bf16");
        orders16.surrogate = SurrogatePlan{};
        orders16.surrogate->format = named("bf16");
        const Ledger ledger = ledgerOf(layer(10, 64), orders16);
        for (const Part part : {Part::MainMultiply, Part::Recovery})
            QCOMPARE(kindOf(ledger, part, Op::Multiply), NumberKind::Bfloat);
        for (const Part part : {Part::Accumulate, Part::Recovery})
            QCOMPARE(kindOf(ledger, part, Op::Add), NumberKind::Bfloat);
        const auto kind = [](const char* weights, const char* activations) {
            return kindOf(ledgerOf(layer(10, 64), orders(weights, "row", activations)), Part::MainMultiply, Op::Multiply);
        };
        QCOMPARE(kind("int8", "bf16"), NumberKind::Bfloat);
        QCOMPARE(kind("bf16", "int8"), NumberKind::Bfloat);
        QCOMPARE(kind("fp16", "bf16"), NumberKind::Float);   // one of 11 bits is in it
        QCOMPARE(kind("nf4", "bf16"), NumberKind::Float);    // looked up as fp16
        QCOMPARE(kind("fp16", "fp16"), NumberKind::Float);
        QCOMPARE(kind("int8", "int8"), NumberKind::Integer);
    }

    void normalFloatCodesAreLookedUpOnceAndEveryGroupIsRescaled()
    {
        const Ledger ledger = ledgerOf(layer(10, 64, 5), orders("nf4", "group:16", "int8"));
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Lookup, 16), 640.0);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 16, 8), 3200.0);
        QCOMPARE(kindOf(ledger, Part::MainMultiply, Op::Multiply), NumberKind::Float);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Multiply, 16, 16), 10 * 4 * 5.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add, 32), 3200 + 10 * 3 * 5.0);
    }

    void powersOfTwoShiftTheActivation()
    {
        const Ledger ledger = ledgerOf(layer(10, 64), orders("pot4", "row", "int8"));
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Shift, 8), 640.0);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply), 0.0);
    }

    void aMixedAccumulatorCountsWhatItTakesAgain()
    {
        LayerTreatment treatment = orders("e4m3", "row", "fp32");
        treatment.accumulator.sum.format = named("e4m3");
        treatment.accumulator.mixed = MixedSum{.high = named("fp16")};
        LayerFacts facts = LayerFacts::of(layer(10, 64, 2), treatment);
        const Ledger before = ledgerOf(layer(10, 64, 2), treatment, facts);
        QCOMPARE(count(before, Part::Accumulate, Op::Add, 8), 10 * 64 * 2.0);
        QCOMPARE(count(before, Part::Accumulate, Op::Add, 16), 0.0);
        QCOMPARE(count(before, Part::Accumulate, Op::Compare, 8), 10 * 2.0);   // which components to take again
        facts.highShare = 0.25;
        const Ledger measured = ledgerOf(layer(10, 64, 2), treatment, facts);
        QCOMPARE(count(measured, Part::Accumulate, Op::Add, 8), 10 * 64 * 2.0);
        QCOMPARE(count(measured, Part::Accumulate, Op::Add, 16), 10 * 64 * 2 * 0.25);
        QCOMPARE(count(measured, Part::MainMultiply, Op::Multiply), 10 * 64 * 2 * 1.25);
        treatment.accumulator.mixed->condition = MixedSum::Condition::Full;   // |W| |x| is summed as well
        QCOMPARE(count(ledgerOf(layer(10, 64, 2), treatment, facts), Part::MainMultiply, Op::Multiply), 10 * 64 * 2 * 2.25);
        treatment.accumulator.mixed->highRows = 0.4;   // fixed: nothing is taken twice, nothing is decided
        const Ledger fixed = ledgerOf(layer(10, 64, 2), treatment, facts);
        QCOMPARE(count(fixed, Part::Accumulate, Op::Add, 8), 10 * 64 * 2 * 0.6);
        QCOMPARE(count(fixed, Part::Accumulate, Op::Add, 16), 10 * 64 * 2 * 0.4);
        QCOMPARE(count(fixed, Part::Accumulate, Op::Compare), 0.0);
    }

    void ordersOfASumCountTheirOwnAdditions()
    {
        LayerTreatment treatment = orders("fp16", "row", "fp32");
        treatment.accumulator.sum.format = named("bf16");
        treatment.accumulator.sum.block = 10;
        treatment.accumulator.sum.combine = named("fp32");
        const Ledger blocks = ledgerOf(layer(10, 64, 1), treatment);
        QCOMPARE(count(blocks, Part::Accumulate, Op::Add, 16), 640.0);
        QCOMPARE(count(blocks, Part::Accumulate, Op::Add, 32), 10 * 7.0);
        treatment.accumulator.sum = {.format = named("bf16"), .order = SumOrder::Kahan};
        QCOMPARE(count(ledgerOf(layer(10, 64, 1), treatment), Part::Accumulate, Op::Add, 16), 4 * 640.0);
        LayerTreatment integers = orders("int4", "row", "int8");
        integers.accumulator.integer = IntegerSumRule{.bits = 12};
        QCOMPARE(count(ledgerOf(layer(10, 64, 1), integers), Part::Accumulate, Op::Add, 12), 640.0);
    }

    void aMixtureOverRowsCountsEachRowInItsOwnWay()
    {
        LayerTreatment mixed = orders("pot4", "row", "int4");
        mixed.weights.palette = {treatment("pot4"), treatment("int4"), treatment("int8")};
        mixed.weights.rows = {0, 0, 0, 1, 1, 2};
        const Ledger ledger = ledgerOf(layer(6, 10), mixed);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Shift, 4), 30.0);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 4, 4), 20.0);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 8, 4), 10.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add), 60.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits), 5 * 10 * 4 + 10 * 8 + 6 * 16 + (10 + 6) * 4.0);
    }

    void aMixtureOverChannelsCountsColumns()
    {
        LayerTreatment mixed = orders("int1", "row", "int4");
        mixed.weights.palette = {treatment("int2"), treatment("int4")};
        mixed.weights.channels = {0, 1, 1};   // three input channels of four columns each
        const Ledger ledger = ledgerOf(layer(5, 12), mixed);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 2, 2), 20.0);   // an activation is as wide as its channel
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 4, 4), 40.0);
        const double weightBits = 5 * (4 * 2 + 8 * 4) + 5 * 2 * 16, inputBits = 4 * 2 + 8 * 4, outputBits = 5 * 4;
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits), weightBits + inputBits + outputBits);
    }

    void twoLevelAndBlockScalesCostIntegerWork()
    {
        const Ledger vectors = ledgerOf(layer(10, 64), orders("int4", "vector:16:6", "int8"));
        QCOMPARE(count(vectors, Part::Accumulate, Op::Multiply, 6, 24), 40.0);
        QCOMPARE(count(vectors, Part::Accumulate, Op::Multiply, 16, 16), 10.0);
        const Ledger blocks = ledgerOf(layer(10, 64), orders("e2m1", "block:32", "e4m3"));
        QCOMPARE(count(blocks, Part::Accumulate, Op::Add, 8), 20.0);
        QCOMPARE(count(blocks, Part::MainMultiply, Op::Multiply, 4, 8), 640.0);
        QCOMPARE(count(blocks, Part::Accumulate, Op::Multiply), 0.0);
    }

    void aBiasIsStoredWhereverItComesFrom()
    {
        LayerTreatment corrected = orders("int4", "row", "int8");
        const double plain = count(ledgerOf(layer(10, 64), corrected), Part::Memory, Op::SramBits);
        corrected.correction = CorrectionPlan{};
        corrected.correction->bias = true;
        QCOMPARE(count(ledgerOf(layer(10, 64), corrected), Part::Memory, Op::SramBits), plain + 10 * 32.0);
        // A correction that could not be made leaves none: compiling knows.
        QCOMPARE(count(ledgerOf(layer(10, 64), corrected, {0, 0, false}), Part::Memory, Op::SramBits), plain);
    }

    void whatPackingWroteIsWhatIsRead()
    {
        // The scales of one part lie outside fp16's range: 8 bits more than 640 codes and 10 scales.
        const Ledger ledger = ledgerOf(layer(10, 64), orders("int4", "row", "int8"), {640 * 4 + 10 * 16 + 8.0, 0, false});
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 2728), 2728.0);
    }

    void everyDifferentInputIsRoundedOnce()
    {
        // A 3 x 3 window over 10 x 10 pixels reads 900 inputs, 100 different ones.
        const WeightedLayer window = layer(4, 9, 100);
        QCOMPARE(count(ledgerOf(window, orders("int8", "row", "int8"), {0, 100, false}), Part::Functions, Op::Compare, 32), 200.0);
        QCOMPARE(count(ledgerOf(window, orders("int8", "row", "nf4"), {0, 100, false}), Part::Functions, Op::Compare, 32),
                 400.0);  // 16 levels
        QCOMPARE(count(ledgerOf(window, orders("int8", "row", "e4m3"), {0, 100, false}), Part::Functions, Op::Add, 8), 100.0);
        QCOMPARE(count(ledgerOf(window, orders("int8", "row", "fp32"), {0, 100, false}), Part::Functions, Op::Compare), 0.0);
        LayerTreatment dynamic = orders("int8", "row", "int8");
        dynamic.activations.range.kind = RangeRule::Kind::Dynamic;
        const Ledger ledger = ledgerOf(window, dynamic, {0, 100, false});
        QCOMPARE(count(ledger, Part::Functions, Op::Compare, 32), 400.0);
        QCOMPARE(count(ledger, Part::Functions, Op::Multiply, 16, 16), 100.0);
        dynamic.activations.range.kind = RangeRule::Kind::Daq;
        QCOMPARE(count(ledgerOf(window, dynamic, {0, 100, false}), Part::Functions, Op::Multiply, 16, 16), 300.0);
    }

    void inputsAreReadFromAMemoryThatHoldsTheirMap()
    {
        // A 3 x 3 window over 10 x 10 pixels of int8: 900 numbers read from a map of 100, 4 x 100 written to one of 400.
        const Ledger ledger = ledgerOf(layer(4, 9, 100), orders("int8", "row", "int8"), {0, 100, false});
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 100 * 8), 900 * 8.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 400 * 8), 400 * 8.0);
        // Two of four channels in int2, two in int4, activations as their channels: 3 bits a number on average.
        LayerTreatment mixed = orders("int2", "row", "int4");
        mixed.weights.palette = {treatment("int2"), treatment("int4")};
        mixed.weights.channels = {0, 0, 1, 1};
        const Ledger narrow = ledgerOf(layer(5, 36, 64), mixed, {1, 400, false});   // 36 columns: 3 x 3 windows of four channels
        QCOMPARE(count(narrow, Part::Memory, Op::SramBits, 400 * 3), 36 * 64 * 3.0);
        QCOMPARE(count(narrow, Part::Memory, Op::SramBits, 5 * 64 * 4), 5 * 64 * 4.0);
    }

    void exactInputsOfARecoveryPathAreReadBesideTheCodes()
    {
        LayerTreatment recovered = orders("int2", "row", "int8");
        recovered.surrogate = SurrogatePlan{};
        recovered.surrogate->format = named("fp16");
        const WeightedLayer window = layer(4, 9, 100);
        const LayerFacts facts{0, 100, false};
        const double exact = count(ledgerOf(window, recovered, facts), Part::Memory, Op::SramBits);
        recovered.surrogate->input = SurrogateInput::Quantized;
        const double quantized = count(ledgerOf(window, recovered, facts), Part::Memory, Op::SramBits);
        QCOMPARE(exact - quantized, (900 + 100) * 16.0);  // every window read, every number written
        recovered.activations.format = named("fp32");
        recovered.surrogate->input = SurrogateInput::Exact;
        const double both = count(ledgerOf(window, recovered, facts), Part::Memory, Op::SramBits);
        recovered.surrogate.reset();
        QCOMPARE(both - count(ledgerOf(window, recovered, facts), Part::Memory, Op::SramBits),
                 4 * (9 + 4) * 16.0);  // the path's own values, rank 4
    }

    void aZeroPointOfWeightsCostsTheSumOfTheInputs()
    {
        const Ledger ledger = ledgerOf(layer(10, 64, 5), orders("uint4", "row", "int8"));
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add, 32), 10 * 64 * 5 + 64 * 5.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Multiply, 4, 32), 50.0);
    }

    void everyPointOfAMultipointWeightIsWorkOfItsOwn()
    {
        LayerTreatment two = orders("int4", "row", "int8");
        two.weights.palette[0].points = 2;
        const Ledger ledger = ledgerOf(layer(10, 64), two);
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 4, 8), 1280.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Multiply, 16, 16), 20.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add, 32), 1280 + 10.0);
    }

    void anAccumulatorOfThePlanSetsTheAdder()
    {
        LayerTreatment half = orders("e4m3", "row", "e4m3");
        half.accumulator.sum.format = named("fp16");
        const Ledger ledger = ledgerOf(layer(10, 64), half);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add, 16), 640.0);
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add, 32), 0.0);
    }

    void aSurrogateOfRank8()
    {
        LayerTreatment recovered = orders("int2", "row", "int8");
        recovered.surrogate = SurrogatePlan{};
        recovered.surrogate->format = named("fp16");
        const Ledger ledger = ledgerOf(layer(128, 256, 3), recovered);
        QCOMPARE(count(ledger, Part::Recovery, Op::Multiply, 16, 16), 8 * (128 + 256) * 3.0);
        QCOMPARE(count(ledger, Part::Recovery, Op::Add, 16), 8 * (128 + 256) * 3.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 8 * (128 + 256) * 16), 8 * (128 + 256) * 16.0);
        // A rank beyond the matrix is no more than the matrix.
        QCOMPARE(count(ledgerOf(layer(4, 256), recovered), Part::Recovery, Op::Multiply), 4 * (4 + 256.0));
    }

    void anArrayReadsCellsAndConvertsEveryPlanePair()
    {
        LayerTreatment analog = orders("int4", "row", "uint8");
        analog.cim = ArrayTreatment{};   // 64 rows, differential, 3 magnitude planes, 8 input planes, 6-bit converter
        const Ledger ledger = ledgerOf(layer(10, 150, 7), analog);
        QCOMPARE(count(ledger, Part::Converter, Op::AdcConversion, 6), 10 * 7 * 3 * 3 * 8.0);   // 150 inputs fill three tiles
        QCOMPARE(count(ledger, Part::Array, Op::ArrayCell), 10 * 150 * 7 * (2 * 3) * 8.0);
        QCOMPARE(count(ledger, Part::Converter, Op::DacConversion, 1), 150 * 7 * 8.0);
        QCOMPARE(count(ledger, Part::Memory, Op::SramBits, 160), 160.0);                        // scales; the codes live in the array
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply), 0.0);
    }

    void arrayCountsAreThoseOfTheArrayItself_data()
    {
        QTest::addColumn<int>("mapping");
        QTest::addColumn<int>("planes");
        QTest::addColumn<bool>("hasZeroPoint");
        QTest::addColumn<int>("dacBits");
        QTest::addColumn<int>("hybridLevels");
        const auto row = [](const char* name, CellMapping mapping, PlaneScheme planes, bool hasZeroPoint, int dacBits, int hybridLevels) {
            QTest::newRow(name) << int(mapping) << int(planes) << hasZeroPoint << dacBits << hybridLevels;
        };
        row("differential, plane pairs", CellMapping::Differential, PlaneScheme::InputAndWeight, false, 1, 0);
        row("offset, plane pairs", CellMapping::Offset, PlaneScheme::InputAndWeight, false, 1, 0);
        row("one-sided, plane pairs", CellMapping::OneSided, PlaneScheme::InputAndWeight, false, 1, 0);
        row("differential, input planes", CellMapping::Differential, PlaneScheme::Input, true, 1, 0);
        row("offset, input planes", CellMapping::Offset, PlaneScheme::Input, true, 1, 0);
        row("levels of two bits", CellMapping::Differential, PlaneScheme::InputAndWeight, false, 2, 0);
        row("three digital diagonals", CellMapping::Differential, PlaneScheme::InputAndWeight, false, 1, 3);
    }
    void arrayCountsAreThoseOfTheArrayItself()
    {
        QFETCH(int, mapping);
        QFETCH(int, planes);
        QFETCH(bool, hasZeroPoint);
        QFETCH(int, dacBits);
        QFETCH(int, hybridLevels);
        ArrayTreatment array;
        array.dacBits = dacBits;
        array.hybridLevels = hybridLevels;
        array.mapping = static_cast<CellMapping>(mapping);
        array.planes = static_cast<PlaneScheme>(planes);
        const std::vector<std::int8_t> weights(20 * 70, 1);
        const ArrayInputs inputs{!hasZeroPoint, hasZeroPoint ? 5 : 0};
        const ArrayCounts counts = ArrayLayer::program(array, weights, 20, 70, inputs, {LayerIndex(0), 0, 0}).value().counts();

        LayerTreatment analog = orders("int4", "row", hasZeroPoint ? "uint8" : "int8");
        analog.cim = array;
        const Ledger ledger = ledgerOf(layer(20, 70), analog);
        QCOMPARE(count(ledger, Part::Converter, Op::AdcConversion), static_cast<double>(counts.conversionsPerVector));
        QCOMPARE(count(ledger, Part::Array, Op::ArrayCell), static_cast<double>(counts.cellReadsPerVector));
        QCOMPARE(count(ledger, Part::MainMultiply, Op::Multiply, 1, 1), static_cast<double>(counts.digitalProductsPerVector));
        QCOMPARE(count(ledger, Part::Accumulate, Op::Add), static_cast<double>(counts.digitalAddsPerVector + counts.digitalProductsPerVector));
    }

    void withoutAConverterOnlyNoiseTellsLevelsFromBits()
    {
        for (const double sigma : {0.0, 0.05}) {
            ArrayTreatment array;
            array.adc.bits = 0;
            array.dacBits = 4;
            array.readNoise.sigma = sigma;
            const std::vector<std::int8_t> weights(20 * 70, 1);
            const ArrayCounts counts = ArrayLayer::program(array, weights, 20, 70, {true, 0}, {LayerIndex(0), 0, 0}).value().counts();
            LayerTreatment analog = orders("int4", "row", "int8");
            analog.cim = array;
            const double conversions = count(ledgerOf(layer(20, 70), analog), Part::Converter, Op::AdcConversion);
            QCOMPARE(conversions, static_cast<double>(counts.conversionsPerVector));
            QCOMPARE(conversions, 20 * 2 * 3 * (sigma > 0 ? 2.0 : 8.0));  // outputs, tiles, slices, levels or planes
        }
    }

    void aComparatorIsAConverterOfOneBit()
    {
        LayerTreatment analog = orders("int4", "row", "uint8");
        analog.cim = ArrayTreatment{};
        const double conversions = count(ledgerOf(layer(10, 150), analog), Part::Converter, Op::AdcConversion);
        analog.cim->adc.isComparator = true;
        QCOMPARE(count(ledgerOf(layer(10, 150), analog), Part::Converter, Op::AdcConversion, 1), conversions);
        QCOMPARE(count(ledgerOf(layer(10, 150), analog), Part::Converter, Op::AdcConversion), conversions);
    }

    void anIdealConverterCountsWithTheBitsItWouldNeed()
    {
        LayerTreatment analog = orders("int4", "row", "uint8");
        analog.cim = ArrayTreatment{};
        analog.cim->adc.bits = 0;
        // Two sides of 64 one-bit cells: -64 ... 64 is 129 sums, 8 bits.
        QCOMPARE_GT(count(ledgerOf(layer(10, 150), analog), Part::Converter, Op::AdcConversion, 8), 0.0);
    }
};

QTEST_APPLESS_MAIN(TestLayerLedger)
#include "tst_layer_ledger.moc"
