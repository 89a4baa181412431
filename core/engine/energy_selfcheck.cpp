// SPDX-License-Identifier: Apache-2.0
#include "core/engine/energy_selfcheck.h"

#include "core/energy/conventions.h"
#include "core/energy/estimates.h"
#include "core/energy/node_scaling.h"
#include "core/engine/layer_ledger.h"
#include "core/engine/recovery_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace core {

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;
constexpr auto kInteger = NumberKind::Integer;
const LayerIndex kLayer(0);
constexpr double kConverterSpread = 3.7;  // of converters in the tables: resources/energy/make_tables.py

LedgerEntry cells(double count) { return {kLayer, Part::Array, Op::ArrayCell, kInteger, 1, 0, count}; }
LedgerEntry conversions(double bits, double count) { return {kLayer, Part::Converter, Op::AdcConversion, kInteger, bits, 0, count}; }
LedgerEntry drives(double count) { return {kLayer, Part::Converter, Op::DacConversion, kInteger, 1, 0, count}; }
LedgerEntry additions(double bits, double count) { return {kLayer, Part::Accumulate, Op::Add, kInteger, bits, 0, count}; }

/// A macro's own prices: what its authors measured, one number a sort of operation.
PriceTable macroPrices(std::string name, ProcessPoint point, std::vector<std::pair<LedgerEntry, double>> picojoules)
{
    PriceTable table;
    table.name = table.title = std::move(name);
    table.nodeNanometres = point.nanometres;
    table.voltage = point.voltage;
    for (const auto& [entry, price] : picojoules)
        table.prices.push_back({entry.operation, entry.kind, entry.firstBits, Picojoules(price), table.name, Confidence::Measured});
    return table;
}

class SelfCheck {
public:
    explicit SelfCheck(const std::vector<PriceTable>& tables) : m_tables(tables) {}

    Result<std::vector<CheckedPoint>> run()
    {
        CORE_TRY(checkJia());
        CORE_TRY(checkSinangil());
        CORE_TRY(checkWan());
        CORE_TRY(checkWang());
        CORE_TRY(checkColonnade());
        CORE_TRY(checkNeuroCim());
        CORE_TRY(checkNodeScaling());
        CORE_TRY(checkBitPlanes());
        checkShiftMachines();
        checkRecoveryModel();
        CORE_TRY(checkCeilings());
        return std::move(m_points);
    }

private:
    Result<PriceTable> table(std::string_view name) const
    {
        const auto found = std::find_if(m_tables.begin(), m_tables.end(), [&](const PriceTable& one) { return one.name == name; });
        if (found == m_tables.end())
            return Problem{"self-check", fmt::format("the price table {} is missing", name)};
        return *found;
    }

    void tell(CheckedPoint point) { m_points.push_back(std::move(point)); }

    static Result<Picojoules> price(const PriceTable& prices, const LedgerEntry& entry)
    {
        CORE_TRY(const PricedOperation priced, priceOf(prices, entry));
        return priced.perOperation;
    }

    /// The 8-bit converter that bundled tables sell at this node and supply, beside a published one.
    struct Seller {
        const char* table;
        std::optional<ProcessPoint> point;  // none: the machine's own
        const char* unexplained = nullptr;  // why the range it is sold with does not hold what was published
    };
    Result<void> checkConverter(const std::string& name, const ProcessPoint& machine, double published, const std::vector<Seller>& sellers)
    {
        for (const Seller& seller : sellers) {
            CORE_TRY(const PriceTable bundled, table(seller.table));
            CORE_TRY(const PriceTable prices, scaledTo(bundled, seller.point.value_or(machine)));
            CORE_TRY(const PricedOperation sold, priceOf(prices, conversions(8, 1)));
            const double typical = sold.perOperation.value(), low = sold.range.low.value(), high = sold.range.high.value();
            std::optional<double> factor;
            if (!seller.unexplained)
                factor = published < typical ? typical / low : high / typical;
            tell({name, "its 8-bit conversion, " + prices.name, "pJ", typical, published, CheckKind::Computed, factor,
                  "the converter sold there",
                  seller.unexplained ? seller.unexplained
                                     : fmt::format("within the range it is sold with, {:.3g} to {:.3g} pJ", low, high)});
        }
        return success();
    }

