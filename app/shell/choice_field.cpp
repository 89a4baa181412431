// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/choice_field.h"

#include "app/views/chart_style.h"

#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>

#include <algorithm>

namespace app {
namespace {

constexpr int kNameWidth = 76; // fields under one another line up

QString textOf(const Choice& choice) { return choice.text.isEmpty() ? choice.value : choice.text; }

} // namespace

ChoiceField::ChoiceField(const Spec& spec, QWidget* parent) : QWidget(parent), m_default(spec.defaultValue)
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
    m_problem = new QLabel(this);
    m_problem->setObjectName(spec.objectName + QStringLiteral("Problem"));
    m_problem->setWordWrap(true);
    m_problem->hide();

    const auto known = std::ranges::find(spec.choices, spec.defaultValue, &Choice::value);
    const QString restore = known == spec.choices.end()
                                ? QString()
                                : tr("Default: %1. A double-click on the name or Ctrl+Backspace restores it.").arg(textOf(*known));
    setToolTip(QStringLiteral("<p>%1</p><p>%2</p>").arg(spec.tip.toHtmlEscaped(), restore.toHtmlEscaped()));
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
        m_box->setToolTip(m_box->itemData(index, Qt::ToolTipRole).toString());
        emit chosen(m_box->itemData(index).toString());
    });
}

QString ChoiceField::value() const { return m_box->currentData().toString(); }

void ChoiceField::setValue(const QString& value)
{
    int index = m_box->findData(value);
    if (index < 0) {
        m_box->addItem(value, value);
        index = m_box->count() - 1;
    }
    m_box->setCurrentIndex(index);
    m_box->setToolTip(m_box->itemData(index, Qt::ToolTipRole).toString());
}

void ChoiceField::setMixed(const QString& words)
{
    m_box->setPlaceholderText(words);
    m_box->setCurrentIndex(-1);
    m_box->setToolTip(words);
}

void ChoiceField::setProblem(const QString& text)
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
