// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/effects_panel.h"

#include "app/models/number_text.h"
#include "app/views/waterfall_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

using State = NoiseStudy::State;

}  // namespace

EffectsPanel::EffectsPanel(Exploration& exploration, QWidget* parent)
    : BenchPanel(exploration, Plan | Settings, QStringLiteral("effectsPanel"), parent), m_study(new WaterfallStudy(exploration, this))
{
    m_view = new WaterfallView(this);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("waterfallNote"));
    m_note->setWordWrap(true);
    m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const auto button = [&](const QString& text, const QString& name, const QString& tip) {
        auto* made = new QToolButton(this);
        made->setText(text);
        made->setObjectName(name);
        made->setAccessibleName(text);
        made->setToolTip(tip);
        made->setFocusPolicy(Qt::StrongFocus);
        return made;
    };
    m_measure = button(tr("Measure"), QStringLiteral("measureWaterfall"),
                       tr("Score the plan with every effect off, all on, each alone and all but each, on the same chips and samples"));
    m_stop = button(tr("Stop"), QStringLiteral("stopWaterfall"),
                    tr("Stop measuring; what is known so far stays, marked partial. Turning any knob does the same. Esc"));
    m_stop->setShortcut(QKeySequence(Qt::Key_Escape));
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 4, 6, 2);
    head->setSpacing(6);
    head->addWidget(m_note, 1);
    head->addWidget(m_measure);
    head->addWidget(m_stop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_view, 1);

    connect(m_measure, &QToolButton::clicked, m_study, &WaterfallStudy::measure);
    connect(m_stop, &QToolButton::clicked, m_study, &WaterfallStudy::stop);
    const auto showStudy = [this] {
        if (isVisible())
            refresh(Everything);
    };
    connect(m_study, &WaterfallStudy::changed, this, showStudy);
    connect(m_study, &WaterfallStudy::progressed, this, [this] {
        if (isVisible())
            m_note->setText(note());
    });
    connect(m_view, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
        exploration.tellProblem({"", text.toStdString()});
    });
}

FigureView* EffectsPanel::figure() const { return m_view; }

void EffectsPanel::showEvent(QShowEvent* event)
{
    BenchPanel::showEvent(event);
    refresh(Everything);  // figures may have come while nobody looked
}

void EffectsPanel::refresh(Changes)
{
    const NoiseStudy& study = m_study->study();
    m_view->setEmptyHint(hint());
    if (study.figures)
        m_view->showFigures(study.figures);
    else
        m_view->clear();
    m_measure->setEnabled(exploration().isOpen() && exploration().flaws().empty() && m_study->hasArrays() && !study.isUnderWay());
    m_stop->setEnabled(study.isUnderWay());
    m_note->setText(note());
}

QString EffectsPanel::hint() const
{
    const NoiseStudy& study = m_study->study();
    if (!exploration().isOpen())
        return tr("Open a network with a plan that computes layers in an array: what each imperfection costs appears here.");
    if (study.state == State::Failed)
        return study.problem;
    if (study.state == State::Waiting)
        return tr("Waiting for the evaluation to settle …");
    if (study.state == State::Running)
        return tr("Scoring the plan with every effect on, and with every effect off …");
    if (!m_study->hasArrays())
        return tr("No layer of this plan is computed in an array, so nothing here is noisy. Choose a CIM preset, or switch the array of a "
                  "layer on in the Array dock.");
    return tr("Press Measure: quantization, cells, reads and converters are switched on one by one, and off one by one.");
}

QString EffectsPanel::note() const
{
    const NoiseStudy& study = m_study->study();
    const core::WaterfallRequest next = m_study->request();
    if (!study.figures)
        return m_study->hasArrays() ? tr("%1 chips, %2 samples").arg(countText(next.chips), countText(next.samples)) : QString();
    const core::NoiseWaterfall& known = *study.figures;
    QString text;
    if (study.state == State::Running)
        text = tr("◐ Partial, %1 done: ").arg(percentText(m_study->fraction(), 0));
    else if (known.isPartial)
        text = tr("◐ Partial, stopped: ");
    // What costs most, in words.
    const auto worst = std::ranges::min_element(known.effects, {}, [](const core::EffectCost& effect) { return effect.cost.difference; });
    if (worst != known.effects.end() && worst->cost.isSignificant() && worst->cost.difference < 0)
        text +=
            tr("%1 alone costs most, %2 points; ").arg(QString::fromStdString(worst->title), signedPointsText(worst->cost.difference, 1));
    else if (!known.effects.empty() && !known.isPartial)
        text += tr("no effect alone costs a significant part; ");
    text += tr("%1 chips, %2 samples").arg(countText(known.chips), countText(known.samples));
    QStringList absent;
    for (const core::EffectCost& effect : known.effects)
        if (!effect.isPresent)
            absent << QString::fromStdString(effect.title);
    if (!absent.isEmpty())
        text += tr("; not in this plan: %1").arg(absent.join(QStringLiteral(", ")));
    if (study.isOld)
        text += tr(". The plan has moved on since.");
    return text;
}

void EffectsPanel::measure()
{
    refresh(Everything);
    m_measure->click();
}

}  // namespace app