    /// What the Accelergy model itself says of 8 bits at up to 100 MS/s, at a node where no table sells it.
    void checkConverterModel(const std::string& name, double nanometres, double picojoules, double published)
    {
        tell({name, fmt::format("its 8-bit conversion, the ADC model itself at {:g} nm", nanometres), "pJ", picojoules, published,
              CheckKind::Computed, kConverterSpread, "the Accelergy ADC model's own figure, which no table sells",
              "the range of 3.7 that converters have in the tables was set by this point and another: that it holds is no evidence"});
    }

    static Result<double> tops(const PriceTable& prices, const Ledger& ledger, double macs)
    {
        CORE_TRY(const EnergyBill bill, makeBill(ledger, prices, macs));
        return bill.topsPerWatt();
    }

    /// 256 columns of 2304 cells, one 8-bit conversion a column; prices of the bundled 65 nm table.
    Result<void> checkJia()
    {
        constexpr double kRows = 2304, kColumns = 256;
        const Ledger pass{cells(kRows * kColumns), conversions(8, kColumns)};
        CORE_TRY(const PriceTable prices, table("65nm-cim"));
        CORE_TRY(const double low, tops(prices, pass, kRows * kColumns));
        const std::string name = "Jia, JSSC 2020";
        tell({name, "65 nm SRAM charge, 1b x 1b, 0.85 V", "TOPS/W", low, 400, CheckKind::Composed, 1.01,
              "its 9.7 pJ of cells and 1.79 pJ of converter a column, 2304 x 256",
              "without its datapath, 8.3 pJ an output, as its headline is"});
        CORE_TRY(const PriceTable high, scaledTo(prices, {65, 1.2}));
        CORE_TRY(const double scaled, tops(high, pass, kRows * kColumns));
        tell({name, "the same at 1.2 V", "TOPS/W", scaled, 192, CheckKind::Predicted, 1.1, "the point at 0.85 V",
              "by the supply's polynomial at 65 nm"});
        checkConverterModel(name, 65, 6.49, 1.79);
        return checkConverter(name, {65, 0.85}, 1.79, {{"45nm", {}}, {"28nm-cim", {}}});
    }

    /// 64 x 16 weights of 4 bits; energy between its best and worst data.
    Result<void> checkSinangil()
    {
        constexpr double kMacs = 64 * 16, kWorst = 2 * kMacs / 262.3, kBest = 2 * kMacs / 610.5;
        const std::string name = "Sinangil, JSSC 2021";
        const auto pass = [](double output) { return Ledger{conversions(4, 16), cells(kMacs * output / 15)}; };
        const PriceTable prices = macroPrices(name, {7, 0.8}, {{conversions(4, 1), kBest / 16}, {cells(1), (kWorst - kBest) / kMacs}});
        CORE_TRY(const double average, tops(prices, pass(6), kMacs));
        tell({name, "7 nm SRAM, 4b x 4b, 0.8 V, average data", "TOPS/W", average, 351, CheckKind::Predicted, 1.2, "its best and worst data",
              "energy linear in the output's value; measured it rises faster at first"});
        CORE_TRY(const PriceTable high, scaledTo(prices, {7, 1.0}));
        CORE_TRY(const double worst, tops(high, pass(15), kMacs));
        CORE_TRY(const double best, tops(high, pass(0), kMacs));
        CORE_TRY(const double middle, tops(high, pass(6), kMacs));
        tell({name, "1.0 V, worst data", "TOPS/W", worst, 189.3, CheckKind::Predicted, 1.25, "the points at 0.8 V",
              "the polynomial makes the supply matter more than it did"});
        tell({name, "1.0 V, best data", "TOPS/W", best, 435.5, CheckKind::Predicted, 1.25, "the points at 0.8 V",
              "the polynomial makes the supply matter more than it did"});
        tell({name,
              "1.0 V, average data",
              "TOPS/W",
              middle,
              321,
              CheckKind::Predicted,
              {},
              "the points at 0.8 V",
              "this point alone hardly changed with the supply; nothing in our model does that"});
        return success();
    }

