// SPDX-License-Identifier: Apache-2.0
// Scale and clip rules as text, and back.
#include "core/formats/treatment.h"

#include <QtTest>

using namespace core;

class TestRules : public QObject {
    Q_OBJECT

private slots:
    void rulesReadAsTheyAreWritten()
    {
        for (const char* text : {"tensor", "row", "group:64", "vector:16", "vector:16:4", "block:32", "block:16:e4m3"})
            QCOMPARE(ScaleRule::parse(text).value().text(), std::string(text));
        for (const int length : {1, 2, 7, 64, 1 << 20})
            for (const auto kind : {ScaleRule::Kind::Group, ScaleRule::Kind::Vector, ScaleRule::Kind::Block})
                for (int bits = 3; bits <= 10; ++bits)
                    for (const auto block : {ScaleRule::BlockScale::E8m0, ScaleRule::BlockScale::E4m3}) {
                        const ScaleRule rule{kind, length, kind == ScaleRule::Kind::Vector ? bits : 8, kind == ScaleRule::Kind::Block ? block : ScaleRule::BlockScale::E8m0};
                        QCOMPARE(ScaleRule::parse(rule.text()).value(), rule);
                    }
        QCOMPARE(ScaleRule::parse("vector:16:8").value().text(), std::string("vector:16"));
        for (const char* text : {"absmax", "mse", "percentile:99.9", "percentile:100"})
            QCOMPARE(ClipRule::parse(text).value().text(), std::string(text));
    }

    void wrongRulesSayWhatWasFoundAndWhatIsWanted()
    {
        for (const char* text : {"", "rows", "group", "group:", "group:0", "group:-4", "group:4x", "group:99999999999", "vector:16:2", "vector:16:11", "vector:16:", "block:", "block:16:e5m2", "block::e4m3", "group:16:e4m3", "tensor "}) {
            const auto rule = ScaleRule::parse(text);
            QVERIFY2(!rule, text);
            QVERIFY(rule.error().message.find("scale \"" + std::string(text) + "\"") != std::string::npos);
            QVERIFY(rule.error().message.find("group:N") != std::string::npos);
        }
        for (const char* text : {"", "max", "percentile:", "percentile:0", "percentile:-1", "percentile:100.5", "percentile:nan", "percentile:9 9"}) {
            const auto rule = ClipRule::parse(text);
            QVERIFY2(!rule, text);
            QVERIFY(rule.error().message.find("percentile:P") != std::string::npos);
        }
    }
};

QTEST_APPLESS_MAIN(TestRules)
#include "tst_rules.moc"
