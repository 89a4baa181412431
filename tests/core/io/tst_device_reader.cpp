// SPDX-License-Identifier: Apache-2.0
#include "core/io/device_reader.h"
#include "core/io/library.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <fstream>

class tst_DeviceReader : public QObject {
    Q_OBJECT
private slots:
    void bundledDevicesSayWhereTheyAreFrom();
    void aDeviceSurvivesItsFile();
    void badFilesAreNamedProblems_data();
    void badFilesAreNamedProblems();
    void measuredCellsAreReadAndRefused();

private:
    std::string write(const char* name, const std::string& text)
    {
        const std::string file = m_folder.filePath(name).toStdString();
        std::ofstream(file) << text;
        return file;
    }
    QTemporaryDir m_folder;
};

void tst_DeviceReader::bundledDevicesSayWhereTheyAreFrom()
{
    const auto devices = core::bundledDevices();
    QStringList names;
    for (const core::Device& device : devices) {
        names << QString::fromStdString(device.name);
        QVERIFY(!device.source.empty());
    }
    QCOMPARE(names, (QStringList{"fefet", "ideal", "pcm", "rram", "sram-charge"}));
    QVERIFY(core::loadDevice("pcm").value().drift.model == core::Drift::Model::PhaseChange);
    QVERIFY(!core::loadDevice("unobtainium").has_value());
}

void tst_DeviceReader::aDeviceSurvivesItsFile()
{
    for (const core::Device& device : core::bundledDevices()) {
        const auto again = core::readDevice(write("device.json", core::deviceToJson(device).dump()));
        QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
        QVERIFY(core::deviceToJson(again.value()) == core::deviceToJson(device));
        QVERIFY(core::withDevice({}, again.value()) == core::withDevice({}, device));
    }
}

void tst_DeviceReader::badFilesAreNamedProblems_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("wanted");
    const QString cells =
        R"({"bits_per_cell": 1, "variation": {"sigma": 0.1}, "read_noise": {"sigma": 0}, "on_off_ratio": null, "on_microsiemens": 25})";
    const auto document = [](const QString& inside) {
        return R"({"schema": "polarizer.device/1", "name": "x", "title": "x", "source": "x", "cells": )" + inside + "}";
    };
    QTest::newRow("good") << document(cells) << QString();
    QTest::newRow("no schema") << R"({"name": "x"})"
                               << "schema";
    QTest::newRow("a missing field") << document(QString(cells).remove(R"("on_off_ratio": null, )")) << "on_off_ratio";
    QTest::newRow("a negative sigma") << document(QString(cells).replace("0.1", "-1")) << "cells.variation.sigma: found -1";
    QTest::newRow("an unknown field") << document(QString(cells).replace("bits_per_cell", "bits_per_sell")) << "bits_per_sell";
    QTest::newRow("a ratio below one") << document(QString(cells).replace("null", "0.5")) << "on_off_ratio";
}

void tst_DeviceReader::badFilesAreNamedProblems()
{
    QFETCH(QString, text);
    QFETCH(QString, wanted);
    const auto device = core::readDevice(write("bad.json", text.toStdString()));
    QCOMPARE(device.has_value(), wanted.isEmpty());
    if (!device)
        QVERIFY2(device.error().text().find(wanted.toStdString()) != std::string::npos, device.error().text().c_str());
}

void tst_DeviceReader::measuredCellsAreReadAndRefused()
{
    const auto cells = core::readMeasuredCells(write("good.csv", "target,measured\n0, 0.1\r\n25;24.5\n\n12.5\t13\n"));
    QVERIFY2(cells.has_value(), cells ? "" : cells.error().text().c_str());
    QCOMPARE(cells.value().size(), std::size_t{3});
    QCOMPARE(cells.value()[1].measured, 24.5);
    const auto problem = [&](const std::string& text) { return core::readMeasuredCells(write("bad.csv", text)).error().text(); };
    const auto says = [](const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; };
    QVERIFY(says(problem("target,measured\n1,2\n3,high\n"), "line 3, column 2: found \"high\"; wanted a number"));
    QVERIFY(says(problem("1,2,3\n"), "line 1: 3 columns; wanted 2"));
    QVERIFY(says(problem("target,measured\n"), "holds no cells"));
    QVERIFY(says(problem("1,nan\n"), "column 2"));
}

QTEST_APPLESS_MAIN(tst_DeviceReader)
#include "tst_device_reader.moc"
