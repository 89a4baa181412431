// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_rank_page.h"

#include "app/models/number_text.h"
#include "app/models/plan_problems.h"
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"
#include "app/views/knob_row.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

QString methodValue(core::SurrogateMethod method) { return QString::fromUtf8(core::surrogateMethodName(method)); }

QString inputValue(core::SurrogateInput input)
{
    return input == core::SurrogateInput::Exact ? QStringLiteral("exact") : QStringLiteral("quantized");
}

}  // namespace

RecoveryRankPage::RecoveryRankPage(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("recoveryRankPage"), parent),
      m_training(new PathTraining(exploration, this))
{
    m_where = new QLabel(this);
    m_where->setObjectName(QStringLiteral("recoveryWhere"));
    QFont bold = m_where->font();
    bold.setBold(true);
    m_where->setFont(bold);
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("recoveryProblem"));
    m_problem->setWordWrap(true);
    m_dial = new RankDial(this);
    m_dial->setToolTip(
        tr("<p>Rank of the recovery path: it adds B·(A·x) to the layer's output, with A of rank × columns and B of rows × rank, kept in a "
           "precise format. Each rank costs rows + columns more multiplications per output position.</p>"
           "<p>Low-rank error (weight rounding, cells that differ) can be won back; noise and clipping cannot. "
           "Source: Neural Precision Polarization, arXiv 2411.05845.</p>"));
    m_dial->setEmptyHint(tr("Open a network to give its layers a recovery path."));
    makeFields();

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(m_dial, 1);
    layout->addWidget(m_problem);
    layout->addWidget(m_method);
    layout->addWidget(makeTraining());
    layout->addWidget(m_format);
    layout->addWidget(m_input);
    layout->addWidget(m_device);
    layout->addWidget(m_samples);
    followGestures(m_dial);
    followGestures(m_samples);
    connect(m_dial, &RankDial::rankChanged, this, &RecoveryRankPage::setRank);
}

void RecoveryRankPage::makeFields()
{
    m_method = new ChoiceField(
        {QStringLiteral("surrogateMethod"), tr("Fitted to"),
         tr("How the path is found. Fitting to activations solves for the best correction of this rank in closed form, on inputs as "
            "degraded as the layer will really get."),
         surrogateMethodChoices(), QStringLiteral("activation")},
        this);
    m_format = new ChoiceField({QStringLiteral("surrogateFormat"), tr("Format"),
                                tr("The number format of A and B. The path is small, so it can afford more bits than the main path."),
                                surrogateFormatChoices(), QString::fromStdString(core::SurrogatePlan{}.format.name())},
                               this);
    m_device = new ChoiceField({QStringLiteral("surrogateFitOn"), tr("Fitted on"),
                                tr("Whose errors the path is fitted to, where the layer is computed in an array and chips differ."),
                                fitDeviceChoices(), QStringLiteral("own")},
                               this);
    m_input = new ChoiceField({QStringLiteral("surrogateInput"), tr("Reads"),
                               tr("Whether the path sees the layer's input before or after it is rounded for the main path."),
                               surrogateInputChoices(), QStringLiteral("exact")},
                              this);
    KnobSpec samples;
    samples.objectName = QStringLiteral("calibrationSamples");
    samples.name = tr("Samples");
    samples.tip =
        tr("How many training samples the path is fitted to; 32 to 64 are usually enough. The scored samples are never among them.");
    samples.minimum = 8;
    samples.maximum = 256;
    samples.step = 8;
    samples.decimals = 0;
    samples.defaultValue = core::SurrogatePlan{}.calibrationSamples;
    m_samples = new KnobRow(samples, this);

    connect(m_method, &ChoiceField::chosen, this, &RecoveryRankPage::chooseMethod);
    connect(m_device, &ChoiceField::chosen, this, [this](const QString& value) {
        if (const auto device = core::FitDevice::parse(value.toStdString()))
            edit(tr("recovery fitted on %1").arg(value), [&](core::SurrogatePlan& plan) { plan.fitOn = device.value(); });
    });
    connect(m_format, &ChoiceField::chosen, this, [this](const QString& value) {
        if (const auto format = core::NumberFormat::named(value.toStdString()))
            edit(tr("recovery in %1").arg(value), [&](core::SurrogatePlan& plan) { plan.format = format.value(); });
    });
    connect(m_input, &ChoiceField::chosen, this, [this](const QString& value) {
        edit(tr("recovery reads %1 inputs").arg(value), [&](core::SurrogatePlan& plan) {
            plan.input = value == QLatin1String("quantized") ? core::SurrogateInput::Quantized : core::SurrogateInput::Exact;
        });
    });
    connect(m_samples, &KnobRow::valueChanged, this, [this](double value) {
        const int count = static_cast<int>(std::lround(value));
        edit(
            tr("recovery fitted on %1 samples").arg(count), [&](core::SurrogatePlan& plan) { plan.calibrationSamples = count; }, gesture());
    });
}

