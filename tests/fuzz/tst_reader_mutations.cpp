// SPDX-License-Identifier: Apache-2.0
#include "tests/core/io/sample_files.h"
#include "tests/fuzz/readers.h"

#include <onnx/onnx_pb.h>
#include <opencv2/imgcodecs.hpp>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <random>

namespace {

constexpr qint64 kMillisecondsPerReader = 2'000;
constexpr double kLongestRead = 10.0;        // seconds of processor time for any one file; a sanitizer is slow
constexpr rlim_t kMemory = rlim_t{6} << 30;  // an absurd allocation fails, and is seen

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

QByteArray onnxModel()
{
    onnx::ModelProto model;
    model.set_ir_version(8);
    auto* opset = model.add_opset_import();
    opset->set_domain("");
    opset->set_version(13);
    onnx::GraphProto* graph = model.mutable_graph();
    graph->set_name("tiny");
    const auto declare = [](onnx::ValueInfoProto* value, const char* name, std::initializer_list<int> shape) {
        value->set_name(name);
        auto* tensor = value->mutable_type()->mutable_tensor_type();
        tensor->set_elem_type(onnx::TensorProto::FLOAT);
        for (const int size : shape)
            tensor->mutable_shape()->add_dim()->set_dim_value(size);
    };
    declare(graph->add_input(), "x", {1, 1, 4, 4});
    declare(graph->add_output(), "y", {1, 3});
    const auto constant = [&](const char* name, std::initializer_list<int> shape) {
        auto* tensor = graph->add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(onnx::TensorProto::FLOAT);
        int size = 1;
        for (const int axis : shape) {
            tensor->add_dims(axis);
            size *= axis;
        }
        for (int i = 0; i < size; ++i)
            tensor->add_float_data(0.125f * static_cast<float>(i % 7) - 0.25f);
    };
    constant("w", {2, 1, 3, 3});
    constant("m", {8, 3});
    const auto node = [&](const char* operation, std::initializer_list<const char*> inputs, const char* output) {
        auto* added = graph->add_node();
        added->set_name(std::string(operation) + "_1");
        added->set_op_type(operation);
        for (const char* input : inputs)
            added->add_input(input);
        added->add_output(output);
        return added;
    };
    auto* shape = node("Conv", {"x", "w"}, "a")->add_attribute();
    shape->set_name("kernel_shape");
    shape->set_type(onnx::AttributeProto::INTS);
    shape->add_ints(3);
    shape->add_ints(3);
    node("Relu", {"a"}, "b");
    node("Flatten", {"b"}, "c");
    node("MatMul", {"c", "m"}, "y");
    return QByteArray::fromStdString(model.SerializeAsString());
}

QByteArray encoded(const char* ending)
{
    const cv::Mat picture(5, 4, CV_8UC3, cv::Scalar(10, 200, 90));
    std::vector<uchar> bytes;
    cv::imencode(ending, picture, bytes);
    return {reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

QByteArray npzArchive(const QString& scratch)
{
    sample::writeNpz(scratch,
                     {{"x", sample::npy("<f4", "(4, 2)", QByteArray(32, '\0'))}, {"y", sample::npy("|u1", "(4,)", sample::counting(4))}});
    QFile file(scratch);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Three levels of ten cells each.
QByteArray cellTable()
{
    QByteArray table = "target,measured\n";
    for (int i = 0; i < 30; ++i)
        table += QByteArray::number(i % 3 * 10) + ',' + QByteArray::number(i % 3 * 10.1 + 0.01 * i) + '\n';
    return table;
}

/// Of this process, so that a busy machine does not look like a hang.
double processorSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Thousands of small files are written; in memory that takes no time.
QString memoryFolder() { return QFileInfo("/dev/shm").isWritable() ? QString("/dev/shm") : QDir::tempPath(); }

/// Small valid files of each kind: what mutations begin from.
std::vector<QByteArray> seedsOf(const std::string& reader, const QString& scratch)
{
    if (reader == "onnx")
        return {onnxModel()};
    if (reader == "plan")
        return {R"({"schema": "polarizer.plan/1", "name": "n", "network": {"name": "a", "hash": "b"},
                "default": {"weights": {"format": "nf4", "scale": "group:64", "clip": "percentile:99"}, "activations": {"format": "int8", "range": "percentile:99.9"},
                "accumulator": {"format": "fp32"}, "surrogate": {"rank": 8, "format": "fp16", "method": "activation"}},
                "layers": {"a": {"weights": {"palette": [{"format": "pot4"}, {"format": "e4m3"}], "rows": "0*12,1*4"}, "surrogate": null},
                "b": {"cim": {"array": {"rows": 128, "columns": 128}, "adc": {"bits": 6, "range": "full"}, "variation": {"model": "independent", "sigma": 0.05}, "chip_seed": 1}}}})"};
    if (reader == "network")
        return {
            R"({"schema": "polarizer.network/1", "name": "n", "model": "model.onnx", "task": {"kind": "reconstruction", "threshold": 0.1},
                "preprocessing": {"layout": "chw", "type": "float32", "scale": 0.1, "mean": [0.1], "std": [1]}, "accuracy": {"split": "test", "samples": 10, "correct": 9}})"};
    if (reader == "device")
        return {
            R"({"schema": "polarizer.device/1", "name": "n", "title": "t", "source": "s", "cells": {"bits_per_cell": 2,
                "variation": {"model": "independent", "sigma": 0.01}, "read_noise": {"model": "flicker", "sigma": 0.02},
                "drift": {"model": "phase-change"}, "stuck": {"on": 0.001, "off": 0.001}, "on_off_ratio": 100, "on_microsiemens": 100}})"};
    if (reader == "cells")
        return {cellTable()};
    if (reader == "prices")
        return {
            R"({"schema": "polarizer.energy/1", "name": "n", "title": "t", "node_nm": 45, "voltage": 0.9, "prices": [
                {"operation": "multiply", "kind": "integer", "bits": 8, "value": 0.2, "unit": "pJ", "range": [0.1, 0.3], "source": "s", "confidence": "measured"}]})"};
    if (reader == "paths") {
        sample::writeNpz(scratch, {{"fc.down", sample::npy("<f4", "(2, 4)", QByteArray(32, '\0'))},
                                   {"fc.up", sample::npy("<f4", "(3, 2)", QByteArray(24, '\0'))}});
        QFile file(scratch);
        return {file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray()};
    }
    if (reader == "dataset")
        return {
            R"({"schema": "polarizer.dataset/1", "name": "n", "kind": "image", "classes": ["a", "b"], "format": "csv", "csv": {"label": "last", "header": false}, "layout": "features",
                "splits": {"train": {"samples": 2, "inputs": "t.csv"}, "test": {"samples": 2, "inputs": "t.csv"}}, "files": {"t.csv": {"bytes": 8}}})"};
    if (reader == "idx")
        return {sample::idx({4, 2, 3}, sample::counting(24)), sample::gzip(sample::idx({4, 2, 3}, sample::counting(24))),
                sample::idx({3, 2}, QByteArray(24, '\1'), 0x0D)};
    if (reader == "csv")
        return {"a,b,label\n1,2.5,x\n-3e2,\"4\",\"y \"\"z\"\"\"\n0,0,x\n", sample::gzip("1;2;0\r\n3;4;1\r\n5;6;0\r\n")};
    if (reader == "npz")
        return {npzArchive(scratch)};
    if (reader == "cifar")
        return {sample::cifar10Record(3, 10) + sample::cifar10Record(1, 20)};
    return {encoded(".png"), encoded(".jpg"), encoded(".bmp"), encoded(".ppm")};
}

