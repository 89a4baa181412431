// SPDX-License-Identifier: Apache-2.0
#include "core/io/csv_reader.h"
#include "core/io/dataset_reader.h"
#include "tests/core/io/sample_files.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace core;

class TestCsvReader : public QObject {
    Q_OBJECT

private slots:
    void aNamedLabelColumnIsTakenOut();
    void theFirstColumnMayBeTheLabel();
    void numbersAsLabelsAreClassIndices();
    void givenClassesKeepTheirOrder();
    void sequencesOfWholeNumbersAreTokens();
    void quotesSemicolonsAndWindowsLinesAreRead();
    void gzipIsUnpacked();
    void aHeaderIsRecognized();
    void aTableWithoutHeaderIsRecognized();
    void aBadTableIsAProblem_data();
    void aBadTableIsAProblem();
    void aFolderOfTwoTablesHasTwoSplits();
    void aTestLabelUnknownToTrainIsAProblem();

private:
    std::filesystem::path written(const QByteArray& text, const char* name = "t.csv")
    {
        sample::write(m_folder.filePath(name), text);
        return sample::pathOf(m_folder.filePath(name));
    }
    CsvTable read(const QByteArray& text, const CsvOptions& options = {})
    {
        auto table = readCsv(written(text), options);
        if (!table) {
            QTest::qFail(table.error().text().c_str(), __FILE__, __LINE__);
            return {};
        }
        return std::move(table).value();
    }
    static CsvOptions headed(std::string label = "last")
    {
        CsvOptions options;
        options.label = std::move(label);
        options.header = true;
        return options;
    }
    QTemporaryDir m_folder;
};

