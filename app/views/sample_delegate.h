// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Draws one sample of the wall: its picture, a sign for what became of it, both answers and the margin as a bar.

#include "app/views/sample_grid.h"

#include <QCache>
#include <QStyledItemDelegate>

namespace app {

class SampleDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit SampleDelegate(QObject* parent = nullptr);

    void setPictureOf(SampleGrid::PictureOf pictureOf);
    void setPictureSize(QSize size);
    QSize pictureSize() const { return m_pictureSize; }
    void forgetPictures() { m_pictures.clear(); }
    /// The size of a whole cell: picture, sign and two lines.
    QSize cellSize(const QFont& font) const;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    const QImage& pictureOf(std::int32_t sample, double pixelRatio) const;

    SampleGrid::PictureOf m_pictureOf;
    QSize m_pictureSize{84, 84};
    mutable QCache<std::int32_t, QImage> m_pictures;  // by sample; those in sight and some around
};

}  // namespace app
