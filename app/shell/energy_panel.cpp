// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/energy_panel.h"

#include "app/shell/share_bar_delegate.h"
#include "app/views/chart_style.h"
#include "app/views/efficiency_view.h"
#include "app/views/energy_view.h"
#include "app/views/estimates_view.h"
#include "core/engine/plan_convention.h"
#include "core/io/library.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {

EnergyPanel::EnergyPanel(Exploration& exploration, QWidget* parent)
    : BenchPanel(exploration, Report | Selected | Settings, QStringLiteral("energyPanel"), parent)
{
    m_view = new EnergyView(this);
    m_efficiency = new EfficiencyView(this);
    m_estimates = new EstimatesView(this);
    m_view->setEmptyHint(tr("Open a network: what one inference costs appears here, layer by layer."));
    m_efficiency->setEmptyHint(tr("Open a network: its TOPS/W and the convention they are said in appear here."));
    m_estimates->setEmptyHint(tr("Open a network: what time and area an inference takes appears here."));
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(makeBill());
    m_stack->addWidget(m_efficiency);
    m_stack->addWidget(m_estimates);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeHead());
    layout->addWidget(m_stack, 1);

    connect(m_pages, &QTabBar::currentChanged, this, [this](int page) {
        m_stack->setCurrentIndex(page);
        emit figureChanged();
    });
    connect(&m_reading, &JobRunner::failed, &exploration, &Exploration::problemFound);
    connect(m_view, &EnergyView::layerSelected, this, &EnergyPanel::selectLayer);
    connect(m_efficiency, &EfficiencyView::layerSelected, this, &EnergyPanel::selectLayer);
    connect(m_estimates, &EstimatesView::layerSelected, this, &EnergyPanel::selectLayer);
    for (FigureView* figure : figures())
        connect(figure, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
            exploration.tellProblem({"", text.toStdString()});
        });
}

QWidget* EnergyPanel::makeHead()
{
    auto* row = new QWidget(this);
    auto* head = new QHBoxLayout(row);
    head->setContentsMargins(8, 4, 6, 2);
    head->setSpacing(6);
    m_technology = new QComboBox(row);
    m_technology->setObjectName(QStringLiteral("technology"));
    m_technology->setAccessibleName(tr("Price table"));
    m_technology->setToolTip(
        tr("Whose prices are paid: what one operation of each width costs in this technology. Every price names its source on hover."));
    m_technology->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_technology->setMinimumContentsLength(22);
    m_technology->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_technology->setMaximumWidth(m_technology->fontMetrics().averageCharWidth() * 48);
    connect(m_technology, &QComboBox::activated, this, [this] {
        EvaluationSettings settings = exploration().settings();
        settings.technology = m_technology->currentData().toString().toStdString();
        exploration().changeSettings(settings);
    });

    m_more = new QToolButton(row);
    m_more->setObjectName(QStringLiteral("moreTables"));
    m_more->setText(tr("Other…"));
    m_more->setToolTip(tr("Pay by a table of your own, or by this one seen from another node"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_more);
    QAction* file = menu->addAction(tr("&Open a Price Table…"), this, &EnergyPanel::askForFile);
    file->setObjectName(QStringLiteral("openPriceTable"));
    QAction* node = menu->addAction(tr("&Scale to Another Node…"), this, &EnergyPanel::askForNode);
    node->setObjectName(QStringLiteral("scalePriceTable"));
    m_more->setMenu(menu);

    m_pages = new QTabBar(row);
    m_pages->setObjectName(QStringLiteral("energyPages"));
    m_pages->setAccessibleName(tr("What of the energy to look at"));
    m_pages->setDrawBase(false);
    m_pages->setExpanding(false);
    m_pages->addTab(tr("Bill"));
    m_pages->addTab(tr("TOPS/W"));
    m_pages->addTab(tr("Time, area"));
    m_pages->setTabToolTip(0, tr("What one inference costs, by layer and by kind of work"));
    m_pages->setTabToolTip(1, tr("The efficiency in a convention you choose, beside the published headline; ceilings of recovery paths"));
    m_pages->setTabToolTip(2, tr("How long it takes and what room, by the same ledger"));
    head->addWidget(m_pages);
    head->addStretch(0);  // what the table's name does not need
    head->addWidget(new QLabel(tr("Prices"), row));
    head->addWidget(m_technology, 1);
    head->addWidget(m_more);
    return row;
}

QWidget* EnergyPanel::makeBill()
{
    m_model = new EnergyTableModel(this);
    m_table = new QTableView(this);
    QTableView* const table = m_table;
    table->setObjectName(QStringLiteral("energyTable"));
    table->setAccessibleName(tr("Energy bill"));
    table->setModel(m_model);
    table->setItemDelegate(new ShareBarDelegate(this));
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 8);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->horizontalHeader()->setFont(smallFont(table->font()));
    const QFontMetrics headings(table->horizontalHeader()->font());
    table->horizontalHeader()->setMinimumSectionSize(headings.horizontalAdvance(QStringLiteral("accumulate")) + 8);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    table->horizontalHeader()->setDefaultAlignment(Qt::Alignment(Qt::AlignCenter) |
                                                   Qt::Alignment(int(Qt::TextWordWrap)));  // "main multiply"
    table->horizontalHeader()->setMinimumHeight(2 * table->fontMetrics().lineSpacing() + 6);
    auto* halves = new QSplitter(Qt::Vertical, this);
    halves->addWidget(m_view);
    halves->addWidget(table);
    halves->setStretchFactor(0, 3);
    halves->setStretchFactor(1, 1);
    halves->setChildrenCollapsible(false);
    return halves;
}

