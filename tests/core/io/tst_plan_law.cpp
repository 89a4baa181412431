// SPDX-License-Identifier: Apache-2.0
// What holds for every plan: it comes back from its file as it was, a damaged one is a problem or a plan like any other, and
// check() lists exactly what is wrong. A failure prints its seed.
#include "core/io/json_documents.h"
#include "core/io/json_object.h"
#include "core/io/plan_formats.h"
#include "core/plan/check.h"
#include "tests/core/plan/plan_cases.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <random>
#include <set>

using namespace core;

namespace {

/// Plans over the whole grammar.
class PlanMaker {
public:
    PlanMaker(unsigned seed, const std::vector<NumberFormat>& formats) : m_generator(seed), m_formats(formats) {}

    int below(int end) { return static_cast<int>(m_generator() % static_cast<unsigned>(end)); }
    bool coin() { return below(2) == 0; }
    template <class T>
    const T& oneOf(const std::vector<T>& list)
    {
        return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
    }

    Treatment treatment()
    {
        static const std::vector<std::string> scales{"tensor",    "row",        "group:64", "group:1",
                                                     "vector:16", "vector:9:3", "block:32", "block:16:e4m3"};
        static const std::vector<std::string> clips{"absmax", "mse", "percentile:99.9", "percentile:0.1"};
        return {oneOf(m_formats), ScaleRule::parse(oneOf(scales)).value(), ClipRule::parse(oneOf(clips)).value(),
                coin() ? 1 : 1 + below(kMostPoints)};
    }

    std::vector<std::uint8_t> choices(std::size_t count, std::size_t entries)
    {
        std::vector<std::uint8_t> result(count);
        for (std::uint8_t& choice : result)
            choice = static_cast<std::uint8_t>(coin() && &choice != result.data() ? *(&choice - 1) : below(static_cast<int>(entries)));
        return result;
    }

    WeightPlan weights()
    {
        WeightPlan plan{{treatment()}, {}, {}, {}};
        const int kind = below(3);
        for (int more = below(6); kind > 0 && more > 0; --more)
            plan.palette.push_back(treatment());
        if (kind > 0)
            (kind == 1 ? plan.rows : plan.channels) = choices(1 + static_cast<std::size_t>(below(40)), plan.palette.size());
        for (int flips = coin() ? 0 : below(4); flips > 0; --flips)
            plan.flips.push_back({below(500), below(500), below(32)});
        return plan;
    }

    ActivationPlan activations()
    {
        static const std::vector<std::string> ranges{"max", "mse", "dynamic", "dynamic:token", "daq", "percentile:99.9", "percentile:12.5"};
        return {oneOf(m_formats), {ScaleRule::Kind::Tensor, 0}, RangeRule::parse(oneOf(ranges)).value()};
    }

    SurrogatePlan surrogate()
    {
        static const std::vector<SurrogateMethod> methods{SurrogateMethod::Svd, SurrogateMethod::Activation, SurrogateMethod::Fisher,
                                                          SurrogateMethod::Lqer, SurrogateMethod::Qera, SurrogateMethod::Trained};
        static const std::vector<std::string> devices{"own", "mean", "average:1", "average:64", "chip:1", "chip:262144"};
        return {below(600), oneOf(m_formats), oneOf(methods), coin() ? SurrogateInput::Exact : SurrogateInput::Quantized, 1 + below(1000),
                FitDevice::parse(oneOf(devices)).value()};
    }

