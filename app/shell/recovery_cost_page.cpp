// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_cost_page.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"
#include "app/shell/recovery_edit.h"
#include "app/shell/share_bar_delegate.h"
#include "app/views/chart_style.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

/// Two figures a cell, with air between the rows.
class RoomyDelegate : public ShareBarDelegate {
public:
    using ShareBarDelegate::ShareBarDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return ShareBarDelegate::sizeHint(option, index) + QSize(0, kAir);
    }

private:
    static constexpr int kAir = 8;
};

QString kindWords(core::CostKind kind)
{
    return kind == core::CostKind::Bytes ? RecoveryCostPage::tr("equal bytes") : RecoveryCostPage::tr("equal energy");
}

}  // namespace

RecoveryCostPage::RecoveryCostPage(Exploration& exploration, RecoveryStudy& study, QWidget* parent)
    : Panel(exploration, Plan | Settings, QStringLiteral("recoveryCostPage"), parent), m_study(study)
{
    m_hint = pageHint(QStringLiteral("costHint"), this);
    makeTable();
    m_faces = new QStackedWidget(this);
    m_faces->addWidget(m_hint);
    m_faces->addWidget(m_table);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("costNote"));
    m_note->setWordWrap(true);
    m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_take = new QPushButton(tr("Take This Plan"), this);
    m_take->setObjectName(QStringLiteral("takeContender"));
    m_take->setToolTip(
        tr("Spend the cost this way: the whole plan becomes this contender's, as one undo step. Enter or a double click in the "
           "table does the same."));
    connect(m_take, &QPushButton::clicked, this, &RecoveryCostPage::takePlan);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(5);
    layout->addWidget(makeHeader());
    layout->addWidget(m_faces, 1);
    layout->addWidget(m_note);
    layout->addWidget(m_take);
    connect(&study, &RecoveryStudy::costChanged, this, [this] {
        if (isVisible())
            refresh(Everything);
    });
}

QWidget* RecoveryCostPage::makeHeader()
{
    auto* header = new QWidget(this);
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto* words = new QLabel(tr("Compare at equal"), header);
    layout->addWidget(words);
    const auto button = [&](const QString& text, const QString& name, const QString& accessible, const QString& tip) {
        auto* made = new QToolButton(header);
        made->setText(text);
        made->setObjectName(name);
        made->setAccessibleName(accessible);
        made->setToolTip(tip);
        made->setFocusPolicy(Qt::StrongFocus);
        layout->addWidget(made);
        return made;
    };
    m_bytes =
        button(tr("Bytes"), QStringLiteral("compareBytes"), tr("Compare at equal bytes"),
               tr("Spend the bytes of this plan's recovery paths in other ways - rank shared out, finer groups, more bits, protected rows "
                  "- and score each"));
    m_energy = button(tr("Energy"), QStringLiteral("compareEnergy"), tr("Compare at equal energy"),
                      tr("The same with the energy of one inference, at the prices of the chosen technology"));
    layout->addStretch(1);
    m_stop = button(tr("Stop"), QStringLiteral("stopComparison"), tr("Stop the comparison"),
                    tr("Stop comparing; what is known so far stays, marked partial. Turning any knob does the same. Esc"));
    m_stop->setShortcut(QKeySequence(Qt::Key_Escape));
    connect(m_bytes, &QToolButton::clicked, this, [this] { m_study.compareCost(core::CostKind::Bytes); });
    connect(m_energy, &QToolButton::clicked, this, [this] { m_study.compareCost(core::CostKind::Energy); });
    connect(m_stop, &QToolButton::clicked, &m_study, &RecoveryStudy::stopCost);
    return header;
}

void RecoveryCostPage::makeTable()
{
    m_model = new ContenderTableModel(this);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("costTable"));
    m_table->setAccessibleName(tr("Ways to spend what recovery costs"));
    m_order = new QSortFilterProxyModel(this);
    m_order->setSourceModel(m_model);
    m_order->setSortRole(SortRole);
    m_table->setModel(m_order);
    m_table->setItemDelegate(new RoomyDelegate(this));
    m_table->setFont(smallFont(font()));
    m_table->horizontalHeader()->setFont(smallFont(font()));
    makeChoiceTable(*m_table, ContenderTableModel::Spent);
    auto* take = new QAction(tr("Take This Plan"), m_table);
    take->setObjectName(QStringLiteral("takeContenderAction"));
    take->setShortcuts({QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter)});
    take->setShortcutContext(Qt::WidgetShortcut);
    connect(take, &QAction::triggered, this, &RecoveryCostPage::takePlan);
    auto* copy = new QAction(tr("&Copy Numbers as CSV"), m_table);
    copy->setObjectName(QStringLiteral("copyContenders"));
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] { copyAsCsv({m_model->csvHeader(), m_model->csvRows()}); });
    m_table->addActions({take, copy});
    connect(m_table, &QTableView::doubleClicked, this, &RecoveryCostPage::takePlan);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] { showNote(); });
}

