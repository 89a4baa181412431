// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The window's icons: black line drawings, redrawn in the palette's text colour so that they read on light and dark.

#include <QIcon>
#include <QPalette>

namespace app {

/// "open" is resources/icons/open.svg.
QIcon lineIcon(const QString& name, const QPalette& palette);
QIcon programIcon();

} // namespace app