    ArrayTreatment array()
    {
        static const std::vector<std::string> ranges{"full", "max", "mse", "percentile:99.9", "percentile:75"};
        ArrayTreatment array;
        array.rows = 1 + below(4096);
        array.columns = 1 + below(4096);
        array.inputBits = 1 + below(8);
        array.weightBits = 2 + below(7);
        array.bitsPerCell = 1 + below(8);
        array.mapping = coin() ? CellMapping::Differential : CellMapping::Offset;
        array.planes = coin() ? PlaneScheme::Input : PlaneScheme::InputAndWeight;
        array.adc = {below(17), ConverterRange::parse(oneOf(ranges)).value(), share(), share(), share(), coin()};
        array.variation = {static_cast<Variation::Model>(below(5)), share(), 0.5 + share(), {share(), -share(), share()}};
        array.readNoise = {coin() ? Variation::Model::Flicker : Variation::Model::Independent, share()};
        array.mapping = static_cast<CellMapping>(below(3));
        array.dacBits = 1 << below(4);
        array.drift = {coin() ? Drift::Model::Constant : Drift::Model::PhaseChange, 1e6 * share(), share(), share(), static_cast<Drift::Compensation>(below(3))};
        array.stuck = {share(), share()};
        array.onOffRatio = coin() ? 0.0 : 2.0 + share();
        array.wireOhms = share();
        array.onMicrosiemens = 1.0 + share();
        array.conversionNoise = {share(), share()};
        array.hybridLevels = below(17);
        array.chipSeed = (std::uint64_t{m_generator()} << 32) + m_generator();
        return array;
    }

    CorrectionPlan correction()
    {
        return {coin(), coin() ? WeightRounding::Nearest : WeightRounding::Adaptive, coin(), coin() ? CorrectionPlan{}.calibrationSamples : 1 + below(1000)};
    }

    ScorePlan scores()
    {
        return {{oneOf(m_formats), oneOf(std::vector(kProductRoundings.begin(), kProductRoundings.end())),
                 oneOf(std::vector(kSumOrders.begin(), kSumOrders.end())), coin() ? 0 : 1 + below(1000)},
                oneOf(m_formats),
                share()};
    }

    AccumulatorPlan accumulator()
    {
        AccumulatorPlan plan;
        switch (below(4)) {
        case 0: return plan;
        case 1:
            plan.integer = IntegerSumRule{kFewestSumBits + below(kMostSumBits - kFewestSumBits + 1),
                                          oneOf(std::vector(kIntegerOverflows.begin(), kIntegerOverflows.end()))};
            return plan;
        case 2:
            plan.mixed = MixedSum{oneOf(m_formats),
                                  share(),
                                  coin() ? MixedSum::Condition::Magnitude : MixedSum::Condition::Full,
                                  {},
                                  1 + below(64),
                                  oneOf(std::vector(kLastLayers.begin(), kLastLayers.end())),
                                  coin() ? 0 : share()};
            if (coin())
                plan.mixed->middle = MixedSum::Middle{oneOf(m_formats), 1 + share()};
            break;
        default: break;
        }
        plan.sum = {oneOf(m_formats), oneOf(std::vector(kProductRoundings.begin(), kProductRoundings.end())),
                    oneOf(std::vector(kSumOrders.begin(), kSumOrders.end())), coin() ? 0 : 1 + below(1000)};
        if (coin())
            plan.sum.combine = oneOf(m_formats);
        if (coin())
            plan.sum.randomBits = 1 + below(kMostRandomBits);
        plan.seed = coin() ? 1 : (std::uint64_t{m_generator()} << 32) + m_generator();
        return plan;
    }

    LayerPlan layer()
    {
        LayerPlan plan;
        if (coin())
            plan.weights = weights();
        if (coin())
            plan.activations = activations();
        if (coin())
            plan.accumulator = accumulator();
        if (coin())
            plan.scores = Switchable<ScorePlan>{coin() ? std::optional(scores()) : std::nullopt};
        if (coin())
            plan.surrogate = coin() ? Switchable<SurrogatePlan>{surrogate()} : Switchable<SurrogatePlan>{};
        if (coin())
            plan.cim = coin() ? Switchable<ArrayTreatment>{array()} : Switchable<ArrayTreatment>{};
        if (coin())
            plan.correction = coin() ? Switchable<CorrectionPlan>{correction()} : Switchable<CorrectionPlan>{};
        return plan;
    }

