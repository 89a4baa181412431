// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Plays a script on the exploration: step by step and visibly, from the beginning. What cannot be repeated stays in the
// script, marked with its reason.

#include "app/exploration/exploration.h"

#include <QTimer>

#include <filesystem>
#include <variant>

namespace app {

class ScriptPlayer : public QObject {
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kBeat{250}; // between steps, so that each can be seen
    static constexpr std::chrono::milliseconds kLongest{15'000}; // of all beats of a script together
    static constexpr qint64 kLargestFile = 16 << 20;

    explicit ScriptPlayer(Exploration& exploration, QObject* parent = nullptr);

    bool isPlaying() const { return !m_steps.empty(); }
    /// What is still to be done, the step under way first.
    std::vector<ScriptEntry> waiting() const;
    int stepCount() const { return static_cast<int>(m_steps.size()); }
    int stepsDone() const { return static_cast<int>(m_next); }

public slots:
    /// Begins with FP32 throughout and an empty script. `name` is what problems are told of; files that the steps name
    /// are looked for in `folder` (codebooks), or where the program stands.
    void play(const QString& text, const QString& name, const std::filesystem::path& folder = {});
    /// A saved script; a file that cannot be read is a problem and changes nothing.
    void playFile(const QString& path);
    /// What was done so far again, from its beginning.
    void playAgain();
    /// What is replayed so far stays; the rest stays in the script, marked.
    void stop();
    void setBeat(std::chrono::milliseconds beat) { m_beat = beat; }

signals:
    void progressed(); // a step more is done, or the playing began or ended
    void finished(int failed);

private:
    enum class Awaiting { Nothing, Beat, Opening, Settling, Training, Saving };

    void doNext();
    void perform(const ScriptEntry& entry);
    core::Result<core::PrecisionPlan>
    inAFolder(const std::function<core::Result<core::PrecisionPlan>(const std::filesystem::path&)>& read) const;
    void change(const core::Result<core::PrecisionPlan>& plan, const ScriptEntry& entry);
    void evaluate(const EvaluateCommand& command);
    void open(const std::vector<std::string>& things);
    template <class Command>
    std::vector<std::string> missing(const Command& command) const;
    void train(const TrainCommand& command);
    void settle();
    void stepDone();
    void stepFailed(const QString& reason);
    void end(const QString& reason = {});
    void onOpened();
    void onProblem(const core::Problem& problem);
    void onJobState();
    void onTrained();
    void onTrainingFailed(const core::Problem& problem);

    Exploration& m_exploration;
    std::vector<ScriptStep> m_steps;
    std::size_t m_next = 0;
    std::optional<std::variant<EvaluateCommand, TrainCommand>> m_afterOpening;  // whose network, dataset or plan is being opened
    QString m_trainedFolder;                       // where the training under way is to be written; empty: nowhere
    core::PrecisionPlan m_plan;                    // as the last step left it
    QString m_name;
    std::filesystem::path m_folder;
    core::Problems m_failures;
    bool m_isAsked = false;  // since the replay began an evaluation was asked for
    Awaiting m_awaiting = Awaiting::Nothing;
    std::chrono::milliseconds m_beat = kBeat;
    QTimer m_timer;
};

} // namespace app
