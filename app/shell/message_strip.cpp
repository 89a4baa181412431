// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/message_strip.h"

#include "app/views/chart_style.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

namespace app {

MessageStrip::MessageStrip(QWidget* parent) : QFrame(parent)
{
    setObjectName(QStringLiteral("messageStrip"));
    m_label = new QLabel(this);
    m_label->setObjectName(QStringLiteral("messageText"));
    m_label->setWordWrap(true);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_act = new QToolButton(this);
    m_act->setObjectName(QStringLiteral("messageAct"));
    m_close = new QToolButton(this);
    m_close->setObjectName(QStringLiteral("messageClose"));
    m_close->setText(QStringLiteral("✕"));
    m_close->setAutoRaise(true);
    m_close->setToolTip(tr("Dismiss"));
    m_close->setAccessibleName(tr("Dismiss message"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 3, 4, 3);
    layout->addWidget(m_label, 1);
    layout->addWidget(m_act);
    layout->addWidget(m_close);
    connect(m_act, &QToolButton::clicked, this, [this] {
        if (m_tone == Tone::Problem) {
            const auto lead = m_onAct;  // which may show another problem
            return lead();
        }
        const auto act = std::exchange(m_onAct, {});
        clear();
        if (act)
            act();
    });
    connect(m_close, &QToolButton::clicked, this, [this] {
        const auto decline = std::exchange(m_onClose, {});
        clear();
        if (decline)
            decline();
    });
    hide();
}

void MessageStrip::showProblem(const core::Problem& problem)
{
    m_onAct = {};
    m_onClose = {};
    m_act->hide();
    show(Tone::Problem, QString::fromStdString(problem.text()));
}

void MessageStrip::showProblemWithWay(const QString& text, const QString& actText, std::function<void()> act)
{
    m_onAct = std::move(act);
    m_onClose = {};
    m_act->setText(actText);
    m_act->show();
    show(Tone::Problem, text);
}

void MessageStrip::showOffer(const QString& text, const QString& actText, std::function<void()> act, std::function<void()> decline)
{
    m_onAct = std::move(act);
    m_onClose = std::move(decline);
    m_act->setText(actText);
    m_act->show();
    show(Tone::Offer, text);
}

void MessageStrip::clearProblem()
{
    if (m_tone == Tone::Problem)
        clear();
}

void MessageStrip::clear()
{
    m_label->clear();
    hide();
}

QString MessageStrip::text() const { return m_label->text(); }

void MessageStrip::show(Tone tone, const QString& text)
{
    m_tone = tone;
    m_label->setText(tone == Tone::Problem ? QStringLiteral("⚠ ") + text : text);
    m_label->setTextFormat(Qt::PlainText);
    setVisible(true);
    update();
}

void MessageStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QColor tone = m_tone == Tone::Problem ? badColour(palette()) : seriesColour(0, palette());
    painter.fillRect(rect(), mixed(palette().color(QPalette::Base), tone, 0.16));
    painter.fillRect(QRect(0, 0, 4, height()), tone);
}

}  // namespace app