    PrecisionPlan plan()
    {
        static const std::vector<std::string> names{"", "conv1", "fc1", "a.b", "/model/layer \"3\"", "Gemm_0", "\xc3\xa9tage", "tab\tend"};
        PrecisionPlan plan;
        plan.name = oneOf(names);
        plan.network = {oneOf(names), oneOf(names)};
        plan.defaults = layer();
        for (int layers = below(4); layers > 0; --layers) {
            const std::string& name = oneOf(names);
            plan.layers[name] = layer();
            if (coin() && plan.defaults.weights)  // as the defaults but for one thing, or not at all
                plan.layers[name].weights = plan.defaults.weights;
            if (coin() && plan.layers[name].weights)
                plan.layers[name].weights->palette.front().points = 1;
        }
        return plan;
    }

private:
    double share() { return static_cast<double>(m_generator()) / 4294967295.0; }

    std::mt19937 m_generator;
    const std::vector<NumberFormat>& m_formats;
};

using FlawKey = std::tuple<std::string, std::string, std::optional<std::size_t>, std::optional<std::size_t>>;

FlawKey keyOf(const PlanFlaw& flaw)
{
    return {flaw.layer, flaw.field, flaw.row ? std::optional(flaw.row->value()) : std::nullopt,
            flaw.channel ? std::optional(flaw.channel->value()) : std::nullopt};
}

QString textOf(const std::multiset<FlawKey>& keys)
{
    QString text;
    for (const auto& [layer, field, row, channel] : keys)
        text += QString("%1|%2|%3|%4  ")
                    .arg(QString::fromStdString(layer), QString::fromStdString(field))
                    .arg(row ? static_cast<int>(*row) : -1)
                    .arg(channel ? static_cast<int>(*channel) : -1);
    return text;
}

/// Breaks sound orders of a layer in one way, and says what check() is to find.
FlawKey breakWeights(PlanMaker& maker, const WeightedLayer& layer, WeightPlan& weights)
{
    const bool isOverRows = !weights.rows.empty();
    std::vector<std::uint8_t>& choices = isOverRows ? weights.rows : weights.channels;
    const std::string field = isOverRows ? "weights.rows" : "weights.channels";
    const auto entry = static_cast<std::size_t>(maker.below(static_cast<int>(weights.palette.size())));
    const std::string ofEntry = "weights.palette[" + std::to_string(entry) + "]";
    switch (maker.below(9)) {
    case 0: {
        const auto at = static_cast<std::size_t>(maker.below(static_cast<int>(choices.size())));
        choices[at] = static_cast<std::uint8_t>(weights.palette.size() + static_cast<std::size_t>(maker.below(200)));
        return {layer.name, field, isOverRows ? std::optional(at) : std::nullopt, isOverRows ? std::nullopt : std::optional(at)};
    }
    case 1: choices.push_back(0); return {layer.name, field, {}, {}};
    case 2:
        weights.rows.clear();
        weights.channels.clear();
        return {layer.name, "weights.rows", {}, {}};
    case 3:
        (isOverRows ? weights.channels : weights.rows).assign(static_cast<std::size_t>(isOverRows ? layer.channels() : layer.rows), 0);
        return {layer.name, "weights.channels", {}, {}};
    case 4: weights.palette[entry].points = maker.coin() ? 0 : kMostPoints + 1; return {layer.name, ofEntry + ".points", {}, {}};
    case 5: weights.palette[entry].scale = {ScaleRule::Kind::Group, 0}; return {layer.name, ofEntry + ".scale", {}, {}};
    case 6: weights.palette[entry].clip = {ClipRule::Kind::Percentile, std::nan("")}; return {layer.name, ofEntry + ".clip", {}, {}};
    case 7: weights.flips.push_back({layer.rows, 0, 0}); return {layer.name, "weights.flips[1]", {}, {}};
    default: weights.flips.push_back({1, maker.coin() ? layer.columns : -1, 0}); return {layer.name, "weights.flips[1]", 1, {}};
    }
}

}  // namespace

