// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_reader.h"
#include "tests/core/io/sample_files.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

using namespace core;

class TestDatasetManifest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void aDescribedFolderIsRead();
    void aDescribedTableIsRead();
    void theHashFollowsTheSamples();
    void aBadManifestIsAProblem_data();
    void aBadManifestIsAProblem();

private:
    void writeManifest(const QJsonObject& manifest) { sample::write(m_folder->filePath("dataset.json"), QJsonDocument(manifest).toJson()); }
    Result<Dataset> read() const { return readDataset(sample::pathOf(m_folder->path())); }
    static QJsonObject imagesManifest()
    {
        return {{"schema", "polarizer.dataset/1"},
                {"name", "tiny"},
                {"title", "Tiny"},
                {"kind", "spectrogram"},
                {"classes", QJsonArray{"a", "b"}},
                {"format", "idx"},
                {"layout", "hw"},
                {"splits", QJsonObject{{"train", QJsonObject{{"samples", 3}, {"inputs", "x.gz"}, {"labels", "y.gz"}}},
                                       {"test", QJsonObject{{"samples", 2}, {"inputs", "u"}, {"labels", "v"}}}}},
                {"source", "made here"},
                {"licence", "CC0-1.0"},
                {"attribution", QJsonArray{"nobody"}},
                {"files", QJsonObject{{"u", QJsonObject{{"bytes", 24}, {"sha256", "not looked at"}}}}}};
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDatasetManifest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    sample::write(m_folder->filePath("x.gz"), sample::gzip(sample::idx({3, 2, 2}, sample::counting(12))));
    sample::write(m_folder->filePath("y.gz"), sample::gzip(sample::idx({3}, QByteArray("\1\0\1", 3))));
    sample::write(m_folder->filePath("u"), sample::idx({2, 2, 2}, sample::counting(8)));
    sample::write(m_folder->filePath("v"), sample::idx({2}, QByteArray("\0\1", 2)));
    sample::write(m_folder->filePath("t.csv"), "1,2,ie\n0,3,ei\n");
}

void TestDatasetManifest::aDescribedFolderIsRead()
{
    writeManifest(imagesManifest());
    const auto dataset = read();
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().name, std::string("tiny"));
    QCOMPARE(dataset.value().kind, SampleKind::Spectrogram);
    QCOMPARE(dataset.value().licence, std::string("CC0-1.0"));
    QCOMPARE(dataset.value().splits.at("train").labels, (std::vector<std::int32_t>{1, 0, 1}));
    QVERIFY(!dataset.value().splitByUs);
}

void TestDatasetManifest::aDescribedTableIsRead()
{
    QJsonObject manifest = imagesManifest();
    manifest["format"] = "csv";
    manifest["layout"] = "sequence";
    manifest["kind"] = "sequence";
    manifest["classes"] = QJsonArray{"ei", "ie"};
    manifest["csv"] = QJsonObject{{"label", "last"}, {"header", false}};
    manifest["splits"] = QJsonObject{{"train", QJsonObject{{"samples", 2}, {"inputs", "t.csv"}}},
                                     {"test", QJsonObject{{"samples", 2}, {"inputs", "t.csv"}}}};
    writeManifest(manifest);
    const auto dataset = read();
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().splits.at("test").inputs, Tensor::of(Shape{2, 2}, std::vector<std::int64_t>{1, 2, 0, 3}));
    QCOMPARE(dataset.value().splits.at("test").labels, (std::vector<std::int32_t>{1, 0}));
}

void TestDatasetManifest::theHashFollowsTheSamples()
{
    writeManifest(imagesManifest());
    const auto before = read(), again = read();
    sample::write(m_folder->filePath("v"), sample::idx({2}, QByteArray("\1\0", 2)));
    const auto after = read();
    QVERIFY(before && again && after);
    QCOMPARE(before.value().hash, again.value().hash);
    QVERIFY(before.value().hash != after.value().hash);
}

void TestDatasetManifest::aBadManifestIsAProblem_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<QString>("problem");
    const auto splits = [](const QJsonObject& train) { return QJsonValue(QJsonObject{{"train", train}}); };
    QTest::newRow("schema") << "schema" << QJsonValue("other/1")
                            << "DIR/dataset.json: schema: found \"other/1\"; wanted \"polarizer.dataset/1\"";
    QTest::newRow("format") << "format" << QJsonValue("hdf5") << "DIR/dataset.json: format: found \"hdf5\"; wanted one of idx, csv";
    QTest::newRow("layout") << "layout" << QJsonValue("wh")
                            << "DIR/dataset.json: layout: found \"wh\"; wanted one of hw, hwc, chw, sequence, features";
    QTest::newRow("classes") << "classes" << QJsonValue(QJsonArray{"a", 2}) << "DIR/dataset.json: classes[1]: found 2; wanted text";
    QTest::newRow("too few classes") << "classes" << QJsonValue(QJsonArray{"a"})
                                     << "DIR/dataset.json: test split: sample 1 has label 1; there are 1 classes (0 to 0)";
    QTest::newRow("no splits") << "splits" << QJsonValue(QJsonObject{}) << "DIR/dataset.json: splits: is empty; wanted at least one split";
    QTest::newRow("no inputs") << "splits" << splits({{"samples", 3}}) << "DIR/dataset.json: splits.train.inputs: missing";
    QTest::newRow("outside")
        << "splits" << splits({{"samples", 3}, {"inputs", "../x.gz"}})
        << "DIR/dataset.json: splits.train.inputs: found \"../x.gz\"; wanted the name of a file in the folder of the manifest";
    QTest::newRow("absolute")
        << "splits" << splits({{"samples", 3}, {"inputs", "/etc/passwd"}})
        << "DIR/dataset.json: splits.train.inputs: found \"/etc/passwd\"; wanted the name of a file in the folder of the manifest";
    QTest::newRow("not there") << "splits" << splits({{"samples", 3}, {"inputs", "none"}}) << "DIR/none: there is no such file";
    QTest::newRow("other count") << "splits" << splits({{"samples", 4}, {"inputs", "x.gz"}})
                                 << "DIR/x.gz: has 3 samples; dataset.json states 4";
    QTest::newRow("other labels") << "splits" << splits({{"samples", 3}, {"inputs", "x.gz"}, {"labels", "v"}})
                                  << "DIR/dataset.json: train split: has 3 samples and 2 labels; wanted one label for each sample";
    QTest::newRow("other size") << "files" << QJsonValue(QJsonObject{{"u", QJsonObject{{"bytes", 25}}}})
                                << "DIR/u: has 24 bytes; dataset.json states 25";
}

void TestDatasetManifest::aBadManifestIsAProblem()
{
    QFETCH(QString, key);
    QFETCH(QJsonValue, value);
    QFETCH(QString, problem);
    QJsonObject manifest = imagesManifest();
    manifest[key] = value;
    writeManifest(manifest);
    const auto dataset = read();
    QVERIFY(!dataset);
    QCOMPARE(QString::fromStdString(dataset.error().text()).replace(m_folder->path(), "DIR"), problem);
}

QTEST_APPLESS_MAIN(TestDatasetManifest)
#include "tst_dataset_manifest.moc"
