// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The light of the room: Fusion with a palette of our own, light or dark, or whichever the desktop uses.

#include <QPalette>

namespace app {

enum class Theme { System, Light, Dark };

QPalette lightPalette();
QPalette darkPalette();
/// Style, palette and tooltip colours of the whole program.
void applyTheme(Theme theme);

} // namespace app
