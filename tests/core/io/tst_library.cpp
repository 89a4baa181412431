// SPDX-License-Identifier: Apache-2.0
#include "core/io/library.h"
#include "core/network/operation.h"
#include "core/network/weighted_layer.h"
#include "core/plan/check.h"
#include "tests/core/io/sample_files.h"

#include <QTemporaryDir>
#include <QtTest>

#include <set>

using namespace core;

namespace {

template <class T>
QString problemOf(const Result<T>& result)
{
    return result ? QString() : QString::fromStdString(result.error().text());
}

}  // namespace

class TestLibrary : public QObject {
    Q_OBJECT

private slots:
    void bundledNetworksSayWhereTheyComeFrom();
    void bundledDatasetsAreWhatTheyState_data();
    void bundledDatasetsAreWhatTheyState();
    void bundledPlansAreSound();
    void everyPresetFitsEveryBundledNetwork_data();
    void everyPresetFitsEveryBundledNetwork();
    void everyTrainedNetworkOpensOnItsDataset_data();
    void everyTrainedNetworkOpensOnItsDataset();
    void calibrationComesFromTheTrainSplit();
    void aBareModelIsPreparedByGuess();
    void aMisfitNamesBothShapes();
    void unknownNamesListTheKnownOnes();
    void anUnknownSplitListsTheKnownOnes();
    void scoringTheTrainSplitLeavesTheCalibratorsOut();
    void aTableWithMoreClassesThanAnswersIsRefused();
};

void TestLibrary::bundledNetworksSayWhereTheyComeFrom()
{
    const auto networks = bundledNetworks();
    QVERIFY(networks.size() >= 2);
    for (const NetworkManifest& manifest : networks) {
        QVERIFY2(!manifest.title.empty() && !manifest.source.empty() && !manifest.licence.empty(), manifest.name.c_str());
        if (manifest.accuracy)
            QVERIFY2(manifest.accuracy->correct <= manifest.accuracy->samples, manifest.name.c_str());
    }
}

void TestLibrary::bundledDatasetsAreWhatTheyState_data()
{
    QTest::addColumn<QString>("name");
    for (const DatasetSummary& summary : bundledDatasets())
        QTest::newRow(summary.name.c_str()) << QString::fromStdString(summary.name);
}

void TestLibrary::bundledDatasetsAreWhatTheyState()
{
    QFETCH(QString, name);
    const auto dataset = loadDataset(name.toStdString());
    QVERIFY2(dataset, qPrintable(problemOf(dataset)));
    QCOMPARE(QString::fromStdString(dataset.value().name), name);
    QVERIFY(!dataset.value().licence.empty());
    QVERIFY(dataset.value().splits.contains("train") && dataset.value().splits.contains("test"));
    std::set<std::int32_t> labels(dataset.value().splits.at("test").labels.begin(), dataset.value().splits.at("test").labels.end());
    QCOMPARE(labels.size(), dataset.value().classes.size());  // every class is tested
}

void TestLibrary::bundledPlansAreSound()
{
    for (const std::string& name : bundledPlans()) {
        const auto plan = loadPlan(name);
        QVERIFY2(plan, qPrintable(problemOf(plan)));
        QVERIFY2(!plan.value().name.empty(), name.c_str());
        const auto network = loadNetwork(plan.value().network.name);
        QVERIFY2(network, qPrintable(problemOf(network)));
        const auto values = describeValues(*network.value().network, 1);
        QVERIFY2(values, qPrintable(problemOf(values)));
        const auto flaws = check(plan.value(), weightedLayers(*network.value().network, values.value()), network.value().manifest.name,
                                 network.value().network->hash);
        QVERIFY2(flaws.empty(), flaws.empty() ? "" : (name + ": " + flaws.front().text()).c_str());
    }
    QCOMPARE(loadPlan("npp-nf4-rank8").value().defaults.surrogate->value->rank, 8);
}

void TestLibrary::everyPresetFitsEveryBundledNetwork_data()
{
    QTest::addColumn<QString>("network");
    for (const NetworkManifest& manifest : bundledNetworks())
        QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name);
}

void TestLibrary::everyPresetFitsEveryBundledNetwork()
{
    QFETCH(QString, network);
    const auto loaded = loadNetwork(network.toStdString());
    QVERIFY2(loaded, qPrintable(problemOf(loaded)));
    Network shaped = *loaded.value().network;
    if (network == "ppocr-direction")  // takes pictures of any size
        shaped = withInputShape(shaped, shaped.inputs[0], {-1, 3, 48, 192}).value();
    const auto layers = weightedLayers(shaped, describeValues(shaped, 1).value());
    QVERIFY(!layers.empty());
    for (const PlanPreset& preset : planPresets()) {
        const auto plan = loadPlan(preset.name, layers);
        QVERIFY2(plan, qPrintable(problemOf(plan)));
        const auto flaws = check(plan.value(), layers, network.toStdString(), loaded.value().network->hash);
        QVERIFY2(flaws.empty(), flaws.empty() ? "" : (preset.name + ": " + flaws.front().text()).c_str());
        QCOMPARE(loadPlan(preset.name).has_value(), preset.mixture == nullptr);
    }
}

void TestLibrary::everyTrainedNetworkOpensOnItsDataset_data()
{
    QTest::addColumn<QString>("network");
    QTest::addColumn<QString>("dataset");
    for (const NetworkManifest& manifest : bundledNetworks())
        if (manifest.accuracy)
            QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name) << QString::fromStdString(manifest.dataset);
}

