// SPDX-License-Identifier: Apache-2.0
// Files as they go wrong in the world, given to the built `polar`: each ends with exit code 1 and one message that names
// the file, the place, what was found and what is wanted. Under the asan preset this is also where a bad read shows.
#include "app/cli/polar_process.h"
#include "core/io/sample_files.h"

#include <onnx/onnx_pb.h>

#include <sys/stat.h>

#include <limits>

namespace {

QByteArray bytesOf(const onnx::ModelProto& model) { return QByteArray::fromStdString(model.SerializeAsString()); }

void declare(onnx::ValueInfoProto* value, const char* name, int columns)
{
    value->set_name(name);
    auto* tensor = value->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(onnx::TensorProto::FLOAT);
    tensor->mutable_shape()->add_dim()->set_dim_param("N");
    tensor->mutable_shape()->add_dim()->set_dim_value(columns);
}

onnx::NodeProto* addNode(onnx::ModelProto& model, const char* operation, std::initializer_list<const char*> inputs, const char* output)
{
    onnx::NodeProto* node = model.mutable_graph()->add_node();
    node->set_op_type(operation);
    node->set_name(output);
    for (const char* input : inputs)
        node->add_input(input);
    node->add_output(output);
    return node;
}

void addMatrix(onnx::ModelProto& model, const char* name, int rows, int columns, float fill)
{
    onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    tensor->add_dims(rows);
    tensor->add_dims(columns);
    for (int i = 0; i < rows * columns; ++i)
        tensor->add_float_data(i == columns ? fill : 0.5f);
}

onnx::ModelProto emptyModel()
{
    onnx::ModelProto model;
    model.set_ir_version(8);
    auto* opset = model.add_opset_import();
    opset->set_domain("");
    opset->set_version(13);
    model.mutable_graph()->set_name("g");
    declare(model.mutable_graph()->add_input(), "x", 4);
    declare(model.mutable_graph()->add_output(), "y", 3);
    return model;
}

/// y = x w, with `fill` as the first weight of the second row.
onnx::ModelProto product(int rows = 4, float fill = 0.5f)
{
    onnx::ModelProto model = emptyModel();
    addMatrix(model, "w", rows, 3, fill);
    addNode(model, "MatMul", {"x", "w"}, "y");
    return model;
}

onnx::ModelProto foreign()
{
    onnx::ModelProto model = emptyModel();
    auto* opset = model.add_opset_import();
    opset->set_domain("com.example");
    opset->set_version(1);
    addNode(model, "Spin", {"x"}, "y")->set_domain("com.example");
    return model;
}

onnx::ModelProto circle()
{
    onnx::ModelProto model = emptyModel();
    addNode(model, "Add", {"x", "b"}, "a");
    addNode(model, "Relu", {"a"}, "b");
    addNode(model, "Relu", {"b"}, "y");
    return model;
}

/// A constant of 4 x 2^40 floats, asked for in 16 bytes.
onnx::ModelProto huge()
{
    onnx::ModelProto model = emptyModel();
    onnx::TensorProto* shape = model.mutable_graph()->add_initializer();
    shape->set_name("s");
    shape->set_data_type(onnx::TensorProto::INT64);
    shape->add_dims(2);
    shape->add_int64_data(4);
    shape->add_int64_data(std::int64_t{1} << 40);
    addNode(model, "ConstantOfShape", {"s"}, "c");
    addNode(model, "MatMul", {"x", "c"}, "y");
    return model;
}

onnx::ModelProto outside(const char* location)
{
    onnx::ModelProto model = product();
    onnx::TensorProto* tensor = model.mutable_graph()->mutable_initializer(0);
    tensor->clear_float_data();
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    auto* entry = tensor->add_external_data();
    entry->set_key("location");
    entry->set_value(location);
    return model;
}

}  // namespace

