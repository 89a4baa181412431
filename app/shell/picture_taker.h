// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// `polarizer --picture FILE`: waits until the window shows what it was asked to show, saves the picture and says so.

#include "app/shell/main_window.h"

#include <QTimer>

namespace app {

class PictureTaker : public QObject {
    Q_OBJECT
public:
    enum class When { Opened, Settled };
    static constexpr std::chrono::milliseconds kRepaint{250}; // delayed repaints of charts and thumbnails

    PictureTaker(MainWindow& window, Exploration& exploration, QString path, When when, QObject* parent = nullptr);

signals:
    void finished();                           // the picture is on disk
    void failed(const core::Problem& problem); // opening, evaluating or writing did not work

private:
    void look();
    void measureWhatIsSeen();
    bool isAsking() const;
    void take();
    void fail(const core::Problem& problem);

    MainWindow& m_window;
    Exploration& m_exploration;
    QString m_path;
    When m_when;
    QTimer m_repaint;
    bool m_hasFailed = false;
};

} // namespace app
