// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The samples of the wall as rows of a list: words for people and screen readers, the card itself for the delegate.

#include "app/views/sample_grid.h"

#include <QAbstractListModel>

namespace app {

class SampleListModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role { CardRole = Qt::UserRole + 1 };

    using QAbstractListModel::QAbstractListModel;

    void show(std::vector<SampleCard> cards);
    const std::vector<SampleCard>& cards() const { return m_cards; }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<SampleCard> m_cards;
};

}  // namespace app
