// SPDX-License-Identifier: Apache-2.0
// Opening what lies in the library and in files: what is sound opens, and what is wrong with the rest is said.
#include "app/exploration/library_source.h"

#include "core/plan/check.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

class TestLibrarySource : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string plan(const char* name, const char* text)
    {
        const QString path = m_folder.filePath(QString::fromLatin1(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) < 0)
            return {};
        return path.toStdString();
    }
    static core::Result<Opened> open(std::vector<std::string> things, const EvaluationSource& current = {})
    {
        OpenRequest request;
        request.things = std::move(things);
        request.current = current;
        return openFromLibrary(request, {});
    }
    EvaluationSource m_lenet;

private slots:
    void initTestCase()
    {
        auto opened = open({"lenet5-mnist", "mnist"});
        QVERIFY(opened.has_value());
        m_lenet = *opened.value().source;
    }
    void aFlawThatAFieldCanShowIsOpened()
    {
        const std::string path =
            plan("rank.plan.json", R"({"schema": "polarizer.plan/1", "layers": {"conv2": {"surrogate": {"rank": 80}}}})");
        for (const auto& things : {std::vector<std::string>{path}, {"lenet5-mnist", "mnist", path}}) {
            const auto opened = open(things, m_lenet);
            QVERIFY2(opened.has_value(), opened ? "" : opened.error().text().c_str());
            QVERIFY(opened.value().plan && !opened.value().refusedPlan);
            QCOMPARE(opened.value().planOrigin, path);
            const auto flaws = core::check(*opened.value().plan, *m_lenet.layers, "lenet5-mnist", std::string());
            QCOMPARE(flaws.size(), std::size_t(1));
            QCOMPARE(flaws.front().field, std::string("surrogate.rank"));
        }
    }
    void aPlanThatCannotBeTakenDoesNotKeepTheRestFromOpening_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("said");
        QTest::newRow("no such layer") << QByteArray(R"({"schema": "polarizer.plan/1", "layers": {"fc9": {"surrogate": {"rank": 2}}}})")
                                       << "fc9";
        QTest::newRow("another network") << QByteArray(R"({"schema": "polarizer.plan/1", "network": {"name": "resnet8"}})") << "resnet8";
        QTest::newRow("choices that do not fit the rows")
            << QByteArray(
                   R"({"schema": "polarizer.plan/1", "layers": {"fc1": {"weights": {"palette": [{"format": "int4"}, {"format": "int8"}],)"
                   R"( "rows": "0*2,1*2,200*2"}}}})")
            << "weights.rows";
        QTest::newRow("no plan") << QByteArray("{") << "odd.plan.json";
    }
    void aPlanThatCannotBeTakenDoesNotKeepTheRestFromOpening()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, said);
        const std::string path = plan("odd.plan.json", text.constData());
        const auto alone = open({path}, m_lenet);
        QVERIFY(!alone.has_value());
        QVERIFY2(alone.error().text().find(said.toStdString()) != std::string::npos, alone.error().text().c_str());
        const auto together = open({"mlp-mnist", "mnist", path});
        QVERIFY(together.has_value());
        QCOMPARE(together.value().source->subject->networkName, std::string("mlp-mnist"));
        QVERIFY(!together.value().plan && together.value().refusedPlan);
        QCOMPARE(together.value().refusedPlan->origin, path);
        QVERIFY2(together.value().refusedPlan->problem.text().find(said.toStdString()) != std::string::npos, "");
    }
    void keptWorkComesBackAsFarAsItCan()
    {
        OpenRequest request;
        request.things = {"lenet5-mnist", "mnist"};
        request.plan = core::PrecisionPlan{};
        request.plan->name = "kept";
        request.plan->layers["fc9"] = {};
        const auto opened = openFromLibrary(request, {});
        QVERIFY(opened.has_value());
        QVERIFY(opened.value().source && !opened.value().plan && opened.value().refusedPlan);
        QVERIFY(opened.value().refusedPlan->problem.text().starts_with("kept: fc9"));
    }
    void whatDoesNotExistOpensNothing()
    {
        QVERIFY(!open({"lenet5-mnist", "no-such-dataset"}).has_value());
        QVERIFY(!open({"mnist"}).has_value());
    }
};

QTEST_APPLESS_MAIN(TestLibrarySource)
#include "tst_library_source.moc"
