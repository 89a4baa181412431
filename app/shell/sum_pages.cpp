// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/sum_pages.h"

#include "app/models/number_text.h"
#include "app/shell/recovery_edit.h"
#include "app/shell/sample_box.h"
#include "app/views/sum_cost_view.h"
#include "app/views/sum_error_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

QLabel* wordsLabel(const char* objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(QString::fromLatin1(objectName));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QVBoxLayout* pageLayout(QWidget* page)
{
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 2, 6, 0);
    layout->setSpacing(4);
    return layout;
}

void tellProblemsOf(FigureView* view, Exploration& exploration)
{
    QObject::connect(view, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
        exploration.tellProblem({"", text.toStdString()});
    });
}

}  // namespace

QString ownSumsHint(const Exploration& exploration)
{
    const core::LayerIndex layer = exploration.currentLayer();
    if (!exploration.isOpen() || !layer.isValid())
        return SumErrorPage::tr("Open a network and a dataset to follow its sums.");
    const core::LayerTreatment treatment = exploration.treatment(layer);
    const QString name = QString::fromStdString(exploration.layers().at(layer.value()).name);
    if (treatment.cim)
        return SumErrorPage::tr("%1 is computed in an array, which adds up by itself.").arg(name);
    if (!hasOwnSums(treatment))
        return SumErrorPage::tr("%1 adds up in fp32, and nobody watches. Choose what it adds up in: Sum dock, page Knobs.").arg(name);
    return {};
}

SumErrorPage::SumErrorPage(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Selected, QStringLiteral("sumErrorPage"), parent), m_study(new SumStudy(exploration, 1, this))
{
    m_where = pageHeading(QStringLiteral("sumErrorWhere"), this);
    m_view = new SumErrorView(this);
    m_words = wordsLabel("sumErrorWords", this);
    auto* layout = pageLayout(this);
    layout->addWidget(m_where);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_words);
    tellProblemsOf(m_view, exploration);
    connect(m_study, &Study::changed, this, [this] {
        if (isVisible())
            refresh(Everything);
    });
}

void SumErrorPage::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    m_study->watch();
    refresh(Everything);
}

void SumErrorPage::hideEvent(QHideEvent* event)
{
    Panel::hideEvent(event);
    m_study->unwatch();
}

QString SumErrorPage::hint() const
{
    if (const QString none = ownSumsHint(exploration()); !none.isEmpty())
        return none;
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it to follow the sums.");
    if (m_study->found().state == StudyState::Failed)
        return m_study->found().problem;
    if (m_study->found().answer)
        return tr("Integers add up exactly until they overflow: there is no rounding to follow.");
    if (exploration().currentSamples().empty())
        return tr("Pick a sample in the Samples dock, or evaluate: the first one scored is followed.");
    return tr("The sums are followed as soon as the evaluation has settled.");
}

/// What the whole sums of this sample did.
QString SumErrorPage::words(const core::SumSample& sums) const
{
    const auto all = static_cast<double>(std::max<std::size_t>(1, sums.value.size()));
    const auto again = static_cast<double>(std::ssize(sums.choices) - std::ranges::count(sums.choices, core::SumChoice::Low));
    const auto over = static_cast<double>(std::ranges::count_if(sums.overflowed, [](std::uint8_t one) { return one != 0; }));
    double squares = 0, size = 0;
    for (std::size_t i = 0; i < sums.value.size(); ++i) {
        const double error = static_cast<double>(sums.error[i]), exact = static_cast<double>(sums.value[i]) - error;
        squares += error * error;
        size += exact * exact;
    }
    QStringList parts{tr("Of %1 sums the error is %2 of their size")
                          .arg(countText(std::ssize(sums.value)), percentText(size > 0 ? std::sqrt(squares / size) : 0.0, 2))};
    if (const auto mixed = exploration().treatment(exploration().currentLayer()).accumulator.mixed)
        parts << tr("%1 are in a higher format than the curve's").arg(percentText(again / all));
    if (over > 0)
        parts << tr("%1 overflowed").arg(percentText(over / all));
    return parts.join(QStringLiteral("; ")) + u'.';
}

