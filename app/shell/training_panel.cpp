// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/training_panel.h"

#include "app/exploration/training_outcome.h"
#include "app/models/number_text.h"
#include "app/shell/knob_specs.h"
#include "app/shell/page_switch.h"
#include "app/views/training_chart.h"
#include "core/learn/row_importance.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace app {
namespace {

constexpr int kColumnWidth = 232;  // a window of 1280 pixels leaves both curves room beside it

QString nameOf(const core::PrecisionPlan& plan)
{
    return plan.name.empty() ? TrainingPanel::tr("the edited plan") : QString::fromStdString(plan.name);
}

bool hasLabels(const core::Subject& subject)
{
    return subject.task.kind == core::Task::Kind::Classification && !subject.calibration.labels.empty();
}

bool hasPaths(const core::PrecisionPlan& plan)
{
    const auto has = [](const core::LayerPlan& layer) { return layer.surrogate && layer.surrogate->value; };
    return has(plan.defaults) || std::ranges::any_of(plan.layers, [&](const auto& layer) { return has(layer.second); });
}

}  // namespace

TrainingPanel::TrainingPanel(Exploration& exploration, QWidget* parent) : Panel(exploration, Plan, QStringLiteral("trainingPanel"), parent)
{
    m_chart = new TrainingChart(this);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 4);
    layout->setSpacing(8);
    layout->addWidget(makeColumn());
    layout->addWidget(m_chart, 1);

    connect(&run(), &TrainingRun::stateChanged, this, &TrainingPanel::showRun);
    connect(&run(), &TrainingRun::epochFinished, this, &TrainingPanel::showCurves);
    connect(&run(), &TrainingRun::finished, this, &TrainingPanel::takeOutcome);
    connect(&run(), &TrainingRun::failed, this, &TrainingPanel::tellFailure);
    connect(&run(), &TrainingRun::saved, this, [this] {
        m_problem.clear();
        showRun();
    });
    connect(m_chart, &FigureView::problemOccurred, this, [this](const QString& text) {
        this->exploration().tellProblem({"", text.toStdString()});
    });
    showRun();
}

QWidget* TrainingPanel::makeColumn()
{
    auto* column = new QWidget(this);
    column->setFixedWidth(kColumnWidth);
    m_pages = new PageSwitch(tr("Pages of the training dock"), column);
    m_pages->setHeaderMargins(0, 0, 0, 0);
    m_pages->addPage(QStringLiteral("settings"), tr("Settings"), tr("How the next training learns"), makeKnobs());
    m_pages->addPage(QStringLiteral("progress"), tr("Progress"), tr("How far the training is, and what it gave"), makeProgress());
    m_train = new QPushButton(column);
    m_train->setObjectName(QStringLiteral("trainButton"));
    m_train->setToolTip(
        tr("Train the weights in the plan's precision, on the whole train split. The plan's recovery paths are left out "
           "meanwhile and fitted anew to the trained weights. Pressed again, or with Ctrl+., it stops and keeps the best epoch."));
    connect(m_train, &QPushButton::clicked, this, [this] { run().isRunning() ? run().stop() : train(); });
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_train);
    return column;
}

QWidget* TrainingPanel::makeKnobs()
{
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* page = new QWidget(scroll);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 6, 0);
    layout->setSpacing(3);
    const auto add = [&](const KnobSpec& spec) {
        auto* made = new KnobRow(spec, page);
        layout->addWidget(made);
        return made;
    };
    m_epochs =
        add(logarithmic(wholeKnob("trainEpochsKnob", tr("Epochs"), {}, 1, 1000, 10,
                                  tr("Passes over all samples learned from. The learning rate falls to zero along a cosine over them."))));
    KnobSpec rate =
        logarithmic(wholeKnob("trainRateKnob", tr("Rate"), {}, 1e-5, 0.1, 1e-3,
                              tr("Learning rate at the start: about how far one step of Adam (Kingma and Ba, 2015) moves a weight.")));
    rate.decimals = 5;
    rate.step = 0.0005;
    m_rate = add(rate);
    m_batch = add(logarithmic(wholeKnob("trainBatchKnob", tr("Batch"), tr("samples"), 1, 1024, 32,
                                        tr("Samples whose mean gradient makes one step. Few: many noisy steps an epoch."))));
    m_validation = add(wholeKnob(
        "trainValidationKnob", tr("Kept back"), QStringLiteral("%"), 1, 90, 10,
        tr("Share of the train split that is never learned from: the epoch with the lowest loss on it is the one that is kept.")));
    KnobSpec patience = wholeKnob("trainPatienceKnob", tr("Patience"), tr("epochs"), 0, 100, 0,
                                  tr("Ends by itself after so many epochs without a lower loss on the samples kept back."));
    patience.minimumText = tr("without end");
    m_patience = add(patience);
    m_lesson = new ChoiceField(
        {QStringLiteral("trainLesson"),
         tr("Learns"),
         tr("What the answers are compared with."),
         {{QStringLiteral("labels"), tr("the labels"), tr("Cross entropy with what the samples are labelled as")},
          {QStringLiteral("answers"), tr("the FP32 network's answers"),
           tr("Divergence from the FP32 network's own distribution: needs no labels (knowledge distillation, Hinton et al., 2015)")},
          {QStringLiteral("input"), tr("its own input"), tr("Squared error of what the network makes of its input again: autoencoders")}},
         QStringLiteral("labels")},
        page);
    layout->addWidget(m_lesson);
    layout->addStretch(1);
    scroll->setWidget(page);
    return scroll;
}

