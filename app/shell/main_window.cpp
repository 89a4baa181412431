// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/main_window.h"

#include "app/models/plan_problems.h"
#include "app/shell/action_finder.h"
#include "app/shell/actions.h"
#include "app/shell/bench.h"
#include "app/shell/icons.h"
#include "app/shell/message_strip.h"
#include "app/shell/status_line.h"
#include "app/views/chart_style.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPixmap>
#include <QTabBar>
#include <QVBoxLayout>

namespace app {
namespace {

QString nameOf(const core::PrecisionPlan& plan)
{
    if (!plan.name.empty())
        return QString::fromStdString(plan.name);
    return plan == core::PrecisionPlan{} ? MainWindow::tr("FP32 throughout") : MainWindow::tr("unnamed plan");
}

/// The dock whose knobs write a field of the plan.
QString dockOfField(const std::string& field)
{
    static const std::vector<std::pair<std::string, const char*>> kDocks{
        {"weights.rows", "rowsDock"}, {"weights.channels", "rowsDock"},    {"weights.palette", "rowsDock"}, {"weights.flips", "microscopeDock"},
        {"surrogate", "recoveryDock"}, {"correction", "recoveryDock"},     {"cim", "arrayDock"},            {"accumulator", "sumDock"},
        {"scores", "sumDock"},
    };
    const auto found = std::ranges::find_if(kDocks, [&](const auto& known) { return field.starts_with(known.first); });
    return QString::fromLatin1(found == kDocks.end() ? "precisionDock" : found->second);
}

/// A dialog that does not stop the window: `take` gets the chosen paths.
void askForFiles(MainWindow* window, QFileDialog::AcceptMode mode, const QString& title, const QString& folder, const QStringList& filters,
                 const QString& suffix, const std::function<void(const QStringList&)>& take)
{
    auto* dialog = new QFileDialog(window, title, folder);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(mode);
    dialog->setFileMode(mode == QFileDialog::AcceptOpen ? QFileDialog::ExistingFiles : QFileDialog::AnyFile);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(suffix);
    QObject::connect(dialog, &QFileDialog::filesSelected, window, take);
    dialog->open();
}

}  // namespace

MainWindow::MainWindow(Exploration& exploration, const WindowSettings& settings, ListBundled listBundled, QWidget* parent)
    : QMainWindow(parent), m_exploration(exploration), m_player(exploration), m_settings(settings), m_actions(new Actions(this))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(programIcon());
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks | GroupedDragging);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);  // knobs need height more than the samples need width

    auto* middle = new QWidget(this);
    m_strip = new MessageStrip(middle);
    m_bench = new Bench(exploration, middle);
    auto* layout = new QVBoxLayout(middle);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_strip);
    layout->addWidget(m_bench, 1);
    setCentralWidget(middle);
    setStatusBar(new StatusLine(exploration, this));
    m_finder = new ActionFinder(this);

    makeDocks();
    makeActions();
    makePresets();
    makeMenus();
    makeToolBar();
    m_actions->drawIcons(palette());

    connect(&exploration, &Exploration::planChanged, this, &MainWindow::showTitle);
    connect(&exploration, &Exploration::planChanged, this, &MainWindow::showFlaws);
    connect(&exploration, &Exploration::subjectChanged, this, [this] {
        m_planFile.clear();
        showTitle();
    });
    connect(&exploration.undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::showTitle);
    connect(&exploration, &Exploration::jobStateChanged, this, &MainWindow::showJob);
    connect(&exploration, &Exploration::problemFound, m_strip, &MessageStrip::showProblem);
    connect(&exploration, &Exploration::problemsCleared, m_strip, &MessageStrip::clearProblem);
    connect(&exploration, &Exploration::planSaved, this, [this](const QString& path) { m_planFile = path; });
    showTitle();
    showJob();

    exploration.setLive(settings.live);
    if (!settings.technology.isEmpty()) {
        EvaluationSettings evaluation = exploration.settings();
        evaluation.technology = settings.technology.toStdString();
        exploration.changeSettings(evaluation);
    }
    resize(1280, 800);
    if (!settings.geometry.isEmpty())
        restoreGeometry(settings.geometry);
    arrangeDocks();
    if (listBundled)
        m_listing.start([this, list = std::move(listBundled)](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
            return [this, things = list()] { fillBundled(things); };
        });
}

