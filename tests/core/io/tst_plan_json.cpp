// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"
#include "core/io/json_object.h"
#include "core/plan/check.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace core;

namespace {

Result<PrecisionPlan> parsed(const std::string& text)
{
    CORE_TRY(const Json document, parseJson(text));
    return planFromJson(document);
}

std::string withDefault(const std::string& body) { return R"({"schema": "polarizer.plan/1", "default": )" + body + "}"; }

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

}  // namespace

class TestPlanJson : public QObject {
    Q_OBJECT

private slots:
    void everyPresetSurvivesARoundTrip_data();
    void everyPresetSurvivesARoundTrip();
    void aPlanOfManyKindsSurvivesARoundTrip();
    void aLayerInheritsWhatItLeavesOut();
    void aLayersCorrectionDiffersInWhatItNames();
    void onlyWhatDiffersIsWritten();
    void nullSwitchesOff();
    void runsAndListsSayTheSame();
    void theShorterFormIsWritten();
    void idealEffectsMayBeWrittenDown();
    void aLayerMayUndoTheFlipsOfTheDefaults();
    void theExampleOfTheDesignIsRead();
    void aCodebookIsReadFromItsFile_data();
    void aCodebookIsReadFromItsFile();
    void aBadCodebookIsAProblem_data();
    void aBadCodebookIsAProblem();
    void aBadPlanIsAProblem_data();
    void aBadPlanIsAProblem();
    void aFileIsWrittenWholeAndReadBack();
    void aProblemNamesTheFile();
};

void TestPlanJson::everyPresetSurvivesARoundTrip_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < planPresets().size(); ++i)
        QTest::newRow(planPresets()[i].name.c_str()) << static_cast<int>(i);
}

void TestPlanJson::everyPresetSurvivesARoundTrip()
{
    QFETCH(int, index);
    const PrecisionPlan& plan = planPresets()[static_cast<std::size_t>(index)].plan;
    const auto again = parsed(planToJson(plan).dump());
    QVERIFY2(again, again ? "" : again.error().text().c_str());
    QVERIFY(again.value() == plan);
}

