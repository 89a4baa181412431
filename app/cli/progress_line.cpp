// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_line.h"

#include <fmt/format.h>

#include <cstdio>

#include <unistd.h>

namespace app {

ProgressLine::ProgressLine(bool asked) : m_style(isatty(STDERR_FILENO) != 0 ? Style::Drawn : asked ? Style::Lines : Style::Silent) {}

void ProgressLine::show(const core::Progress& progress)
{
    const std::lock_guard lock(m_mutex);
    const double step = m_style == Style::Drawn ? 0.01 : 0.1;
    const bool isNews =
        progress.stage != m_shown.stage || progress.fraction >= m_shown.fraction + step || progress.fraction < m_shown.fraction;
    if (m_style == Style::Silent || !isNews)
        return;
    m_shown = progress;
    const std::string text = fmt::format("{} {:.0f} %", progress.stage, 100.0 * progress.fraction);
    const bool isDrawn = m_style == Style::Drawn;
    fmt::print(stderr, "{}{}{}", isDrawn ? "\r\033[K" : "", text, isDrawn ? "" : "\n");
    std::fflush(stderr);
}

void ProgressLine::clear()
{
    const std::lock_guard lock(m_mutex);
    if (m_style == Style::Drawn && m_shown.fraction >= 0.0)
        fmt::print(stderr, "\r\033[K");
}

}  // namespace app