/// A few small injuries: bits, bytes, numbers at the edges, pieces lost, doubled or moved.
QByteArray mutated(QByteArray bytes, std::mt19937_64& random)
{
    const auto below = [&](qsizetype limit) {
        return limit <= 0 ? qsizetype{0} : static_cast<qsizetype>(random() % static_cast<std::uint64_t>(limit));
    };
    const int injuries = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < injuries && !bytes.isEmpty(); ++i) {
        const qsizetype at = below(bytes.size());
        switch (random() % 8) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 1: bytes[at] = "\x00\xff\x7f\x80\x01\x0a\x22\x2c"[random() % 8]; break;
        case 2: bytes[at] = static_cast<char>(random()); break;
        case 3:
            bytes.replace(at, std::min<qsizetype>(4, bytes.size() - at),
                          QByteArray(random() % 2 == 0 ? "\xff\xff\xff\x7f" : "\xff\xff\xff\xff", 4));
            break;
        case 4: bytes.remove(at, 1 + below(16)); break;
        case 5: bytes.insert(below(bytes.size()), bytes.mid(at, 1 + below(32))); break;
        case 6: bytes.truncate(at); break;
        case 7: bytes.insert(at, QByteArray::number(static_cast<qlonglong>(random()))); break;
        }
    }
    return bytes;
}

}  // namespace

class TestReaderMutations : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init() { m_folder = std::make_unique<QTemporaryDir>(memoryFolder() + "/reader-mutations-XXXXXX"); }
    void cleanup() { restoreErrors(); }

    void theSeedsAreValid_data() { everyReader(); }
    void theSeedsAreValid();
    void everyTruncationIsReadOrRefused_data() { everyReader(); }
    void everyTruncationIsReadOrRefused();
    void anEmptyFileIsRefused_data() { everyReader(); }
    void anEmptyFileIsRefused();
    void zerosAreRefused_data() { everyReader(); }
    void zerosAreRefused();
    void injuredFilesAreReadOrRefused_data() { everyReader(); }
    void injuredFilesAreReadOrRefused();

