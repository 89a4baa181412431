// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/action_finder.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPointer>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

QString plainText(const QAction& action) { return action.text().remove(u'&').remove(QStringLiteral("…")); }

bool matches(const QAction& action, const QStringList& words)
{
    const QString haystack = plainText(action) + u' ' + action.toolTip();
    return std::ranges::all_of(words, [&](const QString& word) { return haystack.contains(word, Qt::CaseInsensitive); });
}

} // namespace

ActionFinder::ActionFinder(QWidget* parent) : QFrame(parent, Qt::Popup)
{
    setObjectName(QStringLiteral("actionFinder"));
    setFrameShape(QFrame::StyledPanel);
    m_letters = new QLineEdit(this);
    m_letters->setObjectName(QStringLiteral("actionLetters"));
    m_letters->setPlaceholderText(tr("Find an action"));
    m_letters->setClearButtonEnabled(true);
    m_letters->installEventFilter(this);
    m_offers = new QListWidget(this);
    m_offers->setObjectName(QStringLiteral("actionOffers"));
    m_offers->setFrameShape(QFrame::NoFrame);
    m_offers->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->addWidget(m_letters);
    layout->addWidget(m_offers);
    connect(m_letters, &QLineEdit::textChanged, this, &ActionFinder::offer);
    connect(m_letters, &QLineEdit::returnPressed, this, &ActionFinder::take);
    connect(m_offers, &QListWidget::itemClicked, this, &ActionFinder::take);
}

void ActionFinder::open(const std::vector<QAction*>& actions, const QWidget& over)
{
    m_actions = actions;
    m_letters->clear();
    offer({});
    resize(std::min(460, over.width() - 40), std::min(360, over.height() - 80));
    move(over.mapToGlobal(QPoint((over.width() - width()) / 2, 48)));
    show();
    m_letters->setFocus();
}

int ActionFinder::offerCount() const { return m_offers->count(); }

void ActionFinder::offer(const QString& letters)
{
    m_offers->clear();
    const QStringList words = letters.split(u' ', Qt::SkipEmptyParts);
    for (std::size_t index = 0; index < m_actions.size(); ++index) {
        const QAction& action = *m_actions[index];
        if (!action.isEnabled() || action.menu() || !matches(action, words))
            continue;
        const QString keys = action.shortcut().toString(QKeySequence::NativeText);
        auto* item =
            new QListWidgetItem(keys.isEmpty() ? plainText(action) : QStringLiteral("%1    %2").arg(plainText(action), keys), m_offers);
        item->setData(Qt::UserRole, static_cast<int>(index));
        item->setToolTip(action.toolTip());
    }
    m_offers->setCurrentRow(0);
}

void ActionFinder::take()
{
    const QListWidgetItem* item = m_offers->currentItem();
    if (!item)
        return;
    const QPointer<QAction> action = m_actions.at(static_cast<std::size_t>(item->data(Qt::UserRole).toInt()));
    hide();
    if (action)
        action->trigger();
}

bool ActionFinder::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_letters && event->type() == QEvent::KeyPress) {
        const int key = static_cast<const QKeyEvent&>(*event).key();
        const int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
        if (step != 0 && m_offers->count() > 0) {
            m_offers->setCurrentRow(std::clamp(m_offers->currentRow() + step, 0, m_offers->count() - 1));
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace app
