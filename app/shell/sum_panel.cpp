// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/sum_panel.h"

#include "app/exploration/sum_study.h"
#include "app/models/sum_words.h"
#include "app/shell/page_switch.h"
#include "app/shell/recovery_edit.h"
#include "app/shell/sum_pages.h"
#include "app/views/chart_style.h"

#include <QCheckBox>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
namespace {

/// What the rule begins with: the published formats and tolerance (arXiv 2503.15568, as the preset sums-mixed).
core::AccumulatorPlan usualRule(const core::AccumulatorPlan& before)
{
    core::AccumulatorPlan plan = before;
    if (plan.integer || plan.sum.format.isFloat32()) {
        plan = {};
        plan.sum = {core::NumberFormat::named("e4m3ieee").value(), core::ProductRounding::Fused, core::SumOrder::Sequential, 8};
    }
    plan.mixed = core::MixedSum{core::NumberFormat::named("fp16").value()};
    return plan;
}

/// Of several layers a knob turns those it applies to.
bool applies(BoundFields<core::AccumulatorPlan>::Hinder hinder, const core::AccumulatorPlan& plan)
{
    return !hinder || hinder(plan).isEmpty();
}

}  // namespace

SumPanel::SumPanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("sumPanel"), parent)
{
    m_where = pageHeading(QStringLiteral("sumWhere"), this);
    auto* pages = new PageSwitch(tr("Pages of the sum dock"), this);
    pages->addPage(QStringLiteral("knobs"), tr("Knobs"), tr("What the products of a row are added up in, and what that does"),
                   makeKnobsPage());
    pages->addPage(QStringLiteral("error"), tr("Error"), tr("How the error of running sums grows from product to product, and its bound"),
                   new SumErrorPage(exploration, this));
    pages->addPage(QStringLiteral("cost"), tr("Cost"), tr("Accuracy against cost: the low format, the high one, and every mixture between"),
                   new SumCostPage(exploration, this));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 2, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(pages, 1);
}

QWidget* SumPanel::makeKnobsPage()
{
    auto* page = new QWidget(this);
    auto* scroll = new QScrollArea(page);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(makeKnobs());
    const auto label = [&](const char* name) {
        auto* made = new QLabel(page);
        made->setObjectName(QString::fromLatin1(name));
        made->setWordWrap(true);
        made->setTextInteractionFlags(Qt::TextSelectableByMouse);
        return made;
    };
    m_verdict = label("sumVerdict");
    m_figures = label("sumFigures");
    m_figures->setFont(smallFont(font()));
    m_figures->setToolTip(sumFiguresTip());
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 6, 0);
    layout->setSpacing(3);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_verdict);
    layout->addWidget(m_figures);
    return page;
}

void SumPanel::addKnob(QVBoxLayout& layout, const KnobSpec& spec, const std::string& field, double (*read)(const Accumulator&),
                       void (*write)(Accumulator&, double), Hinder hinder)
{
    auto* knob = new KnobRow(spec, m_body);
    followGestures(knob);
    connect(knob, &KnobRow::valueChanged, this, [this, spec, write, hinder](double value) {
        editSums(
            QStringLiteral("%1 %2 %3").arg(spec.name).arg(value, 0, 'f', spec.decimals).arg(spec.unit).trimmed(),
            [&](Accumulator& plan, const core::WeightedLayer&) {
                if (applies(hinder, plan))
                    write(plan, value);
            },
            gesture());
    });
    layout.addWidget(knob);
    m_fields.add(knob, field, read, hinder);
}

void SumPanel::addChoice(QVBoxLayout& layout, const ChoiceField::Spec& spec, const std::string& field, QString (*read)(const Accumulator&),
                         void (*write)(Accumulator&, const QString&), Hinder hinder)
{
    auto* choice = new ChoiceField(spec, m_body);
    connect(choice, &ChoiceField::chosen, this, [this, name = spec.name.toLower(), write, hinder](const QString& value) {
        editSums(tr("sums %1 %2").arg(name, value), [&](Accumulator& plan, const core::WeightedLayer&) {
            if (applies(hinder, plan))
                write(plan, value);
        });
    });
    layout.addWidget(choice);
    m_fields.add(choice, field, read, hinder);
}