private:
    void everyReader();
    const fuzz::Reader& reader() const;
    QString path() const { return m_folder->filePath(QString::fromStdString(reader().fileName)); }
    void prepareFolder();
    /// Empty where the bytes were read, or were refused as they should be; else what is wrong.
    QString verdict(const QByteArray& bytes);
    void hushErrors();  // image libraries talk to standard error about every broken file
    void restoreErrors();

    std::unique_ptr<QTemporaryDir> m_folder;
    int m_errors = -1;
};

void TestReaderMutations::initTestCase()
{
    if (kSanitized)
        return;
    const rlimit limit{kMemory, kMemory};
    QCOMPARE(setrlimit(RLIMIT_AS, &limit), 0);
}

void TestReaderMutations::everyReader()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < fuzz::readers().size(); ++i)
        QTest::newRow(fuzz::readers()[i].name.c_str()) << static_cast<int>(i);
}

const fuzz::Reader& TestReaderMutations::reader() const
{
    QFETCH(int, index);
    return fuzz::readers()[static_cast<std::size_t>(index)];
}

void TestReaderMutations::prepareFolder()
{
    QDir().mkpath(QFileInfo(path()).path());
    if (reader().name == "dataset")
        sample::write(m_folder->filePath("t.csv"), "1,a\n2,b\n");
    if (reader().name == "images")  // a second image, so that a valid first one makes a dataset
        sample::write(m_folder->filePath("class/other.png"), encoded(".png"));
    hushErrors();
}

QString TestReaderMutations::verdict(const QByteArray& bytes)
{
    sample::write(path(), bytes);
    const double begin = processorSeconds();
    const auto problem = reader().read(sample::pathOf(path()));
    if (processorSeconds() - begin > kLongestRead)
        return QString("took %1 s").arg(processorSeconds() - begin);
    if (problem && problem->message.empty())
        return QString("a problem without a message at \"%1\"").arg(QString::fromStdString(problem->place));
    if (problem && problem->place.find(m_folder->path().toStdString()) == std::string::npos)
        return "a problem that does not name the file: " + QString::fromStdString(problem->text());
    return {};
}

void TestReaderMutations::hushErrors()
{
    m_errors = dup(STDERR_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

void TestReaderMutations::restoreErrors()
{
    if (m_errors < 0)
        return;
    dup2(m_errors, STDERR_FILENO);
    close(m_errors);
    m_errors = -1;
}

void TestReaderMutations::theSeedsAreValid()
{
    prepareFolder();
    for (const QByteArray& seed : seedsOf(reader().name, m_folder->filePath("scratch"))) {
        sample::write(path(), seed);
        const auto problem = reader().read(sample::pathOf(path()));
        QVERIFY2(!problem, problem ? problem->text().c_str() : "");
    }
}

void TestReaderMutations::everyTruncationIsReadOrRefused()
{
    prepareFolder();
    for (const QByteArray& seed : seedsOf(reader().name, m_folder->filePath("scratch")))
        for (qsizetype length = 0, step = 1 + seed.size() / 2000; length < seed.size(); length += step) {
            const QString wrong = verdict(seed.left(length));
            QVERIFY2(wrong.isEmpty(), qPrintable(QString("%1 of %2 bytes: %3").arg(length).arg(seed.size()).arg(wrong)));
        }
}

void TestReaderMutations::anEmptyFileIsRefused()
{
    prepareFolder();
    QCOMPARE(verdict({}), QString());
    QVERIFY(reader().read(sample::pathOf(path())));
}

void TestReaderMutations::zerosAreRefused()
{
    prepareFolder();
    for (const qint64 size : {qint64{1}, qint64{4096}, qint64{100} << 20}) {
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(0) && file.resize(size));
        file.close();
        const double begin = processorSeconds();
        const auto problem = reader().read(sample::pathOf(path()));
        const double seconds = processorSeconds() - begin;
        QVERIFY2(problem, qPrintable(QString("%1 zeros were read").arg(size)));
        QVERIFY2(!problem->message.empty() && !problem->place.empty(), problem->text().c_str());
        QVERIFY2(seconds <= kLongestRead, qPrintable(QString("%1 zeros took %2 s").arg(size).arg(seconds)));
    }
}

void TestReaderMutations::injuredFilesAreReadOrRefused()
{
    prepareFolder();
    const std::vector<QByteArray> seeds = seedsOf(reader().name, m_folder->filePath("scratch"));
    QElapsedTimer timer;
    timer.start();
    std::uint64_t seed = 1;  // printed with a failure: the same seed makes the same file
    for (; timer.elapsed() < kMillisecondsPerReader; ++seed) {
        std::mt19937_64 random(seed);
        const QByteArray bytes = mutated(seeds[seed % seeds.size()], random);
        const QString wrong = verdict(bytes);
        QVERIFY2(wrong.isEmpty(), qPrintable(QString("seed %1: %2").arg(seed).arg(wrong)));
    }
    restoreErrors();
    qInfo("%s: seeds 1 to %llu", reader().name.c_str(), static_cast<unsigned long long>(seed - 1));
}

QTEST_APPLESS_MAIN(TestReaderMutations)
#include "tst_reader_mutations.moc"
