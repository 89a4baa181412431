// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_panel.h"

#include "app/exploration/recovery_study.h"
#include "app/shell/recovery_correct_page.h"
#include "app/shell/recovery_cost_page.h"
#include "app/shell/recovery_methods_page.h"
#include "app/shell/recovery_rank_page.h"
#include "app/shell/recovery_sample_page.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {

RecoveryPanel::RecoveryPanel(Exploration& exploration, QWidget* parent) : QWidget(parent), m_study(new RecoveryStudy(exploration, this))
{
    setObjectName(QStringLiteral("recoveryPanel"));
    auto* header = new QWidget(this);
    header->setObjectName(QStringLiteral("recoveryPages"));
    header->setAccessibleName(tr("Pages of the recovery dock"));
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(8, 4, 8, 0);
    row->setSpacing(3);
    m_buttons = new QButtonGroup(this);
    for (const PageWord& word : pages()) {
        auto* button = new QToolButton(header);
        button->setObjectName(word.name + QStringLiteral("PageButton"));
        button->setText(word.words);
        button->setToolTip(word.tip);
        button->setCheckable(true);
        button->setFocusPolicy(Qt::StrongFocus); // arrow keys go from page to page
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        m_buttons->addButton(button, static_cast<int>(word.page));
        row->addWidget(button);
    }

    m_pages = new QStackedWidget(this);
    m_pages->addWidget(new RecoveryRankPage(exploration, m_pages));
    m_pages->addWidget(new RecoveryMethodsPage(exploration, *m_study, m_pages));
    m_pages->addWidget(new RecoveryCorrectPage(exploration, m_pages));
    m_pages->addWidget(new RecoverySamplePage(exploration, *m_study, m_pages));
    m_pages->addWidget(new RecoveryCostPage(exploration, *m_study, m_pages));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(header);
    layout->addWidget(m_pages, 1);
    connect(m_buttons, &QButtonGroup::idToggled, this, [this](int id, bool on) {
        if (on)
            m_pages->setCurrentIndex(id);
    });
    setPage(Page::Rank);
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

RecoveryPanel::Page RecoveryPanel::page() const { return static_cast<Page>(m_pages->currentIndex()); }

void RecoveryPanel::setPage(Page page)
{
    m_buttons->button(static_cast<int>(page))->setChecked(true);
    m_pages->setCurrentIndex(static_cast<int>(page));
}

} // namespace app