    /// 256 x 256 cells, two a weight; word lines, neurons and input pulses in fJ a MAC of its breakdown.
    Result<void> checkWan()
    {
        struct Point {
            int inputBits, outputBits;
            double wordLines, neurons, pulses, published;
        };
        constexpr std::array kPoints{Point{1, 3, 8.990, 10.619, 3.446, 43.08},   Point{2, 4, 8.271, 12.387, 3.956, 40.33},
                                     Point{3, 5, 15.463, 20.118, 7.732, 23.09},  Point{4, 6, 21.756, 29.108, 11.507, 15.95},
                                     Point{5, 7, 30.926, 44.212, 14.025, 11.03}, Point{8, 10, 50.525, 75.857, 27.510, 6.437}};
        const std::string name = "Wan, Nature 2022 (NeuRRAM)";
        const auto efficiency = [&](double wordLines, double neurons, double pulses) -> Result<double> {
            const PriceTable prices = macroPrices(
                name, {130, 1.8}, {{cells(1), wordLines / 1000}, {conversions(8, 1), neurons / 1000}, {drives(1), pulses / 1000}});
            CORE_TRY(const double two, tops(prices, {cells(1), conversions(8, 1), drives(1)}, 1));
            CORE_TRY(const EfficiencyFigure one, converted({two, {2, 4, 4, false}}, {1, 4, 4, false}));
            return one.topsPerWatt;
        };
        for (const std::size_t chosen : {0, 3, 5}) {
            const Point& at = kPoints[chosen];
            CORE_TRY(const double model, efficiency(at.wordLines, at.neurons, at.pulses));
            tell({name, fmt::format("130 nm RRAM, 4b weights, {}b in, {}b out", at.inputBits, at.outputBits), "TOPS/W", model, at.published,
                  CheckKind::Composed, 1.02, "its three parts in fJ a MAC",
                  "adds up only where a MAC of the breakdown is one operation of the headline"});
        }
        const Point &first = kPoints[1], &last = kPoints[5];
        for (const std::size_t chosen : {2, 3, 4}) {
            const Point& at = kPoints[chosen];
            const auto between = [&](double Point::*part) {
                return first.*part + (last.*part - first.*part) * (at.inputBits - first.inputBits) / (last.inputBits - first.inputBits);
            };
            CORE_TRY(const double model, efficiency(between(&Point::wordLines), between(&Point::neurons), between(&Point::pulses)));
            tell({name, fmt::format("{}b in, {}b out, between its ends", at.inputBits, at.outputBits), "TOPS/W", model, at.published,
                  CheckKind::Predicted, 1.1, "its parts at 2b and 8b inputs", "every part linear in the input's bits"});
        }
        return success();
    }