/// Of digital layers: what an array adds up stays the array's.
void SumPanel::editSums(const QString& words, const std::function<void(Accumulator&, const core::WeightedLayer&)>& change, Gesture during)
{
    exploration().editLayers(
        words,
        [&](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
            if (!treatment.cim)
                change(treatment.accumulator, layer);
        },
        during);
}

void SumPanel::switchRule(bool on)
{
    editSums(on ? tr("ill-conditioned sums again") : tr("every sum once"), [on](Accumulator& plan, const core::WeightedLayer&) {
        if (!on)
            plan.mixed.reset();
        else if (!plan.mixed)
            plan = usualRule(plan);
    });
}

void SumPanel::refresh(Changes)
{
    m_where->setText(editedLayersText());
    setEnabled(exploration().isOpen());
    std::vector<Accumulator> plans;  // of the edited layers that are digital: they are what the knobs edit
    const auto edited = exploration().editedLayers();
    for (const core::LayerIndex layer : edited)
        if (const core::LayerTreatment treatment = exploration().treatment(layer); !treatment.cim)
            plans.push_back(treatment.accumulator);
    m_body->setEnabled(!plans.empty());
    m_array->setVisible(plans.size() < edited.size());
    m_array->setText(plans.empty() ? tr("In an array, whose converters add up: the Array dock has its knobs.")
                                   : tr("%1 of these layers add up in an array and stay as they are.").arg(edited.size() - plans.size()));
    m_body->setToolTip(plans.empty() ? m_array->text() : QString());
    const auto ruled = std::ranges::count_if(plans, [](const Accumulator& plan) { return plan.mixed.has_value(); });
    m_rule->setCheckState(ruled == 0 ? Qt::Unchecked : ruled == std::ssize(plans) ? Qt::Checked : Qt::PartiallyChecked);
    QPalette outlined = palette();  // an empty box must be seen on dark ground too
    outlined.setColor(QPalette::Base, mixed(outlined.color(QPalette::Base), outlined.color(QPalette::Text), isDark(outlined) ? 0.3 : 0.0));
    m_rule->setPalette(outlined);
    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    m_fields.show(plans, PlanProblems(exploration().flaws()), layer);
    showFigures();
}

QString SumPanel::figuresHint() const
{
    const core::LayerIndex layer = exploration().currentLayer();
    if (!exploration().isOpen() || !layer.isValid())
        return tr("Open a network and a dataset: what its sums do appears here.");
    const QString name = QString::fromStdString(exploration().layers().at(layer.value()).name);
    if (exploration().treatment(layer).cim)
        return tr("%1 adds up in an array.").arg(name);
    if (!hasOwnSums(exploration().treatment(layer)))
        return tr("%1 adds up in fp32, in whichever order is quickest. Choose a format above: what its sums then do appears here.")
            .arg(name);
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it to see what the sums do.");
    return tr("What the sums of %1 do appears when the evaluation has settled.").arg(name);
}

QString SumPanel::figuresHead(const QString& layer) const
{
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; %1, of the plan before").arg(layer);
    return exploration().isReportCurrent() ? layer : tr("%1, of the plan before").arg(layer);
}

void SumPanel::showFigures()
{
    const core::LayerIndex layer = exploration().currentLayer();
    const core::ReportPtr report = exploration().report();
    const bool isShown = report && layer.isValid() && layer.value() < report->layers.size() && report->layers[layer.value()].sums &&
                         hasOwnSums(exploration().treatment(layer));
    QString verdict;
    if (!isShown) {
        m_figures->setText(figuresHint());
    } else {
        const core::SumFigures& figures = *report->layers[layer.value()].sums;
        const Accumulator plan = exploration().treatment(layer).accumulator;
        const QString name = QString::fromStdString(report->layers[layer.value()].name);
        m_figures->setText(sumFiguresPage(figuresHead(name), figures, plan));
        verdict = sumVerdict(figures, plan);
    }
    m_verdict->setText(verdict);
    m_verdict->setVisible(!verdict.isEmpty());
}

}  // namespace app
