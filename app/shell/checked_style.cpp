// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/checked_style.h"

#include <QPainter>
#include <QStyleOption>

namespace app {

CheckedStyle::CheckedStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void CheckedStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    const bool isButton = element == PE_PanelButtonTool || element == PE_PanelButtonCommand;
    if (!isButton || !option->state.testFlag(State_On))
        return;
    const bool enabled = option->state.testFlag(State_Enabled);
    const bool dark = option->palette.color(QPalette::Window).lightnessF() < 0.5F;
    const QColor highlight = option->palette.color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::Highlight);
    const QColor accent = dark ? highlight.lighter(130) : highlight; // 3 : 1 against the button in both
    QColor veil = accent;
    veil.setAlphaF(0.28F);
    const QRectF frame = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(accent, 1));
    painter->setBrush(veil);
    painter->drawRoundedRect(frame, 2, 2);
    painter->fillRect(QRectF(frame.left() + 2, frame.bottom() - kBar, frame.width() - 4, kBar), accent);
    painter->restore();
}

} // namespace app
