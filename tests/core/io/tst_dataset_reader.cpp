// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_reader.h"
#include "core/io/npy_bytes.h"
#include "tests/core/io/sample_files.h"

#include <QTemporaryDir>
#include <QtTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace core;

class TestDatasetReader : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void whatIsNotThereIsAProblem();
    void anEmptyFolderSaysWhatIsWanted();
    void cifar10BatchesAreTrainAndTest();
    void cifar100CountsTheFineLabel();
    void aHalfCifarRecordIsAProblem();
    void aCifarLabelOutOfRangeIsAProblem();
    void npzOfTwoSplitsIsRead();
    void npzOfOneSplitIsDivided();
    void npzWithUnknownNamesListsThem();
    void npzWithUnequalLabelsIsAProblem();
    void aTruncatedNpzIsAProblem();
    void anNpzThatCannotBeOpenedSaysWhy();
    void fortranOrderIsTurned();
    void bigEndianElementsAreTurned();
    void aBadNpyIsAProblem_data();
    void aBadNpyIsAProblem();
    void classFoldersOfImagesAreRead();
    void coloursAreRedGreenBlue();
    void imagesOfTwoShapesAreAProblem();
    void aHugeImageIsNotDecoded();
    void aDamagedImageIsAProblem();
    void aClassFolderThatCannotBeReadIsAProblem();

