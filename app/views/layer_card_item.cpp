// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/layer_card_item.h"

#include "app/models/number_text.h"
#include "app/views/row_strip.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <QWidget>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kRadius = 5, kPad = 6, kStripe = 6, kStrip = 10, kSign = 14;
constexpr double kSilentDecibels = 60;  // at and above this the error bar is empty

/// Digital: a square wave. Array: crossing lines with a cell at each crossing.
void paintSubstrate(QPainter& painter, const QRectF& place, Substrate substrate, const QColor& ink)
{
    painter.setPen(QPen(ink, 1.3));
    painter.setBrush(Qt::NoBrush);
    if (substrate == Substrate::Digital) {
        const double x = place.left(), w = place.width() / 4, top = place.top() + 3, bottom = place.bottom() - 3;
        painter.drawPolyline(QPolygonF{{x, bottom},
                                       {x + w, bottom},
                                       {x + w, top},
                                       {x + 2 * w, top},
                                       {x + 2 * w, bottom},
                                       {x + 3 * w, bottom},
                                       {x + 3 * w, top},
                                       {x + 4 * w, top}});
        return;
    }
    const double near = 0.28, far = 0.72;
    for (const double step : {near, far}) {
        const double x = place.left() + step * place.width(), y = place.top() + step * place.height();
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()));
        painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y));
    }
    painter.setBrush(ink);
    painter.setPen(Qt::NoPen);
    for (const double across : {near, far})
        for (const double down : {near, far})
            painter.drawEllipse(QPointF(place.left() + across * place.width(), place.top() + down * place.height()), 2.3, 2.3);
}

/// `before`: what the share was without recovery, as a pale part with an edge, so that it is not told by colour alone.
void paintBar(QPainter& painter, const QRectF& track, double share, const QColor& fill, const QPalette& palette,
              std::optional<double> before = {})
{
    painter.fillRect(track, gridColour(palette));
    const auto upTo = [&](double part) { return QRectF(track.topLeft(), QSizeF(track.width() * std::clamp(part, 0.0, 1.0), track.height())); };
    if (before && *before > share) {
        painter.fillRect(upTo(*before), mixed(fill, palette.color(QPalette::Base), 0.6));
        painter.setPen(QPen(fill, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(upTo(*before).adjusted(0.5, 0.5, -0.5, -0.5));
    }
    painter.fillRect(upTo(share), fill);
}

/// The length of an error's bar: a silent layer's is empty.
double errorShare(double decibels) { return 1.0 - decibels / kSilentDecibels; }

/// "nf4"; "int4 ×14 + int8 ×2", and "over channels" where it is so.
QString formatsText(const LayerCard& card)
{
    if (card.formats.isEmpty())
        return QObject::tr("fp32");
    if (card.rowFormats.empty())
        return card.formats.join(QStringLiteral(" + "));
    QStringList parts;
    for (qsizetype format = 0; format < card.formats.size(); ++format)
        parts << QObject::tr("%1 ×%2").arg(card.formats[format]).arg(std::ranges::count(card.rowFormats, static_cast<std::uint8_t>(format)));
    const QString mixture = parts.join(QStringLiteral(" + "));
    return card.overChannels ? QObject::tr("channels: %1").arg(mixture) : mixture;
}

}  // namespace

QString cardText(const LayerCard& card)
{
    QStringList parts{card.name, card.operation};
    if (card.weighted) {
        parts << QObject::tr("%1 rows of %2").arg(countText(card.rows), countText(card.columns));
        if (!card.formats.isEmpty())
            parts << formatsText(card);
        if (card.rank > 0)
            parts << QObject::tr("recovery of rank %1").arg(card.rank);
        parts << (card.substrate == Substrate::Digital ? QObject::tr("digital") : QObject::tr("compute-in-memory array"));
        parts << QObject::tr("local error %1").arg(decibelText(card.localSqnr));
        if (card.localSqnrWithoutRecovery)
            parts << QObject::tr("without recovery %1 (on the samples it was fitted to)").arg(decibelText(card.localSqnrWithoutRecovery));
        parts << QObject::tr("propagated %1").arg(decibelText(card.propagatedSqnr));
        if (card.errorsAreOld)
            parts << QObject::tr("errors of the plan before, the present one's are being measured");
        if (card.energyShare)
            parts << QObject::tr("%1 of the energy").arg(percentText(*card.energyShare));
        if (card.sensitivity)
            parts << QObject::tr("sensitivity %1").arg(compactNumberText(*card.sensitivity)) +
                         (card.sensitivityIsOld ? QObject::tr(" (of the plan before)") : QString());
    }
    if (!card.problem.isEmpty())
        parts << QObject::tr("problem: %1").arg(card.problem);
    return parts.join(QStringLiteral(", "));
}

LayerCardItem::LayerCardItem(LayerCard card) { setCard(std::move(card)); }

void LayerCardItem::setCard(LayerCard card)
{
    m_card = std::move(card);
    setToolTip(cardText(m_card).replace(QStringLiteral(", "), QStringLiteral("\n")));
    update();
}

void LayerCardItem::setSize(QSizeF size)
{
    prepareGeometryChange();
    m_size = size;
}

void LayerCardItem::setStripe(const QColor& colour)
{
    m_stripe = colour;
    update();
}

void LayerCardItem::setLastFigure(LastFigure what)
{
    m_lastFigure = what;
    update();
}

void LayerCardItem::setMarks(bool selected, bool current)
{
    m_selected = selected;
    m_current = current;
    update();
}

double LayerCardItem::heightOf(const LayerCard& card, const QFont& font)
{
    const double line = QFontMetricsF(font).height(), small = QFontMetricsF(smallFont(font)).height();
    if (!card.weighted)
        return std::ceil(small + kPad);
    return std::ceil(line + kStrip + 2 * small + 2 * kPad + 6);
}

QRectF LayerCardItem::boundingRect() const { return QRectF(QPointF(0, 0), m_size).adjusted(-2, -2, 2, 2); }

void LayerCardItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget* widget)
{
    const QPalette palette = widget ? widget->palette() : QPalette();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(widget ? widget->font() : QFont());
    if (m_card.weighted)
        paintFull(*painter, palette);
    else
        paintSmall(*painter, palette);
}