void SumErrorPage::refresh(Changes)
{
    const SumsFound& found = m_study->found();
    m_view->setEmptyHint(hint());
    SumErrorFigure figure;
    const core::LayerIndex layer = exploration().currentLayer();
    const bool isShown = found.answer && !found.answer->sums.empty() && layer.isValid();
    m_words->setVisible(isShown);
    m_where->setText(layer.isValid() && exploration().isOpen() ? QString::fromStdString(exploration().layers().at(layer.value()).name)
                                                               : QString());
    if (isShown) {
        const core::SumSample& sums = found.answer->sums.front();
        core::AccumulatorPlan low = exploration().treatment(layer).accumulator;
        low.mixed.reset();
        figure = {m_where->text(), QString::fromStdString(core::text(low)), sums.products, sums.rootMeanSquareError, sums.bound,
                  found.isOld};
        m_where->setText(tr("%1 · sample %2").arg(figure.layer).arg(found.answer->samples.front()));
        m_words->setText(found.isOld ? tr("of the plan before") : figure.rule + QStringLiteral(". ") + words(sums));
    }
    m_view->showFigure(std::move(figure));
}

SumCostPage::SumCostPage(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Settings | Selected, QStringLiteral("sumCostPage"), parent), m_study(new SumCostStudy(exploration, this))
{
    m_view = new SumCostView(this);
    m_note = wordsLabel("sumCostNote", this);
    auto* layout = pageLayout(this);
    layout->addWidget(makeHeader());
    layout->addWidget(m_view, 1);
    layout->addWidget(m_note);
    tellProblemsOf(m_view, exploration);
    connect(m_view, &SumCostView::wayChosen, this, &SumCostPage::take);
    connect(m_study, &Study::changed, this, [this] {
        if (isVisible())
            refresh(Everything);
    });
    connect(m_study, &Study::progressed, this, [this] {
        if (isVisible())
            m_note->setText(note());
    });
}

QWidget* SumCostPage::makeHeader()
{
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    m_samples = makeSamplesBox("sumCostSamples", tr("How many samples each way is scored on: intervals narrow with their root"), header);
    m_samples->setValue(static_cast<int>(m_study->samples()));
    const auto button = [&](const QString& text, const char* name, const QString& tip) {
        auto* made = new QToolButton(header);
        made->setText(text);
        made->setObjectName(QString::fromLatin1(name));
        made->setToolTip(tip);
        made->setFocusPolicy(Qt::StrongFocus);
        return made;
    };
    m_measure =
        button(tr("Measure"), "measureSumCost",
               tr("Score the plan with its rule's low format throughout, the high one, tolerances and fixed shares of rows between"));
    m_stop = button(tr("Stop"), "stopSumCost",
                    tr("Stop measuring; what is known so far stays, marked partial. Turning any knob does the same. Esc"));
    m_stop->setShortcut(QKeySequence(Qt::Key_Escape));
    auto* measures = new QComboBox(header);
    measures->setObjectName(QStringLiteral("sumCostMeasure"));
    measures->setAccessibleName(tr("Compared by"));
    measures->setToolTip(tr("Right answers, or signal over error of the network's output, which tells ways apart on few samples"));
    measures->addItems({tr("top 1"), tr("output")});
    row->addWidget(m_samples, 1);
    row->addWidget(measures);
    row->addWidget(m_measure);
    row->addWidget(m_stop);
    connect(m_samples, &QSpinBox::valueChanged, m_study, [this](int samples) { m_study->setSamples(samples); });
    connect(measures, &QComboBox::currentIndexChanged, m_view,
            [this](int index) { m_view->setMeasure(static_cast<SumCostView::Measure>(index)); });
    connect(m_measure, &QToolButton::clicked, m_study, &SumCostStudy::measure);
    connect(m_stop, &QToolButton::clicked, m_study, &SumCostStudy::stop);
    return header;
}

void SumCostPage::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    refresh(Everything);  // points may have come while nobody looked
}

