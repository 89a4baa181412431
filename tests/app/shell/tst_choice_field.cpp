// SPDX-License-Identifier: Apache-2.0
#include "app/shell/choice_field.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using app::ChoiceField;

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

QTEST_MAIN(TestChoiceField)
#include "tst_choice_field.moc"