    Result<void> checkWang()
    {
        const std::string name = "Wang, VLSI 2022";
        constexpr double kRows = 64;
        const double picojoules = 2 / 16.376;  // a MAC
        const PriceTable prices =
            macroPrices(name, {22, 1.0},
                        {{conversions(8, 1), 0.34 * picojoules * kRows}, {drives(1), 0.26 * picojoules}, {cells(1), 0.40 * picojoules}});
        const Ledger column{conversions(8, 1), drives(kRows), cells(kRows)};
        for (const auto& [supply, published] :
             {std::pair(0.7, 31.998), std::pair(0.8, 22.590), std::pair(0.9, 18.439), std::pair(1.1, 15.467)}) {
            CORE_TRY(const PriceTable scaled, scaledTo(prices, {22, supply}));
            CORE_TRY(const double model, tops(scaled, column, kRows));
            tell({name, fmt::format("22 nm SRAM C-2C, 8b, {:g} V", supply), "TOPS/W", model, published, CheckKind::Predicted, 1.2,
                  "the point at 1.0 V, 16.4 TOPS/W", "by the supply's polynomial at 22 nm"});
        }
        const double conversion = 0.34 * picojoules * kRows;  // a third of 64 MACs' energy
        checkConverterModel(name, 22, 0.85, conversion);
        return checkConverter(name, {22, 1.0}, conversion,
                              {{"45nm", {}},
                               {"28nm-cim", ProcessPoint{28, 1.0}},
                               {"28nm-cim",
                                {},
                                "five times too cheap, beyond the range it is sold with: scaling makes a fit cheaper that "
                                "is three times too cheap at 28 nm"}});
    }

    /// 128 columns hold floor(128 / (w + 7)) weights of w bits, whose sums of 128 terms need 7 bits more; every column is a
    /// one-bit adder, inputs go bit by bit.
    Result<void> checkColonnade()
    {
        const std::string name = "Colonnade, JSSC 2021";
        constexpr double kColumns = 128, kSumBits = 7, kAtEight = 0.14435;
        const auto adders = [](double weightBits) { return kColumns / std::floor(kColumns / (weightBits + kSumBits)); };  // a MAC
        const PriceTable prices = macroPrices(name, {65, 0.8}, {{additions(adders(8), 1), kAtEight}});
        struct Point {
            double inputBits, weightBits, published;
        };
        for (const Point& at : {Point{1, 1, 68.317}, Point{1, 4, 105.271}, Point{1, 12, 204.847}, Point{1, 16, 243.189},
                                Point{4, 4, 423.432}, Point{8, 8, 1169.653}}) {
            CORE_TRY(const EnergyBill bill, makeBill({additions(adders(at.weightBits), at.inputBits)}, prices, 1));
            tell({name, fmt::format("65 nm digital, {:g}b in, {:g}b weight, 0.8 V", at.inputBits, at.weightBits), "fJ/MAC",
                  1000 * bill.total().value(), at.published, CheckKind::Predicted, 1.1, "the point of 1b and 8b, 144 fJ",
                  "one-bit adders in use, and bits of the input in turn"});
        }
        CORE_TRY(const PriceTable low, scaledTo(prices, {65, 0.6}));
        CORE_TRY(const Picojoules atLow, price(low, additions(adders(8), 1)));
        tell({name,
              "1b in, 8b weight, 0.6 V",
              "fJ/MAC",
              1000 * atLow.value(),
              36.836,
              CheckKind::Predicted,
              {},
              "the point at 0.8 V",
              "measured it falls to a quarter, the polynomial says to four fifths; what else falls is not published"});
        CORE_TRY(const PriceTable digital, table("45nm"));
        CORE_TRY(const PriceTable scaled, scaledTo(digital, {65, 0.8}));
        CORE_TRY(const Picojoules sum, price(scaled, additions(8 + kSumBits, 1)));
        tell({name, "its array, 60.2 % of 144 fJ", "fJ/MAC", 1000 * sum.value(), 602 * kAtEight, CheckKind::Computed, 2.5,
              "a 15-bit adder of 45 nm, scaled", "the sum alone; cells, multiplying gates and configuration are not in it"});
        return success();
    }

    Result<void> checkNeuroCim()
    {
        CORE_TRY(const EfficiencyFigure figure, converted({310, {2, 1, 4, false}}, {2, 8, 4, false}));
        tell({"Neuro-CIM, 2022",
              "28 nm, 4b x 8b from 4b x 1b",
              "TOPS/W",
              figure.topsPerWatt,
              62,
              CheckKind::Predicted,
              {},
              "its 310 TOPS/W at 4b x 1b",
              "eight planes cost five times one plane, not eight: bits normalise by their product only where every plane is converted on "
              "its own"});
        return success();
    }

