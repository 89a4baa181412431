// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A table cell with a bar behind its figure (ShareRole) and a warning sign before it (ProblemRole). Reads roles only.

#include <QStyledItemDelegate>

namespace app {

class ShareBarDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace app