void TestPlanJson::aPlanOfManyKindsSurvivesARoundTrip()
{
    PrecisionPlan plan;
    plan.name = "all kinds";
    plan.network = {"lenet5-mnist", "xxh3:0123"};
    plan.defaults.weights =
        WeightPlan{{Treatment{format("nf4"), {ScaleRule::Kind::Group, 64}, {ClipRule::Kind::Percentile, 99.5}}}, {}, {}, {}};
    plan.defaults.surrogate =
        Switchable<SurrogatePlan>{SurrogatePlan{3, format("int8"), SurrogateMethod::Svd, SurrogateInput::Quantized, 17}};
    plan.layers["same as default"].weights = plan.defaults.weights;
    plan.layers["plain"].weights = WeightPlan{};
    plan.layers["mixed"].weights =
        WeightPlan{{Treatment{format("pot4"), {}, {}}, Treatment{format("int8"), {}, ClipRule::parse("mse").value()}},
                   {0, 1, 1, 0, 0, 0, 0, 0, 0, 0},
                   {},
                   {{3, 24, 0}, {0, 1, 7}}};
    plan.layers["channels"].weights =
        WeightPlan{{Treatment{format("odd2"), {}, {}, 3}, Treatment{format("odd4"), {}, {}}}, {}, {1, 1, 1, 0, 1}, {}};
    plan.layers["points"].weights = WeightPlan{{Treatment{format("int2"), {ScaleRule::Kind::Vector, 16, 4}, {}, 2}}, {}, {}, {{0, 0, 1}}};
    plan.layers["dynamic"].activations =
        ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, RangeRule::parse("dynamic:token").value()};
    plan.layers["off"].surrogate = Switchable<SurrogatePlan>{};
    plan.layers["averaged"].surrogate = Switchable<SurrogatePlan>{
        SurrogatePlan{2, format("bf16"), SurrogateMethod::Fisher, SurrogateInput::Exact, 64, FitDevice::parse("average:16").value()}};
    plan.layers["off"].cim = Switchable<ArrayTreatment>{};
    ArrayTreatment array;
    array.rows = 128;
    array.adc = {0, ConverterRange::parse("full").value()};
    array.variation = {Variation::Model::Independent, 0.05};
    array.readNoise.sigma = 0.1 + 0.2;  // not a short decimal
    array.mapping = CellMapping::Offset;
    array.planes = PlaneScheme::Input;
    array.chipSeed = 0xffffffffffffffff;
    plan.layers["array.with/odd \"name\""].cim = Switchable<ArrayTreatment>{array};
    plan.layers["activations"].activations = ActivationPlan{format("uint8"), {ScaleRule::Kind::Tensor, 0}, RangeRule::parse("mse").value()};
    plan.layers["accumulator"].accumulator = AccumulatorPlan{};
    plan.layers["scores"].scores = Switchable<ScorePlan>{
        ScorePlan{{format("e4m3"), ProductRounding::Rounded, SumOrder::Kahan, 8}, format("bf16"), 0.25}};
    plan.layers["no scores"].scores = Switchable<ScorePlan>{};
    plan.layers["sum"].accumulator =
        AccumulatorPlan{{format("e4m3"), ProductRounding::Float32, SumOrder::Kahan, 8, format("bf16"), 7}, {}, {}, 0xffffffffffffffff};
    plan.layers["integer"].accumulator = AccumulatorPlan{{}, IntegerSumRule{16, IntegerOverflow::Saturate}, {}};
    plan.layers["mixed"].accumulator = AccumulatorPlan{
        {format("e4m3ieee"), ProductRounding::Fused, SumOrder::Sequential, 8},
        {},
        MixedSum{format("fp16"), 0.3, MixedSum::Condition::Full, MixedSum::Middle{format("bf16"), 3.5}, 4, MixedSum::LastLayer::Margin, 0}};
    plan.layers["static"].accumulator = AccumulatorPlan{
        {format("e4m3"), ProductRounding::Rounded}, {}, MixedSum{format("fp32"), 0.1, {}, {}, 1, MixedSum::LastLayer::Rectified, 0.4}};
    plan.layers["corrected"].correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Adaptive, true, 96}};
    plan.layers["corrected and off"].correction = Switchable<CorrectionPlan>{CorrectionPlan{}};
    plan.layers["not corrected"].correction = Switchable<CorrectionPlan>{};
    plan.layers["nothing"] = {};
    const auto again = parsed(planToJson(plan).dump());
    QVERIFY2(again, again ? "" : again.error().text().c_str());
    QCOMPARE(QString::fromStdString(planToJson(again.value()).dump(1)), QString::fromStdString(planToJson(plan).dump(1)));
    QVERIFY(again.value() == plan);
}

void TestPlanJson::aLayerInheritsWhatItLeavesOut()
{
    const auto plan = parsed(R"({"schema": "polarizer.plan/1",
        "default": {"weights": {"format": "int4", "scale": "group:32"}, "surrogate": {"rank": 8, "format": "fp16", "method": "svd"}},
        "layers": {"fc1": {"weights": {"format": "int8"}, "surrogate": {"rank": 2}}}})");
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
    const LayerTreatment treatment = resolve(plan.value(), "fc1");
    QCOMPARE(treatment.weights.palette.front().format.name(), std::string("int8"));
    QCOMPARE(treatment.weights.palette.front().scale.text(), std::string("group:32"));
    QCOMPARE(treatment.surrogate->rank, 2);
    QCOMPARE(treatment.surrogate->method, SurrogateMethod::Svd);
    QCOMPARE(treatment.surrogate->format.name(), std::string("fp16"));
}

void TestPlanJson::aLayersCorrectionDiffersInWhatItNames()
{
    const std::string text =
        R"({"schema":"polarizer.plan/1","default":{"correction":{"bias":true,"rounding":"adaptive"}},"layers":{"a":{"correction":{"rounding":"nearest","equalize":true}},"b":{"correction":null}}})";
    const auto plan = parsed(text);
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
    QCOMPARE(*resolve(plan.value(), "a").correction, (CorrectionPlan{true, WeightRounding::Nearest, true, 256}));
    QVERIFY(!resolve(plan.value(), "b").correction);
    QCOMPARE(*resolve(plan.value(), "c").correction, (CorrectionPlan{true, WeightRounding::Adaptive, false, 256}));
    QCOMPARE(planToJson(plan.value()).dump(), text);
}