/// A path that is trained takes its time: the plan changes when it has ended.
void RecoveryRankPage::chooseMethod(const QString& value)
{
    if (value == methodValue(core::SurrogateMethod::Trained))
        return m_training->start();
    m_training->cancel();
    edit(tr("recovery fitted to %1").arg(value), [&](core::SurrogatePlan& plan) {
        for (const core::SurrogateMethod method : core::kSurrogateMethods)
            if (methodValue(method) == value)
                plan.method = method;
        plan.paths = {};  // they belong to the method "trained"
    });
}

QWidget* RecoveryRankPage::makeTraining()
{
    m_trainingRow = new QWidget(this);
    m_trainingState = new QLabel(m_trainingRow);
    m_trainingState->setObjectName(QStringLiteral("pathTrainingState"));
    m_trainingState->setWordWrap(true);
    m_stopTraining = new QToolButton(m_trainingRow);
    m_stopTraining->setObjectName(QStringLiteral("stopPathTraining"));
    m_stopTraining->setText(tr("Stop"));
    m_stopTraining->setToolTip(tr("Stop training and keep the best epoch (Ctrl+.)"));
    auto* layout = new QHBoxLayout(m_trainingRow);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_trainingState, 1);
    layout->addWidget(m_stopTraining);
    connect(m_stopTraining, &QToolButton::clicked, m_training, &PathTraining::stop);
    connect(m_training, &PathTraining::changed, this, &RecoveryRankPage::showTraining);
    m_trainingRow->hide();
    return m_trainingRow;
}

bool RecoveryRankPage::isTrained() const
{
    const core::LayerIndex current = exploration().currentLayer();
    return current.isValid() && surrogateOf(exploration().treatment(current)).method == core::SurrogateMethod::Trained;
}

QString RecoveryRankPage::trainingText() const
{
    const std::vector<core::EpochReport>& history = m_training->history();
    const auto losses = [&] {
        const auto best = std::ranges::min_element(history, {}, &core::EpochReport::validationLoss);
        return tr("loss on the samples kept back %1, %2 before")
            .arg(compactNumberText(best->validationLoss), compactNumberText(history.front().validationLoss));
    };
    switch (m_training->state()) {
    case StudyState::Failed: return QStringLiteral("⚠ ") + m_training->problem();
    case StudyState::Waiting:
    case StudyState::Running:
        return history.empty() ? tr("Training paths …")
                               : tr("Training paths: epoch %1 of %2, %3").arg(history.back().epoch).arg(m_training->epochs()).arg(losses());
    case StudyState::Stopped:
        return history.size() < 2 ? tr("Stopped before an epoch was finished: the plan is as it was.")
                                  : tr("Stopped after epoch %1: %2.").arg(history.back().epoch).arg(losses());
    case StudyState::Done: return history.empty() || !isTrained() ? QString() : tr("Trained: %1.").arg(losses());
    case StudyState::Nothing: break;
    }
    return {};
}