void TestCsvReader::aNamedLabelColumnIsTakenOut()
{
    const CsvTable table = read("a,kind,b\n1,cat,2.5\n-3e1,dog,4\n0,cat,0\n", headed("kind"));
    QCOMPARE(table.split.inputs, Tensor::of(Shape{3, 2}, std::vector<float>{1, 2.5f, -30, 4, 0, 0}));
    QCOMPARE(table.classes, (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(table.split.labels, (std::vector<std::int32_t>{0, 1, 0}));
}

void TestCsvReader::theFirstColumnMayBeTheLabel()
{
    CsvOptions options;
    options.label = "first";
    const CsvTable table = read("T,2,8\nI,5,12\n", options);
    QCOMPARE(table.classes, (std::vector<std::string>{"I", "T"}));
    QCOMPARE(table.split.labels, (std::vector<std::int32_t>{1, 0}));
}

void TestCsvReader::numbersAsLabelsAreClassIndices()
{
    const CsvTable table = read("0.5,2\n0.25,0\n");
    QCOMPARE(table.split.labels, (std::vector<std::int32_t>{2, 0}));
    QCOMPARE(table.classes, (std::vector<std::string>{"0", "1", "2"}));
}

void TestCsvReader::givenClassesKeepTheirOrder()
{
    CsvOptions options;
    options.classes = {"n", "ei", "ie"};
    QCOMPARE(read("1,ie\n2,n\n", options).split.labels, (std::vector<std::int32_t>{2, 0}));
}

void TestCsvReader::sequencesOfWholeNumbersAreTokens()
{
    CsvOptions options;
    options.layout = SampleLayout::Sequence;
    QCOMPARE(read("3,0,1,a\n", options).split.inputs, Tensor::of(Shape{1, 3}, std::vector<std::int64_t>{3, 0, 1}));
    QCOMPARE(read("3,0.5,1,a\n", options).split.inputs.type(), DataType::Float32);
}

void TestCsvReader::quotesSemicolonsAndWindowsLinesAreRead()
{
    const CsvTable table = read("\xEF\xBB\xBF"
                                "x;\"a \"\"b\"\"; c\";l\r\n 1 ; +2 ;\"yes; no\"\r\n\r\n",
                                headed());
    QCOMPARE(table.split.inputs, Tensor::of(Shape{1, 2}, std::vector<float>{1, 2}));
    QCOMPARE(table.classes, (std::vector<std::string>{"yes; no"}));
}

void TestCsvReader::gzipIsUnpacked()
{
    const auto table = readCsv(written(sample::gzip("1,0\n2,1\n"), "t.csv.gz"), {});
    QVERIFY(table);
    QCOMPARE(table.value().split.samples(), 2);
}

void TestCsvReader::aHeaderIsRecognized()
{
    const auto options = guessCsvOptions(written("width,height,class\n1,2,x\n"));
    QVERIFY(options);
    QVERIFY(options.value().header == true);
    QCOMPARE(options.value().label, std::string("class"));
}

void TestCsvReader::aTableWithoutHeaderIsRecognized()
{
    const auto options = guessCsvOptions(written("T,2,8\nI,5,12\n"));
    QVERIFY(options);
    QVERIFY(options.value().header == false);
    QCOMPARE(options.value().label, std::string("first"));
}

void TestCsvReader::aBadTableIsAProblem_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("problem");
    QTest::newRow("empty") << QByteArray() << "last"
                           << ": is empty; wanted a table";
    QTest::newRow("blank lines") << QByteArray("\n \n\r\n") << "last"
                                 << ": is empty; wanted a table";
    QTest::newRow("header only") << QByteArray("a,b\n") << "last"
                                 << ": has a header line and nothing below it";
    QTest::newRow("one column")
        << QByteArray("a\n1\n") << "last"
        << ": line 1: has one field; wanted a label and at least one feature, divided by commas, semicolons or tabs";
    QTest::newRow("no such column") << QByteArray("a,b\n1,2\n") << "kind"
                                    << ": line 1: there is no column \"kind\" for the label";
    QTest::newRow("a word for a number") << QByteArray("width,b\n1,2\nx,3\n") << "last"
                                         << ": line 3, column 1 (\"width\"): found \"x\"; wanted a number";
    QTest::newRow("a hole") << QByteArray("width,b\n1,2\n,3\n") << "last"
                            << ": line 3, column 1 (\"width\"): found \"\"; wanted a number";
    QTest::newRow("not a number") << QByteArray("a,b\nnan,2\n") << "last"
                                  << ": line 2, column 1 (\"a\"): found \"nan\"; wanted a number";
    QTest::newRow("too large") << QByteArray("a,b\n1e300,2\n") << "last"
                               << ": line 2, column 1 (\"a\"): found \"1e300\"; wanted a number";
    QTest::newRow("a short line") << QByteArray("a,b,c\n1,2,0\n\n1,2\n") << "last"
                                  << ": line 4: has 2 fields; the first line has 3";
    QTest::newRow("an open quote") << QByteArray("a,b\n\"1,2\n") << "last"
                                   << ": line 2: column 1: the quotation mark is not closed on its line";
    QTest::newRow("words after a quote") << QByteArray("a,b\n\"1\"2,2\n") << "last"
                                         << ": line 2: column 1: text follows the closing quotation mark";
    QTest::newRow("an empty label") << QByteArray("a,b\n1,\n") << "last"
                                    << ": line 2, column 2 (\"b\"): the label is empty";
}

void TestCsvReader::aBadTableIsAProblem()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, label);
    QFETCH(QString, problem);
    const auto table = readCsv(written(text), headed(label.toStdString()));
    QVERIFY(!table);
    QCOMPARE(QString::fromStdString(table.error().text()), m_folder.filePath("t.csv") + problem);
}

void TestCsvReader::aFolderOfTwoTablesHasTwoSplits()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("train.csv"), "a,label\n1,x\n2,y\n");
    sample::write(folder.filePath("test.csv.gz"), sample::gzip("a,label\n3,y\n"));
    const auto dataset = readDataset(sample::pathOf(folder.path()));
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().splits.at("test").labels, (std::vector<std::int32_t>{1}));
    QCOMPARE(dataset.value().kind, SampleKind::Table);
}

void TestCsvReader::aTestLabelUnknownToTrainIsAProblem()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("train.csv"), "a,label\n1,x\n2,y\n");
    sample::write(folder.filePath("test.csv"), "a,label\n3,z\n");
    const auto dataset = readDataset(sample::pathOf(folder.path()));
    QVERIFY(!dataset);
    QCOMPARE(QString::fromStdString(dataset.error().text()),
             folder.filePath("test.csv") + ": line 2, column 2 (\"label\"): found \"z\"; wanted one of the 2 classes");
}

QTEST_APPLESS_MAIN(TestCsvReader)
#include "tst_csv_reader.moc"