void TestPlanJson::onlyWhatDiffersIsWritten()
{
    const auto plan = parsed(
        R"({"schema": "polarizer.plan/1", "default": {"surrogate": {"rank": 8, "method": "svd"}}, "layers": {"a": {"surrogate": {"rank": 2, "method": "svd"}}}})");
    QVERIFY(plan);
    QCOMPARE(
        planToJson(plan.value()).dump(),
        std::string(
            R"({"schema":"polarizer.plan/1","default":{"surrogate":{"rank":8,"method":"svd"}},"layers":{"a":{"surrogate":{"rank":2}}}})"));
}

void TestPlanJson::nullSwitchesOff()
{
    const auto plan = parsed(
        R"({"schema": "polarizer.plan/1", "default": {"surrogate": {"rank": 8}, "cim": {}}, "layers": {"a": {"surrogate": null, "cim": null}}})");
    QVERIFY(plan);
    QVERIFY(!resolve(plan.value(), "a").surrogate);
    QVERIFY(!resolve(plan.value(), "a").cim);
    QVERIFY(resolve(plan.value(), "b").surrogate);
    QVERIFY(resolve(plan.value(), "b").cim);
}

void TestPlanJson::runsAndListsSayTheSame()
{
    const auto text = [](const char* rows) {
        return withDefault(
            std::string(R"({"weights": {"palette": [{"format": "pot4"}, {"format": "int4"}, {"format": "int8"}], "rows": )") + rows + "}}");
    };
    const auto list = parsed(text("[0, 0, 0, 2, 1, 1]")), runs = parsed(text("\"0*3,2,1*2\""));
    QVERIFY(list && runs);
    QVERIFY(list.value() == runs.value());
    QCOMPARE(list.value().defaults.weights->rows, (std::vector<std::uint8_t>{0, 0, 0, 2, 1, 1}));
}

void TestPlanJson::theShorterFormIsWritten()
{
    PrecisionPlan plan;
    plan.defaults.weights =
        WeightPlan{{Treatment{format("int4"), {}, {}}, Treatment{format("int8"), {}, {}}}, std::vector<std::uint8_t>(12, 0), {}, {}};
    plan.defaults.weights->rows.insert(plan.defaults.weights->rows.end(), 4, 1);
    QCOMPARE(planToJson(plan)["default"]["weights"]["rows"].dump(), std::string("\"0*12,1*4\""));
    plan.defaults.weights->rows = {0, 1};
    QCOMPARE(planToJson(plan)["default"]["weights"]["rows"].dump(), std::string("[0,1]"));
}

void TestPlanJson::idealEffectsMayBeWrittenDown()
{
    const auto plan = parsed(withDefault(R"({"accumulator": {"format": "fp32", "rounding": "nearest"},
        "cim": {"adc": {"bits": 6, "inl_lsb": 0.0, "offset_lsb": 0, "gain_sigma": 0.0}, "drift": {"seconds": 0, "nu": 0.05, "nu_sigma": 0.01},
                "stuck": {"on": 0.0, "off": 0.0}, "wire_ohms": 0.0, "on_off_ratio": null, "hybrid_levels": 0, "conversion_noise": {"thermal": 0, "nonlinear": 0}}})"));
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
}

void TestPlanJson::aLayerMayUndoTheFlipsOfTheDefaults()
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format("int4"), {}, {}, 2}}, {}, {}, {{0, 0, 3}}};
    plan.layers["same"].weights = plan.defaults.weights;
    plan.layers["none"].weights = WeightPlan{{Treatment{format("int4"), {}, {}}}, {}, {}, {}};
    const Json json = planToJson(plan);
    QCOMPARE(json["layers"]["same"]["weights"].dump(), std::string(R"({"format":"int4"})"));
    QCOMPARE(json["layers"]["none"]["weights"].dump(), std::string(R"({"format":"int4","points":1,"flips":[]})"));
    QVERIFY(parsed(json.dump()).value() == plan);
}

