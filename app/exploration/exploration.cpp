// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/exploration.h"

#include "app/exploration/training_outcome.h"
#include "app/exploration/training_run.h"
#include "core/io/json_documents.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <iterator>
#include <span>

namespace app {
namespace {

const std::vector<core::WeightedLayer> kNoLayers;

} // namespace

Exploration::Exploration(Opener opener, QObject* parent)
    : QObject(parent), m_opener(std::move(opener)), m_training(std::make_unique<TrainingRun>())
{
    connect(&m_opening, &JobRunner::stateChanged, this, &Exploration::jobStateChanged);
    connect(&m_evaluation, &JobRunner::stateChanged, this, &Exploration::jobStateChanged);
    for (const JobRunner* runner : {&m_opening, &m_evaluation, &m_saving})
        connect(runner, &JobRunner::failed, this, &Exploration::problemFound);
    connect(m_training.get(), &TrainingRun::stateChanged, this, [this] { setBeside(m_training.get(), m_training->isRunning()); });
    connect(m_training.get(), &TrainingRun::failed, this, &Exploration::problemFound);
    connect(m_training.get(), &TrainingRun::finished, this, &Exploration::logTraining);
    connect(m_training.get(), &TrainingRun::saved, this, [this](const QString& folder) {
        m_script.extendCommand(m_trainingCommand, commandText(m_training->question(), folder), tr("train and save"));
    });
    connect(this, &Exploration::stopAsked, m_training.get(), &TrainingRun::stop);
}

Exploration::~Exploration() = default;

const std::vector<core::WeightedLayer>& Exploration::layers() const { return m_source.layers ? *m_source.layers : kNoLayers; }

core::LayerTreatment Exploration::treatment(core::LayerIndex layer) const { return core::resolve(m_plan, layers().at(layer.value()).name); }

const core::PriceTable* Exploration::technology() const
{
    for (const auto* tables : {&m_ownTables, &m_source.technologies})
        for (const core::PriceTable& table : *tables)
            if (table.name == m_settings.technology && isOpen())
                return &table;
    return m_source.technologies.empty() ? nullptr : &m_source.technologies.front();
}

JobState Exploration::jobState() const
{
    JobState state;
    state.opening = m_opening.isRunning();
    state.evaluating = m_evaluation.isRunning();
    state.stopping = m_evaluation.isStopping();
    state.beside = !m_beside.empty();
    const JobRunner* told = state.opening ? &m_opening : state.evaluating ? &m_evaluation : nullptr;
    if (told) {
        state.fraction = told->progress().fraction;
        state.stage = QString::fromStdString(told->progress().stage);
    }
    return state;
}

std::vector<core::LayerIndex> Exploration::editedLayers() const
{
    if (!m_selection.layers.empty())
        return m_selection.layers;
    std::vector<core::LayerIndex> all;
    for (const core::WeightedLayer& layer : layers())
        all.push_back(layer.index);
    return all;
}

core::LayerIndex Exploration::currentLayer() const
{
    if (m_selection.current.isValid())
        return m_selection.current;
    if (!m_selection.layers.empty())
        return m_selection.layers.front();
    return layers().empty() ? core::LayerIndex{} : layers().front().index;
}

std::vector<std::int64_t> Exploration::currentSamples(std::size_t most) const
{
    std::vector<std::int64_t> samples;
    if (m_selection.sample.isValid())
        samples.push_back(static_cast<std::int64_t>(m_selection.sample.value()));
    std::ranges::copy_if(m_scored, std::back_inserter(samples), [&](std::int64_t scored) { return !std::ranges::count(samples, scored); });
    samples.resize(std::min(samples.size(), most));
    return samples;
}

std::vector<core::LayerTreatment> Exploration::treatmentsUpTo(core::LayerIndex layer) const
{
    std::vector<core::LayerTreatment> treatments;
    for (std::size_t index = 0; layer.isValid() && index <= layer.value(); ++index)
        treatments.push_back(treatment(core::LayerIndex(index)));
    return treatments;
}

void Exploration::open(const std::vector<std::string>& things, Reading reading)
{
    if (!things.empty())
        ask({things, m_source, {}, reading});
}

void Exploration::restore(const std::string& network, const std::string& dataset, const core::PrecisionPlan& plan)
{
    ask({{network, dataset}, m_source, plan, Reading::Fresh});
}

void Exploration::ask(OpenRequest request)
{
    m_opening.start([this, opener = m_opener, asked = std::move(request)](const core::RunControl& control,
                                                                          const JobRunner::Tell&) -> JobRunner::Answer {
        auto opened = opener(asked, control);
        if (!opened)
            return [this, problem = opened.error()] { emit problemFound(problem); };
        return [this, asked, result = std::move(opened).value()] { takeOpened(asked, result); };
    });
}

void Exploration::takeOpened(const OpenRequest& asked, const Opened& opened)
{
    emit problemsCleared();
    std::vector<std::string> things = asked.things;
    if (opened.refusedPlan) {
        std::erase(things, opened.refusedPlan->origin);
        emit problemFound(opened.refusedPlan->problem);  // before what waits for the opening goes on with another plan
    }
    if (opened.source) {
        const bool sameNetwork = m_source.subject && m_source.subject->network->hash == opened.source->subject->network->hash;
        const core::PrecisionPlan inherited = sameNetwork ? m_plan : planFor(*opened.source);
        const core::PrecisionPlan plan = opened.plan.value_or(inherited);
        m_script.opened(things);
        if (opened.plan && asked.plan && plan != inherited) // no name opens it again
            m_script.edit(inherited, plan, tr("restore the plan"), {});
        m_evaluation.stop();
        m_source = *opened.source;
        m_report.reset();
        m_reportCurrent = false;
        m_scored.clear();
        if (!sameNetwork) {
            m_undo.clear(); // its steps speak of layers that are no more
            m_selection = {};
        }
        m_selection.sample = {};
        if (opened.plan || !sameNetwork)
            m_planOrigin = QString::fromStdString(opened.planOrigin);
        m_plan = plan;
        if (!opened.planOrigin.empty())
            m_undo.setClean();
        checkPlan();
        emit subjectChanged();
        emit selectionChanged();
        planOrSettingsMoved();
    } else if (opened.plan) {
        m_planOrigin = QString::fromStdString(opened.planOrigin);
        changePlan(*opened.plan, tr("open plan %1").arg(QString::fromStdString(opened.plan->name))); // the script has it whole
        m_undo.setClean();
    }
    emit this->opened();
}

core::PrecisionPlan Exploration::planFor(const EvaluationSource& source) const
{
    core::PrecisionPlan plan; // the orders for every layer still make sense; single layers' do not
    plan.defaults = m_plan.defaults;
    plan.name = m_plan.layers.empty() ? m_plan.name : std::string{};
    if (!core::check(plan, *source.layers, source.subject->networkName, source.subject->network->hash).empty())
        return {};
    return plan;
}

void Exploration::changePlan(const core::PrecisionPlan& plan, const QString& words, Gesture gesture)
{
    if (plan == m_plan)
        return;
    m_script.edit(m_plan, plan, words, gesture);
    const QScopedValueRollback editing(m_editing, true);
    m_undo.push(new ChangePlan(m_plan, plan, words, gesture,
                               [this](const core::PrecisionPlan& next, const QString& did) { applyPlan(next, did); }));
}

void Exploration::editLayers(const QString& words, const TreatmentChange& change, Gesture gesture)
{
    const std::vector<core::LayerIndex> edited = editedLayers();
    if (edited.empty())
        return;
    const QString where = edited.size() == layers().size() ? tr("every layer")
                          : edited.size() == 1             ? QString::fromStdString(layers().at(edited.front().value()).name)
                                                           : tr("%n layers", nullptr, static_cast<int>(edited.size()));
    changePlan(withTreatment(m_plan, layers(), edited, change), where + QStringLiteral(": ") + words, gesture);
}

void Exploration::editLayer(core::LayerIndex layer, const QString& words, const TreatmentChange& change, Gesture gesture)
{
    const QString where = QString::fromStdString(layers().at(layer.value()).name);
    changePlan(withTreatment(m_plan, layers(), {layer}, change), where + QStringLiteral(": ") + words, gesture);
}

void Exploration::hoverWeight(std::optional<WeightPlace> weight) { emit weightHovered(weight); }

void Exploration::applyPlan(const core::PrecisionPlan& plan, const QString& words)
{
    if (plan == m_plan)
        return;
    if (!m_editing)
        m_script.edit(m_plan, plan, words, {});
    m_plan = plan;
    checkPlan();
    planOrSettingsMoved();
}

void Exploration::beginAgain()
{
    {
        const QScopedValueRollback waiting(m_live, false); // what follows asks its own questions
        changePlan({}, tr("replay from the beginning"));
    }
    m_script.clear();
}

void Exploration::checkPlan()
{
    m_flaws = isOpen() ? core::check(m_plan, layers(), subject()->networkName, subject()->network->hash) : std::vector<core::PlanFlaw>{};
}

void Exploration::planOrSettingsMoved()
{
    m_reportCurrent = false;
    emit planChanged();
    if (m_live)
        evaluate();
    else
        m_evaluation.stop();
}

void Exploration::changeSettings(const EvaluationSettings& settings)
{
    if (settings == m_settings)
        return;
    m_settings = settings;
    emit settingsChanged();
    if (isOpen())
        planOrSettingsMoved();
}

std::vector<core::PriceTable> Exploration::technologies() const
{
    std::vector<core::PriceTable> all = m_source.technologies;
    all.insert(all.end(), m_ownTables.begin(), m_ownTables.end());
    return all;
}

void Exploration::addTechnology(const core::PriceTable& table)
{
    std::erase_if(m_ownTables, [&](const core::PriceTable& own) { return own.name == table.name; });
    m_ownTables.push_back(table);
    m_settings.technology = table.name;
    emit settingsChanged();
    if (isOpen())
        planOrSettingsMoved();
}

void Exploration::setSelection(Selection selection)
{
    std::ranges::sort(selection.layers);
    const auto repeated = std::ranges::unique(selection.layers);
    selection.layers.erase(repeated.begin(), repeated.end());
    if (selection == m_selection)
        return;
    m_selection = std::move(selection);
    emit selectionChanged();
}

void Exploration::setLive(bool live)
{
    if (live == m_live)
        return;
    m_live = live;
    emit liveChanged(live);
    if (live && isOpen() && !m_reportCurrent)
        evaluate();
}

core::EvaluationRequest Exploration::request() const
{
    core::EvaluationRequest request;
    request.plan = m_plan;
    request.samples = m_settings.samples;
    request.chips = m_settings.chips;
    request.seed = m_settings.seed;
    if (const core::PriceTable* table = technology())
        request.technology = *table;
    return request;
}

void Exploration::evaluate()
{
    if (!isOpen())
        return;
    if (!m_flaws.empty()) { // shown where they are: on the layer and in the field
        m_evaluation.stop();
        return;
    }
    emit questionAsked();
    m_evaluation.start(
        [this, source = m_source, asked = request()](const core::RunControl& control, const JobRunner::Tell& tell) -> JobRunner::Answer {
            const auto onEstimate = [&](core::ReportPtr estimate) { tell([this, estimate] { takeReport(estimate); }); };
            auto report = source.evaluate(asked, control, onEstimate);
            if (!report)
                return [this, problem = report.error()] { emit problemFound(problem); };
            return [this, final = report.value()] {
                takeReport(final);
                if (!final->partial)
                    logEvaluation();
            };
        });
}

void Exploration::takeReport(core::ReportPtr report)
{
    m_report = std::move(report);
    m_reportCurrent = true;
    if (!m_report->outcomes.empty()) {  // early estimates tell none
        m_scored.clear();
        for (const core::SampleOutcome& outcome : std::span(m_report->outcomes).first(std::min(m_report->outcomes.size(), kScoredKept)))
            m_scored.push_back(outcome.sample);
    }
    emit reportChanged();
}

EvaluateCommand Exploration::evaluateCommand(const QString& planFile) const
{
    EvaluateCommand command{m_source.network, m_source.dataset, {}, m_settings};
    if (m_plan != core::PrecisionPlan{})
        command.plan = planFile.toStdString();
    if (const core::PriceTable* table = technology())
        command.settings.technology = table->name;
    return command;
}

QString Exploration::planOrigin() const
{
    if (m_plan == core::PrecisionPlan{})
        return {};
    return m_undo.isClean() && !m_planOrigin.isEmpty() ? m_planOrigin : kEditedPlan;
}

void Exploration::logEvaluation()
{
    const QString text = commandText(evaluateCommand(planOrigin()));
    const auto& entries = m_script.entries();
    if (entries.empty() || entries.back().text != text)
        m_script.command(text, tr("evaluate"));
}

void Exploration::logTraining()
{
    const core::QuantizedTrainingState& state = m_training->outcome()->trained.state;
    m_trainingCommand = commandText(m_training->question());
    if (state.isStopped)
        m_script.remark(tr("training was stopped after epoch %1 of %2; the command goes on to the end")
                            .arg(state.progress.epoch)
                            .arg(m_training->question().orders.epochs));
    m_script.command(m_trainingCommand, tr("train"));
}

QString Exploration::pathsFolder()
{
    if (!m_pathsFolder)
        m_pathsFolder = std::make_unique<QTemporaryDir>();
    return m_pathsFolder->isValid() ? m_pathsFolder->path() : QString();
}

void Exploration::stop()
{
    m_opening.stop();
    m_evaluation.stop();
    emit stopAsked();
}

void Exploration::setBeside(const QObject* worker, bool isBusy)
{
    const auto place = std::ranges::find(m_beside, worker);
    if (isBusy == (place != m_beside.end()))
        return;
    if (isBusy) {
        m_beside.push_back(worker);
        connect(worker, &QObject::destroyed, this, [this, worker] { std::erase(m_beside, worker); });
    } else {
        disconnect(worker, &QObject::destroyed, this, nullptr);
        m_beside.erase(place);
    }
    emit jobStateChanged();
}

void Exploration::savePlan(const QString& path)
{
    m_saving.start([this, path, plan = m_plan](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
        const auto written = core::writePlan(plan, path.toStdString());
        if (!written)
            return [this, problem = written.error()] { emit problemFound(problem); };
        return [this, path, plan] {
            if (plan == m_plan) {
                m_undo.setClean();
                m_planOrigin = path;
            }
            m_script.remark(tr("save plan as %1").arg(path));
            emit problemsCleared();
            emit planSaved(path);
        };
    });
}

void Exploration::tellProblem(const core::Problem& problem) { emit problemFound(problem); }

} // namespace app