void LayerCardItem::paintSmall(QPainter& painter, const QPalette& palette) const
{
    painter.setFont(smallFont(painter.font()));
    const QRectF area(QPointF(0, 0), m_size);
    painter.setPen(QPen(m_card.problem.isEmpty() ? gridColour(palette) : badColour(palette), 1));
    painter.setBrush(palette.color(QPalette::Window));
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), area.height() / 2, area.height() / 2);
    painter.setPen(mutedText(palette));
    const QString text = m_card.name.isEmpty() || m_card.name == m_card.operation ? m_card.operation
                                                                                  : m_card.operation + QStringLiteral(" · ") + m_card.name;
    painter.drawText(area.adjusted(kPad, 0, -kPad, 0), Qt::AlignCenter,
                     QFontMetricsF(painter.font()).elidedText(text, Qt::ElideRight, area.width() - 2 * kPad));
}

void LayerCardItem::paintFrame(QPainter& painter, const QPalette& palette) const
{
    const QRectF area = QRectF(QPointF(0, 0), m_size).adjusted(0.5, 0.5, -0.5, -0.5);
    const QColor highlight = palette.color(QPalette::Highlight);
    const QColor ground = palette.color(QPalette::Base);
    QPainterPath shape;
    shape.addRoundedRect(area, kRadius, kRadius);
    painter.fillPath(shape, m_selected ? mixed(ground, highlight, 0.16) : ground);
    if (m_stripe.isValid()) {
        painter.save();
        painter.setClipPath(shape);
        painter.fillRect(QRectF(0, 0, kStripe, m_size.height()), m_stripe);
        painter.restore();
    }
    QColor edge = m_selected ? highlight : mixed(gridColour(palette), mutedText(palette), 0.25);
    if (!m_card.problem.isEmpty())
        edge = badColour(palette);
    painter.strokePath(shape, QPen(edge, m_selected || !m_card.problem.isEmpty() ? 2.2 : 1.0));
    if (m_current) {
        QPen focus(palette.color(QPalette::Text), 1, Qt::DotLine);
        painter.setPen(focus);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(area.adjusted(3, 3, -3, -3), kRadius - 2, kRadius - 2);
    }
}

QString LayerCardItem::treatmentText() const { return formatsText(m_card); }