int RecoveryCostPage::currentRow() const { return m_order->mapToSource(m_table->currentIndex()).row(); }

void RecoveryCostPage::selectRow(int row) { m_table->selectRow(m_order->mapFromSource(m_model->index(row, 0)).row()); }

void RecoveryCostPage::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    refresh(Everything);  // contenders may have come while nobody looked
}

void RecoveryCostPage::refresh(Changes)
{
    const CostStudy& study = m_study.cost();
    const std::string chosen = currentRow() >= 0 ? m_model->line(currentRow()).name : std::string();
    m_model->show({study.contenders, exploration().plan(), study.isOld});
    for (int row = 0; row < m_model->rowCount(); ++row)
        if (m_model->line(row).name == chosen)
            selectRow(row);
    m_hint->setText(hint());
    m_faces->setCurrentWidget(m_model->rowCount() > 0 ? static_cast<QWidget*>(m_table) : m_hint);
    const bool isUnderWay = study.state == StudyState::Waiting || study.state == StudyState::Running;
    const bool canAsk = exploration().isOpen() && exploration().flaws().empty() && !isUnderWay;
    m_bytes->setEnabled(canAsk);
    m_energy->setEnabled(canAsk);
    m_stop->setEnabled(isUnderWay);
    showNote();
}

QString RecoveryCostPage::hint() const
{
    const CostStudy& study = m_study.cost();
    if (!exploration().isOpen())
        return tr("Open a network to ask what the cost of its recovery paths could buy.");
    switch (study.state) {
    case StudyState::Failed: return study.problem;
    case StudyState::Waiting: return tr("Waiting for the evaluation to settle …");
    case StudyState::Running: return tr("Weighing the rows and scoring the first contender …");
    case StudyState::Nothing:
    case StudyState::Done:
    case StudyState::Stopped: break;
    }
    return tr("Is recovery what its cost is best spent on? Press Bytes or Energy: the same amount is spent on rank shared out, finer "
              "groups, more bits and protected rows, and each is scored.");
}

/// Who is ahead, and whether by more than the intervals.
QString RecoveryCostPage::verdict() const
{
    const std::vector<core::Contender>& lines = m_study.cost().contenders;
    if (lines.empty())
        return {};
    const core::Contender& best = lines.front();
    const auto own = std::ranges::find(lines, std::string("rank"), &core::Contender::name);
    if (own == lines.end() || own == lines.begin())
        return tr("Rank as planned is ahead: %1.").arg(percentText(best.report->top1.value(), 2));
    const bool isClear = best.report->top1.low() > own->report->top1.high();
    return tr("Ahead: %1, %2 points over rank as planned%3.")
        .arg(contenderWords(best.name), signedPointsText(best.report->top1.value() - own->report->top1.value(), 2),
             isClear ? QString() : tr("; the intervals overlap"));
}

void RecoveryCostPage::showNote()
{
    const CostStudy& study = m_study.cost();
    const int row = currentRow(), count = m_model->rowCount();
    m_take->setVisible(count > 0);
    m_take->setEnabled(row >= 0 && row < count && !m_model->isOwn(row));
    m_note->setVisible(count > 0);
    if (count == 0)
        return;
    QString text;
    switch (study.state) {
    case StudyState::Running:
        text = tr("◐ Partial, at %1: %2 known so far, the next is being scored …").arg(kindWords(study.kind), QString::number(count));
        break;
    case StudyState::Done: text = tr("At %1. %2").arg(kindWords(study.kind), verdict()); break;
    case StudyState::Failed: text = tr("◐ Partial, at %1: %2").arg(kindWords(study.kind), study.problem); break;
    case StudyState::Stopped: text = tr("◐ Partial, at %1: stopped after %2.").arg(kindWords(study.kind), QString::number(count)); break;
    case StudyState::Nothing:
    case StudyState::Waiting: break;
    }
    if (study.isOld)
        text += u' ' + tr("The plan has moved on since.");
    m_note->setText(text);
}

void RecoveryCostPage::takePlan()
{
    const int row = currentRow();
    if (row < 0 || m_model->isOwn(row))
        return;
    const CostStudy& study = m_study.cost();
    const core::Contender contender = m_model->line(row);
    core::PrecisionPlan plan = contender.plan;
    plan.name = study.baseName;
    if (contender.name != "rank")
        plan.name += (plan.name.empty() ? "" : ", ") + contenderWords(contender.name).toStdString();
    exploration().changePlan(
        plan, tr("at %1: %2 (%3)").arg(kindWords(study.kind), contenderWords(contender.name), QString::fromStdString(contender.words)));
}

}  // namespace app