/// design.md, section 5, without the effects of arrays that this version refuses by name.
void TestPlanJson::theExampleOfTheDesignIsRead()
{
    const auto plan = parsed(R"({
      "schema": "polarizer.plan/1",
      "name": "NF4 main path, rank 8",
      "network": {"name": "lenet5-mnist", "hash": "xxh3:9f2c"},
      "default": {
        "weights":     {"format": "nf4", "scale": "group:64", "clip": "absmax"},
        "activations": {"format": "int8", "scale": "tensor", "range": "percentile:99.9"},
        "accumulator": {"format": "fp32"},
        "surrogate":   {"rank": 8, "format": "fp16", "method": "activation"}
      },
      "layers": {
        "conv1": {"weights": {"format": "int8", "scale": "row"}, "surrogate": null},
        "fc1":   {"weights": {"palette": [{"format": "pot4", "scale": "row"}, {"format": "int4", "scale": "row"}, {"format": "int8", "scale": "row"}],
                              "rows": [0, 0, 1, 2, 0, 1]}},
        "fc2":   {"weights": {"palette": [{"format": "int1"}, {"format": "int2"}, {"format": "int4"}], "channels": [2, 1, 1, 0]}},
        "conv2": {"cim": {"array": {"rows": 128, "columns": 128}, "input_bits": 8, "weight_bits": 4, "bits_per_cell": 1,
                          "mapping": "differential", "planes": "input+weight",
                          "adc": {"bits": 6, "range": "percentile:99.9", "inl_lsb": 0.0, "offset_lsb": 0.0, "gain_sigma": 0.0},
                          "variation": {"model": "proportional", "sigma": 0.05},
                          "read_noise": {"model": "proportional", "sigma": 0.02},
                          "drift": {"seconds": 0, "nu": 0.05, "nu_sigma": 0.01},
                          "stuck": {"on": 0.0, "off": 0.0}, "wire_ohms": 0.0,
                          "chip_seed": 1}},
        "fc3":   {"accumulator": {"mixed": {"low": "e4m3", "high": "fp16", "tolerance": 0.1}}}
      }
    })");
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
    QCOMPARE(resolve(plan.value(), "fc2").weights.channels, (std::vector<std::uint8_t>{2, 1, 1, 0}));
    QCOMPARE(resolve(plan.value(), "fc2").weights.palette.front().format.name(), std::string("int1"));
}

namespace {

/// A plan beside a book of the name "sub/my book.txt", as a file.
struct BookCase {
    QTemporaryDir folder;
    explicit BookCase(const QByteArray& book)
    {
        QDir(folder.path()).mkdir("sub");
        write("sub/my book.txt", book);
        write("p.plan.json",
              R"({"schema": "polarizer.plan/1", "default": {"weights": {"format": "codebook:sub/my book.txt", "scale": "row"}}})");
    }
    Result<PrecisionPlan> read() const { return readPlan(folder.filePath("p.plan.json").toStdString()); }

private:
    void write(const QString& name, const QByteArray& content) const
    {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
    }
};

}  // namespace

void TestPlanJson::aCodebookIsReadFromItsFile_data()
{
    QTest::addColumn<QByteArray>("book");
    QTest::newRow("lines") << QByteArray("-1.5\n-0.5\n0\n0.25\n2e0\n");
    QTest::newRow("lines of another system, without the last end") << QByteArray("-1.5\r\n-0.5\r\n-0\r\n+0.25\r\n2");
    QTest::newRow("lines with remarks") << QByteArray("# my levels\n\n  -1.5\n-0.5 \n\t0\n# the upper ones\n.25\n2\n");
    QTest::newRow("a list") << QByteArray(" [-1.5, -0.5,\n 0, 0.25, 2]\n");
}

