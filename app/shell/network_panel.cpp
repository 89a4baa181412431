// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/network_panel.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"
#include "app/shell/network_cards.h"
#include "app/shell/share_bar_delegate.h"
#include "app/views/chart_style.h"

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
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("networkPanel"), parent), m_study(new SensitivityStudy(exploration, this))
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
    layout->addWidget(makeMetrics());
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_note);
    connect(m_graph, &LayerGraphView::selectionChanged, this, &NetworkPanel::takeCards);
    connect(m_study, &SensitivityStudy::changed, this, [this] {
        if (isVisible() && wantsSensitivity())
            showFigures(Report);
    });
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
    for (const ColourBy what : {ColourBy::Format, ColourBy::LocalError, ColourBy::PropagatedError, ColourBy::Energy, ColourBy::Sensitivity})
        m_colourBy->addItem(colourByName(what), static_cast<int>(what));
    connect(m_colourBy, &QComboBox::activated, this, [this] { setColourBy(static_cast<ColourBy>(m_colourBy->currentData().toInt())); });

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
                             LayerTableModel::Substrate, LayerTableModel::PropagatedSqnr, LayerTableModel::Sensitivity})
        m_table->hideColumn(column);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this, [this, header](QPoint place) {
        QMenu menu;
        for (int column = 1; column < LayerTableModel::ColumnCount; ++column) {
            QAction* action = menu.addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
            action->setCheckable(true);
            action->setChecked(!m_table->isColumnHidden(column));
            connect(action, &QAction::toggled, this, [this, column](bool shown) {
                m_table->setColumnHidden(column, !shown);
                watchSensitivity();
            });
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
    watchSensitivity();
}

/// Above the cards or the table while they show sensitivity: the metric, what it is of, and a button that stops or starts.
QWidget* NetworkPanel::makeMetrics()
{
    m_metrics = new QWidget(this);
    m_metric = new QComboBox(m_metrics);
    m_metric->setObjectName(QStringLiteral("sensitivityMetric"));
    m_metric->setAccessibleName(tr("Sensitivity metric"));
    for (const SensitivityMetric each : kSensitivityMetrics) {
        m_metric->addItem(wordsOf(each).name, static_cast<int>(each));
        m_metric->setItemData(m_metric->count() - 1, QStringLiteral("<p>%1</p>").arg(wordsOf(each).tip.toHtmlEscaped()), Qt::ToolTipRole);
    }
    m_measure = new QToolButton(m_metrics);
    m_measure->setObjectName(QStringLiteral("measureSensitivity"));
    m_metricState = new QLabel(m_metrics);
    m_metricState->setObjectName(QStringLiteral("sensitivityState"));
    m_metricState->setFont(smallFont(font()));
    m_metricState->setForegroundRole(QPalette::PlaceholderText);
    m_metricState->setWordWrap(true);
    connect(m_metric, &QComboBox::activated, this, [this] {
        watchSensitivity();
        showFigures(Report);
    });
    connect(m_measure, &QToolButton::clicked, this, [this] { m_study->isBusy() ? m_study->stop() : m_study->askAgain(); });
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_metric, 1);
    row->addWidget(m_measure);
    auto* layout = new QVBoxLayout(m_metrics);
    layout->setContentsMargins(4, 0, 4, 3);
    layout->setSpacing(1);
    layout->addLayout(row);
    layout->addWidget(m_metricState);
    m_metrics->hide();
    return m_metrics;
}

SensitivityMetric NetworkPanel::metric() const { return static_cast<SensitivityMetric>(m_metric->currentData().toInt()); }

void NetworkPanel::setColourBy(ColourBy what)
{
    m_colourBy->setCurrentIndex(m_colourBy->findData(static_cast<int>(what)));
    m_graph->setColourBy(what);
    if (what == ColourBy::Sensitivity)
        m_table->showColumn(LayerTableModel::Sensitivity);
    watchSensitivity();
}

bool NetworkPanel::showPage(const QString& name)
{
    if (name == QLatin1String("table")) {
        setFace(Face::Table);
        return true;
    }
    for (int index = 0; index < m_colourBy->count(); ++index) {
        const auto what = static_cast<ColourBy>(m_colourBy->itemData(index).toInt());
        if (colourByName(what).replace(u' ', u'-') != name)
            continue;
        setFace(Face::Graph);
        setColourBy(what);
        return true;
    }
    return false;
}

