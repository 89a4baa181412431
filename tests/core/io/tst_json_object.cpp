// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_object.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace core;

class TestJsonObject : public QObject {
    Q_OBJECT

private slots:
    void aBadDocumentIsAProblem_data();
    void aBadDocumentIsAProblem();
    void aMissingFileIsAProblem();
    void whatIsAbsentStaysAsItWas();
    void aMisfitNamesPathFoundAndWanted();
    void anUnknownKeyListsTheKnownOnes();
    void longValuesAreCutShort();
};

void TestJsonObject::aBadDocumentIsAProblem_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem");
    QTest::newRow("empty") << ""
                           << "is empty; wanted a JSON document";
    QTest::newRow("white space") << " \n\t"
                                 << "is empty; wanted a JSON document";
    QTest::newRow("a key twice") << R"({"a": {"b": 1, "b": 2}})"
                                 << "line 1, column 16: the key \"b\" is written twice in one object";
    QTest::newRow("a key twice, further down") << "{\n \"a\\\"\": 1,\n  \"a\\\"\": 2}"
                                               << "line 3, column 3: the key \"a\"\" is written twice in one object";
    QTest::newRow("a number beyond double") << "{\n \"a\": [1, 1e400]}"
                                            << "line 2, column 11: found 1e400; wanted a number of at most 1.8e308";
    QTest::newRow("a number beyond double, alone") << "-1e999"
                                                   << "line 1, column 1: found -1e999; wanted a number of at most 1.8e308";
    QTest::newRow("too deep") << QString(100, '[') << "line 1, column 66: nested deeper than 64 levels";
    QTest::newRow("third line")
        << "{\n \"a\": 1,\n \"b\" 2}"
        << "line 3, column 6: is not JSON: syntax error while parsing object separator - unexpected number literal; expected ':'";
    QTest::newRow("cut off") << R"({"a": [1, 2)"
                             << "line 1, column 12: is not JSON: syntax error while parsing array - unexpected end of input; expected ']'";
}

void TestJsonObject::aBadDocumentIsAProblem()
{
    QFETCH(QString, text);
    QFETCH(QString, problem);
    const auto document = parseJson(text.toStdString());
    QVERIFY(!document);
    QCOMPARE(QString::fromStdString(document.error().text()), problem);
}

void TestJsonObject::aMissingFileIsAProblem()
{
    QTemporaryDir folder;
    const auto document = readJson(folder.filePath("none.json").toStdString());
    QVERIFY(!document);
    QCOMPARE(QString::fromStdString(document.error().text()), folder.filePath("none.json") + ": there is no such file");
    const auto itself = readJson(folder.path().toStdString());
    QVERIFY(!itself);
    QCOMPARE(QString::fromStdString(itself.error().text()), folder.path() + ": is a folder; wanted a file");
}

void TestJsonObject::whatIsAbsentStaysAsItWas()
{
    const Json json = Json::object();
    const auto object = JsonObject::of(json, "");
    QVERIFY(object);
    std::string text = "before";
    double number = 0.5;
    QVERIFY(object.value().read("text", text));
    QVERIFY(object.value().read("number", number, {0, 1}));
    QCOMPARE(text, std::string("before"));
    QCOMPARE(number, 0.5);
}

void TestJsonObject::aMisfitNamesPathFoundAndWanted()
{
    const Json json = {{"text", 17},       {"share", 1.5},  {"count", 2.5},  {"large", 18446744073709551615u},
                       {"list", {1, "x"}}, {"flag", "yes"}, {"part", {1, 2}}};
    const auto object = JsonObject::of(json, "a.b");
    QVERIFY(object);
    const auto problemOf = [](const Result<void>& read) { return read ? std::string() : read.error().text(); };
    std::string text;
    double share = 0;
    int count = 0;
    std::int64_t large = 0;
    std::vector<double> list;
    bool flag = false;
    QCOMPARE(problemOf(object.value().read("text", text)), std::string("a.b.text: found 17; wanted text"));
    QCOMPARE(problemOf(object.value().read("share", share, {0, 1})), std::string("a.b.share: found 1.5; wanted a number of 0 to 1"));
    QCOMPARE(problemOf(object.value().read("count", count, {1, 9})), std::string("a.b.count: found 2.5; wanted a whole number of 1 to 9"));
    QCOMPARE(problemOf(object.value().read("large", large, {0, 9})),
             std::string("a.b.large: found 18446744073709551615; wanted a whole number of 0 to 9"));
    QCOMPARE(problemOf(object.value().read("list", list)), std::string("a.b.list[1]: found \"x\"; wanted a number"));
    QCOMPARE(problemOf(object.value().read("flag", flag)), std::string("a.b.flag: found \"yes\"; wanted true or false"));
    const auto part = object.value().object("part");
    QVERIFY(!part);
    QCOMPARE(part.error().text(), std::string("a.b.part: found a list of 2; wanted an object"));
    QVERIFY(list.empty());
}

void TestJsonObject::anUnknownKeyListsTheKnownOnes()
{
    const Json json = {{"format", "int4"}, {"scael", "row"}};
    const auto object = JsonObject::of(json, "weights");
    QVERIFY(object);
    const auto known = object.value().onlyKeys({"format", "scale"});
    QVERIFY(!known);
    QCOMPARE(known.error().text(), std::string("weights.scael: unknown key; wanted one of format, scale"));
}

void TestJsonObject::longValuesAreCutShort()
{
    QCOMPARE(excerpt(Json(std::string(100, 'x'))).size(), std::size_t{40});
    QCOMPARE(excerpt(Json(std::string("ab"))), std::string("\"ab\""));
}

QTEST_APPLESS_MAIN(TestJsonObject)
#include "tst_json_object.moc"