void TestPlanJson::aCodebookIsReadFromItsFile()
{
    QFETCH(QByteArray, book);
    const BookCase files(book);
    const auto plan = files.read();
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
    const NumberFormat& read = plan.value().defaults.weights->palette.front().format;
    QCOMPARE(read.name(), std::string("codebook:sub/my book.txt"));
    QCOMPARE(read.levels(), (std::vector<float>{-1.5f, -0.5f, 0.0f, 0.25f, 2.0f}));
    QVERIFY(!std::signbit(read.levels()[2]));
    QCOMPARE(read.storageBits(), 3.0);
    QCOMPARE(planToJson(plan.value())["default"]["weights"]["format"].dump(), std::string("\"codebook:sub/my book.txt\""));
    QVERIFY(planFromJson(planToJson(plan.value()), files.folder.path().toStdString()).value() == plan.value());
}

void TestPlanJson::aBadCodebookIsAProblem_data()
{
    QTest::addColumn<QByteArray>("book");
    QTest::addColumn<QString>("problem");
    QTest::newRow("empty") << QByteArray("") << ": is empty; wanted levels, one a line or a JSON list";
    QTest::newRow("remarks only") << QByteArray("# nothing\n") << ": holds no level; wanted 2 to 65536 levels, one a line or a JSON list";
    QTest::newRow("one level") << QByteArray("0.5\n") << ": holds one level; wanted 2 to 65536 levels, one a line or a JSON list";
    QTest::newRow("an empty list") << QByteArray("[]") << ": holds no level; wanted 2 to 65536 levels, one a line or a JSON list";
    QTest::newRow("text") << QByteArray("-1\nhalf\n1\n") << ": line 2: found \"half\"; wanted one number a line";
    QTest::newRow("two in a line") << QByteArray("-1 1\n") << ": line 1: found \"-1 1\"; wanted one number a line";
    QTest::newRow("twice") << QByteArray("-1\n0.5\n0.5\n") << ": line 3: the level 0.5 stands twice (as 32-bit floats); wanted each once";
    QTest::newRow("twice as a float") << QByteArray("[1, 1.00000000001]")
                                      << ": [1]: the level 1.00000000001 stands twice (as 32-bit floats); wanted each once";
    QTest::newRow("unsorted") << QByteArray("-1\n1\n0.5\n")
                              << ": line 3: the level 0.5 is below 1 before it; wanted levels in ascending order";
    QTest::newRow("not a number") << QByteArray("-1\nnan\n") << ": line 2: found nan; wanted a finite 32-bit float";
    QTest::newRow("infinite") << QByteArray("-1\ninf\n") << ": line 2: found inf; wanted a finite 32-bit float";
    QTest::newRow("beyond a float") << QByteArray("[0, 1e39]") << ": [1]: found 1e+39; wanted a finite 32-bit float";
    QTest::newRow("beyond a double") << QByteArray("0\n1e999\n") << ": line 2: found 1e999; wanted a finite 32-bit float";
    QTest::newRow("text in a list") << QByteArray("[0, \"one\"]") << ": [1]: found \"one\"; wanted a number";
    QTest::newRow("a null in a list") << QByteArray("[0, null]") << ": [1]: found null; wanted a number";
}

void TestPlanJson::aBadCodebookIsAProblem()
{
    QFETCH(QByteArray, book);
    QFETCH(QString, problem);
    const BookCase files(book);
    const auto plan = files.read();
    QVERIFY(!plan);
    QCOMPARE(QString::fromStdString(plan.error().text()),
             files.folder.filePath("p.plan.json") + ": default.weights.format: " + files.folder.filePath("sub/my book.txt") + problem);
}