class TestPolarRefusals : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString written(const QString& name, const QByteArray& content) const
    {
        QDir().mkpath(QFileInfo(path(name)).path());
        sample::write(path(name), content);
        return path(name);
    }

    static void row(const QString& name, const QStringList& arguments, const QByteArrayList& says)
    {
        QTest::newRow(qPrintable(name)) << arguments << says;
    }
    void network(const QString& name, const QByteArray& content, QByteArrayList says) const
    {
        const QString file = name + ".onnx";
        says.prepend('/' + file.toUtf8());
        row("network: " + name, {"inspect", written(file, content)}, says);
    }
    void plan(const QString& name, const QByteArray& content, QByteArrayList says) const
    {
        const QString file = name + ".plan.json";
        says.prepend('/' + file.toUtf8());
        row("plan: " + name, {"evaluate", "lenet5-mnist", "mnist", "--samples", "32", "--plan", written(file, content)}, says);
    }
    void layerPlan(const QString& name, const QByteArray& weights, const QByteArrayList& says) const
    {
        plan(name, R"({"schema": "polarizer.plan/1", "layers": {"conv1": {"weights": )" + weights + "}}}", says);
    }
    void defaultPlan(const QString& name, const QByteArray& orders, const QByteArrayList& says) const
    {
        plan(name, R"({"schema": "polarizer.plan/1", "default": )" + orders + "}", says);
    }
    void dataset(const QString& name, const QByteArray& content, QByteArrayList says, const QString& network = "lenet5-mnist") const
    {
        says.prepend('/' + name.toUtf8());
        row("dataset: " + name, {"evaluate", network, written(name, content)}, says);
    }
    void mnistPair(const QString& name, const QByteArray& images, const QByteArray& labels, const QByteArrayList& says) const
    {
        written(name + "/t10k-labels-idx1-ubyte", labels);
        written(name + "/t10k-images-idx3-ubyte", images);
        row("dataset: IDX " + name, {"evaluate", "lenet5-mnist", path(name)}, QByteArrayList{'/' + name.toUtf8()} + says);
    }

    void networks();
    void plans();
    void datasets();
    void numbersAndPlaces();

private slots:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void badFilesAreOneClearMessage_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArrayList>("says");
        networks();
        plans();
        datasets();
        numbersAndPlaces();
    }
    void badFilesAreOneClearMessage()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArrayList, says);
        const PolarRun run = polar(arguments);
        QVERIFY2(run.exitCode == 1 && !run.crashed, run.words());
        // Decoders of images say their own word before ours, which is the last.
        const QByteArrayList lines = run.errors.trimmed().split('\n');
        QVERIFY2(lines.last().startsWith("polar: ") && run.errors.count("polar: ") == 1, run.words());
        for (const QByteArray& word : says)
            QVERIFY2(lines.last().contains(word), '"' + word + "\" is wanted in: " + run.words());
    }
};

void TestPolarRefusals::networks()
{
    const QByteArray whole = bytesOf(product());
    network("empty", "", {"empty", "ONNX model"});
    network("first-byte", whole.left(1), {"cut off"});
    network("half", whole.left(whole.size() / 2), {"cut off"});
    network("zeros", QByteArray(100 << 20, '\0'), {"no ONNX model"});
    network("foreign", bytesOf(foreign()), {"com.example.Spin", "y", "domain com.example is not supported"});
    network("not-a-number", bytesOf(product(4, std::numeric_limits<float>::quiet_NaN())), {"'w'", "element 3", "nan", "finite"});
    network("infinite", bytesOf(product(4, std::numeric_limits<float>::infinity())), {"'w'", "element 3", "inf", "finite"});
    network("circle", bytesOf(circle()), {"a (Add)", "b (Relu)", "circle"});
    network("misfit", bytesOf(product(5)), {"y (MatMul)", "1x4", "5x3"});
    network("huge", bytesOf(huge()), {"c (ConstantOfShape)", "4x1099511627776", "1024 MiB"});
    network("outside", bytesOf(outside("../weights.bin")), {"'w'", "'../weights.bin'", "beside the model"});
    network("gone", bytesOf(outside("weights.bin")), {"'w'", "'weights.bin'", "No such file"});
    row("network: folder", {"inspect", m_folder.path()}, {"network.json", "no such file"});
    row("network: device", {"inspect", "/dev/zero"}, {"/dev/zero", "device"});
    QCOMPARE(mkfifo(qPrintable(path("pipe.onnx")), 0600), 0);
    row("network: pipe", {"inspect", path("pipe.onnx")}, {"pipe.onnx", "pipe"});
    row("network: nothing", {"inspect", path("nothing.onnx")}, {"nothing.onnx", "lenet5-mnist"});
    row("manifest: no JSON", {"inspect", QFileInfo(written("a/network.json", "nonsense")).path()}, {"a/network.json", "line 1"});
    row("manifest: model elsewhere",
        {"inspect", QFileInfo(written("b/network.json", R"({"schema": "polarizer.network/1", "name": "n", "model": "../half.onnx",
                                                           "task": {"kind": "classification"}})"))
                        .path()},
        {"b/network.json", "model", "../half.onnx"});
}

