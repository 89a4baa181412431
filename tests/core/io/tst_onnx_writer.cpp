// SPDX-License-Identifier: Apache-2.0
// Networks written as ONNX files and read again.

#include "core/io/library.h"
#include "core/io/onnx_reader.h"
#include "core/io/onnx_writer.h"
#include "core/network/operation.h"

#include <QtTest>

using namespace core;

class TestOnnxWriter : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    std::filesystem::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }

private slots:
    void everyBundledNetworkComesBack_data()
    {
        QTest::addColumn<QString>("name");
        for (const NetworkManifest& manifest : bundledNetworks())
            QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name);
    }
    void everyBundledNetworkComesBack()
    {
        QFETCH(QString, name);
        for (const BatchNormalization normalization : {BatchNormalization::Fold, BatchNormalization::Keep}) {
            const auto loaded = loadNetwork(name.toStdString(), normalization);
            QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
            const Network& network = *loaded.value().network;
            const auto written = writeOnnx(network, path("again.onnx"));
            QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
            const auto again = readOnnx(path("again.onnx"));
            QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
            QVERIFY(findFlaws(again.value()).empty());
            QCOMPARE(again.value().opset, network.opset);
            QCOMPARE(again.value().nodes.size(), network.nodes.size());
            for (std::size_t i = 0; i < network.nodes.size(); ++i) {
                QCOMPARE(again.value().nodes[i].name, network.nodes[i].name);
                QCOMPARE(again.value().nodes[i].operation, network.nodes[i].operation);
                QCOMPARE(again.value().nodes[i].attributes.all().size(), network.nodes[i].attributes.all().size());
            }
            // The same numbers go in and come out.
            const auto values = describeValues(network, 2);
            if (!values)
                continue;  // its pictures may have any size
            const TensorDescription& input = values.value()[network.inputs.front().value()];
            Tensor given(input.type, input.shape);
            if (input.type == DataType::Float32)
                for (std::size_t i = 0; i < given.values<float>().size(); ++i)
                    given.edit<float>()[i] = static_cast<float>(i % 17) / 17.0f - 0.3f;
            const std::vector<Tensor> inputs{given};
            const auto before = runReference(network, inputs), after = runReference(again.value(), inputs);
            QVERIFY(before && after);
            const auto was = before.value().front().bytes(), is = after.value().front().bytes();
            QVERIFY(std::equal(was.begin(), was.end(), is.begin(), is.end()));
        }
    }

    void aFolderThatIsNotThereIsAProblem()
    {
        const auto loaded = loadNetwork("mlp-mnist");
        const auto written = writeOnnx(*loaded.value().network, path("nowhere") / "model.onnx");
        QVERIFY(!written && written.error().text().find("cannot be written") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestOnnxWriter)
#include "tst_onnx_writer.moc"
