// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/panel.h"

#include <QEvent>

namespace app {

Panel::Panel(Exploration& exploration, Changes watched, const QString& objectName, QWidget* parent)
    : QWidget(parent), m_exploration(exploration), m_watched(watched | Subject)
{
    setObjectName(objectName);
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &Panel::freshen);
    connect(&exploration, &Exploration::subjectChanged, this, [this] { mark(Subject); });
    connect(&exploration, &Exploration::planChanged, this, [this] { mark(Plan); });
    connect(&exploration, &Exploration::reportChanged, this, [this] { mark(Report); });
    connect(&exploration, &Exploration::selectionChanged, this, [this] { mark(Selected); });
    connect(&exploration, &Exploration::settingsChanged, this, [this] { mark(Settings); });
}

void Panel::mark(Change change)
{
    if (!m_watched.testFlag(change))
        return;
    m_stale |= change;
    if (isVisible() && !m_soon.isActive())
        m_soon.start();
}

void Panel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    freshen();
}

void Panel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) { // pictures made from the palette are made again
        m_stale |= Everything;
        if (isVisible() && !m_soon.isActive())
            m_soon.start();
    }
}

void Panel::freshen()
{
    if (m_stale == Changes())
        return;
    const Changes changes = std::exchange(m_stale, {});
    refresh(changes);
}

QString Panel::editedLayersText() const
{
    const auto edited = m_exploration.editedLayers();
    if (edited.empty())
        return tr("no layer");
    const auto all = m_exploration.layers().size();
    if (edited.size() == all && all > 1)
        return tr("every layer (%1)").arg(all);
    const QString first = QString::fromStdString(m_exploration.layers().at(edited.front().value()).name);
    return edited.size() == 1 ? first : tr("%1 and %2 more").arg(first).arg(edited.size() - 1);
}

} // namespace app