void LayerCardItem::paintFull(QPainter& painter, const QPalette& palette) const
{
    paintFrame(painter, palette);
    const QFont base = painter.font(), small = smallFont(base);
    QFont bold = base;
    bold.setWeight(QFont::DemiBold);
    const QFontMetricsF boldMetrics(bold), smallMetrics(small);
    const double left = kStripe + kPad, right = m_size.width() - kPad, wide = right - left;

    // First line: name, sign of the substrate, rank badge.
    double y = kPad;
    double signLeft = right - kSign;
    paintSubstrate(painter, QRectF(signLeft, y + 0.5 * (boldMetrics.height() - kSign), kSign, kSign), m_card.substrate, mutedText(palette));
    if (m_card.rank > 0) {
        const QString badge = QObject::tr("rank %1").arg(m_card.rank);
        painter.setFont(small);
        const double badgeWide = smallMetrics.horizontalAdvance(badge) + 10;
        const QRectF place(signLeft - badgeWide - 6, y + 0.5 * (boldMetrics.height() - smallMetrics.height()), badgeWide,
                           smallMetrics.height());
        painter.setPen(QPen(palette.color(QPalette::Highlight), 1.2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(place, place.height() / 2, place.height() / 2);
        painter.setPen(palette.color(QPalette::Text));
        painter.drawText(place, Qt::AlignCenter, badge);
        signLeft = place.left();
    }
    painter.setFont(bold);
    painter.setPen(palette.color(QPalette::Text));
    const double nameRoom = signLeft - 6 - left;
    const QString name = boldMetrics.elidedText(m_card.name, Qt::ElideMiddle, nameRoom);
    painter.drawText(QRectF(left, y, nameRoom, boldMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter, name);
    const double operationLeft = left + boldMetrics.horizontalAdvance(name) + 8;
    painter.setFont(small);
    painter.setPen(mutedText(palette));
    if (signLeft - 6 - operationLeft > 24)
        painter.drawText(QRectF(operationLeft, y, signLeft - 6 - operationLeft, boldMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         smallMetrics.elidedText(m_card.operation, Qt::ElideRight, signLeft - 6 - operationLeft));

    y += boldMetrics.height() + 3;
    const QRectF strip(left, y, wide, kStrip);
    paintRowFormats(painter, strip, m_card.formats, m_card.rowFormats, palette);
    painter.setPen(QPen(mutedText(palette), 0.8));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(strip);

    y += kStrip + 2;
    painter.setPen(mutedText(palette));
    const QString shape = QObject::tr("%1 × %2").arg(countText(m_card.rows), countText(m_card.columns));
    const double shapeWide = smallMetrics.horizontalAdvance(shape);
    if (m_card.problem.isEmpty()) {
        painter.drawText(QRectF(left, y, wide - shapeWide - 8, smallMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         smallMetrics.elidedText(treatmentText(), Qt::ElideRight, wide - shapeWide - 8));
        painter.drawText(QRectF(left, y, wide, smallMetrics.height()), Qt::AlignRight | Qt::AlignVCenter, shape);
    } else {
        painter.setPen(badColour(palette));
        painter.drawText(QRectF(left, y, wide, smallMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         smallMetrics.elidedText(QStringLiteral("⚠ ") + m_card.problem, Qt::ElideRight, wide));
    }

    // Last line: error to the left, energy to the right, each a number and a bar.
    y += smallMetrics.height() + 1;
    const double half = 0.5 * (wide - 10);
    const bool hasRoomForWords = half > 150;
    const QString energyWord = hasRoomForWords ? QObject::tr("energy") : QStringLiteral("E");
    const double textWide = std::max(smallMetrics.horizontalAdvance(QStringLiteral("−88.8 dB")),
                                     smallMetrics.horizontalAdvance(QStringLiteral("88.8 % ") + energyWord)) +
                            4;
    QFont slanted = small;
    slanted.setItalic(true);
    const auto figure = [&](double x, const QString& text, std::optional<double> share, const QColor& fill, bool isOld,
                            std::optional<double> before = {}) {
        painter.setFont(isOld ? slanted : small);
        painter.setPen(isOld ? mutedText(palette) : palette.color(QPalette::Text));
        painter.drawText(QRectF(x, y, textWide, smallMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        if (share && half - textWide > 16)
            paintBar(painter, QRectF(x + textWide, y + 0.5 * smallMetrics.height() - 2.5, half - textWide, 5), *share, fill, palette, before);
    };
    const bool measured = m_card.localSqnr && !std::isnan(*m_card.localSqnr);
    figure(left, measured ? decibelText(m_card.localSqnr) : QStringLiteral("– dB"),
           measured ? std::optional<double>(errorShare(*m_card.localSqnr)) : std::nullopt,
           m_card.errorsAreOld ? mixed(seriesColour(3, palette), palette.color(QPalette::Base), 0.55) : seriesColour(3, palette),
           m_card.errorsAreOld,
           m_card.localSqnrWithoutRecovery ? std::optional<double>(errorShare(*m_card.localSqnrWithoutRecovery)) : std::nullopt);
    if (m_lastFigure == LastFigure::Sensitivity) {
        const QString text = m_card.sensitivity ? QString::number(*m_card.sensitivity, 'g', 2) : QStringLiteral("–");  // a bar stands beside it
        figure(left + half + 10, QStringLiteral("S ") + text, m_card.sensitivityShare, seriesColour(1, palette), m_card.sensitivityIsOld);
        return;
    }
    figure(left + half + 10, (m_card.energyShare ? percentText(*m_card.energyShare) : QStringLiteral("–")) + u' ' + energyWord,
           m_card.energyShare, seriesColour(0, palette), false);
}

}  // namespace app
