// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The window's style: Fusion, with buttons that are switched on told by a frame and a bar at their foot, in light and in
// dark and for every kind of eye.

#include <QProxyStyle>

namespace app {

class CheckedStyle : public QProxyStyle {
    Q_OBJECT
public:
    static constexpr int kBar = 3; // logical pixels

    CheckedStyle();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
};

} // namespace app