void TestPolarRefusals::plans()
{
    plan("empty", "", {"empty", "JSON"});
    plan("cut", R"({"schema": "polarizer.plan/1", "default": {"wei)", {"line 1", "column"});
    plan("twice", "{\n \"schema\": \"polarizer.plan/1\",\n \"schema\": 2}", {"line 3, column 2", "\"schema\" is written twice"});
    plan("huge-number", "{\"schema\": \"polarizer.plan/1\",\n \"default\": {\"surrogate\": {\"rank\": 1e400}}}",
         {"line 2, column 36", "found 1e400"});
    plan("list", "[1, 2]", {"list of 2", "object"});
    plan("schema", R"({"schema": "polarizer.plan/9"})", {"schema", "polarizer.plan/9", "polarizer.plan/1"});
    plan("other-network", R"({"schema": "polarizer.plan/1", "network": {"name": "mlp-mnist"}})", {"network.name", "mlp-mnist", "lenet5-mnist"});
    plan("other-layer", R"({"schema": "polarizer.plan/1", "layers": {"conv9": {"weights": {"format": "int4"}}}})", {"conv9", "conv1, conv2"});
    defaultPlan("negative-rank", R"({"surrogate": {"rank": -1}})", {"default.surrogate.rank", "-1", "0 to"});
    defaultPlan("rank-in-words", R"({"surrogate": {"rank": "eight"}})", {"default.surrogate.rank", "eight", "whole number"});
    defaultPlan("no-such-format", R"({"weights": {"format": "int99"}})", {"default.weights.format", "int99", "nf4"});
    defaultPlan("no-group", R"({"weights": {"format": "int4", "scale": "group:0"}})", {"default.weights.scale", "group:0", "group:N"});
    defaultPlan("clip", R"({"weights": {"format": "int4", "clip": "percentile:101"}})", {"default.weights.clip", "percentile:101", "at most 100"});
    defaultPlan("no-tile", R"({"cim": {"array": {"rows": 0, "columns": 8}}})", {"default.cim.array.rows", "found 0", "1 to"});
    defaultPlan("sigma", R"({"cim": {"variation": {"model": "proportional", "sigma": -1}}})", {"default.cim.variation.sigma", "-1", "0 to"});
    const QByteArray palette = R"({"palette": [{"format": "int4"}, {"format": "int8"}], "rows": )";
    layerPlan("palette-index", palette + "[0, 1, 2, 0, 0, 0]}", {"conv1", "row 2", "palette index 2", "2 entries"});
    layerPlan("palette-negative", palette + "[0, 1, -2, 0, 0, 0]}", {"layers.conv1.weights.rows[2]", "-2", "0 to"});
    layerPlan("palette-short", palette + "[0, 1]}", {"conv1", "2 indices", "6 rows"});
    layerPlan("palette-endless", palette + R"("0*99999999999"})", {"layers.conv1.weights.rows", "more than"});
    plan("deep", QByteArray(100'000, '['), {"nested deeper"});
    row("plan: folder", {"evaluate", "lenet5-mnist", "mnist", "--plan", m_folder.path()}, {"is a folder"});
}

void TestPolarRefusals::datasets()
{
    const QByteArray images = sample::idx({10, 28, 28}, QByteArray(7840, '\7')), labels = sample::idx({10}, sample::counting(10));
    mnistPair("cut", images.chopped(1), labels, {"t10k-images", "7839", "7840"});
    mnistPair("header", images.left(9), labels, {"t10k-images", "header"});
    mnistPair("long", images + 'x', labels, {"t10k-images", "bytes follow"});
    mnistPair("counts", images, sample::idx({9}, sample::counting(9)), {"10 samples", "9 labels"});
    mnistPair("claims", sample::idx({0xffffffffu, 0xffffffffu, 0xffffffffu}, {}), labels, {"t10k-images", "4294967295", "16 bytes"});
    mnistPair("shape", sample::idx({10, 27, 28}, QByteArray(7560, '\7')), labels, {"1x27x28", "1x28x28"});
    mnistPair("gzip", sample::gzip(images).chopped(9), labels, {"t10k-images", "gzip", "cut off"});
    sample::writeNpz(path("counts.npz"), {{"x", sample::npy("|u1", "(4, 28, 28)", QByteArray(3136, '\1'))}, {"y", sample::npy("|u1", "(3,)", "abc")}});
    row("dataset: NPZ counts", {"evaluate", "lenet5-mnist", path("counts.npz")}, {"counts.npz", "4 samples", "3 labels"});
    QFile archive(path("counts.npz"));
    QVERIFY(archive.open(QIODevice::ReadOnly));
    dataset("cut.npz", archive.readAll().chopped(30), {"NPZ"});
    sample::writeNpz(path("nan.npz"), {{"x", sample::npy("<f4", "(2, 1)", QByteArray("\0\0\0\0\0\0\xc0\x7f", 8))}, {"y", sample::npy("|u1", "(2,)", "ab")}});
    row("dataset: NPZ not a number", {"evaluate", "lenet5-mnist", path("nan.npz")}, {"nan.npz", "sample 1", "nan", "finite"});
    const QByteArray table = QByteArray("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,A\n").repeated(4);
    dataset("word.csv", table + "1,2,x,4,5,6,7,8,9,10,11,12,13,14,15,16,B\n", {"line 5, column 3", "\"x\"", "number"}, "mlp-letter");
    dataset("ragged.csv", table + "1,2,3,A\n", {"line 5", "4 fields", "17"}, "mlp-letter");
    dataset("narrow.csv", QByteArray("1,2,3,A\n4,5,6,B\n").repeated(4), {"mlp-letter", "16"}, "mlp-letter");
    dataset("empty.csv", "", {"empty"}, "mlp-letter");
    dataset("zeros.csv", QByteArray(1000, '\0'), {"line 1"}, "mlp-letter");
    dataset("cut.csv.gz", sample::gzip(table).chopped(9), {"gzip", "cut off"}, "mlp-letter");
    dataset("test_batch.bin", sample::cifar10Record(3, 10).repeated(2) + "1234", {"record 2", "4 bytes", "3073"}, "resnet8-photodigits");
    dataset("data_batch.bin", sample::cifar10Record(77, 10), {"record 0", "label 77", "0 to 9"}, "resnet8-photodigits");
    for (const char* folder : {"text", "sizes", "cut-image"})
        written(QString(folder) + "/a/1.pgm", sample::portableMap(28, 28, 1, 9));
    written("text/b/2.png", "hello");
    row("dataset: text as image", {"evaluate", "lenet5-mnist", path("text")}, {"text/b/2.png", "no image", "PNG"});
    written("sizes/b/2.pgm", sample::portableMap(27, 28, 1, 9));
    row("dataset: images of two sizes", {"evaluate", "lenet5-mnist", path("sizes")}, {"sizes/b/2.pgm", "28x27", "28x28"});
    written("cut-image/b/2.pgm", sample::portableMap(28, 28, 1, 9).chopped(100));
    row("dataset: cut image", {"evaluate", "lenet5-mnist", path("cut-image")}, {"cut-image/b/2.pgm", "cut off"});
    row("dataset: no such folder", {"evaluate", "lenet5-mnist", path("no/such")}, {"no/such", "mnist"});
    row("dataset: other shape", {"evaluate", "lenet5-mnist", "photo-digits"}, {"3x32x32", "1x28x28"});
    row("dataset: no such split", {"evaluate", "lenet5-mnist", "mnist#dev"}, {"dev", "test", "train"});
    row("dataset: unknown kind", {"evaluate", "lenet5-mnist", written("a.xyz", "q")}, {"a.xyz", "csv"});
}

void TestPolarRefusals::numbersAndPlaces()
{
    const QString tensor = written("x.npy", npyOfZeros("1, 784", 784));
    const QStringList run{"run", "mlp-mnist", "--input"};
    row("run: text", run + QStringList{written("text.npy", "hello"), "-o", path("out")}, {"text.npy", "NPY"});
    row("run: claims", run + QStringList{written("claims.npy", npyOfZeros("1000000000000, 784", 0)), "-o", path("out")},
        {"claims.npy", "1000000000000x784", "0 bytes"});
    row("run: folder", run + QStringList{m_folder.path(), "-o", path("out")}, {"is a folder"});
    row("run: twice", run + QStringList{tensor, "--input", tensor, "-o", path("out")}, {"twice"});
    row("run: output is a file", run + QStringList{tensor, "-o", tensor}, {"x.npy"});
    row("evaluate: output nowhere", {"evaluate", "mlp-mnist", "mnist", "--samples", "32", "-o", path("no/such/report.json")}, {"no/such/report.json", "written"});
    row("evaluate: technology", {"evaluate", "mlp-mnist", "mnist", "--technology", written("t.json", "q")}, {"t.json", "line 1"});
    row("report: network", {"report", written("r.report.json", bytesOf(product())), "-o", path("r.html")}, {"r.report.json", "JSON"});
    row("plan: written nowhere", {"plan", "preset", "npp-nf4-rank8", "-o", path("no/such/p.plan.json")}, {"no/such/p.plan.json", "written"});
}

QTEST_GUILESS_MAIN(TestPolarRefusals)
#include "tst_polar_refusals.moc"