bool NetworkPanel::wantsSensitivity() const
{
    return face() == Face::Graph ? m_graph->colourBy() == ColourBy::Sensitivity : !m_table->isColumnHidden(LayerTableModel::Sensitivity);
}

void NetworkPanel::watchSensitivity()
{
    const bool isWanted = wantsSensitivity();
    m_metrics->setVisible(isWanted);
    if (isWanted)
        showMetric();
    if (isWanted && isVisible())
        m_study->watch(metric());
    else
        m_study->unwatch();
}

void NetworkPanel::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    watchSensitivity();
}

void NetworkPanel::hideEvent(QHideEvent* event)
{
    Panel::hideEvent(event);
    m_study->unwatch();
}

QString NetworkPanel::sensitivityState() const
{
    const LayerSensitivities& found = m_study->found();
    if (!exploration().isOpen())
        return tr("Open a network to measure it.");
    if (exploration().plan() == core::PrecisionPlan{})
        return tr("FP32 throughout: nothing is done to any layer. Choose a precision.");
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it first.");
    switch (found.state) {
    case StudyState::Failed: return found.problem;
    case StudyState::Stopped: return tr("Stopped. Measure starts again.");
    case StudyState::Waiting:
    case StudyState::Running: return found.answer ? tr("measured anew …") : tr("being measured …");
    case StudyState::Nothing:
    case StudyState::Done: break;
    }
    if (!found.answer)
        return tr("Not measured yet.");
    const core::Sensitivities& measured = *found.answer;
    const QString unit = wordsOf(metric(), measured.target).unit;
    return tr("%1of the loss (%2) on %3 samples")
        .arg(unit.isEmpty() ? QString() : unit + u' ', QString::fromStdString(core::lossTargetName(measured.target)),
             countText(measured.samples));
}

void NetworkPanel::showMetric()
{
    m_metric->setToolTip(QStringLiteral("<p>%1</p>").arg(wordsOf(metric()).tip.toHtmlEscaped()));
    const bool isBusy = m_study->isBusy();
    m_measure->setText(isBusy ? tr("Stop") : tr("Measure"));
    m_measure->setToolTip(isBusy ? tr("Stop measuring; what is on show stays (Ctrl+.)") : tr("Measure again"));
    const QString state = sensitivityState();
    m_metricState->setText(state);
    const LayerSensitivities& found = m_study->found();
    const QString remark = found.answer ? QString::fromStdString(found.answer->remark) : QString();
    m_metricState->setToolTip(remark.isEmpty() ? state : state + u'\n' + remark);
    const MetricWords words = wordsOf(metric(), found.answer ? std::optional(found.answer->target) : std::nullopt);
    m_graph->setSensitivityWords({words.name, words.unit, state});
}

void NetworkPanel::refresh(Changes changes)
{
    const QScopedValueRollback quiet(m_showingSelection, true);
    showFigures(changes);
    showSelection();
}

void NetworkPanel::showFigures(Changes changes)
{
    if (changes & (Subject | Plan | Report)) {
        if (changes & Subject)
            m_measured.reset();
        if (hasLayerErrors(exploration().report()))
            m_measured = exploration().report();
        std::vector<LayerCard> cards = networkCards(exploration(), m_measured);
        LayerSnapshot snapshot{exploration().source().layers, exploration().plan(), exploration().report(),
                               PlanProblems(exploration().flaws())};
        if (wantsSensitivity() && exploration().isOpen()) {
            showSensitivity(cards, exploration(), m_study->found(), metric());
            for (const core::WeightedLayer& layer : exploration().layers())
                if (const auto& figure = cards.at(layer.node.value()).sensitivity)
                    snapshot.sensitivities.push_back(*figure);
            snapshot.sensitivitiesAreOld = m_study->found().isOld;
            snapshot.sensitivityTip = wordsOf(metric()).name + u' ' + sensitivityState();
        }
        showMetric();
        if (changes & Subject) {
            m_graph->showNetwork(cards, exploration().isOpen() ? networkEdges(*exploration().subject()->network) : std::vector<CardEdge>{});
        } else {
            for (const core::WeightedLayer& layer : exploration().layers())
                m_graph->updateCard(static_cast<int>(layer.node.value()), cards.at(layer.node.value()));
        }
        m_model->show(std::move(snapshot));
        if (changes & Subject)
            m_table->resizeColumnsToContents();
    }
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
