// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ctrl+K: type a few letters, press Enter, and the action happens.

#include <QFrame>

#include <vector>

class QAction;
class QLineEdit;
class QListWidget;

namespace app {

class ActionFinder : public QFrame {
    Q_OBJECT
public:
    explicit ActionFinder(QWidget* parent = nullptr);

    /// Opens below the middle of `over`'s upper edge. Only enabled actions are offered.
    void open(const std::vector<QAction*>& actions, const QWidget& over);
    int offerCount() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void offer(const QString& letters);
    void take();

    std::vector<QAction*> m_actions;
    QLineEdit* m_letters = nullptr;
    QListWidget* m_offers = nullptr;
};

} // namespace app