void TestLibrary::everyTrainedNetworkOpensOnItsDataset()
{
    QFETCH(QString, network);
    QFETCH(QString, dataset);
    const auto subject = openSubject(network.toStdString(), dataset.toStdString(), 64);
    QVERIFY2(subject, qPrintable(problemOf(subject)));
    QCOMPARE(subject.value()->split, std::string("test"));
    QCOMPARE(subject.value()->calibration.samples(), 64);
    QVERIFY(subject.value()->remarks.empty());
    for (const NetworkManifest& manifest : bundledNetworks())
        if (manifest.name == network.toStdString())
            QCOMPARE(subject.value()->test.samples(), manifest.accuracy->samples);
}

void TestLibrary::calibrationComesFromTheTrainSplit()
{
    const auto subject = openSubject("lenet5-mnist", "mnist", 100);
    const auto mnist = loadDataset("mnist");
    QVERIFY(subject && mnist);
    const Split& train = mnist.value().splits.at("train");
    const auto order = stratifiedOrder(train.labels, train.samples(), 1);
    QCOMPARE(subject.value()->calibration.labels, train.pick({order.begin(), order.begin() + 100}).labels);
    for (std::int32_t digit = 0; digit < 10; ++digit)  // stratified: each digit has its share, to within one
        QVERIFY(std::abs(std::count(subject.value()->calibration.labels.begin(), subject.value()->calibration.labels.end(), digit) - 10) <=
                2);
    QCOMPARE(subject.value()->test.inputs.shape(), (Shape{10000, 1, 28, 28}));
}

void TestLibrary::aBareModelIsPreparedByGuess()
{
    QTemporaryDir folder;
    const std::filesystem::path model = libraryRoot() / "resources" / "networks" / "lenet5-mnist" / "model.onnx";
    std::filesystem::copy_file(model, sample::pathOf(folder.filePath("bare.onnx")));
    const auto subject = openSubject(folder.filePath("bare.onnx").toStdString(), "mnist", 32);
    QVERIFY2(subject, qPrintable(problemOf(subject)));
    QCOMPARE(subject.value()->networkName, std::string("bare"));
    QCOMPARE(subject.value()->preprocessing.layout, TensorLayout::ChannelHeightWidth);
    QCOMPARE(subject.value()->preprocessing.scale, 1.0 / 255.0);
    QCOMPARE(subject.value()->remarks, (std::vector<std::string>{"the network does not say how its inputs are prepared; guessed layout "
                                                                 "chw, type float32, scale 0.00392157, mean 0, deviation 1"}));
}

void TestLibrary::aMisfitNamesBothShapes()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("s-images-idx3-ubyte"), sample::idx({4, 8, 8}, QByteArray(256, '\1')));
    sample::write(folder.filePath("s-labels-idx1-ubyte"), sample::idx({4}, sample::counting(4)));
    const auto subject = openSubject("lenet5-mnist", folder.filePath("s-images-idx3-ubyte").toStdString());
    QCOMPARE(problemOf(subject), folder.filePath("s-images-idx3-ubyte") +
                                     ": does not fit lenet5-mnist: samples are 1x8x8 (8x8 as stored); the network reads 1x28x28");
}

void TestLibrary::unknownNamesListTheKnownOnes()
{
    QVERIFY(problemOf(loadNetwork("lenet6")).startsWith("lenet6: is neither a file nor a bundled network; bundled are "));
    QVERIFY(problemOf(loadNetwork("lenet6")).contains("lenet5-mnist"));
    QVERIFY(problemOf(loadDataset("mnits")).contains("bundled are "));
    QVERIFY(problemOf(loadPlan("npp")).contains("npp-nf4-rank8"));
    QVERIFY(problemOf(loadPriceTable("3nm")).startsWith("3nm: is "));
}

void TestLibrary::anUnknownSplitListsTheKnownOnes()
{
    QCOMPARE(problemOf(openSubject("mlp-mnist", "mnist#validation")),
             QString("mnist#validation: has no split \"validation\"; wanted one of test, train"));
}

void TestLibrary::scoringTheTrainSplitLeavesTheCalibratorsOut()
{
    const auto subject = openSubject("mlp-mnist", "mnist#train", 256);
    QVERIFY2(subject, qPrintable(problemOf(subject)));
    QCOMPARE(subject.value()->calibration.samples(), 256);
    QCOMPARE(subject.value()->test.samples(), 10000 - 256);
    QCOMPARE(subject.value()->remarks, (std::vector<std::string>{"256 samples of the train split calibrate; the other 9744 are scored"}));
}

void TestLibrary::aTableWithMoreClassesThanAnswersIsRefused()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("s-images-idx3-ubyte"), sample::idx({2, 28, 28}, QByteArray(2 * 784, '\1')));
    sample::write(folder.filePath("s-labels-idx1-ubyte"), sample::idx({2}, QByteArray("\x0a\x00", 2)));
    const QString problem = problemOf(openSubject("lenet5-mnist", folder.filePath("s-images-idx3-ubyte").toStdString()));
    QVERIFY2(problem.startsWith("lenet5-mnist: answers ") && problem.contains("which is 10 classes") &&
                 problem.endsWith("has a label 10 (of 11 classes)"),
             qPrintable(problem));
}

QTEST_APPLESS_MAIN(TestLibrary)
#include "tst_library.moc"