void RecoveryRankPage::showTraining()
{
    const QString text = trainingText();
    m_trainingRow->setVisible(!text.isEmpty());
    m_trainingState->setText(text);
    m_stopTraining->setVisible(m_training->isBusy());
    showFields();
}

void RecoveryRankPage::setRank(int rank)
{
    edit(
        tr("rank %1").arg(rank), [rank](core::SurrogatePlan& plan) { plan.rank = rank; }, gesture());
}

void RecoveryRankPage::edit(const QString& words, const SurrogateChange& change, Gesture during)
{
    editSurrogate(exploration(), words, change, during);
}

void RecoveryRankPage::refresh(Changes changes)
{
    if (changes & Subject)
        m_measured.clear();
    showTraining();
    if (exploration().report() && exploration().isReportCurrent())
        m_measured.learn(exploration().layers(), exploration().plan(), *exploration().report());
    const core::LayerIndex current = exploration().currentLayer();
    const bool many = exploration().editedLayers().size() > 1 && current.isValid();
    m_where->setText(
        many ? tr("%1, curves of %2").arg(editedLayersText(), QString::fromStdString(exploration().layers().at(current.value()).name))
             : editedLayersText());
    setEnabled(exploration().isOpen());
    showDial();
}

void RecoveryRankPage::showDial()
{
    const core::LayerIndex current = exploration().currentLayer();
    if (!current.isValid()) {
        m_dial->clear();
        return;
    }
    const core::WeightedLayer& layer = exploration().layers().at(current.value());
    const core::LayerTreatment treatment = exploration().treatment(current);
    RankFigure figure;
    figure.layer = QString::fromStdString(layer.name);
    figure.rank = surrogateOf(treatment).rank;
    figure.defaultRank = std::min(core::SurrogatePlan{}.rank, largestRank(layer));
    for (const core::LayerIndex edited : exploration().editedLayers())
        figure.maximumRank = std::max(figure.maximumRank, largestRank(exploration().layers().at(edited.value())));
    if (const core::ReportPtr report = exploration().report(); report && current.value() < report->layers.size())
        figure.surrogate = report->layers.at(current.value()).surrogate;
    for (const auto& [rank, decibels] : m_measured.of(layer.name, treatment))
        figure.measured.push_back({rank, decibels});
    m_dial->showFigure(std::move(figure));
}

void RecoveryRankPage::showFields()
{
    const auto show = [this](ChoiceField* field, const auto& read) {
        const std::optional<QString> common =
            commonValue(exploration(), [&](const core::LayerTreatment& t) { return read(surrogateOf(t)); });
        if (common)
            field->setValue(*common);
        else
            field->setMixed(tr("mixed"));
    };
    show(m_method, [](const core::SurrogatePlan& plan) { return methodValue(plan.method); });
    if (m_training->isBusy())
        m_method->setValue(methodValue(core::SurrogateMethod::Trained));
    show(m_device, [](const core::SurrogatePlan& plan) { return QString::fromStdString(plan.fitOn.text()); });
    const auto isInArray = [&](core::LayerIndex edited) { return exploration().treatment(edited).cim.has_value(); };
    m_device->setVisible(std::ranges::any_of(exploration().editedLayers(), isInArray));
    show(m_format, [](const core::SurrogatePlan& plan) { return QString::fromStdString(plan.format.name()); });
    show(m_input, [](const core::SurrogatePlan& plan) { return inputValue(plan.input); });
    const auto samples = commonValue(exploration(), [](const core::LayerTreatment& t) { return surrogateOf(t).calibrationSamples; });
    if (samples)
        m_samples->setValue(*samples);
    m_samples->setMixed(!samples);

    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    const QString problem = PlanProblems(exploration().flaws()).ofField(layer, "surrogate");
    m_problem->setText(problem.isEmpty() ? QString() : QStringLiteral("⚠ ") + problem);
    m_problem->setVisible(!problem.isEmpty());
}

}  // namespace app