QWidget* TrainingPanel::makeProgress()
{
    auto* column = new QWidget(this);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    const auto label = [&](const char* name) {
        auto* made = new QLabel(column);
        made->setObjectName(QString::fromLatin1(name));
        made->setWordWrap(true);
        layout->addWidget(made);
        return made;
    };
    const auto button = [&](const char* name, const QString& text, const QString& tip) {
        auto* made = new QPushButton(text, column);
        made->setObjectName(QString::fromLatin1(name));
        made->setToolTip(tip);
        made->setAutoDefault(true);
        return made;
    };
    m_what = label("trainingWhat");
    QFont bold = m_what->font();
    bold.setBold(true);
    m_what->setFont(bold);
    m_state = label("trainingState");
    m_state->setTextFormat(Qt::PlainText);
    layout->addStretch(1);
    m_save = button("saveTrained", tr("Sa&ve Trained Network…"),
                    tr("Write the network, its plan and the state to go on from into a folder of its own"));
    m_open = button("openTrained", tr("Open &It"), tr("Open the saved network together with the plan it was trained in"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_save, 1);
    row->addWidget(m_open);
    layout->addLayout(row);
    connect(m_save, &QPushButton::clicked, this, &TrainingPanel::askWhereToSave);
    connect(m_open, &QPushButton::clicked, this, &TrainingPanel::openSaved);
    return column;
}

core::TrainingOrders TrainingPanel::orders() const
{
    core::TrainingOrders orders;
    orders.rule = core::AdamRule{.rate = m_rate->value()};
    orders.epochs = whole(m_epochs->value());
    orders.batch = whole(m_batch->value());
    orders.validationShare = m_validation->value() / 100;
    orders.patience = whole(m_patience->value());
    if (const core::Subject* subject = exploration().subject())
        orders.target = m_lesson->value() == QLatin1String("answers") ? core::LossTarget::OwnDistribution : core::lossTargetOf(*subject);
    return orders;
}

QString TrainingPanel::whatHinders() const
{
    if (!exploration().isOpen())
        return tr("Open a network and a dataset to train on.");
    if (!exploration().source().train)
        return tr("What is open cannot be trained.");
    if (!exploration().flaws().empty())
        return tr("The plan has flaws; mend them first.");
    if (exploration().planOrigin().isEmpty())
        return tr("The plan is FP32 throughout: choose a precision to train in.");
    return {};
}

void TrainingPanel::train()
{
    if (!whatHinders().isEmpty())
        return;
    m_problem.clear();
    run().start({exploration().source(), exploration().plan(), exploration().planOrigin(), orders()});
    m_pages->showPage(QStringLiteral("progress"));
    showCurves();
    showRun();
}

void TrainingPanel::refresh(Changes changes)
{
    if (changes.testFlag(Subject) && exploration().isOpen()) {
        const core::Subject& subject = *exploration().subject();
        const bool makesItsInput = subject.task.kind == core::Task::Kind::Reconstruction;
        if (makesItsInput)
            m_lesson->setValue(QStringLiteral("input"));
        else if (!hasLabels(subject))
            m_lesson->setValue(QStringLiteral("answers"));
        else if (m_lesson->value() == QLatin1String("input"))
            m_lesson->setValue(QStringLiteral("labels"));
        m_lesson->setEnabled(hasLabels(subject));
    }
    showRun();
}

void TrainingPanel::showCurves() { m_chart->showFigure({run().history(), run().question().orders.epochs, run().isRunning()}); }

QString TrainingPanel::stateText() const
{
    if (!m_problem.isEmpty())
        return m_problem;
    if (run().isRunning()) {
        const QString stage = run().isStopping() ? tr("stopping") : QString::fromStdString(run().progress().stage);
        if (run().history().empty())
            return stage + u'…';
        const core::EpochReport& last = run().history().back();
        return tr("%1: epoch %2 of %3 done, loss %4 on the samples kept back")
            .arg(stage)
            .arg(last.epoch)
            .arg(run().question().orders.epochs)
            .arg(numberText(last.validationLoss, 4));
    }
    return run().outcome() ? outcomeText() : whatHinders();
}

QString TrainingPanel::outcomeText() const
{
    const TrainingOutcome& outcome = *run().outcome();
    const core::QuantizedTrainingState& state = outcome.trained.state;
    const core::TrainingProgress& progress = state.progress;
    QStringList lines;
    if (progress.epoch == 0) {
        lines << tr("Stopped before the first epoch: nothing was learned.");
    } else {
        lines << (state.isStopped ? tr("Stopped after epoch %1 of %2; epoch %3 is kept.") : tr("%1 of %2 epochs; epoch %3 is kept."))
                     .arg(progress.epoch)
                     .arg(run().question().orders.epochs)
                     .arg(progress.bestEpoch);
        const auto share = [](const std::optional<core::Proportion>& top1) {
            return top1 ? tr("%1 (%2 – %3)")
                              .arg(percentText(top1->value(), 2), numberText(100 * top1->low(), 1), numberText(100 * top1->high(), 1))
                        : tr("not measured");
        };
        lines << tr("Top 1 before: %1").arg(share(outcome.before)) << tr("Top 1 after: %1").arg(share(outcome.after));
    }
    if (outcome.after && hasPaths(run().question().plan))
        lines << tr("Both with the plan's recovery paths, which were left out while it learned.");
    if (!state.remark.empty())
        lines << QString::fromStdString(state.remark);
    if (!run().folder().isEmpty())
        lines << tr("Saved in %1").arg(run().folder());
    return lines.join(u'\n');
}

void TrainingPanel::showRun()
{
    const bool running = run().isRunning();
    if (running && !std::exchange(m_wasRunning, running))
        m_pages->showPage(QStringLiteral("progress"));  // a replay may have started it
    m_wasRunning = running;
    const QString hindrance = whatHinders();
    m_train->setText(!running ? tr("&Train") : run().isStopping() ? tr("Stopping…") : tr("&Stop, Keep the Best"));
    m_train->setEnabled(running ? !run().isStopping() : hindrance.isEmpty() && !run().isSaving());
    m_save->setEnabled(!running && run().outcome() && run().outcome()->trained.state.progress.epoch > 0 && !run().isSaving());
    m_open->setEnabled(!run().folder().isEmpty());

    const TrainingQuestion& question = run().question();
    if (question.source.subject && (running || run().outcome())) {
        QString what = tr("%1 on %2 in %3")
                           .arg(QString::fromStdString(question.source.network), QString::fromStdString(question.source.dataset),
                                nameOf(question.plan));
        const bool isElsewhere = question.source.subject.get() != exploration().subject() || question.plan != exploration().plan();
        m_what->setText(isElsewhere ? tr("%1 (as it was when the training began)").arg(what) : what);
    } else {
        m_what->setText(exploration().isOpen() && hindrance.isEmpty() ? tr("Would train in %1").arg(nameOf(exploration().plan()))
                                                                      : QString());
    }
    if (const QString state = stateText(); state != m_state->text()) {  // progress comes more often than it says anything new
        m_state->setText(state);
        m_state->setToolTip(state);
        m_state->setAccessibleDescription(state);
    }
    if (m_chart->figure().isRunning != running)
        showCurves();
}

void TrainingPanel::takeOutcome()
{
    showCurves();
    showRun();
}

void TrainingPanel::tellFailure(const core::Problem& problem)
{
    m_problem = QString::fromStdString(problem.text());
    showRun();
}

void TrainingPanel::askWhereToSave()
{
    auto* dialog = new QFileDialog(this, tr("Save Trained Network in a New Folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setLabelText(QFileDialog::FileName, tr("Folder:"));
    dialog->selectFile(QString::fromStdString(run().question().source.subject->networkName + "-trained"));
    connect(dialog, &QFileDialog::fileSelected, this, &TrainingPanel::saveTo);
    dialog->open();
}

void TrainingPanel::saveTo(const QString& folder) { run().save(folder); }

void TrainingPanel::openSaved()
{
    const std::string folder = run().folder().toStdString();
    if (!folder.empty())
        exploration().open({folder, run().question().source.dataset, folder + '/' + core::kTrainedPlanFile});
}

}  // namespace app
