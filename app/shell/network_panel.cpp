// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/network_panel.h"

#include "app/models/roles.h"
#include "app/shell/network_cards.h"
#include "app/shell/share_bar_delegate.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {
namespace {

QToolButton* faceButton(const QString& text, const QString& name, const QString& tip, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setCheckable(true);
    return button;
}

} // namespace

NetworkPanel::NetworkPanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("networkPanel"), parent)
{
    m_graph = new LayerGraphView(this);
    m_graph->setObjectName(QStringLiteral("networkGraph"));
    m_graph->setEmptyHint(tr("Open a network: drop an .onnx file here, or choose File ▸ Open Bundled."));
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_graph);
    m_pages->addWidget(makeTable());
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("networkNote"));
    m_note->setContentsMargins(6, 2, 6, 3);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeHeader());
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_note);
    connect(m_graph, &LayerGraphView::selectionChanged, this, &NetworkPanel::takeCards);
    setFace(Face::Graph);
}

QWidget* NetworkPanel::makeHeader()
{
    auto* header = new QWidget(this);
    m_graphButton = faceButton(tr("Graph"), QStringLiteral("graphButton"), tr("Layers as cards along the data"), header);
    m_tableButton =
        faceButton(tr("Table"), QStringLiteral("tableButton"), tr("Layers as rows with their figures; a click on a column sorts"), header);
    auto* faces = new QButtonGroup(this);
    faces->addButton(m_graphButton);
    faces->addButton(m_tableButton);
    connect(m_graphButton, &QToolButton::clicked, this, [this] { setFace(Face::Graph); });
    connect(m_tableButton, &QToolButton::clicked, this, [this] { setFace(Face::Table); });

    m_colourBy = new QComboBox(header);
    m_colourBy->setObjectName(QStringLiteral("colourBy"));
    m_colourBy->setAccessibleName(tr("Colour cards by"));
    m_colourBy->setToolTip(tr("What the colour of a card tells"));
    for (const ColourBy what : {ColourBy::Format, ColourBy::LocalError, ColourBy::PropagatedError, ColourBy::Energy})
        m_colourBy->addItem(colourByName(what), static_cast<int>(what));
    connect(m_colourBy, &QComboBox::activated, this,
            [this] { m_graph->setColourBy(static_cast<ColourBy>(m_colourBy->currentData().toInt())); });

    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(4, 3, 4, 3);
    layout->addWidget(m_graphButton);
    layout->addWidget(m_tableButton);
    layout->addStretch(1);
    layout->addWidget(m_colourBy);
    return header;
}

QWidget* NetworkPanel::makeTable()
{
    m_model = new LayerTableModel(this);
    m_order = new QSortFilterProxyModel(this);
    m_order->setSourceModel(m_model);
    m_order->setSortRole(SortRole);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("layerTable"));
    m_table->setAccessibleName(tr("Layers"));
    m_table->setModel(m_order);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(LayerTableModel::Name, Qt::AscendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setItemDelegate(new ShareBarDelegate(this));
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 8);
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionsMovable(true);
    header->setHighlightSections(false);
    for (const int column : {LayerTableModel::Operation, LayerTableModel::Size, LayerTableModel::Macs, LayerTableModel::Activations,
                             LayerTableModel::Substrate, LayerTableModel::PropagatedSqnr})
        m_table->hideColumn(column);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this, [this, header](QPoint place) {
        QMenu menu;
        for (int column = 1; column < LayerTableModel::ColumnCount; ++column) {
            QAction* action = menu.addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
            action->setCheckable(true);
            action->setChecked(!m_table->isColumnHidden(column));
            connect(action, &QAction::toggled, this, [this, column](bool shown) { m_table->setColumnHidden(column, !shown); });
        }
        menu.exec(header->mapToGlobal(place));
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &NetworkPanel::takeTableSelection);
    return m_table;
}

NetworkPanel::Face NetworkPanel::face() const { return m_pages->currentIndex() == 0 ? Face::Graph : Face::Table; }

void NetworkPanel::setFace(Face face)
{
    m_pages->setCurrentIndex(face == Face::Graph ? 0 : 1);
    m_graphButton->setChecked(face == Face::Graph);
    m_tableButton->setChecked(face == Face::Table);
    m_colourBy->setVisible(face == Face::Graph);
}

void NetworkPanel::refresh(Changes changes)
{
    const QScopedValueRollback quiet(m_showingSelection, true);
    if (changes & (Subject | Plan | Report)) {
        if (changes & Subject)
            m_measured.reset();
        if (hasLayerErrors(exploration().report()))
            m_measured = exploration().report();
        const std::vector<LayerCard> cards = networkCards(exploration(), m_measured);
        if (changes & Subject) {
            m_graph->showNetwork(cards, exploration().isOpen() ? networkEdges(*exploration().subject()->network) : std::vector<CardEdge>{});
        } else {
            for (const core::WeightedLayer& layer : exploration().layers())
                m_graph->updateCard(static_cast<int>(layer.node.value()), cards.at(layer.node.value()));
        }
        m_model->show({exploration().source().layers, exploration().plan(), exploration().report(), PlanProblems(exploration().flaws())});
        if (changes & Subject)
            m_table->resizeColumnsToContents();
    }
    showSelection();
}

void NetworkPanel::showSelection()
{
    const Selection& selection = exploration().selection();
    std::vector<int> cards;
    QItemSelection rows;
    for (const core::LayerIndex layer : selection.layers) {
        cards.push_back(static_cast<int>(exploration().layers().at(layer.value()).node.value()));
        const QModelIndex row = m_order->mapFromSource(m_model->index(static_cast<int>(layer.value()), 0));
        rows.select(row, row);
    }
    m_graph->setSelectedCards(cards);
    m_table->selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_note->setText(exploration().layers().empty() ? QString() : tr("Knobs edit %1").arg(editedLayersText()));
}

void NetworkPanel::takeCards(const std::vector<int>& cards)
{
    Selection selection = exploration().selection();
    selection.layers.clear();
    selection.current = {};
    for (const core::WeightedLayer& layer : exploration().layers()) {
        const int card = static_cast<int>(layer.node.value());
        if (std::ranges::find(cards, card) != cards.end())
            selection.layers.push_back(layer.index);
        if (card == m_graph->currentCard())
            selection.current = layer.index;
    }
    if (!selection.contains(selection.current))
        selection.current = {};
    exploration().setSelection(selection);
}

void NetworkPanel::takeTableSelection()
{
    if (m_showingSelection)
        return;
    Selection selection = exploration().selection();
    selection.layers.clear();
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows())
        selection.layers.emplace_back(static_cast<std::size_t>(m_order->mapToSource(row).row()));
    std::ranges::sort(selection.layers);
    const QModelIndex current = m_order->mapToSource(m_table->currentIndex());
    selection.current = current.isValid() ? core::LayerIndex(static_cast<std::size_t>(current.row())) : core::LayerIndex{};
    if (!selection.contains(selection.current))
        selection.current = {};
    exploration().setSelection(selection);
}

} // namespace app
