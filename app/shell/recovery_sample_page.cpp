// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_sample_page.h"

#include "app/models/number_text.h"
#include "app/models/sample_outcome_model.h"
#include "app/shell/choice_field.h"
#include "app/shell/recovery_edit.h"
#include "app/views/polarized_strips.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

std::vector<Choice> gainChoices()
{
    return {{QStringLiteral("1"), RecoverySamplePage::tr("×1, all values"),
             RecoverySamplePage::tr("The scale's ends are the largest value of all")},
            {QStringLiteral("4"), QStringLiteral("×4"), RecoverySamplePage::tr("The ends are a quarter of the largest value")},
            {QStringLiteral("16"), QStringLiteral("×16"), RecoverySamplePage::tr("The ends are a sixteenth of the largest value")},
            {QStringLiteral("64"), QStringLiteral("×64"), RecoverySamplePage::tr("The ends are a sixty-fourth of the largest value")}};
}

}  // namespace

RecoverySamplePage::RecoverySamplePage(Exploration& exploration, RecoveryStudy& study, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("recoverySamplePage"), parent), m_study(study)
{
    m_where = pageHeading(QStringLiteral("sampleWhere"), this);
    m_answers = new QLabel(this);
    m_answers->setObjectName(QStringLiteral("sampleAnswers"));
    m_answers->setWordWrap(true);
    m_strips = new PolarizedStrips(this);
    m_gain = new ChoiceField({QStringLiteral("sampleGain"), tr("Gain"),
                              tr("How many times the colour scale is narrowed, for all five strips alike, so that small values show. "
                                 "Values beyond its ends take the ends' colours."),
                              gainChoices(), QStringLiteral("4")},
                             this);
    m_gain->setValue(QStringLiteral("4"));
    connect(m_gain, &ChoiceField::chosen, this, [this] { refresh(Everything); });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(4);
    layout->addWidget(m_where);
    layout->addWidget(m_answers);
    layout->addWidget(m_strips, 1);
    layout->addWidget(m_gain);
    connect(m_strips, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
        exploration.tellProblem({"", text.toStdString()});
    });
    connect(&study, &RecoveryStudy::sampleChanged, this, [this] {
        if (isVisible())
            refresh(Everything);
    });
}

void RecoverySamplePage::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    m_study.watch(RecoveryStudy::Question::Sample);
    refresh(Everything);
}

void RecoverySamplePage::hideEvent(QHideEvent* event)
{
    Panel::hideEvent(event);
    m_study.unwatch(RecoveryStudy::Question::Sample);
}

QString RecoverySamplePage::hint() const
{
    const SampleStudy& study = m_study.sample();
    if (!exploration().isOpen())
        return tr("Open a network and a dataset to follow one sample through a layer.");
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it to follow a sample.");
    if (study.state == StudyState::Failed)
        return study.problem;
    if (m_study.wantedSample() < 0)
        return tr("Pick a sample in the Samples dock, or evaluate: the first one scored is shown.");
    return tr("The sample is followed as soon as the evaluation has settled.");
}

/// "label 7, reference 7, polarized 1: flipped to wrong"; only what is known.
QString RecoverySamplePage::sampleText() const
{
    const core::ReportPtr report = exploration().report();
    const std::int64_t sample = m_study.sample().sample;
    if (!report || !exploration().isOpen())
        return {};
    const auto outcome = std::ranges::find_if(report->outcomes, [&](const core::SampleOutcome& each) { return each.sample == sample; });
    if (outcome == report->outcomes.end())
        return {};
    const std::vector<std::string>& classes = exploration().subject()->classes;
    const auto name = [&](std::int32_t label) {
        const auto place = static_cast<std::size_t>(std::max(label, 0));
        return label < 0 ? QStringLiteral("–") : place < classes.size() ? QString::fromStdString(classes[place]) : QString::number(label);
    };
    return tr("label %1, reference %2, here %3: %4")
        .arg(name(outcome->label), name(outcome->referencePredicted), name(outcome->predicted), fateText(*outcome));
}

void RecoverySamplePage::refresh(Changes)
{
    const SampleStudy& study = m_study.sample();
    const core::LayerIndex layer = exploration().currentLayer();
    PolarizedFigure figure;
    if (layer.isValid() && study.values && study.layer == layer) {
        figure.layer = QString::fromStdString(exploration().layers().at(layer.value()).name);
        figure.sample = study.sample;
        figure.values = study.values;
        figure.gain = m_gain->value().toDouble();
        figure.isOld = study.isOld;
        if (const core::ReportPtr report = exploration().report(); report && report->energy.ofLayer(layer).value() > 0) {
            const double whole = report->energy.ofLayer(layer).value();
            figure.recoveryEnergyShare = report->energy.ofLayer(layer, core::LedgerPart::Recovery).value() / whole;
            figure.mainEnergyShare = 1 - *figure.recoveryEnergyShare;
        }
    }
    const bool isShown = figure.values != nullptr;
    const QString name = layer.isValid() ? QString::fromStdString(exploration().layers().at(layer.value()).name) : QString();
    m_where->setText(isShown ? tr("%1 · sample %2").arg(name).arg(study.sample) : name);
    m_answers->setText(!isShown ? QString() : study.isOld ? tr("of the plan before") : sampleText());
    m_answers->setVisible(!m_answers->text().isEmpty());
    m_strips->setEmptyHint(hint());
    m_strips->showFigure(std::move(figure));
}

}  // namespace app
