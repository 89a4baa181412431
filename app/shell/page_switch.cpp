// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/page_switch.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {

PageSwitch::PageSwitch(const QString& accessibleName, QWidget* parent) : QWidget(parent)
{
    auto* header = new QWidget(this);
    header->setAccessibleName(accessibleName);
    m_row = new QHBoxLayout(header);
    m_row->setContentsMargins(0, 0, 6, 0);
    m_row->setSpacing(3);
    m_buttons = new QButtonGroup(this);
    m_pages = new QStackedWidget(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(header);
    layout->addWidget(m_pages, 1);
    connect(m_buttons, &QButtonGroup::idToggled, this, [this](int id, bool on) {
        if (on)
            m_pages->setCurrentIndex(id);
    });
}

void PageSwitch::addPage(const QString& name, const QString& words, const QString& tip, QWidget* page)
{
    auto* button = new QToolButton(this);
    button->setObjectName(name + QStringLiteral("PageButton"));
    button->setText(words);
    button->setToolTip(tip);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::StrongFocus);  // arrow keys go from page to page
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_row->addWidget(button);
    m_buttons->addButton(button, m_pages->addWidget(page));
    if (m_pages->count() == 1)
        button->setChecked(true);
}

bool PageSwitch::showPage(const QString& name)
{
    for (QAbstractButton* button : m_buttons->buttons())
        if (button->objectName() == name + QStringLiteral("PageButton")) {
            button->setChecked(true);
            return true;
        }
    return false;
}

void PageSwitch::showPage(int index) { m_buttons->button(index)->setChecked(true); }

int PageSwitch::page() const { return m_pages->currentIndex(); }

void PageSwitch::setHeaderMargins(int left, int top, int right, int bottom) { m_row->setContentsMargins(left, top, right, bottom); }

}  // namespace app
