// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The bottom line of the window: how far the figure has got, and under which conditions it holds.

#include "app/exploration/exploration.h"

#include <QStatusBar>

class QLabel;
class QProgressBar;

namespace app {

/// "settled: 10,000 of 10,000 in 0.8 s", "1,024 of 10,000", "stopped at 1,024 of 10,000".
QString progressText(const Exploration& exploration);

class StatusLine : public QStatusBar {
    Q_OBJECT
public:
    explicit StatusLine(const Exploration& exploration, QWidget* parent = nullptr);

private:
    void show();

    const Exploration& m_exploration;
    QLabel* m_progress = nullptr;
    QLabel* m_chips = nullptr;
    QLabel* m_reference = nullptr;
    QLabel* m_threads = nullptr;
    QProgressBar* m_bar = nullptr;
};

} // namespace app