void TestPlanJson::aBadPlanIsAProblem_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char* name, const std::string& text, const char* problem) {
        QTest::newRow(name) << QString::fromStdString(text) << problem;
    };
    const auto layer = [](const std::string& body) { return R"({"schema": "polarizer.plan/1", "layers": {"conv1": )" + body + "}}"; };
    const std::string palette = R"({"weights": {"palette": [{"format": "int4"}, {"format": "int8"}])";
    row("no object", "[]", "found a list of 0; wanted an object");
    row("no schema", "{}", "schema: missing");
    row("another schema", R"({"schema": "polarizer.report/1"})", "schema: found \"polarizer.report/1\"; wanted \"polarizer.plan/1\"");
    row("unknown at the top", R"({"schema": "polarizer.plan/1", "layer": {}})",
        "layer: unknown key; wanted one of schema, name, network, default, layers");
    row("unknown in a layer", layer(R"({"weights": {"format": "int4", "scael": "row"}})"),
        "layers.conv1.weights.scael: unknown key; wanted one of format, scale, clip, points, palette, rows, channels, flips");
    row("weights are a text", withDefault(R"({"weights": "int4"})"), "default.weights: found \"int4\"; wanted an object");
    row("no format", withDefault(R"({"weights": {"scale": "row"}})"), "default.weights.format: missing");
    row("a number as format", withDefault(R"({"weights": {"format": 4}})"), "default.weights.format: found 4; wanted text");
    row("negative rank", layer(R"({"surrogate": {"rank": -1}})"),
        "layers.conv1.surrogate.rank: found -1; wanted a whole number of 0 to 1048576");
    row("half a rank", layer(R"({"surrogate": {"rank": 1.5}})"),
        "layers.conv1.surrogate.rank: found 1.5; wanted a whole number of 0 to 1048576");
    row("no rank", layer(R"({"surrogate": {"method": "svd"}})"), "layers.conv1.surrogate.rank: missing");
    row("no rounding at all", layer(R"({"correction": {"rounding": "up"}})"),
        "layers.conv1.correction.rounding: found \"up\"; wanted one of nearest, adaptive");
    row("a correction that is no switch", layer(R"({"correction": {"bias": 1}})"), "layers.conv1.correction.bias: found 1; wanted true or false");
    row("a correction of a strange kind", layer(R"({"correction": {"gain": true}})"),
        "layers.conv1.correction.gain: unknown key; wanted one of bias, rounding, equalize, calibration_samples");
    row("a correction from nothing", layer(R"({"correction": {"calibration_samples": 0}})"),
        "layers.conv1.correction.calibration_samples: found 0; wanted a whole number of 1 to 1048576");
    row("a device of no kind", layer(R"({"surrogate": {"rank": 1, "fit_on": "average:0"}})"),
        "layers.conv1.surrogate.fit_on: found \"average:0\"; wanted own, mean, average:N with 1 to 64 chips, or chip:K");
    row("paths that are not there", layer(R"({"surrogate": {"rank": 1, "method": "trained", "paths": "nowhere.npz"}})"),
        "layers.conv1.surrogate.paths: nowhere.npz: there is no such file");
    row("no method at all", layer(R"({"surrogate": {"rank": 1, "method": "magic"}})"),
        "layers.conv1.surrogate.method: found \"magic\"; wanted one of svd, activation, fisher, lqer, qera, trained");
    row("an index beyond a byte", layer(palette + R"(, "rows": [0, 1, 256]}})"),
        "layers.conv1.weights.rows[2]: found 256; wanted a whole number of 0 to 255");
    row("a run beyond a byte", layer(palette + R"(, "channels": "0*5,256*2"}})"),
        "layers.conv1.weights.channels: found the run \"256*2\"; wanted INDEX*COUNT, as in \"0*12,2*4\"");
    row("a bad run", layer(palette + R"(, "rows": "0*5,1*x"}})"),
        "layers.conv1.weights.rows: found the run \"1*x\"; wanted INDEX*COUNT, as in \"0*12,2*4\"");
    row("an endless run", layer(palette + R"(, "rows": "0*99999999999"}})"),
        "layers.conv1.weights.rows: the runs add up to more than 1048576 rows");
    row("an empty run", layer(palette + R"(, "rows": ""}})"),
        "layers.conv1.weights.rows: found the run \"\"; wanted INDEX*COUNT, as in \"0*12,2*4\"");
    row("a palette without rows", layer(palette + "}}"),
        "layers.conv1.weights.rows: missing; a palette wants an index for each row, or \"channels\" with one for each input channel");
    row("no channel at all", layer(palette + R"(, "channels": []}})"),
        "layers.conv1.weights.channels: is an empty list; wanted one palette index per input channel");
    row("an empty palette", layer(R"({"weights": {"palette": []}})"),
        "layers.conv1.weights.palette: found a list of 0; wanted a list of 1 to 256 treatments");
    row("a palette and a format", layer(palette + R"(, "format": "int4"}})"),
        "layers.conv1.weights.format: stands beside a palette; wanted it inside the palette's entries");
    row("rows without a palette", layer(R"({"weights": {"format": "int4", "rows": [0]}})"),
        "layers.conv1.weights.rows: needs a palette to choose from");
    row("channels without a palette", layer(R"({"weights": {"format": "int4", "channels": "0*3"}})"),
        "layers.conv1.weights.channels: needs a palette to choose from");
    row("no point", layer(R"({"weights": {"format": "int4", "points": 0}})"),
        "layers.conv1.weights.points: found 0; wanted a whole number of 1 to 1073741824");
    row("points beside a palette", layer(palette + R"(, "rows": "0*2", "points": 2}})"),
        "layers.conv1.weights.points: stands beside a palette; wanted it inside the palette's entries");
    row("half a point in a palette", layer(R"({"weights": {"palette": [{"format": "int2", "points": 1.5}]}})"),
        "layers.conv1.weights.palette[0].points: found 1.5; wanted a whole number of 1 to 1073741824");
    row("flips in a palette", layer(R"({"weights": {"palette": [{"format": "int2", "flips": []}]}})"),
        "layers.conv1.weights.palette[0].flips: unknown key; wanted one of format, scale, clip, points");
    row("one flip", layer(R"({"weights": {"format": "int4", "flips": {"row": 1}}})"),
        "layers.conv1.weights.flips: found an object; wanted a list of {\"row\", \"column\", \"bit\"}");
    row("a flip of nothing", layer(R"({"weights": {"format": "int4", "flips": [{"row": 1, "column": 2}]}})"),
        "layers.conv1.weights.flips[0].bit: missing");
    row("a flip too many", layer(R"({"weights": {"format": "int4", "flips": [{"row": 1, "column": 2, "bit": 0, "times": 2}]}})"),
        "layers.conv1.weights.flips[0].times: unknown key; wanted one of row, column, bit");
    row("a flip before the first",
        layer(R"({"weights": {"format": "int4", "flips": [{"row": 0, "column": 0, "bit": 0}, {"row": -1, "column": 0, "bit": 0}]}})"),
        "layers.conv1.weights.flips[1].row: found -1; wanted a whole number of 0 to 1073741824");
    row("a codebook of no file", layer(R"({"weights": {"format": "codebook:"}})"),
        "layers.conv1.weights.format: \"codebook:\" names no file; wanted codebook:FILE");
    row("half a mixed accumulator", layer(R"({"accumulator": {"mixed": {"low": "e4m3"}}})"),
        "layers.conv1.accumulator.mixed.high: missing");
    row("scores of no low format", layer(R"({"scores": {"high": "fp16"}})"), "layers.conv1.scores.low: missing");
    row("scores of a negative tolerance", layer(R"({"scores": {"low": "e4m3", "tolerance": -1}})"),
        "layers.conv1.scores.tolerance: found -1; wanted a number of 0 to 1e+300");
    row("two accumulators", layer(R"({"accumulator": {"format": "fp16", "mixed": {"low": "e4m3", "high": "fp16"}}})"),
        "layers.conv1.accumulator.format: stands beside \"mixed\", which names its own; wanted one of the two");
    row("an accumulator of no bits", layer(R"({"accumulator": {"integer": {"bits": 7}}})"),
        "layers.conv1.accumulator.integer.bits: found 7; wanted a whole number of 8 to 32");
    row("an integer in blocks", layer(R"({"accumulator": {"integer": {"bits": 16}, "block": 8}})"),
        "layers.conv1.accumulator.block: unknown key; wanted one of integer");
    row("an overflow of another kind", layer(R"({"accumulator": {"integer": {"bits": 16, "overflow": "trap"}}})"),
        "layers.conv1.accumulator.integer.overflow: found \"trap\"; wanted one of wrap, saturate");
    row("chance unasked for", layer(R"({"accumulator": {"format": "fp16", "random_bits": 4}})"),
        "layers.conv1.accumulator.random_bits: without \"rounding\": \"stochastic\", which alone draws any");
    row("a block of nothing", layer(R"({"accumulator": {"format": "fp16", "block": 0}})"),
        "layers.conv1.accumulator.block: found 0; wanted a whole number of 1 to 1048576");
    row("a tolerance below nothing", layer(R"({"accumulator": {"mixed": {"low": "e4m3", "high": "fp16", "tolerance": -1}}})"),
        "layers.conv1.accumulator.mixed.tolerance: found -1; wanted a number of 0 to 1e+300");
    row("rows of activations", layer(R"({"activations": {"format": "int8", "scale": "row"}})"),
        "layers.conv1.activations.scale: \"row\" is not computed by this version; known: tensor");
    row("a strange range", layer(R"({"activations": {"format": "int8", "range": "percentile:101"}})"),
        "layers.conv1.activations.range: \"percentile:101\" is no range; wanted max, mse, dynamic, dynamic:token, daq, or percentile:P "
        "with P above 0 and at most 100");
    row("an array of no rows", layer(R"({"cim": {"array": {"rows": 0}}})"),
        "layers.conv1.cim.array.rows: found 0; wanted a whole number of 1 to 4096");
    row("a wide converter", layer(R"({"cim": {"adc": {"bits": 40}}})"),
        "layers.conv1.cim.adc.bits: found 40; wanted a whole number of 0 to 16");
    row("stuck cells", layer(R"({"cim": {"stuck": {"on": 1.5}}})"), "layers.conv1.cim.stuck.on: found 1.5; wanted a number of 0 to 1");
    row("drift", layer(R"({"cim": {"drift": {"seconds": -60}}})"), "layers.conv1.cim.drift.seconds: found -60; wanted a number of 0 to 1000000000000");
    row("a drift nobody knows", layer(R"({"cim": {"drift": {"model": "linear"}}})"),
        "layers.conv1.cim.drift.model: found \"linear\"; wanted one of constant, phase-change");
    row("two coefficients", layer(R"({"cim": {"variation": {"coefficients": [1, 2]}}})"),
        "layers.conv1.cim.variation.coefficients: 2 numbers; wanted 3: of 1, r and r^2");
    row("a negative seed", layer(R"({"cim": {"chip_seed": -1}})"), "layers.conv1.cim.chip_seed: found -1; wanted a whole number from 0");
}