private:
    QString file(const QString& name) const { return m_folder->filePath(name); }
    Result<Dataset> read(const QString& name = {}) const
    {
        return readDataset(sample::pathOf(name.isEmpty() ? m_folder->path() : file(name)));
    }
    QString problemOf(const QString& name = {}) const
    {
        const auto dataset = read(name);
        return dataset ? QString() : QString::fromStdString(dataset.error().text()).replace(m_folder->path(), "DIR");
    }
    void makeFolder(const QString& name) { QVERIFY(QDir(m_folder->path()).mkpath(name)); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDatasetReader::whatIsNotThereIsAProblem()
{
    QCOMPARE(problemOf("nothing"), QString("DIR/nothing: there is no such file or folder"));
}

void TestDatasetReader::anEmptyFolderSaysWhatIsWanted()
{
    QCOMPARE(problemOf(), QString("DIR: holds no dataset; wanted dataset.json, IDX files, CIFAR .bin batches, train.csv and test.csv, or "
                                  "folders of images by class"));
}

void TestDatasetReader::cifar10BatchesAreTrainAndTest()
{
    sample::write(file("data_batch_1.bin"), sample::cifar10Record(3, 10) + sample::cifar10Record(9, 20));
    sample::write(file("data_batch_2.bin"), sample::cifar10Record(0, 30));
    sample::write(file("test_batch.bin"), sample::cifar10Record(1, 40));
    sample::write(file("batches.meta.txt"), "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
    const auto dataset = read();
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    const Split& train = dataset.value().splits.at("train");
    QCOMPARE(train.inputs.shape(), (Shape{3, 3, 32, 32}));
    QCOMPARE(train.labels, (std::vector<std::int32_t>{3, 9, 0}));
    QCOMPARE(train.inputs.values<std::uint8_t>()[2 * 3072], std::uint8_t{30});
    QCOMPARE(train.inputs.values<std::uint8_t>()[2 * 3072 + 1024], std::uint8_t{5});
    QCOMPARE(dataset.value().classes.at(3), std::string("cat"));
    QCOMPARE(dataset.value().layout, SampleLayout::ChannelHeightWidth);
}

void TestDatasetReader::cifar100CountsTheFineLabel()
{
    const QByteArray record = QByteArray("\x13\x63", 2) + QByteArray(3072, '\x01');
    sample::write(file("train.bin"), record + record);
    sample::write(file("test.bin"), record);
    const auto dataset = read();
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().splits.at("train").labels, (std::vector<std::int32_t>{99, 99}));
    QCOMPARE(dataset.value().classes.size(), std::size_t{100});
}

void TestDatasetReader::aHalfCifarRecordIsAProblem()
{
    sample::write(file("data_batch_1.bin"), sample::cifar10Record(3, 10) + "\x01half");
    QCOMPARE(problemOf("data_batch_1.bin"),
             QString("DIR/data_batch_1.bin: record 1: the file ends after 5 bytes of the record; a record has 3073"));
    sample::write(file("my.bin"), "abc");
    QCOMPARE(problemOf("my.bin"), QString("DIR/my.bin: has 3 bytes; CIFAR wants whole records of 3073 (10 classes) or 3074 (100 classes)"));
}

void TestDatasetReader::aCifarLabelOutOfRangeIsAProblem()
{
    sample::write(file("test_batch.bin"), sample::cifar10Record(3, 10) + sample::cifar10Record(10, 10));
    QCOMPARE(problemOf("test_batch.bin"), QString("DIR/test_batch.bin: record 1: label 10; wanted 0 to 9"));
}

void TestDatasetReader::npzOfTwoSplitsIsRead()
{
    sample::writeNpz(file("d.npz"), {{"x_train", sample::npy("|u1", "(2, 2, 2)", sample::counting(8))},
                                     {"y_train", sample::npy("<i8", "(2,)", QByteArray("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16))},
                                     {"x_test", sample::npy("|u1", "(1, 2, 2)", "abcd")},
                                     {"y_test", sample::npy("|u1", "(1, 1)", QByteArray(1, '\1'))}});
    const auto dataset = read("d.npz");
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().splits.at("train").labels, (std::vector<std::int32_t>{1, 0}));
    QCOMPARE(dataset.value().splits.at("test").labels, (std::vector<std::int32_t>{1}));
    QCOMPARE(dataset.value().layout, SampleLayout::HeightWidth);
    QVERIFY(!dataset.value().splitByUs);
}

void TestDatasetReader::npzOfOneSplitIsDivided()
{
    sample::writeNpz(file("d.npz"), {{"data", sample::npy("<f8", "(5, 1)", QByteArray(40, '\0'))},
                                     {"target", sample::npy("|u1", "(5,)", sample::counting(5))}});
    const auto dataset = read("d.npz");
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QVERIFY(dataset.value().splitByUs);
    QCOMPARE(dataset.value().splits.at("train").samples(), 4);
    QCOMPARE(dataset.value().splits.at("train").inputs.type(), DataType::Float32);
}

void TestDatasetReader::npzWithUnknownNamesListsThem()
{
    sample::writeNpz(file("d.npz"), {{"weights", sample::npy("|u1", "(1,)", "a")}, {"bias", sample::npy("|u1", "(1,)", "a")}});
    QCOMPARE(problemOf("d.npz"), QString("DIR/d.npz: holds weights.npy, bias.npy; wanted x_train, y_train, x_test and y_test, or "
                                         "train_images ..., or x and y, images and labels, data and target"));
}

void TestDatasetReader::npzWithUnequalLabelsIsAProblem()
{
    sample::writeNpz(file("d.npz"), {{"x", sample::npy("|u1", "(2, 1)", "ab")}, {"y", sample::npy("|u1", "(3,)", sample::counting(3))}});
    QCOMPARE(problemOf("d.npz"), QString("DIR/d.npz: all split: has 2 samples and 3 labels; wanted one label for each sample"));
}

void TestDatasetReader::aTruncatedNpzIsAProblem()
{
    sample::writeNpz(file("d.npz"), {{"x", sample::npy("|u1", "(2, 1)", "ab")}, {"y", sample::npy("|u1", "(2,)", sample::counting(2))}});
    QFile whole(file("d.npz"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll();
    for (qsizetype length = 0; length < bytes.size(); ++length) {
        sample::write(file("short.npz"), bytes.left(length));
        QVERIFY2(problemOf("short.npz").startsWith("DIR/short.npz: "), qPrintable(QString("%1 bytes").arg(length)));
    }
}

void TestDatasetReader::anNpzThatCannotBeOpenedSaysWhy()
{
    makeFolder("d.npz");
    const auto folder = core::readNpzDataset(sample::pathOf(file("d.npz")));
    QCOMPARE(QString::fromStdString(folder.error().text()).replace(m_folder->path(), "DIR"), QString("DIR/d.npz: is a folder; wanted a file"));
    QCOMPARE(mkfifo(qPrintable(file("pipe.npz")), 0600), 0);
    QCOMPARE(problemOf("pipe.npz"), QString("DIR/pipe.npz: is a device or pipe; wanted a file"));
    if (geteuid() == 0)
        QSKIP("root may read everything");
    sample::writeNpz(file("closed.npz"), {{"x", sample::npy("|u1", "(2, 1)", "ab")}});
    QVERIFY(QFile::setPermissions(file("closed.npz"), {}));
    QCOMPARE(problemOf("closed.npz"), QString("DIR/closed.npz: cannot be opened: Permission denied"));
}

void TestDatasetReader::fortranOrderIsTurned()
{
    // Column by column 0 1 | 2 3 | 4 5 is row by row 0 2 4 | 1 3 5.
    const QByteArray bytes = sample::npy("|u1", "(2, 3)", sample::counting(6), true);
    const auto tensor = npyFromBytes(std::as_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))));
    QVERIFY(tensor);
    QCOMPARE(tensor.value(), Tensor::of(Shape{2, 3}, std::vector<std::uint8_t>{0, 2, 4, 1, 3, 5}));
}

void TestDatasetReader::bigEndianElementsAreTurned()
{
    const QByteArray bytes = sample::npy(">i2", "(2,)", QByteArray("\x01\x02\xff\xff", 4));
    const auto tensor = npyFromBytes(std::as_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))));
    QVERIFY(tensor);
    QCOMPARE(tensor.value(), Tensor::of(Shape{2}, std::vector<std::int16_t>{0x0102, -1}));
}

