// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_panel.h"

#include "app/exploration/recovery_study.h"
#include "app/shell/page_switch.h"
#include "app/shell/recovery_correct_page.h"
#include "app/shell/recovery_cost_page.h"
#include "app/shell/recovery_methods_page.h"
#include "app/shell/recovery_rank_page.h"
#include "app/shell/recovery_sample_page.h"

#include <QVBoxLayout>

namespace app {

RecoveryPanel::RecoveryPanel(Exploration& exploration, QWidget* parent) : QWidget(parent), m_study(new RecoveryStudy(exploration, this))
{
    setObjectName(QStringLiteral("recoveryPanel"));
    m_switch = new PageSwitch(tr("Pages of the recovery dock"), this);
    m_switch->setHeaderMargins(8, 4, 8, 0);
    for (const PageWord& word : pages())
        m_switch->addPage(word.name, word.words, word.tip, makePage(word.page, exploration));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_switch);
}

QWidget* RecoveryPanel::makePage(Page page, Exploration& exploration)
{
    switch (page) {
    case Page::Rank: return new RecoveryRankPage(exploration, this);
    case Page::Methods: return new RecoveryMethodsPage(exploration, *m_study, this);
    case Page::Correct: return new RecoveryCorrectPage(exploration, this);
    case Page::Sample: return new RecoverySamplePage(exploration, *m_study, this);
    case Page::Cost: break;
    }
    return new RecoveryCostPage(exploration, *m_study, this);
}

std::vector<RecoveryPanel::PageWord> RecoveryPanel::pages()
{
    return {{Page::Rank, QStringLiteral("rank"), tr("Rank"), tr("How much of this layer's error each rank wins back")},
            {Page::Methods, QStringLiteral("methods"), tr("Methods"), tr("Every way of fitting this layer's path, side by side")},
            {Page::Correct, QStringLiteral("correct"), tr("Correct"),
             tr("Corrections of the layer itself: ranges, rounding, bias - without a path beside it")},
            {Page::Sample, QStringLiteral("sample"), tr("Sample"),
             tr("One sample at this layer: main path, recovery path, their sum, the target, and what is left wrong")},
            {Page::Cost, QStringLiteral("cost"), tr("Cost"), tr("What else the bytes or the energy of recovery could be spent on")}};
}

RecoveryPanel::Page RecoveryPanel::page() const { return static_cast<Page>(m_switch->page()); }

void RecoveryPanel::setPage(Page page) { m_switch->showPage(static_cast<int>(page)); }

} // namespace app