void TestPlanJson::aBadPlanIsAProblem()
{
    QFETCH(QString, text);
    QFETCH(QString, problem);
    const auto plan = parsed(text.toStdString());
    QVERIFY(!plan);
    QCOMPARE(QString::fromStdString(plan.error().text()), problem);
}

void TestPlanJson::aFileIsWrittenWholeAndReadBack()
{
    QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath("p.plan.json").toStdString();
    const PrecisionPlan& plan = planPresets().at(1).plan;
    QVERIFY(writePlan(plan, file));
    const auto again = readPlan(file);
    QVERIFY(again);
    QVERIFY(again.value() == plan);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"p.plan.json"});
    const auto nowhere = writePlan(plan, folder.filePath("none/p.plan.json").toStdString());
    QVERIFY(!nowhere);
    QCOMPARE(QString::fromStdString(nowhere.error().text()),
             folder.filePath("none/p.plan.json") + ": cannot be written: No such file or directory");
}

void TestPlanJson::aProblemNamesTheFile()
{
    QTemporaryDir folder;
    QFile file(folder.filePath("p.plan.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"schema": "polarizer.plan/1", "default": {"cim": {"mapping": "sideways"}}})");
    file.close();
    const auto plan = readPlan(file.fileName().toStdString());
    QVERIFY(!plan);
    QCOMPARE(QString::fromStdString(plan.error().text()),
             file.fileName() + ": default.cim.mapping: found \"sideways\"; wanted one of differential, offset, one-sided");
}

QTEST_APPLESS_MAIN(TestPlanJson)
#include "tst_plan_json.moc"
