// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_methods_page.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"
#include "app/shell/plan_choices.h"
#include "app/shell/recovery_edit.h"
#include "app/shell/share_bar_delegate.h"
#include "app/views/chart_style.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr double kTie = 0.05;  // dB; what the table shows as equal is equal

MethodLine lineOf(const core::MethodFigure& figure)
{
    const QString value = QString::fromUtf8(core::surrogateMethodName(figure.method));
    for (const Choice& choice : surrogateMethodChoices())
        if (choice.value == value)
            return {value, choice.text, choice.tip, figure.report};
    return {value, value, {}, figure.report};
}

}  // namespace

RecoveryMethodsPage::RecoveryMethodsPage(Exploration& exploration, RecoveryStudy& study, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("recoveryMethodsPage"), parent), m_study(study)
{
    m_where = pageHeading(QStringLiteral("methodsWhere"), this);
    m_hint = pageHint(QStringLiteral("methodsHint"), this);
    makeTable();
    m_faces = new QStackedWidget(this);
    m_faces->addWidget(m_hint);
    m_faces->addWidget(m_table);
    m_verdict = new QLabel(this);
    m_verdict->setObjectName(QStringLiteral("methodsVerdict"));
    m_verdict->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_take = new QPushButton(tr("Take This Method"), this);
    m_take->setObjectName(QStringLiteral("takeMethod"));
    m_take->setToolTip(
        tr("Fit the path of the edited layers this way. Enter or a double click in the table does the same; one undo step."));
    connect(m_take, &QPushButton::clicked, this, &RecoveryMethodsPage::takeMethod);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(m_faces, 1);
    layout->addWidget(m_verdict);
    layout->addWidget(m_take);
    connect(&study, &RecoveryStudy::methodsChanged, this, [this] {
        if (isVisible())
            refresh(Everything);
    });
}

void RecoveryMethodsPage::makeTable()
{
    m_model = new MethodTableModel(this);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("methodsTable"));
    m_table->setAccessibleName(tr("Fitting methods of the current layer"));
    m_order = new QSortFilterProxyModel(this);
    m_order->setSourceModel(m_model);
    m_order->setSortRole(SortRole);
    m_table->setModel(m_order);
    m_table->setItemDelegate(new ShareBarDelegate(this));
    makeChoiceTable(*m_table, MethodTableModel::Method);
    auto* take = new QAction(tr("Take This Method"), m_table);
    take->setObjectName(QStringLiteral("takeMethodAction"));
    take->setShortcuts({QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter)});
    take->setShortcutContext(Qt::WidgetShortcut);
    connect(take, &QAction::triggered, this, &RecoveryMethodsPage::takeMethod);
    auto* copy = new QAction(tr("&Copy Numbers as CSV"), m_table);
    copy->setObjectName(QStringLiteral("copyMethods"));
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] {
        NumberTable numbers;
        numbers.header = {tr("method"), tr("rank"), tr("sqnr_db"), tr("floor_sqnr_db"), tr("removed share")};
        const MethodTable& table = m_model->table();
        for (const MethodLine& line : table.lines)
            numbers.rows.push_back({line.value, QString::number(table.rank), QString::number(line.report.predictedSqnr(table.rank), 'g', 6),
                                    QString::number(line.report.predictedSqnr(table.fullRank), 'g', 6),
                                    QString::number(removedShare(line.report, table.rank), 'g', 6)});
        copyAsCsv(numbers);
    });
    m_table->addActions({take, copy});
    connect(m_table, &QTableView::doubleClicked, this, &RecoveryMethodsPage::takeMethod);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] { showVerdict(); });
}

int RecoveryMethodsPage::currentRow() const { return m_order->mapToSource(m_table->currentIndex()).row(); }

void RecoveryMethodsPage::selectRow(int row) { m_table->selectRow(m_order->mapFromSource(m_model->index(row, 0)).row()); }

void RecoveryMethodsPage::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    m_study.watch(RecoveryStudy::Question::Methods);
    refresh(Everything);
}

void RecoveryMethodsPage::hideEvent(QHideEvent* event)
{
    Panel::hideEvent(event);
    m_study.unwatch(RecoveryStudy::Question::Methods);
}

