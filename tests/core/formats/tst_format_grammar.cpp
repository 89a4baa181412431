// SPDX-License-Identifier: Apache-2.0
// Names become formats, wrong names become messages that list the grammar.
#include "core/formats/number_format.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <set>

using namespace core;

class TestFormatGrammar : public QObject {
    Q_OBJECT

private slots:
    void everyNameOfTheGrammarIsAFormatOfThatName()
    {
        std::vector<std::string> names{"fp32", "fp16", "bf16", "tf32", "e4m3", "e5m2", "e3m2", "e2m3", "e2m1", "e4m3ieee", "e5m10", "e8m7", "e1m1", "ternary", "sp2-4", "apot4", "nf4"};
        for (int bits = 1; bits <= 16; ++bits)
            names.push_back("int" + std::to_string(bits));
        for (int bits = 2; bits <= 16; ++bits)
            names.push_back("uint" + std::to_string(bits));
        for (int bits = 2; bits <= 8; ++bits)
            names.push_back("pot" + std::to_string(bits));
        for (int bits = 1; bits <= 8; ++bits)
            names.push_back("odd" + std::to_string(bits));
        for (int exponent = 1; exponent <= 8; ++exponent)
            for (int mantissa = 1; 1 + exponent + mantissa <= 16; ++mantissa)
                for (const char* suffix : {"", "ieee"})
                    names.push_back("e" + std::to_string(exponent) + "m" + std::to_string(mantissa) + suffix);
        for (const std::string& name : names) {
            const auto format = NumberFormat::named(name);
            QVERIFY2(format.has_value(), name.c_str());
            QCOMPARE(format.value().name(), name);
            QCOMPARE(format.value(), NumberFormat::named(name).value());
            const auto levels = static_cast<double>(format.value().levels().size());
            QVERIFY2(levels == 0 || std::log2(levels) <= format.value().storageBits(), name.c_str());   // the codes suffice
        }
    }

    void anyOtherNameIsAProblemThatListsTheGrammar()
    {
        for (const char* name : {"", "int", "int0", "int17", "int04", "int-4", "int4 ", "INT4", "uint1", "uint17", "pot1", "pot9", "odd0", "odd9", "nf3", "sp2", "apot3", "fp8", "fp64",
                                 "e0m3", "e1m15", "e4m0", "e9m1", "e8m8", "e8m10", "em", "e4m", "e4m3x", "e4m3ieeeieee", "e11m52", "e4294967296m3", "int4294967300"}) {
            const auto format = NumberFormat::named(name);
            QVERIFY2(!format, name);
            const std::string message = format.error().text();
            QVERIFY2(message.find('"' + std::string(name) + '"') != std::string::npos, message.c_str());
            QVERIFY2(message.find("int1 ... int16") != std::string::npos && message.find("nf4") != std::string::npos, message.c_str());
        }
    }

    void aCodebookFileIsNotAName()
    {
        const auto format = NumberFormat::named("codebook:mine.csv");
        QVERIFY(!format);
        QVERIFY(format.error().message.find("file") != std::string::npos);
    }

    void ownLevelsMakeAFormat()
    {
        const NumberFormat format = NumberFormat::fromLevels("mine", {-2, 0, 1, 5, 6}).value();
        QCOMPARE(format.storageBits(), 3.0);
        QCOMPARE(format.largestLevel(), 6.0f);
        QCOMPARE(format.nearestLevel(3.0f), 1.0f);     // a tie between codes 2 and 3 goes to the even one
        QCOMPARE(format.nearestLevel(3.01f), 5.0f);
        QVERIFY(format.holdsZero());
    }

    void levelsThatAreNoneAreRefusedByNumber()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        QVERIFY(NumberFormat::fromLevels("mine", {1}).error().message.find("1 levels") != std::string::npos);
        QVERIFY(NumberFormat::fromLevels("mine", {0, nan}).error().message.find("level 1") != std::string::npos);
        QVERIFY(NumberFormat::fromLevels("mine", {0, 1, 1}).error().message.find("level 2") != std::string::npos);
        QVERIFY(NumberFormat::fromLevels("mine", std::vector<float>(70000)).error().message.find("70000") != std::string::npos);
    }

    void theCatalogueNamesEachFormatOnceWithItsSource()
    {
        std::set<std::string> names;
        for (const CatalogueEntry& entry : formatCatalogue()) {
            QVERIFY2(names.insert(entry.name).second, entry.name.c_str());
            QCOMPARE(entry.format, NumberFormat::named(entry.name).value());
            QVERIFY(!entry.title.empty());
            QVERIFY(!entry.source.empty());
        }
        for (const char* needed : {"fp32", "int8", "int4", "nf4", "e4m3", "pot4", "odd2"})
            QVERIFY2(names.contains(needed), needed);
    }

    void fp32LeavesEverythingAsItIs()
    {
        const NumberFormat format;
        QVERIFY(format.isFloat32());
        QCOMPARE(format.storageBits(), 32.0);
        QVERIFY(format.levels().empty());
        QVERIFY(format.thresholds().empty());
        QCOMPARE(format.nearestLevel(1.1f), 1.1f);
        QVERIFY(NumberFormat::named("tf32").value().levels().empty());   // wider than 16 bits
    }
};

QTEST_APPLESS_MAIN(TestFormatGrammar)
#include "tst_format_grammar.moc"