MainWindow::~MainWindow() = default;

void MainWindow::showTitle()
{
    QString title = nameOf(m_exploration.plan()) + QStringLiteral("[*]");
    if (m_exploration.isOpen())
        title += QStringLiteral(" – %1 on %2")
                     .arg(QString::fromStdString(m_exploration.subject()->networkName),
                          QString::fromStdString(m_exploration.subject()->datasetName));
    setWindowTitle(title + QStringLiteral(" – Polarizer"));
    setWindowModified(m_exploration.isModified());
}

void MainWindow::showJob()
{
    const JobState job = m_exploration.jobState();
    m_actions->named(QStringLiteral("stop"))->setEnabled((!job.isIdle() && !job.stopping) || job.beside);
    m_actions->named(QStringLiteral("evaluate"))->setEnabled(m_exploration.isOpen() && !job.evaluating);
}

/// Flaws are marked on the layer and in the field; the strip says that there are some, and goes when they are mended.
void MainWindow::showFlaws()
{
    const QString flaws = PlanProblems(m_exploration.flaws()).summary();
    if (!flaws.isEmpty())
        m_strip->showProblemWithWay(tr("The plan has a flaw: %1").arg(flaws), tr("Show"), [this] { showFirstFlaw(); });
    else if (!m_flawsShown.isEmpty())
        m_strip->clearProblem();
    m_flawsShown = flaws;
}

/// Where the field of the first flaw is.
void MainWindow::showFirstFlaw()
{
    if (m_exploration.flaws().empty())
        return;
    const core::PlanFlaw flaw = m_exploration.flaws().front();
    Selection selection = m_exploration.selection();
    selection.current = {};
    selection.weight.reset();
    selection.layers.clear();  // a flaw of the defaults is one of every layer
    for (const core::WeightedLayer& layer : m_exploration.layers())
        if (layer.name == flaw.layer)
            selection.layers = {layer.index};
    m_exploration.setSelection(selection);
    QDockWidget* const place = dock(dockOfField(flaw.field));
    place->show();
    place->raise();
}

void MainWindow::setTheme(Theme theme)
{
    m_settings.theme = theme;
    applyTheme(theme);
}

void MainWindow::selectAllLayers()
{
    Selection selection = m_exploration.selection();
    selection.layers.clear();
    for (const core::WeightedLayer& layer : m_exploration.layers())
        selection.layers.push_back(layer.index);
    m_exploration.setSelection(selection);
}

void MainWindow::askToOpen()
{
    askForFiles(this, QFileDialog::AcceptOpen, tr("Open Network, Dataset or Plan"), m_settings.folder,
                {tr("All that can be opened (*.onnx *.plan.json *.npz *.csv *.gz *-ubyte *.bin *.sh)"), tr("Networks (*.onnx)"),
                 tr("Plans (*.plan.json)"), tr("Scripts (*.sh)"), tr("All files (*)")},
                {}, [this](const QStringList& paths) {
                    m_settings.folder = QFileInfo(paths.value(0)).path();
                    std::vector<std::string> things;
                    for (const QString& path : paths)
                        things.push_back(path.toStdString());
                    openThings(things);
                });
}

void MainWindow::openThings(const std::vector<std::string>& things)
{
    if (things.size() == 1 && things.front().ends_with(".sh"))
        m_player.playFile(QString::fromStdString(things.front()));
    else
        m_exploration.open(things);
}

void MainWindow::savePlan()
{
    if (m_planFile.isEmpty())
        askToSavePlan();
    else
        m_exploration.savePlan(m_planFile);
}

