// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a person is exploring: the open network and dataset, the plan, the newest report, what is selected, and how all
// that came about. Docks show it and hand edits back; nobody else changes it.

#include "app/exploration/change_plan.h"
#include "app/exploration/evaluation_source.h"
#include "app/exploration/job_runner.h"
#include "app/exploration/plan_edit.h"
#include "app/exploration/script_log.h"
#include "app/exploration/selection.h"
#include "core/plan/check.h"

#include <QTemporaryDir>
#include <QUndoStack>

namespace app {

class TrainingRun;

struct JobState {
    bool opening = false, evaluating = false, stopping = false;
    bool beside = false;  // a study or a training; not what isIdle asks about
    double fraction = 0; // 0 ... 1
    QString stage;       // "calibrating", "evaluating"; empty when idle
    bool isIdle() const { return !opening && !evaluating; }
};

class Exploration : public QObject {
    Q_OBJECT
public:
    explicit Exploration(Opener opener, QObject* parent = nullptr);
    ~Exploration() override;

    bool isOpen() const { return m_source.subject != nullptr; }
    const EvaluationSource& source() const { return m_source; }
    const core::Subject* subject() const { return m_source.subject.get(); }
    const std::vector<core::WeightedLayer>& layers() const; // empty while nothing is open
    const core::PrecisionPlan& plan() const { return m_plan; }
    const std::vector<core::PlanFlaw>& flaws() const { return m_flaws; }
    core::LayerTreatment treatment(core::LayerIndex layer) const;

    /// The newest report: of the present plan (isReportCurrent), or of the one before it until the first estimate comes.
    core::ReportPtr report() const { return m_report; }
    bool isReportCurrent() const { return m_reportCurrent; }
    const EvaluationSettings& settings() const { return m_settings; }
    const core::PriceTable* technology() const; // nullptr while nothing is open
    /// The bundled price tables, then those of one's own.
    std::vector<core::PriceTable> technologies() const;
    const Selection& selection() const { return m_selection; }
    bool isLive() const { return m_live; }
    /// Work beside the scoring of plans, told by who does it: `stop` reaches it by stopAsked.
    void setBeside(const QObject* worker, bool isBusy);
    JobState jobState() const;
    bool isModified() const { return !m_undo.isClean(); }

    QUndoStack& undoStack() { return m_undo; }
    ScriptLog& script() { return m_script; }
    /// The training of weights, which goes on whatever is opened or edited meanwhile; the script is told of it here.
    TrainingRun& training() { return *m_training; }
    /// Where recovery paths trained in this session lie until their plan is saved; empty: nowhere could be written.
    QString pathsFolder();

    /// The layers an edit goes to: the selected ones, or every layer where none is selected.
    std::vector<core::LayerIndex> editedLayers() const;
    /// The `polar` command that scores the present plan, found in `planFile`, as the window does.
    EvaluateCommand evaluateCommand(const QString& planFile) const;
    /// Where the present plan can be had from: a name or path, kEditedPlan while it was edited, empty for FP32 throughout.
    QString planOrigin() const;
    /// The layer whose details are shown; invalid while nothing is open.
    core::LayerIndex currentLayer() const;
    /// Samples to look at one by one, numbers in the split: the selected one, then those scored first. At most `most`, and
    /// of the scored ones at most kScoredKept; empty until the first are scored.
    std::vector<std::int64_t> currentSamples(std::size_t most = 1) const;
    static constexpr std::size_t kScoredKept = 32;
    /// The orders of a layer and of all before it: what arrives at it, and what it makes of that, follows from them.
    std::vector<core::LayerTreatment> treatmentsUpTo(core::LayerIndex layer) const;

public slots:
    /// Opens names or paths; what is open stays until all of them are read, and stays for good if one cannot be.
    void open(const std::vector<std::string>& things, app::Reading reading = app::Reading::Fresh);
    /// Kept work again: its network, dataset and plan, all or nothing.
    void restore(const std::string& network, const std::string& dataset, const core::PrecisionPlan& plan);
    /// One undo step, or a part of one while the gesture lasts. `words` says what was done: "conv1: weights nf4".
    void changePlan(const core::PrecisionPlan& plan, const QString& words, app::Gesture gesture = {});
    /// Edits every layer of editedLayers().
    void editLayers(const QString& words, const app::TreatmentChange& change, app::Gesture gesture = {});
    /// Edits one layer, selected or not.
    void editLayer(core::LayerIndex layer, const QString& words, const app::TreatmentChange& change, app::Gesture gesture = {});
    /// As a session begins: FP32 throughout, one undo step away from what was, and an empty script.
    void beginAgain();
    void changeSettings(const app::EvaluationSettings& settings);
    /// A price table of one's own, by its name instead of one that was added under it before; from now on it is paid by.
    void addTechnology(const core::PriceTable& table);
    /// The mouse is over this weight of the current layer somewhere; empty: over none.
    void hoverWeight(std::optional<app::WeightPlace> weight);
    void setSelection(app::Selection selection);
    void setLive(bool live);
    void evaluate(); // now, live or not
    void stop();     // what is finished stays, marked partial
    /// Writes the plan off the GUI thread; planSaved or problemFound follows.
    void savePlan(const QString& path);
    /// Shows a problem of something a person asked for.
    void tellProblem(const core::Problem& problem);

signals:
    void subjectChanged(); // network or dataset; plan, report and selection are new too
    void planChanged();
    void questionAsked(); // the estimates that follow belong to a new question
    void reportChanged();
    void selectionChanged();
    void weightHovered(const std::optional<app::WeightPlace>& weight);
    void settingsChanged();
    void liveChanged(bool live);
    void jobStateChanged();
    void planSaved(const QString& path);
    void stopAsked();  // of all work that is under way
    void opened(); // what open() was asked for is here
    void problemFound(const core::Problem& problem);
    void problemsCleared(); // an action succeeded; older messages are history

private:
    void ask(OpenRequest request);
    void applyPlan(const core::PrecisionPlan& plan, const QString& words);
    void takeOpened(const OpenRequest& asked, const Opened& opened);
    void takeReport(core::ReportPtr report);
    void checkPlan();
    void planOrSettingsMoved();
    core::PrecisionPlan planFor(const EvaluationSource& source) const;
    core::EvaluationRequest request() const;
    void logEvaluation();
    void logTraining();

    Opener m_opener;
    EvaluationSource m_source;
    core::PrecisionPlan m_plan;
    std::vector<core::PlanFlaw> m_flaws;
    core::ReportPtr m_report;
    bool m_reportCurrent = false;
    std::vector<std::int64_t> m_scored;  // the first, in the order of the newest report that told them
    bool m_live = true;
    std::vector<const QObject*> m_beside;  // at work
    EvaluationSettings m_settings;
    std::vector<core::PriceTable> m_ownTables;
    Selection m_selection;
    QString m_planOrigin; // where the plan can be had from while it is unchanged
    QUndoStack m_undo;
    bool m_editing = false; // the undo stack moves because of an edit, not because a person goes back or forth
    ScriptLog m_script;
    QString m_trainingCommand;  // of the newest outcome
    std::unique_ptr<QTemporaryDir> m_pathsFolder;
    // Last, so that they are gone (and their threads at rest) before anything they answer to.
    JobRunner m_opening;
    JobRunner m_evaluation;
    JobRunner m_saving;
    std::unique_ptr<TrainingRun> m_training;
};

} // namespace app