class TestPlanLaw : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::vector<NumberFormat> m_formats;

    Result<PrecisionPlan> read(const std::string& text) const
    {
        CORE_TRY(const Json document, parseJson(text));
        return planFromJson(document, m_folder.path().toStdString());
    }

private slots:
    void initTestCase();
    void everyPlanSurvivesARoundTrip();
    void aDamagedPlanIsAProblemOrAPlan();
    void everyFlawIsListedAndNothingElse();
};

void TestPlanLaw::initTestCase()
{
    QFile book(m_folder.filePath("book.txt"));
    QVERIFY(book.open(QIODevice::WriteOnly) && book.write("-2\n-0.25\n0\n0.125\n3\n") > 0);
    book.close();
    for (const CatalogueEntry& entry : formatCatalogue())
        m_formats.push_back(entry.format);
    for (const char* name : {"e5m10ieee", "e1m1", "uint16", "int7", "pot8", "odd8", "codebook:book.txt"})
        m_formats.push_back(formatNamed(name, m_folder.path().toStdString()).value());
}

void TestPlanLaw::everyPlanSurvivesARoundTrip()
{
    for (unsigned seed = 0; seed < 10'000; ++seed) {
        const PrecisionPlan plan = PlanMaker(seed, m_formats).plan();
        const std::string text = planToJson(plan).dump();
        const auto again = read(text);
        QVERIFY2(again, qPrintable(QString("seed %1: %2").arg(seed).arg(again ? QString() : QString::fromStdString(again.error().text()))));
        QVERIFY2(again.value() == plan, qPrintable(QString("seed %1: %2").arg(seed).arg(QString::fromStdString(text))));
        QVERIFY2(planToJson(again.value()).dump() == text, qPrintable(QString("seed %1").arg(seed)));
    }
}

void TestPlanLaw::aDamagedPlanIsAProblemOrAPlan()
{
    const auto layers = plan_cases::lenet();
    const std::vector<Json> values{nullptr,
                                   -1,
                                   0,
                                   255,
                                   256,
                                   1e300,
                                   0.5,
                                   true,
                                   "",
                                   "row",
                                   "0*3,1*3",
                                   "codebook:none",
                                   "dynamic",
                                   Json::array(),
                                   Json::object(),
                                   Json::array({0, 1})};
    int plans = 0, problems = 0;
    for (unsigned seed = 0; seed < 4'000; ++seed) {
        PlanMaker maker(seed, m_formats);
        const PrecisionPlan original = maker.plan();
        std::string text;
        if (maker.coin()) {  // a value somewhere is another
            Json flat = planToJson(original).flatten();
            const auto at = static_cast<std::ptrdiff_t>(maker.below(static_cast<int>(flat.size())));
            *std::next(flat.begin(), at) = maker.oneOf(values);
            try {
                text = flat.unflatten().dump();
            } catch (const Json::exception&) {  // only values that are no containers can be put back
                continue;
            }
        } else {  // a few bytes are others
            text = planToJson(original).dump();
            for (int edits = 1 + maker.below(3); edits > 0; --edits)
                text[static_cast<std::size_t>(maker.below(static_cast<int>(text.size())))] = static_cast<char>(32 + maker.below(95));
        }
        const auto plan = read(text);
        if (!plan) {
            ++problems;
            QVERIFY2(!plan.error().message.empty(), qPrintable(QString("seed %1").arg(seed)));
            continue;
        }
        ++plans;
        for (const PlanFlaw& flaw : check(plan.value(), layers, "lenet5-mnist", "xxh3:12"))
            QVERIFY(!flaw.text().empty());
        for (const PlanChange& change : diff(original, plan.value()))
            QVERIFY(!change.text().empty());
        for (const WeightedLayer& layer : layers)
            QVERIFY(!treatmentText(resolve(plan.value(), layer.name)).empty());
        const auto again = read(planToJson(plan.value()).dump());
        QVERIFY2(again && again.value() == plan.value(), qPrintable(QString("seed %1: %2").arg(seed).arg(QString::fromStdString(text))));
    }
    QVERIFY(plans > 100 && problems > 100);
}