void MainWindow::askToSavePlan()
{
    askForFiles(this, QFileDialog::AcceptSave, tr("Save Plan"), m_settings.folder, {tr("Plans (*.plan.json)")}, QStringLiteral("plan.json"),
                [this](const QStringList& paths) {
                    m_settings.folder = QFileInfo(paths.value(0)).path();
                    m_exploration.savePlan(paths.value(0));
                });
}

void MainWindow::askToSavePicture()
{
    askForFiles(this, QFileDialog::AcceptSave, tr("Save Picture of Window"), m_settings.folder, {tr("Pictures (*.png *.jpg)")},
                QStringLiteral("png"), [this](const QStringList& paths) {
                    m_settings.folder = QFileInfo(paths.value(0)).path();
                    if (const auto saved = savePicture(paths.value(0)); !saved)
                        m_exploration.tellProblem(saved.error());
                });
}

core::Result<void> MainWindow::savePicture(const QString& path)
{
    if (!grab().save(path))
        return core::Problem{path.toStdString(),
                             "the picture could not be written; the ending must be .png or .jpg and the folder writable"};
    return core::success();
}

void MainWindow::about()
{
    auto* box = new QMessageBox(
        QMessageBox::NoIcon, tr("About Polarizer"),
        tr("<h3>Polarizer</h3><p>An instrument for polarized neural-network inference: bend the arithmetic of a network and see what "
           "happens to its answers, its errors and its energy.</p><p>Window: GPL-3.0-or-later. Engine: Apache-2.0.</p>"),
        QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIconPixmap(programIcon().pixmap(64, 64));
    box->open();
}

void MainWindow::keepWork(WorkKeeper& keeper)
{
    m_keeper = &keeper;
    const auto keep = [this] {
        if (m_exploration.isOpen())
            m_keeper->keep({m_exploration.source().network, m_exploration.source().dataset, m_exploration.plan()});
    };
    connect(&m_exploration, &Exploration::planChanged, this, keep);
    connect(&m_exploration, &Exploration::subjectChanged, this, keep);
    // What was left behind is forgotten when all of it is back; else it is offered again at the next start.
    connect(&m_exploration, &Exploration::problemFound, this, [this] { m_isRestoring = false; });
    connect(&m_exploration, &Exploration::opened, this, [this] {
        if (std::exchange(m_isRestoring, false))
            m_keeper->forgetLeftBehind();
    });
    if (const auto left = keeper.leftBehind())
        m_strip->showOffer(
            tr("An earlier session ended with unsaved work: %1 on %2.").arg(nameOf(left->plan), QString::fromStdString(left->network)),
            tr("Restore"),
            [this, work = *left] {
                m_isRestoring = true;
                m_exploration.restore(work.network, work.dataset, work.plan);
            },
            [this] { m_keeper->forgetLeftBehind(); });
}

WindowSettings MainWindow::settings() const
{
    WindowSettings settings = m_settings;
    settings.geometry = saveGeometry();
    settings.layout = saveState(WindowSettings::kLayoutVersion);
    settings.live = m_exploration.isLive();
    settings.technology = QString::fromStdString(m_exploration.settings().technology);
    return settings;
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    if (std::exchange(m_arranged, true))
        return;
    // Only now is the window's size known; docks restored earlier would share out the wrong width.
    if (m_settings.layout.isEmpty() || !restoreState(m_settings.layout, WindowSettings::kLayoutVersion))
        sizeDocks();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_exploration.stop();
    if (m_keeper && m_exploration.isModified())
        m_keeper->leaveBehind();
    emit closing();
    event->accept();
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_actions->drawIcons(palette());
}

/// Docks that share a place have their titles side by side: small ones need not be cut.
void MainWindow::childEvent(QChildEvent* event)
{
    QMainWindow::childEvent(event);
    auto* tabs = event->type() == QEvent::ChildPolished ? qobject_cast<QTabBar*>(event->child()) : nullptr;
    if (tabs)
        tabs->setFont(smallFont(font()));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    std::vector<std::string> things;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile())
            things.push_back(url.toLocalFile().toStdString());
    event->acceptProposedAction();
    openThings(things);
}

}  // namespace app
