// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/graph_legend.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"

#include <QFontMetricsF>
#include <QPainter>

namespace app {

GraphLegend::GraphLegend(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("graphLegend"));
    setAccessibleName(tr("What the stripe on each card means"));
}

void GraphLegend::showNothing() { showWords({}); }

void GraphLegend::showWords(const QString& words)
{
    m_hasScale = false;
    m_words = words;
    setToolTip(words);
    update();
}

void GraphLegend::showScale(const QString& name, const QString& unit, const ColourRange& range, bool backwards)
{
    m_hasScale = true;
    m_words = tr("stripe: %1").arg(name);
    const auto text = [&unit](double value) {
        return unit.isEmpty() ? compactNumberText(value) : compactNumberText(value) + QChar(QChar::Nbsp) + unit;
    };
    const double left = backwards ? range.high : range.low;
    m_leftEnd = compactNumberText(left);  // the unit stands once: a dock is narrow
    m_rightEnd = text(backwards ? range.low : range.high);
    setToolTip(tr("%1, from %2 to %3").arg(name, text(left), m_rightEnd));
    update();
}

QSize GraphLegend::sizeHint() const { return {200, static_cast<int>(QFontMetricsF(smallFont(font())).height()) + 6}; }

void GraphLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(smallFont(font()));
    const QFontMetricsF metrics(painter.font());
    QRectF room = QRectF(rect()).adjusted(8, 0, -8, 0);
    painter.setPen(mutedText(palette()));
    if (!m_hasScale) {
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(m_words, Qt::ElideRight, room.width()));
        return;
    }
    const QString words = metrics.elidedText(m_words, Qt::ElideRight, 0.5 * room.width());
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, words);
    room.setLeft(room.left() + metrics.horizontalAdvance(words) + 8);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, m_leftEnd);
    painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter, m_rightEnd);
    room.adjust(metrics.horizontalAdvance(m_leftEnd) + 5, 0.25 * room.height(), -metrics.horizontalAdvance(m_rightEnd) - 5,
                -0.25 * room.height());
    if (room.width() >= 8)
        painter.drawImage(room, colourBarImage(ColourMap::Viridis, room.size().toSize(), Qt::Horizontal));
}

}  // namespace app
