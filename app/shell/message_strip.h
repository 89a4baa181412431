// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A slim strip above the bench for what concerns the whole window: a problem with its place, or an offer with a button.
// It never takes the focus and never blocks.

#include "core/base/problem.h"

#include <QFrame>

#include <functional>

class QLabel;
class QToolButton;

namespace app {

class MessageStrip : public QFrame {
    Q_OBJECT
public:
    explicit MessageStrip(QWidget* parent = nullptr);

    void showProblem(const core::Problem& problem);
    /// A problem that can be seen somewhere: `act` leads there, and the strip stays.
    void showProblemWithWay(const QString& text, const QString& actText, std::function<void()> act);
    /// `act` is called once, when the person takes the offer; `decline` when it is closed.
    void showOffer(const QString& text, const QString& actText, std::function<void()> act, std::function<void()> decline = {});
    /// Takes a problem away; an offer stays until it is taken or declined.
    void clearProblem();
    QString text() const;

private:
    enum class Tone { Problem, Offer };
    void clear();
    void show(Tone tone, const QString& text);
    void paintEvent(QPaintEvent* event) override;

    Tone m_tone = Tone::Offer;
    QLabel* m_label = nullptr;
    QToolButton* m_act = nullptr;
    QToolButton* m_close = nullptr;
    std::function<void()> m_onAct, m_onClose;
};

}  // namespace app
