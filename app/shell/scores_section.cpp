// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/scores_section.h"

#include "app/models/number_text.h"
#include "app/shell/knob_specs.h"
#include "app/shell/plan_choices.h"
#include "core/engine/score_product.h"

#include <QCheckBox>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

QString nameOf(const core::NumberFormat& format) { return QString::fromStdString(format.name()); }

/// What the switch begins with.
core::ScorePlan usualScores()
{
    core::ScorePlan plan;
    plan.low.format = core::NumberFormat::named("e4m3").value();
    return plan;
}

std::vector<core::LayerIndex> queriesOf(const Exploration& exploration)
{
    std::vector<core::LayerIndex> queries;
    const auto& subject = exploration.source().subject;
    if (subject && subject->network)
        for (const core::ScoreProduct& product : core::scoreProducts(*subject->network, exploration.layers()))
            queries.push_back(product.layer);
    return queries;
}

}  // namespace

ScoresSection::ScoresSection(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Subject | Plan | Report | Selected, QStringLiteral("scoresSection"), parent)
{
    m_content = new QWidget(this);
    m_content->setObjectName(QStringLiteral("scoresContent"));
    m_switch = new QCheckBox(tr("Attention's logits in two formats"), m_content);
    m_switch->setObjectName(QStringLiteral("scoresSwitch"));
    m_switch->setToolTip(tr(
        "<p>Inner products of queries and keys are summed in the low format, and again in the high one where the softmax would turn their "
        "errors into error mass (arXiv 2601.21623). It belongs to the layers that make the queries.</p>"));
    connect(m_switch, &QCheckBox::clicked, this, [this](bool on) {
        edit(on ? tr("attention's logits in two formats") : tr("attention's logits in fp32"), [on](std::optional<core::ScorePlan>& scores) {
            if (!on)
                scores.reset();
            else if (!scores)
                scores = usualScores();
        });
    });
    m_body = new QWidget(m_content);
    auto* fields = new QVBoxLayout(m_body);
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setSpacing(4);
    m_figures = remark("scoresFigures", m_content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_content);
    auto* layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(sectionLabel(tr("Attention"), m_content));
    layout->addWidget(m_switch);
    layout->addWidget(m_body);
    layout->addWidget(m_figures);

    addFormat(
        {QStringLiteral("scoresLow"), tr("Logits in"), tr("What all logits are summed in."), sumFormatChoices(), QStringLiteral("e4m3"),
         sumFormatProblem},
        "scores.low", [](const core::ScorePlan& plan) { return nameOf(plan.low.format); },
        [](core::ScorePlan& plan, const core::NumberFormat& format) { plan.low.format = format; });
    addFormat(
        {QStringLiteral("scoresHigh"), tr("Again in"), tr("What logits that matter are summed in again."), sumFormatChoices(),
         QStringLiteral("fp32"), sumFormatProblem},
        "scores.high", [](const core::ScorePlan& plan) { return nameOf(plan.high); },
        [](core::ScorePlan& plan, const core::NumberFormat& format) { plan.high = format; });
    KnobSpec tolerance =
        fineKnob("scoresToleranceKnob", tr("Tolerance"), QString(), 1, 0.001, 3, QStringLiteral("0"),
                 tr("How much sum p (1 - p) the logits that stay low may have, query by query: it bounds their error mass. "
                    "0: all are taken again; 1: none."));
    tolerance.defaultValue = core::ScorePlan{}.tolerance;
    auto* knob = new KnobRow(tolerance, m_body);
    followGestures(knob);
    connect(knob, &KnobRow::valueChanged, this, [this](double value) {
        edit(
            tr("logits' tolerance %1").arg(value),
            [value](std::optional<core::ScorePlan>& scores) {
                if (scores)
                    scores->tolerance = value;
            },
            gesture());
    });
    fields->addWidget(knob);
    m_fields.add(
        knob, "scores.tolerance", [](const core::ScorePlan& plan) { return plan.tolerance; }, nullptr);
}

void ScoresSection::addFormat(const ChoiceField::Spec& spec, const std::string& field, QString (*read)(const core::ScorePlan&),
                              void (*write)(core::ScorePlan&, const core::NumberFormat&))
{
    auto* choice = new ChoiceField(spec, m_body);
    connect(choice, &ChoiceField::chosen, this, [this, write, name = spec.name.toLower()](const QString& value) {
        edit(tr("%1 %2").arg(name, value), [&](std::optional<core::ScorePlan>& scores) {
            if (const auto format = typedFormat(value); scores && format)
                write(*scores, format.value());
        });
    });
    m_body->layout()->addWidget(choice);
    m_fields.add(choice, field, read, nullptr);
}

std::vector<core::LayerIndex> ScoresSection::editedQueries() const
{
    std::vector<core::LayerIndex> queries = exploration().editedLayers();
    std::erase_if(queries, [&](core::LayerIndex layer) { return std::ranges::find(m_queries, layer) == m_queries.end(); });
    return queries;
}

void ScoresSection::edit(const QString& words, const std::function<void(std::optional<core::ScorePlan>&)>& change, Gesture during)
{
    exploration().editLayers(
        words,
        [&](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
            if (std::ranges::find(m_queries, layer.index) != m_queries.end())
                change(treatment.scores);
        },
        during);
}

void ScoresSection::refresh(Changes)
{
    m_queries = exploration().isOpen() ? queriesOf(exploration()) : std::vector<core::LayerIndex>();
    const std::vector<core::LayerIndex> queries = editedQueries();
    m_content->setVisible(!m_queries.empty());
    m_content->setEnabled(!queries.empty());
    m_content->setToolTip(queries.empty() ? tr("None of the chosen layers makes an attention's queries.") : QString());
    std::vector<core::ScorePlan> plans;
    for (const core::LayerIndex layer : queries)
        if (const auto scores = exploration().treatment(layer).scores)
            plans.push_back(*scores);
    m_switch->setCheckState(plans.empty() ? Qt::Unchecked : plans.size() == queries.size() ? Qt::Checked : Qt::PartiallyChecked);
    m_body->setVisible(!plans.empty());
    const std::string name = queries.empty() ? std::string() : exploration().layers().at(queries.front().value()).name;
    m_fields.show(plans, PlanProblems(exploration().flaws()), name);
    showFigures(queries);
}

void ScoresSection::showFigures(const std::vector<core::LayerIndex>& queries)
{
    QStringList lines;
    const core::ReportPtr report = exploration().report();
    for (const core::LayerIndex layer : queries) {
        if (!report || layer.value() >= report->layers.size() || !report->layers[layer.value()].scores ||
            !exploration().treatment(layer).scores)
            continue;
        const core::ScoreFigures& figures = *report->layers[layer.value()].scores;
        lines << tr("%1: %2 % of the logits again; error mass %3, all low %4")
                     .arg(QString::fromStdString(report->layers[layer.value()].name),
                          QString::number(100 * figures.recomputedFraction, 'f', 1), shortNumberText(figures.errorMass),
                          shortNumberText(figures.lowErrorMass));
    }
    m_figures->setText(lines.join(u'\n'));
    m_figures->setVisible(!lines.isEmpty());
}

}  // namespace app
