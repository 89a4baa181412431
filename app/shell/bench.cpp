// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/bench.h"

#include "app/shell/bench_panels.h"
#include "app/shell/effects_panel.h"
#include "app/shell/energy_panel.h"
#include "app/shell/errors_panel.h"
#include "app/shell/icons.h"
#include "app/views/figure_view.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QToolButton>

namespace app {

Bench::Bench(Exploration& exploration, QWidget* parent) : QTabWidget(parent)
{
    setObjectName(QStringLiteral("bench"));
    setDocumentMode(true);
    addTab(new AccuracyPanel(exploration, this), tr("&Accuracy"));
    addTab(new ErrorsPanel(exploration, this), tr("E&rrors"));
    addTab(new EnergyPanel(exploration, this), tr("E&nergy"));
    addTab(new EffectsPanel(exploration, this), tr("E&ffects"));
    setTabToolTip(0, tr("How often the polarized network is right, and how sure that is"));
    setTabToolTip(1, tr("Where in the network the error arises and how it travels"));
    setTabToolTip(2, tr("What one inference costs, part by part, and whose prices these are"));
    setTabToolTip(3, tr("What each imperfection of the arrays costs, and what removing it gains"));

    auto* corner = new QWidget(this);
    auto* layout = new QHBoxLayout(corner);
    layout->setContentsMargins(0, 0, 4, 0);
    layout->setSpacing(2);
    const auto cornerButton = [&](const char* name) {
        auto* button = new QToolButton(corner);
        button->setObjectName(QString::fromLatin1(name));
        button->setAutoRaise(true);
        button->setToolButtonStyle(Qt::ToolButtonIconOnly);
        layout->addWidget(button);
        return button;
    };
    m_table = cornerButton("figureTable");
    m_copy = cornerButton("figureCopy");
    m_save = cornerButton("figureSave");
    m_table->setCheckable(true);
    setCornerWidget(corner);
    connect(m_table, &QToolButton::clicked, this, [this] { tableAction()->trigger(); });
    connect(m_copy, &QToolButton::clicked, this, [this] { copyAction()->trigger(); });
    connect(m_save, &QToolButton::clicked, this, [this] { saveAction()->trigger(); });
    for (int tab = 0; tab < count(); ++tab) {
        auto* owner = static_cast<BenchPanel*>(widget(tab));
        connect(owner, &BenchPanel::figureChanged, this, &Bench::offerActions);
        for (FigureView* figure : owner->figures())
            connect(figure, &FigureView::faceChanged, this, &Bench::offerActions);
    }
    connect(this, &QTabWidget::currentChanged, this, &Bench::offerActions);
    offerActions();
    drawIcons();
}

void Bench::showEffects()
{
    auto* effects = findChild<EffectsPanel*>();
    setCurrentWidget(effects);
    effects->measure();
}

BenchPanel* Bench::panel() const { return static_cast<BenchPanel*>(currentWidget()); }
QAction* Bench::tableAction() const { return panel()->figure()->tableAction(); }
QAction* Bench::copyAction() const { return panel()->figure()->copyAction(); }
QAction* Bench::saveAction() const { return panel()->figure()->saveAction(); }

void Bench::offerActions()
{
    m_table->setChecked(tableAction()->isChecked());
    m_table->setToolTip(tableAction()->toolTip());
    m_copy->setToolTip(copyAction()->toolTip());
    m_save->setToolTip(saveAction()->toolTip());
    m_table->setAccessibleName(tableAction()->text());
    m_copy->setAccessibleName(copyAction()->text());
    m_save->setAccessibleName(saveAction()->text());
}

void Bench::drawIcons()
{
    m_table->setIcon(lineIcon(QStringLiteral("table"), palette()));
    m_copy->setIcon(lineIcon(QStringLiteral("copy"), palette()));
    m_save->setIcon(lineIcon(QStringLiteral("picture"), palette()));
}

void Bench::changeEvent(QEvent* event)
{
    QTabWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_save)
        drawIcons();
}

}  // namespace app
