// SPDX-License-Identifier: Apache-2.0
// What a training and a recovery leave in files: networks in folders, states to go on from, trained paths beside a plan.

#include "core/io/json_documents.h"
#include "core/io/npz.h"
#include "core/io/stored_paths.h"
#include "core/io/training_files.h"

#include <QtTest>

#include <fstream>

using namespace core;

class TestTrainingFiles : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::shared_ptr<const Subject> m_subject;
    std::shared_ptr<const EngineContext> m_context;
    QuantizedTrainingState m_state;
    PrecisionPlan m_plan;

    std::filesystem::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }

    QuantizedTrainingState trained(int epochs, QuantizedTrainingState from = {})
    {
        const auto graph = GradientGraph::build(m_context).value();
        QuantizedTraining training{m_plan, m_subject->calibration};
        training.orders.epochs = epochs;
        training.orders.schedule = RateSchedule::Constant;
        return trainQuantized(*graph, training, std::move(from)).value();
    }

private slots:
    void initTestCase()
    {
        m_subject = openSubject("mlp-letter", "letter").value();
        m_context = prepareEngine(m_subject->network).value();
        m_plan.defaults.weights = WeightPlan{{Treatment{NumberFormat::named("int3").value(), {ScaleRule::Kind::Row, 0}, {}}}, {}, {}, {}};
        m_state = trained(2);
    }

    void aStateGoesOnAsIfItHadNeverBeenPutAside()
    {
        QVERIFY(writeTrainingState(m_state, m_context->layers, path("state.npz")).has_value());
        const auto read = readTrainingState(path("state.npz"), m_context->layers);
        QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
        const QuantizedTrainingState straight = trained(4, m_state), resumed = trained(4, read.value());
        QCOMPARE(resumed.progress.epoch, 4);
        for (std::size_t layer = 0; layer < m_context->layers.size(); ++layer) {
            QVERIFY(straight.current[layer].weights == resumed.current[layer].weights);
            QVERIFY(straight.best[layer].bias == resumed.best[layer].bias);
        }
        QCOMPARE(resumed.progress.bestEpoch, straight.progress.bestEpoch);
    }

    void aStateOfAnotherNetworkIsAProblem()
    {
        QVERIFY(writeTrainingState(m_state, m_context->layers, path("state.npz")).has_value());
        const auto other = prepareEngine(openSubject("mlp-mnist", "mnist").value()->network).value();
        const auto read = readTrainingState(path("state.npz"), other->layers);
        QVERIFY(!read && read.error().place.find("state.npz") != std::string::npos);
        QVERIFY(!readTrainingState(path("none.npz"), other->layers));
        std::ofstream(path("text.npz")) << "no archive";
        QVERIFY(!readTrainingState(path("text.npz"), other->layers));
    }

    void aWrittenFolderIsANetworkLikeAnyOther()
    {
        NetworkManifest manifest;
        manifest.name = "learned";
        manifest.dataset = "letter";
        manifest.preprocessing = m_subject->preprocessing;
        const auto network = withParameters(*m_subject->network, m_context->layers, m_state.best);
        QVERIFY(network.has_value());
        const auto written = writeNetworkFolder(network.value(), manifest, path("learned"));
        QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
        const auto subject = openSubject(path("learned").string(), "letter");
        QVERIFY2(subject.has_value(), subject ? "" : subject.error().text().c_str());
        QCOMPARE(subject.value()->networkName, std::string("learned"));
        QVERIFY(subject.value()->preprocessing == m_subject->preprocessing);
        const auto layers = prepareEngine(subject.value()->network).value()->layers;
        for (std::size_t layer = 0; layer < layers.size(); ++layer)
            QVERIFY(layers[layer].weights == m_state.best[layer].weights);
    }

    void aPlanBringsItsTrainedPathsAlong()
    {
        const RowMatrix down = RowMatrix::Random(2, 16), up = RowMatrix::Random(m_context->layers.front().rows, 2);
        const std::string layer = m_context->layers.front().name;
        PrecisionPlan plan = m_plan;
        SurrogatePlan surrogate;
        surrogate.rank = 2;
        surrogate.method = SurrogateMethod::Trained;
        surrogate.paths = StoredPaths("kept.paths.npz", {{layer, {down, up}}});
        plan.layers[layer].surrogate = Switchable<SurrogatePlan>{surrogate};
        std::filesystem::create_directories(path("plans"));
        const auto written = writePlan(plan, path("plans") / "kept.plan.json");
        QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
        const auto read = readPlan(path("plans") / "kept.plan.json");
        QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
        QVERIFY(read.value() == plan);
        QVERIFY(read.value().layers.at(layer).surrogate->value->paths.find(layer)->up == up);
    }

    void brokenPathsAreProblems()
    {
        const auto tensor = [](Shape shape) { return Tensor(DataType::Float32, std::move(shape)); };
        const auto problem = [&](const std::map<std::string, Tensor>& arrays) {
            if (!writeNpz(arrays, path("broken.npz")))
                return std::string();
            const auto read = readStoredPaths("broken.npz", m_folder.path().toStdString());
            return read ? std::string() : read.error().text();
        };
        QVERIFY(problem({{"other", tensor({2, 2})}}).find("wanted LAYER.down") != std::string::npos);
        QVERIFY(problem({{"fc1.down", tensor({2, 16})}}).find("fc1.up") != std::string::npos);
        QVERIFY(problem({{"fc1.down", tensor({2, 16})}, {"fc1.up", tensor({8, 3})}}).find("both are the rank") != std::string::npos);
        QVERIFY(problem({{"fc1.down", tensor({32})}, {"fc1.up", tensor({8, 2})}}).find("wanted a float32 matrix") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestTrainingFiles)
#include "tst_training_files.moc"
