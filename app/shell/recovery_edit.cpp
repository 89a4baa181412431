// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_edit.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableView>

namespace app {

core::SurrogatePlan surrogateOf(const core::LayerTreatment& treatment)
{
    if (treatment.surrogate)
        return *treatment.surrogate;
    core::SurrogatePlan none;
    none.rank = 0;
    return none;
}

void editSurrogate(Exploration& exploration, const QString& words, const SurrogateChange& change, Gesture gesture)
{
    exploration.editLayers(
        words,
        [&](const core::WeightedLayer&, core::LayerTreatment& treatment) {
            core::SurrogatePlan plan = surrogateOf(treatment);
            change(plan);
            treatment.surrogate = plan;
        },
        gesture);
}

void makeChoiceTable(QTableView& table, int widest)
{
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setSelectionMode(QAbstractItemView::SingleSelection);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setTabKeyNavigation(false);  // Tab goes on to the buttons
    table.setAlternatingRowColors(true);
    table.setShowGrid(false);
    table.setFrameShape(QFrame::NoFrame);
    table.verticalHeader()->hide();
    table.verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table.setContextMenuPolicy(Qt::ActionsContextMenu);
    QHeaderView* header = table.horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(widest, QHeaderView::Stretch);
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::DescendingOrder);
    table.setSortingEnabled(true);
}

QLabel* pageHeading(const QString& objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(objectName);
    label->setTextFormat(Qt::PlainText);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // a long name must not widen the dock
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    return label;
}

QLabel* pageHint(const QString& objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(objectName);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setMargin(12);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

}  // namespace app
