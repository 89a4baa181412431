// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/choice_field.h"

#include "app/views/chart_style.h"

#include <QComboBox>
#include <QCompleter>
#include <QEvent>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>

namespace app {
namespace {

constexpr int kNameWidth = 76; // fields under one another line up

QString textOf(const Choice& choice) { return choice.text.isEmpty() ? choice.value : choice.text; }

} // namespace

ChoiceField::ChoiceField(const Spec& spec, QWidget* parent) : QWidget(parent), m_default(spec.defaultValue), m_check(spec.check)
{
    setObjectName(spec.objectName);
    m_name = new QLabel(spec.name, this);
    m_name->setMinimumWidth(kNameWidth);
    m_box = new QComboBox(this);
    m_box->setObjectName(spec.objectName + QStringLiteral("Box"));
    m_box->setAccessibleName(spec.name);
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(8);
    m_box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    for (const Choice& choice : spec.choices) {
        m_box->addItem(textOf(choice), choice.value);
        if (!choice.tip.isEmpty())
            m_box->setItemData(m_box->count() - 1, choice.tip, Qt::ToolTipRole);
    }
    m_box->setCurrentIndex(-1);
    if (m_check)
        makeEditable(spec);
    m_problem = new QLabel(this);
    m_problem->setObjectName(spec.objectName + QStringLiteral("Problem"));
    m_problem->setWordWrap(true);
    m_problem->hide();

    const auto known = std::ranges::find(spec.choices, spec.defaultValue, &Choice::value);
    const QString restore = known == spec.choices.end()
                                ? QString()
                                : tr("Default: %1. A double-click on the name or Ctrl+Backspace restores it.").arg(textOf(*known));
    const QString tip = spec.showsName ? spec.tip : spec.name + QStringLiteral(": ") + spec.tip;
    m_tip = QStringLiteral("<p>%1</p><p>%2</p>").arg(tip.toHtmlEscaped(), restore.toHtmlEscaped());
    setToolTip(m_tip);
    m_name->setVisible(spec.showsName);
    m_name->setBuddy(m_box);
    m_name->installEventFilter(this);
    m_box->installEventFilter(this);

    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setVerticalSpacing(1);
    layout->setColumnStretch(1, 1);
    layout->addWidget(m_name, 0, 0);
    layout->addWidget(m_box, 0, 1);
    layout->addWidget(m_problem, 1, 1);
    connect(m_box, &QComboBox::activated, this, [this](int index) {
        const QString value = m_box->itemData(index).toString();
        if (m_check && value == m_value)
            return; // leaving the field is no choice
        m_value = value;
        m_box->setToolTip(m_box->itemData(index, Qt::ToolTipRole).toString());
        showProblem(m_planProblem);
        emit chosen(value);
    });
}

void ChoiceField::makeEditable(const Spec& spec)
{
    m_box->setEditable(true);
    m_box->setInsertPolicy(QComboBox::NoInsert);
    QStringList words = spec.completions;
    for (const Choice& choice : spec.choices)
        if (!words.contains(choice.value))
            words << choice.value;
    auto* completer = new QCompleter(words, this);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    completer->setFilterMode(Qt::MatchStartsWith);
    completer->setMaxVisibleItems(12);
    m_box->lineEdit()->setCompleter(completer); // not the box's own: that one knows only the box's items
    m_box->lineEdit()->setObjectName(spec.objectName + QStringLiteral("Text"));
    connect(completer, qOverload<const QString&>(&QCompleter::activated), this, [this](const QString& word) {
        m_box->lineEdit()->setText(word);
        takeTyped();
    });
    connect(m_box->lineEdit(), &QLineEdit::editingFinished, this, &ChoiceField::takeTyped);
}

void ChoiceField::takeTyped()
{
    const QString typed = m_box->currentText().trimmed();
    if (typed.isEmpty()) {
        setValue(m_value);
        return;
    }
    const int byText = m_box->findText(typed, Qt::MatchFixedString);
    const QString value = byText >= 0 ? m_box->itemData(byText).toString() : typed;
    if (value == m_value) {
        setValue(m_value);
        showProblem(m_planProblem);
        return;
    }
    if (const QString problem = byText >= 0 ? QString() : m_check(value); !problem.isEmpty()) {
        showProblem(problem); // what was typed stays, to be mended
        return;
    }
    setValue(value);
    showProblem(m_planProblem);
    emit chosen(value);
}

QString ChoiceField::value() const { return m_value; }

void ChoiceField::setValue(const QString& value)
{
    m_value = value;
    if (value.isEmpty()) {
        m_box->setCurrentIndex(-1);
        return;
    }
    int index = m_box->findData(value);
    if (index < 0) {
        m_box->addItem(value, value);
        index = m_box->count() - 1;
    }
    m_box->setCurrentIndex(index);
    if (m_check)
        m_box->setEditText(m_box->itemText(index)); // typing may have left something else there
    m_box->setToolTip(m_box->itemData(index, Qt::ToolTipRole).toString());
}

void ChoiceField::setMixed(const QString& words)
{
    m_value.clear();
    m_box->setPlaceholderText(words);
    m_box->setCurrentIndex(-1);
    if (m_check) {
        m_box->clearEditText();
        m_box->lineEdit()->setPlaceholderText(words);
    }
    m_box->setToolTip(words);
}

void ChoiceField::setProblem(const QString& text)
{
    m_planProblem = text;
    showProblem(text);
}

void ChoiceField::setHindered(const QString& reason)
{
    setEnabled(reason.isEmpty());
    setToolTip(reason.isEmpty() ? m_tip : QStringLiteral("<p>%1</p>").arg(reason.toHtmlEscaped()) + m_tip);
    m_box->setToolTip(reason.isEmpty() ? m_box->currentData(Qt::ToolTipRole).toString() : toolTip());
}

void ChoiceField::showProblem(const QString& text)
{
    m_problem->setText(text.isEmpty() ? QString() : QStringLiteral("⚠ ") + text);
    QPalette palette = m_problem->palette();
    palette.setColor(QPalette::WindowText, badColour(this->palette()));
    m_problem->setPalette(palette);
    m_problem->setVisible(!text.isEmpty());
}

void ChoiceField::restoreDefault()
{
    if (m_default.isEmpty() || value() == m_default || !isEnabled())
        return;
    setValue(m_default);
    emit chosen(m_default);
}

bool ChoiceField::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_name && event->type() == QEvent::MouseButtonDblClick) {
        restoreDefault();
        return true;
    }
    if (watched == m_box) {
        if (event->type() == QEvent::Wheel && !m_box->hasFocus()) {
            event->ignore(); // scrolling a panel must not turn its knobs
            return true;
        }
        if (event->type() == QEvent::KeyPress) {
            const auto& key = static_cast<const QKeyEvent&>(*event);
            if (key.key() == Qt::Key_Backspace && key.modifiers() == Qt::ControlModifier) {
                restoreDefault();
                return true;
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace app
