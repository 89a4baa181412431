// SPDX-License-Identifier: Apache-2.0
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSet>
#include <QSignalSpy>
#include <QTest>

using namespace app;

class TestChoiceField : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup() { delete m_field; }
    void settingAValueTellsNobody();
    void keysChooseAndTell();
    void aDoubleClickOnTheNameRestoresTheDefault();
    void keysRestoreTheDefaultToo();
    void mixedShowsWordsAndHasNoValue();
    void anUnknownValueJoinsTheChoices();
    void aProblemStandsBelowTheBox();
    void whatIsTypedIsCheckedAndTaken();
    void everyNameOfTheGrammarIsOffered();
    void aCodebookIsReadFromItsFile();

private:
    QComboBox* box() const { return m_field->findChild<QComboBox*>(QStringLiteral("fieldBox")); }
    ChoiceField* m_field = nullptr;
};

void TestChoiceField::init()
{
    m_field = new ChoiceField({QStringLiteral("field"),
                               QStringLiteral("Scale"),
                               QStringLiteral("Who shares a scale"),
                               {{QStringLiteral("row"), QStringLiteral("each row"), {}},
                                {QStringLiteral("tensor"), {}, {}},
                                {QStringLiteral("group:64"), {}, {}}},
                               QStringLiteral("row")});
    m_field->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_field));
}

void TestChoiceField::settingAValueTellsNobody()
{
    QSignalSpy chosen(m_field, &ChoiceField::chosen);
    m_field->setValue(QStringLiteral("tensor"));
    QCOMPARE(m_field->value(), QStringLiteral("tensor"));
    QCOMPARE(chosen.count(), 0);
}

void TestChoiceField::keysChooseAndTell()
{
    m_field->setValue(QStringLiteral("row"));
    QSignalSpy chosen(m_field, &ChoiceField::chosen);
    QTest::keyClick(box(), Qt::Key_Down);
    QCOMPARE(chosen.count(), 1);
    QCOMPARE(chosen.first().first().toString(), QStringLiteral("tensor"));
}

void TestChoiceField::aDoubleClickOnTheNameRestoresTheDefault()
{
    m_field->setValue(QStringLiteral("group:64"));
    QSignalSpy chosen(m_field, &ChoiceField::chosen);
    QTest::mouseDClick(m_field->findChild<QLabel*>(), Qt::LeftButton);
    QCOMPARE(m_field->value(), QStringLiteral("row"));
    QCOMPARE(chosen.count(), 1);
}

void TestChoiceField::keysRestoreTheDefaultToo()
{
    m_field->setValue(QStringLiteral("group:64"));
    QTest::keyClick(box(), Qt::Key_Backspace, Qt::ControlModifier);
    QCOMPARE(m_field->value(), QStringLiteral("row"));
}

void TestChoiceField::mixedShowsWordsAndHasNoValue()
{
    m_field->setMixed(QStringLiteral("mixed"));
    QVERIFY(m_field->value().isEmpty());
    QCOMPARE(box()->placeholderText(), QStringLiteral("mixed"));
    QCOMPARE(box()->currentIndex(), -1);
}

void TestChoiceField::anUnknownValueJoinsTheChoices()
{
    m_field->setValue(QStringLiteral("group:48"));
    QCOMPARE(m_field->value(), QStringLiteral("group:48"));
    QCOMPARE(box()->count(), 4);
    m_field->setValue(QStringLiteral("group:48"));
    QCOMPARE(box()->count(), 4);
}

void TestChoiceField::aProblemStandsBelowTheBox()
{
    auto* problem = m_field->findChild<QLabel*>(QStringLiteral("fieldProblem"));
    QVERIFY(problem->isHidden());
    m_field->setProblem(QStringLiteral("groups of 0"));
    QVERIFY(problem->isVisible());
    QVERIFY(problem->text().contains(QStringLiteral("groups of 0")));
    m_field->setProblem({});
    QVERIFY(problem->isHidden());
}

void TestChoiceField::whatIsTypedIsCheckedAndTaken()
{
    ChoiceField field(formatField(QStringLiteral("typed"), QStringLiteral("tip")));
    field.show();
    field.setValue(QStringLiteral("int8"));
    auto* text = field.findChild<QLineEdit*>(QStringLiteral("typedFormatText"));
    const auto* problem = field.findChild<QLabel*>(QStringLiteral("typedFormatProblem"));
    QSignalSpy chosen(&field, &ChoiceField::chosen);
    const auto type = [&](const QString& words) {
        text->setText(words);
        QTest::keyClick(text, Qt::Key_Return);
    };
    type(QStringLiteral("e3m4"));
    QCOMPARE(field.value(), QStringLiteral("e3m4"));
    QCOMPARE(chosen.size(), 1);
    type(QStringLiteral("e3m4"));
    QCOMPARE(chosen.size(), 1);  // the same again is no choice
    type(QStringLiteral("int99"));
    QCOMPARE(field.value(), QStringLiteral("e3m4"));
    QVERIFY(problem->isVisible() && problem->text().contains(QStringLiteral("int99")));
    QCOMPARE(text->text(), QStringLiteral("int99"));  // stays, to be mended
    type(QStringLiteral("int9"));
    QVERIFY(problem->isHidden());
    QCOMPARE(chosen.last().constFirst().toString(), QStringLiteral("int9"));
    type(QString());
    QCOMPARE(text->text(), QStringLiteral("int9"));

    ChoiceField scale(scaleField(QStringLiteral("typed")));
    QSignalSpy scaled(&scale, &ChoiceField::chosen);
    auto* scaleText = scale.findChild<QLineEdit*>(QStringLiteral("typedScaleText"));
    scaleText->setText(QStringLiteral("groups of 64"));  // people's words for group:64
    QTest::keyClick(scaleText, Qt::Key_Return);
    QCOMPARE(scaled.last().constFirst().toString(), QStringLiteral("group:64"));
    scaleText->setText(QStringLiteral("group:48"));
    QTest::keyClick(scaleText, Qt::Key_Return);
    QCOMPARE(scaled.last().constFirst().toString(), QStringLiteral("group:48"));
}

void TestChoiceField::everyNameOfTheGrammarIsOffered()
{
    const QStringList names = formatCompletions();
    for (const char* name : {"int1", "int16", "uint2", "pot8", "odd8", "sp2-4", "apot4", "nf4", "ternary", "e1m1", "e8m7", "e4m3ieee", "tf32"})
        QVERIFY2(names.contains(QLatin1String(name)), name);
    QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), names.size());
    for (const QString& name : names)
        QVERIFY2(formatProblem(name).isEmpty(), qPrintable(name));
    QVERIFY(!formatProblem(QStringLiteral("pot9")).isEmpty());
}

void TestChoiceField::aCodebookIsReadFromItsFile()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("three.levels")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("-1\n0.25\n1\n");
    file.close();
    core::Treatment treatment;
    setFormat(treatment, QStringLiteral("codebook:") + file.fileName());
    QCOMPARE(treatment.format.levels(), (std::vector<float>{-1.0f, 0.25f, 1.0f}));
    QVERIFY(formatProblem(QStringLiteral("codebook:") + file.fileName()).isEmpty());
    QVERIFY(!formatProblem(QStringLiteral("codebook:no such file")).isEmpty());
}

QTEST_MAIN(TestChoiceField)
#include "tst_choice_field.moc"