void TestPlanLaw::everyFlawIsListedAndNothingElse()
{
    const auto layers = plan_cases::lenet();
    for (unsigned seed = 0; seed < 2'000; ++seed) {
        PlanMaker maker(seed, m_formats);
        PrecisionPlan plan;
        std::multiset<FlawKey> wanted;
        for (const WeightedLayer& layer : layers) {
            LayerPlan& own = plan.layers[layer.name];
            own.weights = WeightPlan{{maker.treatment(), maker.treatment(), maker.treatment()}, {}, {}, {{0, 0, 0}}};
            const bool isOverRows = maker.coin();
            (isOverRows ? own.weights->rows : own.weights->channels) =
                maker.choices(static_cast<std::size_t>(isOverRows ? layer.rows : layer.channels()), 3);
            if (maker.coin())
                wanted.insert(breakWeights(maker, layer, *own.weights));
            if (maker.coin()) {
                own.activations =
                    ActivationPlan{plan_cases::format("e4m3"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Percentile, 0}};
                wanted.insert({layer.name, "activations.range", {}, {}});
            }
            if (maker.coin()) {
                own.surrogate = Switchable<SurrogatePlan>{maker.surrogate()};
                own.surrogate->value->rank = maker.coin() ? -1 : std::min(layer.rows, layer.columns) + 1;
                wanted.insert({layer.name, "surrogate.rank", {}, {}});
                if (own.surrogate->value->method == SurrogateMethod::Trained)   // without a file to take its paths from
                    wanted.insert({layer.name, "surrogate.paths", {}, {}});
            }
            if (maker.coin()) {
                own.cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
                own.cim->value->adc.bits = 17;
                wanted.insert({layer.name, "cim.adc.bits", {}, {}});
            }
            if (maker.coin()) {  // an array takes a correction of its bias alone
                own.correction = Switchable<CorrectionPlan>{maker.correction()};
                own.correction->value->calibrationSamples = -maker.below(2);
                wanted.insert({layer.name, "correction.calibration_samples", {}, {}});
                if (own.cim && own.correction->value->rounding == WeightRounding::Adaptive)
                    wanted.insert({layer.name, "correction.rounding", {}, {}});
                if (own.cim && own.correction->value->equalize)
                    wanted.insert({layer.name, "correction.equalize", {}, {}});
            }
            if (maker.coin()) {
                own.accumulator = AccumulatorPlan{{plan_cases::format("int4")}};
                wanted.insert({layer.name, "accumulator.format", {}, {}});
                if (own.cim)  // whose converters add up
                    wanted.insert({layer.name, "accumulator", {}, {}});
            }
        }
        if (maker.coin()) {
            plan.layers["gone"].accumulator = AccumulatorPlan{};
            wanted.insert({"gone", "", {}, {}});
        }
        if (maker.coin()) {
            plan.network.name = "other";
            wanted.insert({"", "network.name", {}, {}});
        }
        std::multiset<FlawKey> found;
        for (const PlanFlaw& flaw : check(plan, layers, "lenet5-mnist", "xxh3:12"))
            found.insert(keyOf(flaw));
        QVERIFY2(found == wanted, qPrintable(QString("seed %1\nfound  %2\nwanted %3").arg(seed).arg(textOf(found), textOf(wanted))));
    }
}

QTEST_APPLESS_MAIN(TestPlanLaw)
#include "tst_plan_law.moc"
