// SPDX-License-Identifier: Apache-2.0
#include "core/io/onnx_reader.h"

#include "core/network/folding.h"
#include "core/network/operation.h"
#include "core/network/weighted_layer.h"

#include <onnx/onnx_pb.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>

namespace fs = std::filesystem;
using core::Network;
using core::Tensor;

namespace {

/// A model with one input x of shape N x width, to be added to.
onnx::ModelProto emptyModel(int opset = 17, std::int64_t width = 4)
{
    onnx::ModelProto model;
    model.set_ir_version(8);
    model.add_opset_import()->set_version(opset);
    auto* x = model.mutable_graph()->add_input();
    x->set_name("x");
    auto* type = x->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->add_dim()->set_dim_param("N");
    type->mutable_shape()->add_dim()->set_dim_value(width);
    return model;
}

onnx::NodeProto* addNode(onnx::ModelProto& model, const std::string& operation, const std::vector<std::string>& inputs, const std::string& output, const std::string& name = {})
{
    auto* node = model.mutable_graph()->add_node();
    node->set_op_type(operation);
    node->set_name(name);
    for (const std::string& input : inputs)
        node->add_input(input);
    node->add_output(output);
    return node;
}

void addWeights(onnx::ModelProto& model, const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values)
{
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : shape)
        tensor->add_dims(size);
    for (const float value : values)
        tensor->add_float_data(value);
}

void addOutput(onnx::ModelProto& model, const std::string& name) { model.mutable_graph()->add_output()->set_name(name); }

onnx::ModelProto denseModel(std::vector<float> weights = {1, 2, 3, 4, 5, 6, 7, 8})
{
    onnx::ModelProto model = emptyModel();
    addWeights(model, "w", {4, 2}, weights);
    addNode(model, "MatMul", {"x", "w"}, "y", "fc");
    addOutput(model, "y");
    return model;
}

fs::path bundled(const char* name) { return fs::path(std::getenv("POLARIZER_ROOT") ? std::getenv("POLARIZER_ROOT") : ".") / "resources/networks" / name / "model.onnx"; }

