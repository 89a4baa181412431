// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_reader.h"
#include "core/io/idx_reader.h"
#include "tests/core/io/sample_files.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace core;

class TestIdxReader : public QObject {
    Q_OBJECT

private slots:
    void bytesOfAnyRankAreReadAsTheyAre();
    void gzipIsUnpacked();
    void signedNumbersAreBigEndian();
    void floatsAndDoublesBecomeFloats();
    void aBadFileIsAProblem_data();
    void aBadFileIsAProblem();
    void everyTruncationIsAProblem();
    void labelsMustBeOneNumberASample();
    void aPairIsFoundByItsName();
    void bothSplitsAreFoundByTheirNames();
    void aMissingLabelsFileIsNamed();
    void loneImagesAreSplitByAFixedSeed();

private:
    QString file(const char* name) const { return m_folder.filePath(name); }
    Result<Tensor> read(const QByteArray& bytes)
    {
        sample::write(file("x"), bytes);
        return readIdx(sample::pathOf(file("x")));
    }
    QTemporaryDir m_folder;
};

void TestIdxReader::bytesOfAnyRankAreReadAsTheyAre()
{
    const auto tensor = read(sample::idx({2, 1, 3, 2}, sample::counting(12)));
    QVERIFY(tensor);
    QCOMPARE(tensor.value().shape(), (Shape{2, 1, 3, 2}));
    QCOMPARE(tensor.value().type(), DataType::UInt8);
    QCOMPARE(tensor.value().values<std::uint8_t>()[11], std::uint8_t{11});
}

void TestIdxReader::gzipIsUnpacked()
{
    const auto tensor = read(sample::gzip(sample::idx({3}, sample::counting(3))));
    QVERIFY(tensor);
    QCOMPARE(tensor.value(), Tensor::of(Shape{3}, std::vector<std::uint8_t>{0, 1, 2}));
}

void TestIdxReader::signedNumbersAreBigEndian()
{
    const auto shorts = read(sample::idx({2}, QByteArray("\x01\x02\xff\xfe", 4), 0x0B));
    QVERIFY(shorts);
    QCOMPARE(shorts.value(), Tensor::of(Shape{2}, std::vector<std::int64_t>{0x0102, -2}));
    const auto bytes = read(sample::idx({1}, QByteArray("\xff", 1), 0x09));
    QVERIFY(bytes);
    QCOMPARE(bytes.value(), Tensor::of(Shape{1}, std::vector<std::int64_t>{-1}));
    const auto words = read(sample::idx({1}, QByteArray("\x00\x01\x00\x00", 4), 0x0C));
    QVERIFY(words);
    QCOMPARE(words.value(), Tensor::of(Shape{1}, std::vector<std::int64_t>{65536}));
}

void TestIdxReader::floatsAndDoublesBecomeFloats()
{
    const auto floats = read(sample::idx({1}, QByteArray("\x3f\xc0\x00\x00", 4), 0x0D));
    QVERIFY(floats);
    QCOMPARE(floats.value(), Tensor::of(Shape{1}, std::vector<float>{1.5f}));
    const auto doubles = read(sample::idx({1}, QByteArray("\xc0\x04\x00\x00\x00\x00\x00\x00", 8), 0x0E));
    QVERIFY(doubles);
    QCOMPARE(doubles.value(), Tensor::of(Shape{1}, std::vector<float>{-2.5f}));
}

void TestIdxReader::aBadFileIsAProblem_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("problem");
    QTest::newRow("empty") << QByteArray() << "header: the file ends after 0 bytes; an IDX header has at least 4";
    QTest::newRow("zeros") << QByteArray(100, '\0')
                           << "header: begins with 00 00 00; IDX begins with 00 00 and a type of 08, 09, 0b, 0c, 0d or 0e";
    QTest::newRow("text") << QByteArray("hello, world")
                          << "header: begins with 68 65 6c; IDX begins with 00 00 and a type of 08, 09, 0b, 0c, 0d or 0e";
    QTest::newRow("no axes") << QByteArray("\0\0\x08\0", 4) << "header: has 0 axes; wanted 1 to 8";
    QTest::newRow("many axes") << QByteArray("\0\0\x08\x7f", 4) << "header: has 127 axes; wanted 1 to 8";
    QTest::newRow("half a size") << QByteArray("\0\0\x08\x01\0\0", 6) << "header: the file ends inside the sizes of its 1 axes";
    QTest::newRow("a size of 0") << sample::idx({2, 0}, {}) << "header: axis 1 has size 0; wanted at least 1";
    QTest::newRow("a huge claim") << sample::idx({0xffffffff, 0xffffffff, 0xffffffff}, "abc")
                                  << "header: claims 4294967295 elements of uint8; the file can hold at most 19 bytes";
    QTest::newRow("one byte short") << sample::idx({2, 2}, "abc") << "elements: the file ends after 3 bytes; 2x2 of uint8 take 4";
    QTest::newRow("one byte long") << sample::idx({2, 2}, "abcde") << "elements: bytes follow the 4 that 2x2 of uint8 take";
    QTest::newRow("not a number") << sample::idx({2, 1}, QByteArray("\x3f\xc0\0\0\x7f\xc0\0\0", 8), 0x0D)
                                  << "sample 1: holds nan; wanted finite single-precision numbers";
}