    Result<void> checkNodeScaling()
    {
        CORE_TRY(const PriceTable from, table("45nm"));
        CORE_TRY(const PriceTable to, table("7nm"));
        CORE_TRY(const PriceTable scaled, scaledTo(from, {to.nodeNanometres, to.voltage}));
        for (const auto& [words, kind, bits] :
             {std::tuple("8-bit integer", kInteger, 8.0), std::tuple("16-bit float", NumberKind::Float, 16.0)}) {
            const LedgerEntry product{kLayer, Part::MainMultiply, Op::Multiply, kind, bits, bits, 1};
            CORE_TRY(const Picojoules model, price(scaled, product));
            CORE_TRY(const Picojoules published, price(to, product));
            tell({"Node scaling, Stillmaker and Baas 2017",
                  fmt::format("{} product, 45 nm to 7 nm", words),
                  "pJ",
                  model.value(),
                  published.value(),
                  CheckKind::Predicted,
                  {},
                  "Horowitz, 45 nm, 0.9 V",
                  "inverters shrink further than multipliers with their wires and registers did: scaled prices are low ends"});
        }
        return success();
    }

    /// One conversion a pair of planes: 64 of 8 bits for 256 MACs of 8b x 8b.
    Result<void> checkBitPlanes()
    {
        WeightedLayer column;
        column.index = kLayer;
        column.rows = 1;
        column.columns = 256;
        LayerTreatment orders;
        orders.activations.format = NumberFormat::named("int8").value();
        orders.cim = ArrayTreatment{};
        orders.cim->rows = 256;
        orders.cim->inputBits = orders.cim->weightBits = 8;
        orders.cim->mapping = CellMapping::Offset;
        orders.cim->adc.bits = 8;
        Ledger converters;
        for (const LedgerEntry& entry : ledgerOf(column, orders))
            if (entry.operation == Op::AdcConversion)
                converters.push_back(entry);
        const PriceTable prices = macroPrices("Accelergy ADC model, 22 nm", {22, 0.8}, {{conversions(8, 1), 0.85}});
        CORE_TRY(const EnergyBill bill, makeBill(converters, prices, column.columns));
        const std::string name = "Bit planes, one conversion a pair", inputs = "an 8-bit conversion of 0.85 pJ, 256 rows";
        tell({name, "8b x 8b, converters alone", "fJ/MAC", 1000 * bill.total().value() / column.columns, 212, CheckKind::Arithmetic, 1.005,
              inputs, "64 conversions for 256 MACs"});
        tell({name, "the same", "TOPS/W", bill.topsPerWatt(), 9, CheckKind::Arithmetic, 1.06, inputs, "about 9, as rounded there"});
        CORE_TRY(const EfficiencyFigure wide, converted({400, {2, 1, 1, false}}, {2, 8, 8, false}));
        tell({"Conventions", "400 TOPS/W at 1b x 1b, said at 8b x 8b", "TOPS/W", wide.topsPerWatt, 6, CheckKind::Arithmetic, 1.05,
              "a bit-serial machine", "about 6, as rounded there"});
        return success();
    }

    void checkShiftMachines()
    {
        struct Point {
            const ShiftMachine* machine;
            double powers, fours, eights, published;
        };
        const auto& machines = shiftMachines();
        for (const Point& at : {Point{&machines[0], 60, 35, 5, 3.01}, Point{&machines[1], 65, 30, 5, 3.65}}) {
            const Ledger rows{{kLayer, Part::MainMultiply, Op::Shift, kInteger, 4, 0, at.powers},
                              {kLayer, Part::MainMultiply, Op::Multiply, kInteger, 4, 4, at.fours},
                              {kLayer, Part::MainMultiply, Op::Multiply, kInteger, 8, 4, at.eights}};
            tell({"RMSMP, ICCV 2021",
                  fmt::format("{}, {:g}:{:g}:{:g} against 4-bit products", at.machine->name, at.powers, at.fours, at.eights),
                  "speed-up",
                  timeOn(*at.machine, rows)->speedUp(),
                  at.published,
                  CheckKind::Predicted,
                  {},
                  "the published ratio of rows, taken to balance both engines",
                  "the published baseline keeps its first and last layer at 8 bits; ours does not"});
        }
    }

