// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/effects_panel.h"

#include "app/models/number_text.h"
#include "app/shell/sample_box.h"
#include "app/views/waterfall_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

using State = NoiseStudy::State;

}  // namespace

EffectsPanel::EffectsPanel(Exploration& exploration, QWidget* parent)
    : BenchPanel(exploration, Plan | Report | Settings, QStringLiteral("effectsPanel"), parent),
      m_study(new WaterfallStudy(exploration, this))
{
    m_view = new WaterfallView(this);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("waterfallNote"));
    m_note->setWordWrap(true);
    m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_note->setContentsMargins(8, 0, 8, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeHeader());
    layout->addWidget(m_note);
    layout->addWidget(m_view, 1);

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

QWidget* EffectsPanel::makeHeader()
{
    auto* header = new QWidget(this);
    const auto button = [&](const QString& text, const QString& name, const QString& tip) {
        auto* made = new QToolButton(header);
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
    m_chips = makeChipsBox("waterfallChips", tr("How many chips every row is the mean of: the same ones in all rows"), header);
    m_samples = makeSamplesBox("waterfallSamples",
                               tr("How many samples each chip answers, the first ones of the order of evaluation: "
                                  "intervals narrow with their root"),
                               header);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(8, 4, 6, 2);
    row->setSpacing(6);
    row->addWidget(m_chips);
    row->addWidget(m_samples);
    row->addWidget(m_measure);
    row->addWidget(m_stop);
    row->addStretch(1);
    connect(m_measure, &QToolButton::clicked, m_study, &WaterfallStudy::measure);
    connect(m_stop, &QToolButton::clicked, m_study, &WaterfallStudy::stop);
    connect(m_chips, &QSpinBox::valueChanged, this, [this](int chips) {
        m_study->setChips(chips);
        m_note->setText(note());
    });
    connect(m_samples, &QSpinBox::valueChanged, this, [this](int samples) {
        m_study->setSamples(samples);
        m_note->setText(note());
    });
    return header;
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
    showRequest();
    m_measure->setEnabled(exploration().isOpen() && exploration().flaws().empty() && m_study->hasArrays() && !study.isUnderWay());
    m_stop->setEnabled(study.isUnderWay());
    m_note->setText(note());
    m_note->setToolTip(absentText());
    m_note->setVisible(!m_note->text().isEmpty());
}

void EffectsPanel::showRequest()
{
    const core::WaterfallRequest next = m_study->request();
    const QSignalBlocker quietChips(m_chips), quietSamples(m_samples);
    m_chips->setValue(next.chips);
    m_samples->setValue(static_cast<int>(std::min<std::int64_t>(next.samples, m_samples->maximum())));
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
        return m_study->hasArrays() ? provenance(next.chips, next.samples) : QString();
    const core::NoiseWaterfall& known = *study.figures;
    QString text;
    if (study.state == State::Running)
        text = tr("◐ Partial, %1 done. ").arg(percentText(m_study->fraction(), 0));
    else if (known.isPartial)
        text = tr("◐ Partial, stopped. ");
    text += verdict(known) + u' ' + provenance(known.chips, known.samples);
    if (study.isOld)
        text += u' ' + tr("The plan has moved on since.");
    return text;
}

/// What all effects cost together, and what the worst of them costs alone.
QString EffectsPanel::verdict(const core::NoiseWaterfall& known) const
{
    QString text = tr("All together %1 points (95 %: %2 to %3), %4")
                       .arg(signedPointsText(known.total.difference, 2), signedPointsText(known.total.low, 2),
                            signedPointsText(known.total.high, 2), known.total.isSignificant() ? tr("significant") : tr("not significant"));
    const auto worst = std::ranges::min_element(known.effects, {}, [](const core::EffectCost& effect) { return effect.cost.difference; });
    if (worst != known.effects.end() && worst->cost.isSignificant() && worst->cost.difference < 0)
        text +=
            tr("; %1 alone costs most, %2 points").arg(QString::fromStdString(worst->title), signedPointsText(worst->cost.difference, 1));
    else if (!known.effects.empty() && !known.isPartial)
        text += tr("; no effect alone costs a significant part");
    return text + u'.';
}

/// What the rows are measured on, and why the Accuracy tab can have another figure.
QString EffectsPanel::provenance(int chips, std::int64_t samples) const
{
    const QString own = tr("Every row: the same %1 chips, the first %2 samples").arg(countText(chips), countText(samples));
    const core::ReportPtr report = exploration().report();
    if (!report)
        return own + u'.';
    const int others = exploration().settings().chips;
    const std::int64_t otherSamples = report->requested;
    if (others == chips && otherSamples == samples)
        return own + tr(", as in the Accuracy tab.");
    const QString counted = countText(otherSamples);
    return own + (others == 1 ? tr("; the Accuracy tab: the first of them, %1 samples.").arg(counted)
                              : tr("; the Accuracy tab: %1 chips, %2 samples.").arg(countText(others), counted));
}

QString EffectsPanel::absentText() const
{
    QStringList absent;
    if (const auto& known = m_study->study().figures)
        for (const core::EffectCost& effect : known->effects)
            if (!effect.isPresent)
                absent << QString::fromStdString(effect.title);
    return absent.isEmpty() ? QString() : tr("Not in this plan: %1").arg(absent.join(QStringLiteral(", ")));
}

void EffectsPanel::measure()
{
    refresh(Everything);
    m_measure->click();
}

}  // namespace app
