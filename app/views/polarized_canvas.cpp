// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/polarized_canvas.h"

#include "app/models/number_text.h"

#include <QFontMetrics>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr int kEdge = 2, kGap = 5, kBar = 9, kLeastStrip = 14, kUnderWords = 3;
constexpr double kPale = 0.5;  // of a figure that is of the plan before

std::size_t placeOf(PolarizedPart part) { return static_cast<std::size_t>(part); }

/// The sign in front of a strip's name says how the strips make one another.
QString signOf(PolarizedPart part)
{
    static const std::array<QString, 5> signs{QString(), QStringLiteral("+ "), QStringLiteral("= "), QString(), QStringLiteral("Δ ")};
    return signs.at(placeOf(part));
}

QString signedText(double value) { return (value > 0 ? QStringLiteral("+") : QString()) + shortNumberText(value); }

}  // namespace

QString polarizedPartName(PolarizedPart part)
{
    switch (part) {
    case PolarizedPart::Main: return PolarizedCanvas::tr("main path");
    case PolarizedPart::Recovery: return PolarizedCanvas::tr("recovery path");
    case PolarizedPart::Sum: return PolarizedCanvas::tr("sum");
    case PolarizedPart::Target: return PolarizedCanvas::tr("target (reference)");
    case PolarizedPart::Residual: break;
    }
    return PolarizedCanvas::tr("left wrong");
}

PolarizedCanvas::PolarizedCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("polarizedCanvas"));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void PolarizedCanvas::showFigure(const PolarizedFigure& figure)
{
    m_figure = figure;
    m_range = figure.values ? polarizedRange(*figure.values, figure.gain) : ColourRange{};
    update();
}

int PolarizedCanvas::lineHeight() const { return QFontMetrics(smallFont(font())).height() + kUnderWords; }

int PolarizedCanvas::scaleHeight() const { return kGap + kBar + lineHeight(); }

QSize PolarizedCanvas::minimumSizeHint() const
{
    return {180, static_cast<int>(kPolarizedParts.size()) * (lineHeight() + kLeastStrip + kGap) + scaleHeight() + 2 * kEdge};
}

QRect PolarizedCanvas::stripRect(PolarizedPart part) const
{
    const int count = static_cast<int>(kPolarizedParts.size());
    const int room = height() - 2 * kEdge - scaleHeight();
    const int top = kEdge + room * static_cast<int>(part) / count, bottom = kEdge + room * (static_cast<int>(part) + 1) / count;
    const int wordsHigh = lineHeight();
    return {kEdge, top + wordsHigh, width() - 2 * kEdge, std::max(1, bottom - top - wordsHigh - kGap)};
}

QString PolarizedCanvas::textAt(QPoint place) const
{
    if (!m_figure.values)
        return {};
    const core::PolarizedSample& sample = *m_figure.values;
    for (const PolarizedPart part : kPolarizedParts) {
        const QRect strip = stripRect(part);
        if (!strip.contains(place) || sample.rows < 1)
            continue;
        const double across = static_cast<double>(place.x() - strip.left()) / strip.width();
        const double down = static_cast<double>(place.y() - strip.top()) / strip.height();
        const bool isDense = sample.positions == 1;
        const auto row = static_cast<std::int64_t>((isDense ? across : down) * sample.rows);
        const auto position = isDense ? std::int64_t{0} : static_cast<std::int64_t>(across * static_cast<double>(sample.positions));
        const auto index = static_cast<std::size_t>(row * sample.positions + position);
        const QString value = signedText(static_cast<double>(partOf(sample, part)[index]));
        return isDense
                   ? tr("%1, row %2: %3").arg(polarizedPartName(part), QString::number(row), value)
                   : tr("%1, row %2, position %3: %4").arg(polarizedPartName(part), QString::number(row), QString::number(position), value);
    }
    return {};
}

bool PolarizedCanvas::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = textAt(help->pos());
        if (!text.isEmpty()) {
            QToolTip::showText(help->globalPos(), text, this);
            return true;
        }
    }
    return QWidget::event(event);
}

void PolarizedCanvas::drawWords(QPainter& painter, PolarizedPart part) const
{
    const core::PolarizedSample& sample = *m_figure.values;
    const QRect strip = stripRect(part);
    const QRect line(strip.left(), strip.top() - lineHeight(), strip.width(), lineHeight() - kUnderWords);
    QString figures = tr("rms %1").arg(shortNumberText(rootMeanSquare(partOf(sample, part))));
    const std::optional<double> share = part == PolarizedPart::Main       ? m_figure.mainEnergyShare
                                        : part == PolarizedPart::Recovery ? m_figure.recoveryEnergyShare
                                                                          : std::nullopt;
    if (share)
        figures += tr(" · %1 of energy").arg(percentText(*share));
    if (part == PolarizedPart::Residual)
        figures += QStringLiteral(" · ") + decibelText(sampleSqnr(sample));
    const QFontMetrics metrics(painter.font());
    const int figuresWide = metrics.horizontalAdvance(figures);
    painter.setPen(mutedText(palette()));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, figures);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(signOf(part) + polarizedPartName(part), Qt::ElideRight, line.width() - figuresWide - 6));
}

void PolarizedCanvas::drawScale(QPainter& painter) const
{
    const int top = height() - kEdge - scaleHeight() + kGap;
    const QRect bar(kEdge, top, width() - 2 * kEdge, kBar);
    painter.drawImage(bar, colourBarImage(ColourMap::Difference, bar.size(), Qt::Horizontal));
    painter.setPen(QPen(mutedText(palette()), 0.8));
    painter.drawRect(QRectF(bar).adjusted(0, 0, -1, -1));
    const QRect words(bar.left(), bar.bottom() + 1, bar.width(), lineHeight());
    const bool saturates = m_figure.gain > 1;
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, (saturates ? QStringLiteral("≤ ") : QString()) + signedText(m_range.low));
    painter.drawText(words, Qt::AlignHCenter | Qt::AlignVCenter, QStringLiteral("0"));
    painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, (saturates ? QStringLiteral("≥ ") : QString()) + signedText(m_range.high));
}

void PolarizedCanvas::paintEvent(QPaintEvent*)
{
    if (!m_figure.values)
        return;
    QPainter painter(this);
    painter.setFont(smallFont(font()));
    for (const PolarizedPart part : kPolarizedParts) {
        const QRect strip = stripRect(part);
        drawWords(painter, part);
        painter.setOpacity(m_figure.isOld ? kPale : 1);
        painter.drawImage(strip, stripImage(*m_figure.values, part, m_range, strip.size()));
        painter.setOpacity(1);
        painter.setPen(QPen(gridColour(palette()), 1));
        painter.drawRect(strip.adjusted(-1, -1, 0, 0));
    }
    drawScale(painter);
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1, Qt::DotLine));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

}  // namespace app