void TestDatasetReader::aBadNpyIsAProblem_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("problem");
    QTest::newRow("empty") << QByteArray() << "header: is no NPY array";
    QTest::newRow("zeros") << QByteArray(200, '\0') << "header: is no NPY array";
    QTest::newRow("objects") << sample::npy("|O", "(1,)", "a") << "header: 'descr' is '|O'; wanted booleans, whole numbers or floats";
    QTest::newRow("complex") << sample::npy("<c8", "(1,)", "12345678")
                             << "header: 'descr' is '<c8'; wanted booleans, whole numbers or floats";
    QTest::newRow("negative") << sample::npy("|u1", "(-1,)", "a") << "header: 'shape' is (-1,); wanted at most 32 sizes from 0";
    QTest::newRow("no tuple") << sample::npy("|u1", "3", "abc") << "header: 'shape' is no tuple";
    QTest::newRow("huge") << sample::npy("|u1", "(9000000000, 9000000000, 9000000000)", "abc")
                          << "elements: 9000000000x9000000000x9000000000 of uint8 do not fit the 3 bytes that follow";
    QTest::newRow("short") << sample::npy("<i4", "(2,)", "1234567") << "elements: 2 of int32 do not fit the 7 bytes that follow";
    QTest::newRow("long") << sample::npy("<i4", "(1,)", "12345") << "elements: 1 of int32 take 4 bytes; 5 follow";
    QTest::newRow("a version to come") << QByteArray("\x93NUMPY\x09\x00\x04\x00{}  ", 14) << "header: is version 9; wanted 1 to 3";
    QTest::newRow("a long header") << QByteArray("\x93NUMPY\x01\x00\xff\xff{}  ", 14) << "header: claims 65535 bytes; 4 are left";
}

void TestDatasetReader::aBadNpyIsAProblem()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, problem);
    const auto tensor = npyFromBytes(std::as_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))));
    QVERIFY(!tensor);
    QCOMPARE(QString::fromStdString(tensor.error().text()), problem);
}

void TestDatasetReader::classFoldersOfImagesAreRead()
{
    for (const char* name : {"dog/b.pgm", "dog/a.pgm", "cat/x.pgm", "cat/y.pgm", "cat/z.pgm"}) {
        makeFolder(QFileInfo(name).path());
        sample::write(file(name), sample::portableMap(3, 2, 1, name[4]));
    }
    sample::write(file("dog/notes.txt"), "not an image");
    const auto dataset = read();
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().classes, (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(dataset.value().splits.at("train").samples() + dataset.value().splits.at("test").samples(), 5);
    QCOMPARE(dataset.value().splits.at("train").inputs.shape(), (Shape{4, 2, 3}));
    QCOMPARE(dataset.value().layout, SampleLayout::HeightWidth);
}

void TestDatasetReader::coloursAreRedGreenBlue()
{
    for (const char* split : {"train/a", "test/a"}) {
        makeFolder(split);
        sample::write(file(QString(split) + "/i.ppm"), "P6\n1 1\n255\nRGB");
    }
    const auto dataset = read();
    QVERIFY2(dataset, dataset ? "" : dataset.error().text().c_str());
    QCOMPARE(dataset.value().splits.at("test").inputs, Tensor::of(Shape{1, 1, 1, 3}, std::vector<std::uint8_t>{'R', 'G', 'B'}));
    QCOMPARE(dataset.value().layout, SampleLayout::HeightWidthChannel);
}

void TestDatasetReader::imagesOfTwoShapesAreAProblem()
{
    makeFolder("a");
    sample::write(file("a/1.pgm"), sample::portableMap(3, 2, 1, 0));
    sample::write(file("a/2.ppm"), sample::portableMap(3, 2, 3, 0));
    QCOMPARE(problemOf(), QString("DIR/a/2.ppm: is 2x3x3; DIR/a/1.pgm is 2x3, and all images of a dataset share one shape"));
}

void TestDatasetReader::aHugeImageIsNotDecoded()
{
    makeFolder("a");
    sample::write(file("a/1.pgm"), "P5\n60000 60000\n255\nx");
    QCOMPARE(problemOf(), QString("DIR/a/1.pgm: is 60000x60000 pixels; wanted at most 4194304 in all"));
}

void TestDatasetReader::aDamagedImageIsAProblem()
{
    makeFolder("a");
    sample::write(file("a/1.png"), "no image at all");
    QCOMPARE(problemOf(), QString("DIR/a/1.png: is no image we read; wanted PNG, JPEG, BMP, PGM or PPM"));
    sample::write(file("a/1.png"), QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\0\0\0\0", 29));
    QCOMPARE(problemOf(), QString("DIR/a/1.png: cannot be decoded; the image is damaged or cut off"));
}

void TestDatasetReader::aClassFolderThatCannotBeReadIsAProblem()
{
    if (geteuid() == 0)
        QSKIP("root may read everything");
    for (const char* name : {"a", "b"}) {
        makeFolder(name);
        sample::write(file(QString(name) + "/1.pgm"), sample::portableMap(3, 2, 1, 0));
    }
    QVERIFY(QFile::setPermissions(file("b"), {}));
    QCOMPARE(problemOf(), QString("DIR/b: cannot be read: Permission denied"));
    QVERIFY(QFile::setPermissions(file("b"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

QTEST_APPLESS_MAIN(TestDatasetReader)
#include "tst_dataset_reader.moc"
