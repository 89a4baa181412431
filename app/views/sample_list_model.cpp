// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/sample_list_model.h"

#include "app/models/number_text.h"

namespace app {

namespace {

QString fullText(const SampleCard& card)
{
    QStringList lines{QObject::tr("sample %1: %2").arg(countText(card.sample), sampleVerdict(card))};
    if (!card.label.isEmpty())
        lines << QObject::tr("label %1").arg(card.label);
    lines << QObject::tr("answer %1, margin %2").arg(card.answer, numberText(card.margin, 2));
    lines << QObject::tr("reference %1, margin %2").arg(card.referenceAnswer, numberText(card.referenceMargin, 2));
    if (!card.pushedBy.isEmpty())
        lines << QObject::tr("pushed over by %1").arg(card.pushedBy);
    return lines.join(u'\n');
}

}  // namespace

void SampleListModel::show(std::vector<SampleCard> cards)
{
    beginResetModel();
    m_cards = std::move(cards);
    endResetModel();
}

int SampleListModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_cards.size()); }

QVariant SampleListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const SampleCard& card = m_cards[static_cast<std::size_t>(index.row())];
    switch (role) {
    case CardRole: return QVariant::fromValue(card);
    case Qt::DisplayRole: return card.answer;
    case Qt::ToolTipRole: return fullText(card);
    case Qt::AccessibleTextRole: return fullText(card).replace(u'\n', QStringLiteral(", "));
    default: return {};
    }
}

}  // namespace app