std::string fileText(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

class TestOnnxReader : public QObject {
    Q_OBJECT

private slots:
    void aDenseModelIsReadAndRuns()
    {
        const auto network = read(denseModel());
        QVERIFY2(network.has_value(), text(network).c_str());
        QCOMPARE(network.value().nodes.size(), std::size_t{1});
        QCOMPARE(network.value().nodes[0].name, std::string("fc"));
        QCOMPARE(network.value().inputs.size(), std::size_t{1});
        QCOMPARE(network.value().importNotes[0].support, core::Support::Exact);
        QVERIFY(network.value().hash.starts_with("xxh3:"));
        const auto result = core::runReference(network.value(), std::vector<Tensor>{Tensor::of<float>({2, 4}, {1, 0, 0, 0, 0, 0, 0, 1})});
        QVERIFY(result.has_value());
        QCOMPARE(result.value()[0], (Tensor::of<float>({2, 2}, {1, 2, 7, 8})));
    }

    void theSameBytesHaveTheSameHash()
    {
        QCOMPARE(read(denseModel()).value().hash, read(denseModel()).value().hash);
        QVERIFY(read(denseModel()).value().hash != read(denseModel({1, 2, 3, 4, 5, 6, 7, 9})).value().hash);
    }

    void namelessAndNamesakeNodesGetNamesOfTheirOwn()
    {
        onnx::ModelProto model = emptyModel();
        addNode(model, "Relu", {"x"}, "a");
        addNode(model, "Relu", {"a"}, "b", "act");
        addNode(model, "Relu", {"b"}, "c", "act");
        addOutput(model, "c");
        const Network network = read(model).value();
        QCOMPARE(network.nodes[0].name, std::string("Relu_0"));
        QCOMPARE(network.nodes[1].name, std::string("act"));
        QCOMPARE(network.nodes[2].name, std::string("act_2"));
    }

    void nodesComeInDataOrder()
    {
        onnx::ModelProto model = emptyModel();
        addNode(model, "Neg", {"a"}, "b", "second");
        addNode(model, "Relu", {"x"}, "a", "first");
        addOutput(model, "b");
        const Network network = read(model).value();
        QCOMPARE(network.nodes[0].name, std::string("first"));
        QVERIFY(core::findFlaws(network).empty());
    }

    void aNewerOpsetIsReadWhereWeKnowTheOperators()
    {
        onnx::ModelProto model = denseModel();
        model.mutable_opset_import(0)->set_version(21);
        model.set_ir_version(10);
        QVERIFY(read(model).has_value());
        QCOMPARE(read(model).value().opset, 21);
    }

    void structuralFaultsAreOneClearProblem_data()
    {
        QTest::addColumn<QByteArray>("model");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const onnx::ModelProto& model, const char* expected) {
            QTest::newRow(name) << QByteArray::fromStdString(model.SerializeAsString()) << QString(expected);
        };
        onnx::ModelProto circle = emptyModel();
        addNode(circle, "Add", {"x", "b"}, "a", "one");
        addNode(circle, "Relu", {"a"}, "b", "two");
        addOutput(circle, "b");
        row("circle", circle, "2 nodes wait for each other in a circle, one (Add), two (Relu) among them");
        onnx::ModelProto loop = emptyModel();
        addNode(loop, "Add", {"x", "a"}, "a", "one");
        addOutput(loop, "a");
        row("circle of one", loop, "one (Add): waits for its own output; a graph without circles is wanted");
        onnx::ModelProto missing = emptyModel();
        addNode(missing, "Add", {"x", "nothing"}, "a", "one");
        addOutput(missing, "a");
        row("missing input", missing, "one (Add): reads 'nothing', which no input, initializer or node provides");
        onnx::ModelProto twice = emptyModel();
        addNode(twice, "Relu", {"x"}, "a", "one");
        addNode(twice, "Neg", {"x"}, "a", "two");
        addOutput(twice, "a");
        row("output twice", twice, "two (Neg): writes 'a', which one (Relu) writes too");
        onnx::ModelProto unprovided = denseModel();
        addOutput(unprovided, "nobody");
        row("output nobody makes", unprovided, "output 'nobody': nothing in the graph provides it");
        row("NaN", denseModel({1, 2, 3, std::nanf(""), 5, 6, 7, 8}), "tensor 'w', element 3: is nan; a finite number is wanted");
        row("infinity", denseModel({1, 2, 3, 4, 5, std::numeric_limits<float>::infinity(), 7, 8}), "tensor 'w', element 5: is inf; a finite number is wanted");
        row("too few elements", denseModel({1, 2, 3}), "tensor 'w': it lists 3 elements; float32 4x2 needs 8");
        onnx::ModelProto huge = denseModel();
        huge.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 62);
        row("absurd shape", huge, "tensor 'w': its shape is");
        onnx::ModelProto outside = denseModel();
        auto* weights = outside.mutable_graph()->mutable_initializer(0);
        weights->clear_float_data();
        weights->set_data_location(onnx::TensorProto::EXTERNAL);
        auto* location = weights->add_external_data();
        location->set_key("location");
        location->set_value("../../etc/passwd");
        row("data outside the folder", outside, "tensor 'w': its data is outside, at '../../etc/passwd'");
        onnx::ModelProto empty = emptyModel();
        row("no nodes", empty, "holds no graph with nodes");
    }
    void structuralFaultsAreOneClearProblem()
    {
        QFETCH(QByteArray, model);
        QFETCH(QString, expected);
        const fs::path file = write(model.toStdString());
        const auto network = core::readOnnx(file);
        QVERIFY(!network.has_value());
        QVERIFY2(text(network).starts_with(file.string()), text(network).c_str());
        QVERIFY2(QString::fromStdString(text(network)).contains(expected), text(network).c_str());
    }

    void everyRefusedOperatorIsNamedInOneMessage()
    {
        onnx::ModelProto model = emptyModel();
        addNode(model, "Loop", {"x"}, "a", "spin");
        auto* foreign = addNode(model, "Attention", {"a"}, "b", "attend");
        foreign->set_domain("com.example");
        auto* branch = addNode(model, "Relu", {"b"}, "c", "fine");
        branch->set_doc_string("known");
        addNode(model, "Frobnicate", {"c"}, "d", "frob");
        addOutput(model, "d");
        const std::string message = text(read(model));
        for (const char* name : {"3 operators", "Loop", "spin", "com.example.Attention", "attend", "Frobnicate", "frob"})
            QVERIFY2(message.find(name) != std::string::npos, message.c_str());
        QVERIFY2(message.find("fine") == std::string::npos, message.c_str());

        const auto kept = core::readOnnx(write(model.SerializeAsString()), core::RefusedNodes::Keep);
        QVERIFY2(kept.has_value(), text(kept).c_str());
        QCOMPARE(kept.value().importNotes[0].support, core::Support::Refused);
        QCOMPARE(kept.value().importNotes[1].remark, std::string("domain com.example is not supported"));
        QCOMPARE(kept.value().importNotes[2].support, core::Support::Exact);
    }

    void dataBesideTheModelIsRead()
    {
        onnx::ModelProto model = denseModel();
        auto* weights = model.mutable_graph()->mutable_initializer(0);
        const std::vector<float> values(weights->float_data().begin(), weights->float_data().end());
        weights->clear_float_data();
        weights->set_data_location(onnx::TensorProto::EXTERNAL);
        for (const auto& [key, value] : {std::pair{"location", "w.bin"}, std::pair{"offset", "4"}, std::pair{"length", "32"}}) {
            auto* entry = weights->add_external_data();
            entry->set_key(key);
            entry->set_value(value);
        }
        write(std::string(4, '\0') + std::string(reinterpret_cast<const char*>(values.data()), 32), "w.bin");
        const auto network = read(model);
        QVERIFY2(network.has_value(), text(network).c_str());
        QCOMPARE(*network.value().constant(network.value().nodes[0].inputs[1]), (Tensor::of<float>({4, 2}, values)));
        write("short", "w.bin");
        QVERIFY2(text(read(model)).find("its data is bytes 4 and 32 more of 'w.bin', which has 5") != std::string::npos, text(read(model)).c_str());
    }

    void filesThatAreNoModelsAreRefusedFast_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("this is no model, only a line of text\n");
        QTest::newRow("zeros") << QByteArray(100 << 20, '\0');
        const std::string whole = denseModel().SerializeAsString();
        QTest::newRow("half a model") << QByteArray::fromStdString(whole.substr(0, whole.size() / 2));
    }
    void filesThatAreNoModelsAreRefusedFast()
    {
        QFETCH(QByteArray, bytes);
        const fs::path file = write(bytes.toStdString());
        QElapsedTimer timer;
        timer.start();
        const auto network = core::readOnnx(file);
        QVERIFY(!network.has_value());
        QVERIFY2(text(network).starts_with(file.string()), text(network).c_str());
        QVERIFY(timer.elapsed() < 10000);
    }

    void everyPrefixOfAModelIsAModelOrAProblem()
    {
        const std::string whole = denseModel().SerializeAsString();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto network = core::readOnnx(write(whole.substr(0, size)));
            if (!network)
                QVERIFY(!network.error().message.empty());
        }
    }

    void damagedModelsNeverBringUsDown()
    {
        const std::string whole = fileText(bundled("lenet5-fashion"));
        QVERIFY(!whole.empty());
        int readable = 0;
        for (std::uint32_t seed = 1; seed <= 200; ++seed) {
            std::string damaged = whole;
            std::uint32_t state = seed;
            for (int i = 0; i < 4; ++i) {
                state = state * 1664525u + 1013904223u;
                // Half the damage hits the front, where the graph's structure is denser than its weights.
                const std::size_t range = seed % 2 ? damaged.size() : std::min<std::size_t>(damaged.size(), 4096);
                damaged[(state >> 4) % range] = static_cast<char>(state >> 24);
            }
            const auto network = core::readOnnx(write(damaged));
            if (!network)
                continue;
            ++readable;
            const auto folded = core::foldConstants(network.value());
            if (!folded)
                continue;
            const auto slim = core::foldBatchNormalization(folded.value());
            const auto values = slim ? core::describeValues(slim.value(), 2) : core::Result<std::vector<core::TensorDescription>>(slim.error());
            if (values)
                core::weightedLayers(slim.value(), values.value());
        }
        QVERIFY(readable > 0);
    }

    void theBundledNetworksImportFoldAndAnswerFinitely()
    {
        int networks = 0;
        for (const auto& entry : fs::directory_iterator(bundled("x").parent_path().parent_path())) {
            if (!fs::exists(entry.path() / "model.onnx"))
                continue;
            ++networks;
            const std::string name = entry.path().filename().string();
            const auto network = core::readOnnx(entry.path() / "model.onnx");
            QVERIFY2(network.has_value(), text(network).c_str());
            const auto constants = core::foldConstants(network.value());
            QVERIFY2(constants.has_value(), text(constants).c_str());
            auto folded = core::foldBatchNormalization(constants.value());
            QVERIFY2(folded.has_value(), text(folded).c_str());
            QVERIFY(core::findFlaws(folded.value()).empty());
            if (name == "ppocr-direction")   // takes pictures of any size; 48 x 192 is what its recipe uses
                folded = core::withInputShape(folded.value(), folded.value().inputs[0], {-1, 3, 48, 192});
            const auto values = core::describeValues(folded.value(), 3);
            QVERIFY2(values.has_value(), (name + ": " + (values ? "" : values.error().text())).c_str());
            QVERIFY2(!core::weightedLayers(folded.value(), values.value()).empty(), name.c_str());
            const auto& input = values.value()[folded.value().inputs[0].value()];
            Tensor sample(input.type, input.shape);
            if (input.type == core::DataType::Float32)
                for (std::size_t i = 0; i < sample.edit<float>().size(); ++i)
                    sample.edit<float>()[i] = static_cast<float>(i % 17) / 17.0f;
            const auto outputs = core::runReference(folded.value(), std::vector<Tensor>{sample});
            QVERIFY2(outputs.has_value(), (name + ": " + (outputs ? "" : outputs.error().text())).c_str());
            for (const float value : outputs.value()[0].values<float>())
                QVERIFY2(std::isfinite(value), name.c_str());
        }
        QVERIFY(networks >= 2);
    }

private:
    template <class T>
    static std::string text(const core::Result<T>& result) { return result ? "no problem" : result.error().text(); }

    fs::path write(const std::string& bytes, const std::string& name = "model.onnx")
    {
        const fs::path file = fs::path(m_folder.path().toStdString()) / name;
        std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return file;
    }

    core::Result<Network> read(const onnx::ModelProto& model) { return core::readOnnx(write(model.SerializeAsString())); }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestOnnxReader)
#include "tst_onnx_reader.moc"
