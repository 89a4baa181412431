// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/share_bar_delegate.h"

#include "app/models/roles.h"
#include "app/views/chart_style.h"

#include <QPainter>

#include <algorithm>

namespace app {

void ShareBarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QVariant share = index.data(ShareRole);
    if (share.isValid() && !option.state.testFlag(QStyle::State_Selected)) {
        QColor colour = seriesColour(0, option.palette);
        colour.setAlpha(190);
        const QRectF cell = QRectF(option.rect).adjusted(3, 0, -3, -1);  // below the number, along the cell's foot
        painter->fillRect(QRectF(cell.left(), cell.bottom() - 2, cell.width() * std::clamp(share.toDouble(), 0.0, 1.0), 2), colour);
    }
    QStyledItemDelegate::paint(painter, option, index);
}

void ShareBarDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    if (!index.data(ProblemRole).isValid())
        return;
    option->text = QStringLiteral("⚠ ") + option->text;
    option->palette.setColor(QPalette::Text, badColour(option->palette));
}

} // namespace app
