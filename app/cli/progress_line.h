// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Progress on standard error: one line drawn over itself on a terminal, a line for every tenth elsewhere when asked
// for, and nothing otherwise.

#include "core/base/run_control.h"

#include <mutex>

namespace app {

class ProgressLine {
public:
    explicit ProgressLine(bool asked);
    void show(const core::Progress& progress); // from any thread
    void clear();

private:
    enum class Style { Silent, Drawn, Lines };

    std::mutex m_mutex;
    Style m_style = Style::Silent;
    core::Progress m_shown{-1.0, {}};
};

}  // namespace app