void TestIdxReader::aBadFileIsAProblem()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, problem);
    const auto tensor = read(bytes);
    QVERIFY(!tensor);
    QCOMPARE(QString::fromStdString(tensor.error().text()), file("x") + ": " + problem);
}

void TestIdxReader::everyTruncationIsAProblem()
{
    const QByteArray whole = sample::idx({2, 3}, sample::counting(6)), packed = sample::gzip(whole);
    for (qsizetype length = 0; length < whole.size(); ++length)
        QVERIFY2(!read(whole.left(length)), qPrintable(QString("%1 bytes").arg(length)));
    for (qsizetype length = 0; length < packed.size(); ++length)
        QVERIFY2(!read(packed.left(length)), qPrintable(QString("%1 packed bytes").arg(length)));
}

void TestIdxReader::labelsMustBeOneNumberASample()
{
    sample::write(file("l"), sample::idx({2, 2}, "abcd"));
    const auto square = readIdxLabels(sample::pathOf(file("l")));
    QVERIFY(!square);
    QCOMPARE(square.error().message, std::string("have shape 2x2; wanted one number per sample"));
    sample::write(file("l"), sample::idx({1}, QByteArray("\xff", 1), 0x09));
    const auto negative = readIdxLabels(sample::pathOf(file("l")));
    QVERIFY(!negative);
    QCOMPARE(negative.error().message, std::string("sample 0 has label -1; wanted 0 to 65535"));
}

void TestIdxReader::aPairIsFoundByItsName()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("digits-images-idx3-ubyte"), sample::idx({5, 2, 2}, sample::counting(20)));
    sample::write(folder.filePath("digits-labels-idx1-ubyte.gz"), sample::gzip(sample::idx({5}, sample::counting(5))));
    const auto dataset = readDataset(sample::pathOf(folder.filePath("digits-images-idx3-ubyte")));
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().classes.size(), std::size_t{5});
    QCOMPARE(dataset.value().layout, SampleLayout::HeightWidth);
    QVERIFY(dataset.value().splitByUs);
}

void TestIdxReader::bothSplitsAreFoundByTheirNames()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("train-images-idx3-ubyte.gz"), sample::gzip(sample::idx({4, 2, 2}, sample::counting(16))));
    sample::write(folder.filePath("train-labels-idx1-ubyte.gz"), sample::gzip(sample::idx({4}, sample::counting(4))));
    sample::write(folder.filePath("t10k-images-idx3-ubyte"), sample::idx({3, 2, 2}, sample::counting(12)));
    sample::write(folder.filePath("t10k-labels-idx1-ubyte"), sample::idx({3}, sample::counting(3)));
    for (const QString& opened :
         {folder.path(), folder.filePath("t10k-images-idx3-ubyte"), folder.filePath("train-images-idx3-ubyte.gz")}) {
        const auto dataset = readDataset(sample::pathOf(opened));
        QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
        QCOMPARE(dataset.value().splits.at("train").samples(), 4);
        QCOMPARE(dataset.value().splits.at("test").samples(), 3);
        QVERIFY(!dataset.value().splitByUs);
    }
}

void TestIdxReader::aMissingLabelsFileIsNamed()
{
    QTemporaryDir folder;
    sample::write(folder.filePath("train-images-idx3-ubyte"), sample::idx({4, 2, 2}, sample::counting(16)));
    const auto dataset = readDataset(sample::pathOf(folder.path()));
    QVERIFY(!dataset);
    QCOMPARE(QString::fromStdString(dataset.error().text()),
             folder.filePath("train-labels-idx1-ubyte") +
                 ": there is no such file; the labels of train-images-idx3-ubyte are wanted there");
}

void TestIdxReader::loneImagesAreSplitByAFixedSeed()
{
    sample::write(file("samples.idx3"), sample::idx({10, 2, 2}, sample::counting(40)));
    const auto first = readIdxDataset(sample::pathOf(file("samples.idx3"))), second = readIdxDataset(sample::pathOf(file("samples.idx3")));
    QVERIFY(first && second);
    QCOMPARE(first.value().splits.at("train").samples(), 8);
    QCOMPARE(first.value().splits.at("test").samples(), 2);
    QCOMPARE(first.value().hash, second.value().hash);
}

QTEST_APPLESS_MAIN(TestIdxReader)
#include "tst_idx_reader.moc"