FigureView* EnergyPanel::figure() const { return figures().at(static_cast<std::size_t>(m_pages->currentIndex())); }

std::vector<FigureView*> EnergyPanel::figures() const { return {m_view, m_efficiency, m_estimates}; }

void EnergyPanel::setPage(Page page) { m_pages->setCurrentIndex(static_cast<int>(page)); }

void EnergyPanel::selectLayer(core::LayerIndex layer)
{
    Selection selection = exploration().selection();
    selection.layers = {layer};
    selection.current = layer;
    exploration().setSelection(selection);
}

void EnergyPanel::askForFile()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a Price Table"), {}, tr("Price tables (*.json);;All files (*)"));
    if (!path.isEmpty())
        useTable(path);
}

void EnergyPanel::askForNode()
{
    const core::PriceTable* table = exploration().technology();
    if (!table)
        return;
    const QString name = QString::fromStdString(table->name).section(u'@', 0, 0);
    bool wanted = false;
    const QString text = QInputDialog::getText(this, tr("Scale to Another Node"),
                                               tr("Table, node and supply, by Stillmaker and Baas 2017 (7 to 130 nm, 0.5 to 1.3 V):"),
                                               QLineEdit::Normal, name + QStringLiteral("@22nm,0.8V"), &wanted);
    if (wanted && !text.trimmed().isEmpty())
        useTable(text.trimmed());
}

void EnergyPanel::useTable(const QString& nameOrPath)
{
    const QFileInfo file(nameOrPath);
    const QString name = file.isFile() ? file.absoluteFilePath() : nameOrPath;  // scripts are replayed elsewhere
    m_asked = name;
    m_reading.start([this, name](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
        auto table = core::loadPriceTable(name.toStdString());
        if (!table)
            return [this, problem = table.error()] { exploration().tellProblem(problem); };
        table.value().name = name.toStdString();  // what `polar --technology` takes, too
        return [this, table = std::move(table).value()] { exploration().addTechnology(table); };
    });
}

void EnergyPanel::fillTechnologies()
{
    m_technology->clear();
    for (const core::PriceTable& table : exploration().technologies()) {
        m_technology->addItem(QString::fromStdString(table.title), QString::fromStdString(table.name));
        m_technology->setItemData(m_technology->count() - 1, QString::fromStdString(table.title + " (" + table.name + ")"),
                                  Qt::ToolTipRole);
    }
    const core::PriceTable* table = exploration().technology();
    if (!table)
        return;
    m_technology->setCurrentIndex(m_technology->findData(QString::fromStdString(table->name)));
    // A table of one's own that a session before this one, or a script, paid by.
    const QString wanted = QString::fromStdString(exploration().settings().technology);
    if (!wanted.isEmpty() && m_technology->findData(wanted) < 0 && wanted != m_asked)
        useTable(wanted);
}

void EnergyPanel::showFigures(const core::ReportPtr& report)
{
    if (!report || report->energy.lines.empty()) {
        m_view->clear();
        m_efficiency->clear();
        m_estimates->clear();
        return;
    }
    QStringList names;
    for (const core::LayerReport& layer : report->layers)
        names << QString::fromStdString(layer.name);
    EnergyFigure bill;
    bill.bill = report->energy;
    bill.layerNames = names;
    m_view->showBill(std::move(bill));

    EfficiencyComparison comparison;
    comparison.npp = *core::compareWithNpp(*report);
    comparison.own = core::conventionOf(exploration().plan(), exploration().layers());
    comparison.memoryShare = report->energy.ofPart(core::LedgerPart::Memory) / report->energy.total();
    comparison.technology = QString::fromStdString(report->energy.technology);
    for (const core::LayerReport& layer : report->layers)
        if (const auto ceiling = core::rankCeilingOf(layer, report->energy))
            comparison.ceilings.push_back({layer.index, QString::fromStdString(layer.name), layer.rows, layer.columns,
                                           layer.surrogate ? layer.surrogate->rank : 0, *ceiling});
    m_efficiency->showComparison(std::move(comparison));
    m_estimates->showEstimates({report->estimates, names});
}

void EnergyPanel::refresh(Changes changes)
{
    if (changes & (Subject | Settings))
        fillTechnologies();
    if (changes & (Subject | Report | Settings)) {
        m_model->show(exploration().report());
        for (std::size_t part = 0; part < EnergyTableModel::kParts.size(); ++part)  // what nobody pays takes no room
            m_table->setColumnHidden(1 + static_cast<int>(part),
                                     exploration().report() &&
                                         exploration().report()->energy.ofPart(EnergyTableModel::kParts[part]).value() == 0);
        showFigures(exploration().report());
    }
    const auto& layers = exploration().selection().layers;
    const core::LayerIndex chosen = layers.empty() ? core::LayerIndex{} : exploration().currentLayer();
    if (chosen.isValid() && static_cast<int>(chosen.value()) < m_model->rowCount())
        m_table->selectRow(static_cast<int>(chosen.value()));
    else
        m_table->clearSelection();
    m_view->setSelectedLayers(layers);
    m_efficiency->setSelectedLayers(layers);
    m_estimates->setSelectedLayers(layers);
}

}  // namespace app
