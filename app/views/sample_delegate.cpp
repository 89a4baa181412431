// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/sample_delegate.h"

#include "app/models/number_text.h"
#include "app/views/sample_list_model.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr int kPad = 5, kCached = 1500;
constexpr double kBadge = 15, kBar = 4;
constexpr double kFullMargin = 10;  // a margin of ten logits fills the bar

/// ✓ right, ✗ wrong, ⇄ flipped: the sign is drawn, so that no font can lack it; a flipped one is a square, not a circle.
void paintBadge(QPainter& painter, QPointF centre, const SampleCard& card, const QPalette& palette)
{
    const QColor fill = card.wrong ? badColour(palette) : card.flipped ? cautionColour(palette) : goodColour(palette);
    const QRectF place(centre.x() - 0.5 * kBadge, centre.y() - 0.5 * kBadge, kBadge, kBadge);
    painter.setPen(QPen(palette.color(QPalette::Base), 1.5));
    painter.setBrush(fill);
    if (card.flipped)
        painter.drawRoundedRect(place, 3, 3);
    else
        painter.drawEllipse(place);
    painter.setPen(QPen(inkOn(fill), 2, Qt::SolidLine, Qt::RoundCap));
    const double r = 0.24 * kBadge;
    if (card.wrong) {
        painter.drawLine(centre + QPointF(-r, -r), centre + QPointF(r, r));
        painter.drawLine(centre + QPointF(-r, r), centre + QPointF(r, -r));
    } else {
        painter.drawPolyline(QPolygonF{centre + QPointF(-r, 0), centre + QPointF(-0.2 * r, 0.8 * r), centre + QPointF(r, -0.8 * r)});
    }
}

}  // namespace

SampleDelegate::SampleDelegate(QObject* parent) : QStyledItemDelegate(parent), m_pictures(kCached) {}

void SampleDelegate::setPictureOf(SampleGrid::PictureOf pictureOf)
{
    m_pictureOf = std::move(pictureOf);
    m_pictures.clear();
}

void SampleDelegate::setPictureSize(QSize size)
{
    m_pictureSize = size;
    m_pictures.clear();
}

QSize SampleDelegate::cellSize(const QFont& font) const
{
    const double words = QFontMetricsF(font).height() + QFontMetricsF(smallFont(font)).height();
    return {m_pictureSize.width() + 2 * kPad + 2, m_pictureSize.height() + static_cast<int>(std::ceil(words + kBar)) + 3 * kPad};
}

QSize SampleDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const { return cellSize(option.font); }

const QImage& SampleDelegate::pictureOf(std::int32_t sample, double pixelRatio) const
{
    if (QImage* kept = m_pictures.object(sample))
        return *kept;
    auto* made = new QImage(m_pictureOf ? m_pictureOf(sample, m_pictureSize, pixelRatio) : QImage());
    m_pictures.insert(sample, made);
    return *made;
}

void SampleDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto card = index.data(SampleListModel::CardRole).value<SampleCard>();
    const QPalette& palette = option.palette;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF cell = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5);
    const bool isSelected = option.state & QStyle::State_Selected;
    painter->setBrush(isSelected ? mixed(palette.color(QPalette::Base), palette.color(QPalette::Highlight), 0.22)
                                 : palette.color(QPalette::Base));
    painter->setPen(QPen(isSelected ? palette.color(QPalette::Highlight) : gridColour(palette), isSelected ? 2 : 1));
    painter->drawRoundedRect(cell, 4, 4);

    const QRectF room(cell.left() + 0.5 * (cell.width() - m_pictureSize.width()), cell.top() + kPad - 1, m_pictureSize.width(),
                      m_pictureSize.height());
    const double ratio = option.widget ? option.widget->devicePixelRatioF() : 1.0;
    const QImage& picture = pictureOf(card.sample, ratio);
    if (picture.isNull()) {
        painter->fillRect(room, QBrush(gridColour(palette), Qt::BDiagPattern));
    } else {
        const QSizeF size = picture.deviceIndependentSize();
        painter->drawImage(QPointF(std::round(room.center().x() - 0.5 * size.width()), std::round(room.center().y() - 0.5 * size.height())),
                           picture);
    }

    // First line: the answer, and what it should have been. Second line: the reference's, where it differs.
    const QFontMetricsF metrics(option.font);
    double y = room.bottom() + 0.5 * kPad;
    paintBadge(*painter, QPointF(room.right() - 0.5 * kBadge, y + 0.5 * metrics.height()), card, palette);
    painter->setFont(option.font);
    painter->setPen(palette.color(QPalette::Text));
    const QString answer = card.wrong && !card.label.isEmpty() ? QObject::tr("%1 ≠ %2").arg(card.answer, card.label) : card.answer;
    painter->drawText(QRectF(room.left(), y, room.width() - kBadge - 3, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(answer, Qt::ElideMiddle, room.width() - kBadge - 3));
    y += metrics.height();
    const QFont small = smallFont(option.font);
    const QFontMetricsF smallMetrics(small);
    painter->setFont(small);
    painter->setPen(card.flipped ? palette.color(QPalette::Text) : mutedText(palette));
    const QString second =
        card.flipped ? QObject::tr("flipped, was %1").arg(card.referenceAnswer) : QObject::tr("margin %1").arg(numberText(card.margin, 1));
    painter->drawText(QRectF(room.left(), y, room.width(), smallMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                      smallMetrics.elidedText(second, Qt::ElideRight, room.width()));

    // The margin as a bar; a thin stroke marks the reference's.
    const QRectF track(room.left(), y + smallMetrics.height() + 1, room.width(), kBar);
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->fillRect(track, gridColour(palette));
    const auto reach = [&](double margin) { return track.width() * std::clamp(margin / kFullMargin, 0.0, 1.0); };
    painter->fillRect(QRectF(track.left(), track.top(), reach(card.margin), kBar), seriesColour(0, palette));
    painter->fillRect(QRectF(track.left() + reach(card.referenceMargin) - 1, track.top() - 2, 2, kBar + 4), palette.color(QPalette::Text));
    painter->restore();
}

}  // namespace app