void SumCostPage::measureIfSeen()
{
    if (isVisible() && m_study->study().state == StudyState::Nothing && m_study->hasRule() && exploration().flaws().empty())
        m_study->measure();
}

void SumCostPage::refresh(Changes)
{
    const auto& study = m_study->study();
    m_view->setEmptyHint(hint());
    SumCostFigure figure{study.figures, {}, {}, study.isOld};
    for (const core::WeightedLayer& layer : exploration().layers())
        if (const core::AccumulatorPlan plan = exploration().treatment(layer.index).accumulator; plan.mixed && figure.low.isEmpty()) {
            figure.low = QString::fromStdString(plan.sum.format.name());
            figure.high = QString::fromStdString(plan.mixed->high.name());
        }
    m_view->showFigure(std::move(figure));
    m_measure->setEnabled(exploration().isOpen() && exploration().flaws().empty() && m_study->hasRule() && !study.isUnderWay());
    m_stop->setEnabled(study.isUnderWay());
    m_note->setText(note());
    m_note->setVisible(!m_note->text().isEmpty());
}

QString SumCostPage::hint() const
{
    const auto& study = m_study->study();
    if (!exploration().isOpen())
        return tr("Open a network and a dataset to compare ways of adding up.");
    if (study.state == StudyState::Failed)
        return study.problem;
    if (study.state == StudyState::Waiting)
        return tr("Waiting for the evaluation to settle …");
    if (study.state == StudyState::Running)
        return tr("Scoring the plan as it is …");
    if (!m_study->hasRule())
        return tr("No layer of this plan mixes formats. Switch the componentwise rule on, page Knobs, or choose the preset sums-mixed.");
    return tr("Press Measure: the low format throughout, the high one, and tolerances and fixed shares of rows between are scored.");
}

QString SumCostPage::note() const
{
    const auto& study = m_study->study();
    if (!study.figures)
        return {};
    const SumCosts& known = *study.figures;
    QString text;
    if (study.state == StudyState::Running)
        text = tr("◐ Partial, %1 done. ").arg(percentText(m_study->fraction(), 0));
    else if (known.isPartial)
        text = tr("◐ Partial, stopped. ");
    if (const QString found = known.isPartial ? QString() : verdict(known); !found.isEmpty())
        text += found + u' ';
    text += tr("%1 samples, the same for every way.").arg(countText(known.samples));
    if (study.isOld)
        text += u' ' + tr("The plan has moved on since.");
    return text;
}

/// Which cheaper ways the samples tell from the high format: the highest of many figures is most often luck.
QString SumCostPage::verdict(const SumCosts& known) const
{
    const CheaperWays cheaper = cheaperWays(known);
    const QString high = m_view->figure().high;
    if (cheaper.count == 0)
        return tr("No way costs less than %1 throughout.").arg(high);
    if (cheaper.compared < cheaper.count)
        return {};
    if (!cheaper.cheapest)
        return tr("Every cheaper way is significantly below %1 throughout.").arg(high);
    const QString cheapest =
        tr("%1, cost %2: %3")
            .arg(m_view->wayName(*cheaper.cheapest), numberText(cheaper.cheapest->cost, 2), m_view->differenceText(*cheaper.cheapest));
    if (cheaper.told == 0)
        return tr("These samples do not tell any cheaper way from %1 throughout; the cheapest is %2. More of them, or the output's error, "
                  "may.")
            .arg(high, cheapest);
    return tr("Cheapest that is not significantly below %1 throughout: %2.").arg(high, cheapest);
}

void SumCostPage::take(const SumCost& way)
{
    std::vector<core::LayerIndex> all;
    for (const core::WeightedLayer& layer : exploration().layers())
        all.push_back(layer.index);
    // Its sums alone: what else was turned since it was measured stays.
    const auto taken = [&](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
        if (!treatment.cim)
            treatment.accumulator = core::resolve(way.plan, layer.name).accumulator;
    };
    exploration().changePlan(withTreatment(exploration().plan(), exploration().layers(), all, taken),
                             tr("sums: %1").arg(m_view->wayName(way)));
}

}  // namespace app