void RecoveryMethodsPage::refresh(Changes)
{
    const core::LayerIndex current = exploration().currentLayer();
    const QString layer = current.isValid() ? QString::fromStdString(exploration().layers().at(current.value()).name) : QString();
    const bool many = exploration().editedLayers().size() > 1 && current.isValid();
    m_where->setText(many ? tr("%1, figures of %2").arg(editedLayersText(), layer) : layer);
    showTable();
    m_hint->setText(hint());
    m_faces->setCurrentWidget(m_model->rowCount() > 0 ? static_cast<QWidget*>(m_table) : m_hint);
    showVerdict();
}

QString RecoveryMethodsPage::hint() const
{
    const MethodStudy& study = m_study.methods();
    if (!exploration().isOpen())
        return tr("Open a network to compare the ways of fitting its recovery paths.");
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it to compare methods.");
    if (study.state == StudyState::Failed)
        return tr("%1.\nChoose a layer that errs, or give this one a coarser format in Precision.").arg(study.problem);
    if (study.state == StudyState::Running)
        return tr("Fitting every method …");
    return tr("Every method is fitted as soon as the evaluation has settled.");
}

void RecoveryMethodsPage::showTable()
{
    const MethodStudy& study = m_study.methods();
    const core::LayerIndex current = exploration().currentLayer();
    MethodTable table;
    if (current.isValid() && study.layer == current) {
        const core::WeightedLayer& layer = exploration().layers().at(current.value());
        const core::LayerTreatment treatment = exploration().treatment(current);
        table.fullRank = largestRank(layer);
        table.rank = effectiveRank(layer, treatment);
        if (table.rank > 0)
            table.own = QString::fromUtf8(core::surrogateMethodName(treatment.surrogate->method));
        else
            table.rank = std::min(core::SurrogatePlan{}.rank, table.fullRank);  // what taking a method would give
        table.isOld = study.isOld;
        std::ranges::transform(study.figures, std::back_inserter(table.lines), lineOf);
    }
    m_model->show(std::move(table));
    if (m_model->rowCount() > 0 && !m_table->currentIndex().isValid())
        selectRow(std::max(0, m_model->rowOf(m_model->table().own)));
}

void RecoveryMethodsPage::showVerdict()
{
    const int row = currentRow(), best = m_model->bestRow();
    m_take->setVisible(best >= 0);
    m_take->setEnabled(row >= 0 && !m_model->isOwn(row));
    m_verdict->setVisible(best >= 0);
    if (best < 0)
        return;
    const MethodTable& table = m_model->table();
    const auto sqnr = [&](int line) { return m_model->line(line).report.predictedSqnr(table.rank); };
    const int own = m_model->rowOf(table.own);
    QString text;
    if (own < 0 && table.own.isEmpty())
        text = tr("The layer has no recovery path; at rank %1 best fitted to %2: %3.")
                   .arg(QString::number(table.rank), m_model->line(best).words, decibelText(sqnr(best)));
    else if (own < 0)
        text = tr("The plan's path was trained. Of the fitted ones best: %1, %2.").arg(m_model->line(best).words, decibelText(sqnr(best)));
    else if (sqnr(best) - sqnr(own) < kTie || std::isinf(sqnr(own)))
        text = tr("The plan's own method is predicted to win most at rank %1.").arg(table.rank);
    else
        text = tr("Fitted to %1 the path is predicted to win %2 more at rank %3.")
                   .arg(m_model->line(best).words, decibelText(sqnr(best) - sqnr(own)), QString::number(table.rank));
    if (table.isOld)
        text += u' ' + tr("These are figures of the plan before.");
    m_verdict->setText(text);
}

void RecoveryMethodsPage::takeMethod()
{
    const int row = currentRow();
    if (row < 0 || m_model->isOwn(row))
        return;
    const QString value = m_model->line(row).value;
    editSurrogate(exploration(), tr("recovery fitted to %1").arg(value), [&](core::SurrogatePlan& plan) {
        for (const core::SurrogateMethod method : core::kSurrogateMethods)
            if (QString::fromUtf8(core::surrogateMethodName(method)) == value)
                plan.method = method;
        if (plan.rank < 1)
            plan.rank = core::SurrogatePlan{}.rank;
        plan.paths = {};  // they belong to the method "trained"
    });
}

}  // namespace app
