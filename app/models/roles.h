// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The roles every model of the window speaks through, beside Qt's own: delegates and proxies read nothing else.

#include <Qt>

namespace app {

enum ModelRole : int {
    SortRole = Qt::UserRole + 1, // a number (or text) that orders the column; missing figures sort last
    ShareRole,                   // 0 ... 1: the length of a bar in the cell; invalid: no bar
    ProblemRole,                 // text of what is wrong here; invalid: nothing
};

} // namespace app