    void checkRecoveryModel()
    {
        struct Point {
            int width, rank;
            double femtojoules, published, factor;
        };
        for (const Point& at : {Point{512, 8, 49, 464, 1.0022}, Point{512, 0, 49, 1602, 1.0001}, Point{512, 16, 49, 270, 1.0075},
                                Point{256, 8, 24.5, 464, 1.0022}, Point{1024, 8, 98, 464, 1.0022}}) {
            const double model = modelBill({at.width, at.width}, at.rank, {1602, at.femtojoules}).topsPerWatt();
            tell({"NPP, our model of it",
                  fmt::format("{0} x {0}, rank {1}, {2:g} fJ an operation of the path", at.width, at.rank, at.femtojoules), "TOPS/W", model,
                  at.published, CheckKind::Arithmetic, at.factor, "1602 TOPS/W of the main path; the path's price is calibrated",
                  "the published 464 has no breakdown: this is ours"});
        }
    }

    Result<void> checkCeilings()
    {
        struct Row {
            const char *table, *format;
            std::array<int, 7> published;
        };
        constexpr std::array kRows{
            Row{"7nm", "fp16", {16, 32, 64, 128, 256, 512, 1024}}, Row{"7nm", "int8", {80, 160, 320, 640, 1280, 2560, 5120}},
            Row{"45nm", "int8", {27, 53, 107, 213, 427, 853, 1707}}, Row{"45nm", "fp32", {2, 3, 7, 14, 28, 56, 111}}};
        for (const Row& row : kRows) {
            CORE_TRY(const PriceTable prices, table(row.table));
            int width = 64;
            for (const int published : row.published) {
                CORE_TRY(const double model, rankCeiling({width, width}, 8, NumberFormat::named(row.format).value(), prices));
                tell({"Ceiling of a rank-8 path", fmt::format("{0} x {0}, {1}, {2}", width, row.format, row.table), "TOPS/W", model,
                      static_cast<double>(published), CheckKind::Arithmetic, (published + 0.5) / (published - 0.5), "the table's prices",
                      "whole numbers there"});
                width *= 2;
            }
        }
        return success();
    }

    const std::vector<PriceTable>& m_tables;
    std::vector<CheckedPoint> m_points;
};

}  // namespace

std::string_view checkKindName(CheckKind kind)
{
    switch (kind) {
    case CheckKind::Composed: return "composed";
    case CheckKind::Predicted: return "predicted";
    case CheckKind::Computed: return "computed";
    case CheckKind::Arithmetic: return "arithmetic";
    }
    return "unknown";
}

bool CheckedPoint::isExplained() const { return factor && std::max(model / published, published / model) <= *factor; }

std::vector<UncheckedPoint> uncheckedPoints()
{
    return {
        {"NPP", "464 TOPS/W", "abstract only: no operation, bits, node or breakdown; our model is calibrated to it, so it checks nothing"},
        {"Heterogeneous CIM edge processor, Nature 2025", "40.9 and 28.6 TFLOPS/W",
         "a whole chip, abstract only: no geometry and no breakdown"},
        {"AFPR-CIM", "19.9 TFLOPS/W", "abstract only: no geometry and no breakdown"},
        {"HERMES, 14 nm PCM", "10.5 TOPS/W a core", "quoted by a third party that counts one operation a MAC: 21 with two"}};
}

Result<std::vector<CheckedPoint>> energySelfCheck(const std::vector<PriceTable>& tables) { return SelfCheck(tables).run(); }

}  // namespace core
