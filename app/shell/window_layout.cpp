// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of the window and where they stand: docks, menus, tool bar and the actions in them.
#include "app/shell/main_window.h"

#include "app/shell/action_finder.h"
#include "app/shell/actions.h"
#include "app/shell/array_panel.h"
#include "app/shell/bench.h"
#include "app/shell/errors_panel.h"
#include "app/shell/microscope_panel.h"
#include "app/shell/network_panel.h"
#include "app/shell/precision_panel.h"
#include "app/shell/recovery_panel.h"
#include "app/shell/rows_panel.h"
#include "app/shell/samples_panel.h"
#include "app/shell/script_panel.h"
#include "app/shell/sum_panel.h"
#include "app/shell/training_panel.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QMenuBar>
#include <QToolBar>
#include <QToolButton>

namespace app {
namespace {

constexpr int kLeftWidth = 250, kRightWidth = 320, kBottomHeight = 190; // at 1280 x 720; a larger window gives more

/// Docks that share a place have tabs for titles; a title bar would say it twice. A floating dock needs its bar.
void titleByTab(QDockWidget& dock)
{
    const auto choose = [&dock](bool floating) {
        QWidget* before = dock.titleBarWidget();
        dock.setTitleBarWidget(floating ? nullptr : new QWidget(&dock));
        if (before)
            before->deleteLater();
    };
    QObject::connect(&dock, &QDockWidget::topLevelChanged, &dock, choose);
    choose(false);
}

} // namespace

void MainWindow::makeDocks()
{
    const auto add = [this](const char* name, const QString& title, Qt::DockWidgetArea area, QWidget* panel) {
        auto* made = new QDockWidget(title, this);
        made->setObjectName(QString::fromLatin1(name));
        made->setWidget(panel);
        addDockWidget(area, made);
        if (area != Qt::LeftDockWidgetArea)
            titleByTab(*made);
        m_docks.push_back(made);
        return made;
    };
    add("networkDock", tr("Network"), Qt::LeftDockWidgetArea, new NetworkPanel(m_exploration, this));
    add("precisionDock", tr("Precision"), Qt::RightDockWidgetArea, new PrecisionPanel(m_exploration, this));
    add("rowsDock", tr("Rows"), Qt::RightDockWidgetArea, new RowsPanel(m_exploration, this));
    QDockWidget* microscope = add("microscopeDock", tr("Bits"), Qt::RightDockWidgetArea, new MicroscopePanel(m_exploration, this));
    for (ErrorsPanel* errors : findChildren<ErrorsPanel*>())
        connect(errors, &ErrorsPanel::weightPicked, microscope, [microscope] {
            microscope->show();
            microscope->raise();
        });
    add("recoveryDock", tr("Recovery"), Qt::RightDockWidgetArea, new RecoveryPanel(m_exploration, this));
    auto* array = new ArrayPanel(m_exploration, this);
    connect(array, &ArrayPanel::effectsWanted, m_bench, &Bench::showEffects);
    add("arrayDock", tr("Array"), Qt::RightDockWidgetArea, array);
    add("sumDock", tr("Sum"), Qt::RightDockWidgetArea, new SumPanel(m_exploration, this));
    QDockWidget* samples = add("samplesDock", tr("Samples"), Qt::BottomDockWidgetArea, new SamplesPanel(m_exploration, this));
    tabifyDockWidget(samples, add("scriptDock", tr("Script"), Qt::BottomDockWidgetArea, new ScriptPanel(m_exploration, m_player, this)));
    tabifyDockWidget(samples, add("trainingDock", tr("Training"), Qt::BottomDockWidgetArea, new TrainingPanel(m_exploration, this)));
}

QDockWidget* MainWindow::dock(const QString& objectName) const
{
    const auto found = std::ranges::find_if(m_docks, [&](const QDockWidget* candidate) { return candidate->objectName() == objectName; });
    return found == m_docks.end() ? nullptr : *found;
}

void MainWindow::arrangeDocks()
{
    for (QDockWidget* each : m_docks) {
        each->setFloating(false);
        each->setVisible(dockWidgetArea(each) != Qt::BottomDockWidgetArea);  // side by side those would be wider than the window
    }
    addDockWidget(Qt::LeftDockWidgetArea, dock(QStringLiteral("networkDock")));
    QDockWidget* before = nullptr;
    for (const char* name : {"precisionDock", "rowsDock", "microscopeDock", "recoveryDock", "arrayDock", "sumDock"}) {
        QDockWidget* each = dock(QString::fromLatin1(name));
        addDockWidget(Qt::RightDockWidgetArea, each);
        if (before)
            tabifyDockWidget(before, each);
        before = each;
    }
    before = nullptr;
    for (const char* name : {"samplesDock", "scriptDock", "trainingDock"}) {
        QDockWidget* each = dock(QString::fromLatin1(name));
        addDockWidget(Qt::BottomDockWidgetArea, each);
        if (before)
            tabifyDockWidget(before, each);
        before = each;
    }
    dock(QStringLiteral("recoveryDock"))->raise();
    for (const char* name : {"samplesDock", "scriptDock", "trainingDock"})
        dock(QString::fromLatin1(name))->show();
    dock(QStringLiteral("samplesDock"))->raise();
    sizeDocks();
}

void MainWindow::sizeDocks()
{
    const double wide = std::clamp(width() / 1280.0, 1.0, 1.5), high = std::clamp(height() / 720.0, 1.0, 1.6);
    resizeDocks({dock(QStringLiteral("networkDock")), dock(QStringLiteral("recoveryDock"))},
                {static_cast<int>(kLeftWidth * wide), static_cast<int>(kRightWidth * wide)}, Qt::Horizontal);
    resizeDocks({dock(QStringLiteral("samplesDock"))}, {static_cast<int>(kBottomHeight * high)}, Qt::Vertical);
}

void MainWindow::makeActions()
{
    Actions& actions = *m_actions;
    actions.add(
        {QStringLiteral("open"), tr("&Open…"), tr("Open a network, a dataset or a plan"), QKeySequence::Open, QStringLiteral("open")},
        [this] { askToOpen(); });
    actions.add({QStringLiteral("savePlan"), tr("&Save Plan"), tr("Save the plan where it was last saved"), QKeySequence::Save,
                 QStringLiteral("save")},
                [this] { savePlan(); });
    actions.add({QStringLiteral("savePlanAs"), tr("Save Plan &As…"), tr("Save the plan under another name"), QKeySequence::SaveAs, {}},
                [this] { askToSavePlan(); });
    actions.add({QStringLiteral("savePicture"), tr("Save &Picture of Window…"), tr("Save what the window shows as a picture"),
                 QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P), QStringLiteral("picture")},
                [this] { askToSavePicture(); });
    actions.add(
        {QStringLiteral("quit"), tr("&Quit"), tr("Close the window; unsaved work is offered again next time"), QKeySequence::Quit, {}},
        [this] { close(); });

    QAction* undo = m_exploration.undoStack().createUndoAction(&actions, tr("&Undo"));
    undo->setObjectName(QStringLiteral("undo"));
    undo->setShortcut(QKeySequence::Undo);
    undo->setProperty("lineIcon", QStringLiteral("undo"));
    actions.adopt(undo);
    QAction* redo = m_exploration.undoStack().createRedoAction(&actions, tr("&Redo"));
    redo->setObjectName(QStringLiteral("redo"));
    redo->setShortcut(QKeySequence::Redo);
    redo->setProperty("lineIcon", QStringLiteral("redo"));
    actions.adopt(redo);
    actions.add({QStringLiteral("selectAllLayers"),
                 tr("Select &All Layers"),
                 tr("Knobs then edit every layer"),
                 QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A),
                 {}},
                [this] { selectAllLayers(); });
    actions.add({QStringLiteral("selectNoLayer"),
                 tr("Select &No Layer"),
                 tr("Clear the selection; knobs edit every layer"),
                 QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D),
                 {}},
                [this] { m_exploration.setSelection({}); });
    actions.add({QStringLiteral("resetPlan"), tr("&FP32 Throughout"), tr("Every layer exact, as the reference"), {}, {}},
                [this] { m_exploration.changePlan({}, tr("FP32 throughout")); });

    QAction* live = actions.addSwitch({QStringLiteral("live"), tr("&Live"), tr("Evaluate as knobs are turned"),
                                       QKeySequence(Qt::CTRL | Qt::Key_L), QStringLiteral("live")},
                                      m_settings.live, [this](bool on) { m_exploration.setLive(on); });
    connect(&m_exploration, &Exploration::liveChanged, live, &QAction::setChecked);
    actions.add({QStringLiteral("evaluate"), tr("&Evaluate Now"), tr("Score the plan on all samples"), QKeySequence(Qt::Key_F5),
                 QStringLiteral("evaluate")},
                [this] { m_exploration.evaluate(); });
    actions.add({QStringLiteral("stop"), tr("&Stop"), tr("Stop; what is finished stays and is marked partial"),
                 QKeySequence(Qt::CTRL | Qt::Key_Period), QStringLiteral("stop")},
                [this] { m_exploration.stop(); });
    actions.add({QStringLiteral("replay"),
                 tr("&Replay Script"),
                 tr("Do everything the script says again, from its beginning"),
                 QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R),
                 {}},
                [this] { m_player.playAgain(); });
    actions.add({QStringLiteral("replayFile"), tr("Replay Script &File…"), tr("Replay a script that was saved"), {}, {}},
                [this] { findChild<ScriptPanel*>()->askForScript(); });
    actions.add({QStringLiteral("findAction"), tr("&Find Action…"), tr("Find an action by a few letters"),
                 QKeySequence(Qt::CTRL | Qt::Key_K), QStringLiteral("find")},
                [this] { m_finder->open(m_actions->all(), *this); });
    actions.add({QStringLiteral("about"), tr("&About Polarizer"), tr("What this program is and who may use it"), {}, {}},
                [this] { about(); });
    makeViewActions();
}

void MainWindow::makeViewActions()
{
    Actions& actions = *m_actions;
    auto* themes = new QActionGroup(&actions);
    const std::array<std::pair<Theme, QString>, 3> lights{
        {{Theme::System, tr("Colours as the &Desktop")}, {Theme::Light, tr("&Light Colours")}, {Theme::Dark, tr("&Dark Colours")}}};
    for (const auto& [theme, text] : lights) {
        QAction* action = actions.addSwitch({QStringLiteral("theme-") + themeName(theme), text, tr("Colours of the window"), {}, {}},
                                            m_settings.theme == theme, [this, light = theme](bool on) {
                                                if (on)
                                                    setTheme(light);
                                            });
        themes->addAction(action);
    }
    actions.addSwitch({QStringLiteral("fullScreen"), tr("F&ull Screen"), tr("The window fills the screen"), QKeySequence::FullScreen, {}},
                      false, [this](bool on) { on ? showFullScreen() : showNormal(); });
    actions.add({QStringLiteral("resetLayout"), tr("&Reset Layout"), tr("Put every dock where it stood first"), {}, {}},
                [this] { arrangeDocks(); });
    const std::array<QString, 4> tabs{tr("Show Accuracy"), tr("Show Errors"), tr("Show Energy"), tr("Show Effects")};
    for (int tab = 0; tab < static_cast<int>(tabs.size()); ++tab)
        actions.add({QStringLiteral("bench-%1").arg(tab),
                     tabs.at(static_cast<std::size_t>(tab)),
                     tr("Show this tab of the bench"),
                     QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + tab)),
                     {}},
                    [this, tab] { m_bench->setCurrentIndex(tab); });
    actions.add({QStringLiteral("figureTable"),
                 tr("Figure as &Table"),
                 tr("Show the numbers of the figure on the bench as a table"),
                 {},
                 QStringLiteral("table")},
                [this] { m_bench->tableAction()->trigger(); });
    actions.add({QStringLiteral("figureCopy"),
                 tr("&Copy Figure's Numbers"),
                 tr("Copy the numbers of the figure on the bench as CSV"),
                 {},
                 QStringLiteral("copy")},
                [this] { m_bench->copyAction()->trigger(); });
    actions.add({QStringLiteral("figureSave"), tr("Save &Figure…"), tr("Save the figure on the bench as PNG or SVG"), {}, {}},
                [this] { m_bench->saveAction()->trigger(); });
    auto* recovery = findChild<RecoveryPanel*>();
    for (const RecoveryPanel::PageWord& word : RecoveryPanel::pages())
        addAction(actions.add({QStringLiteral("recovery-") + word.name,
                               tr("Show Recovery ▸ %1").arg(word.words),
                               word.tip,
                               QKeySequence(Qt::CTRL | Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(word.page))),
                               {}},
                              [this, recovery, page = word.page] {
                                  dock(QStringLiteral("recoveryDock"))->show();
                                  dock(QStringLiteral("recoveryDock"))->raise();
                                  recovery->setPage(page);
                              }));
    int number = 1;
    for (QDockWidget* each : m_docks) {
        QAction* show = actions.add({each->objectName() + QStringLiteral("Show"),
                                     tr("Show %1").arg(each->windowTitle()),
                                     tr("Show this dock in front"),
                                     QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + number++ % 10)),
                                     {}},
                                    [each] {
                                        each->show();
                                        each->raise();
                                    });
        addAction(show);
        each->toggleViewAction()->setObjectName(each->objectName() + QStringLiteral("Toggle"));
    }
}

void MainWindow::makePresets()
{
    m_presets = new QMenu(tr("&Preset"), this);
    m_presets->setObjectName(QStringLiteral("presetsMenu"));
    m_presets->setToolTipsVisible(true);
    for (const core::PlanPreset& preset : core::planPresets()) {
        const QString title = QString::fromStdString(preset.title);
        QAction* action = m_actions->add({QStringLiteral("preset-") + QString::fromStdString(preset.name),
                                          title,
                                          QString::fromStdString(preset.name + ": " + preset.source),
                                          {},
                                          {}},
                                         [this, name = preset.name] { m_exploration.open({name}); });
        m_presets->addAction(action);
    }
}

void MainWindow::fillBundled(const BundledThings& things)
{
    m_bundled->clear();
    const auto add = [this](const BundledThings::Thing& thing, const QString& what) {
        m_bundled->addAction(m_actions->add({QStringLiteral("open-") + thing.name,
                                             thing.title.isEmpty() ? thing.name : thing.title,
                                             tr("Open the bundled %1 %2").arg(what, thing.name),
                                             {},
                                             {}},
                                            [this, name = thing.name.toStdString()] { m_exploration.open({name}); }));
    };
    m_bundled->addSection(tr("Networks"));
    for (const BundledThings::Thing& network : things.networks)
        add(network, tr("network"));
    m_bundled->addSection(tr("Datasets"));
    for (const BundledThings::Thing& dataset : things.datasets)
        add(dataset, tr("dataset"));
}

void MainWindow::makeMenus()
{
    const auto fill = [this](QMenu* menu, std::initializer_list<const char*> names) {
        for (const char* name : names) {
            if (*name == '\0')
                menu->addSeparator();
            else
                menu->addAction(m_actions->named(QString::fromLatin1(name)));
        }
    };
    QMenu* file = menuBar()->addMenu(tr("&File"));
    fill(file, {"open"});
    m_bundled = file->addMenu(tr("Open &Bundled"));
    m_bundled->setObjectName(QStringLiteral("bundledMenu"));
    m_bundled->setToolTipsVisible(true);
    fill(file, {"", "savePlan", "savePlanAs", "", "figureSave", "savePicture", "", "quit"});
    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    fill(edit, {"undo", "redo", "", "selectAllLayers", "selectNoLayer", "", "figureCopy"});
    QMenu* plan = menuBar()->addMenu(tr("&Plan"));
    plan->addMenu(m_presets);
    fill(plan, {"resetPlan", "", "live", "evaluate", "stop", "", "replay", "replayFile"});
    QMenu* view = menuBar()->addMenu(tr("&View"));
    fill(view, {"bench-0", "bench-1", "bench-2", "bench-3", "figureTable", ""});
    QMenu* docks = view->addMenu(tr("&Docks"));
    for (const QDockWidget* each : m_docks)
        docks->addAction(each->toggleViewAction());
    docks->addSeparator();
    for (const QDockWidget* each : m_docks)
        docks->addAction(m_actions->named(each->objectName() + QStringLiteral("Show")));
    QMenu* colours = view->addMenu(tr("&Colours"));
    fill(colours, {"theme-system", "theme-light", "theme-dark"});
    fill(view, {"", "resetLayout", "fullScreen"});
    QMenu* help = menuBar()->addMenu(tr("&Help"));
    fill(help, {"findAction", "", "about"});
}

void MainWindow::makeToolBar()
{
    auto* bar = addToolBar(tr("Tools"));
    bar->setObjectName(QStringLiteral("toolBar"));
    bar->setMovable(false);
    bar->setIconSize(QSize(20, 20));
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const auto add = [&](const char* name, Qt::ToolButtonStyle style) {
        bar->addAction(m_actions->named(QString::fromLatin1(name)));
        static_cast<QToolButton*>(bar->widgetForAction(m_actions->named(QString::fromLatin1(name))))->setToolButtonStyle(style);
    };
    add("open", Qt::ToolButtonTextBesideIcon);
    auto* open = static_cast<QToolButton*>(bar->widgetForAction(m_actions->named(QStringLiteral("open"))));
    open->setMenu(m_bundled);
    open->setPopupMode(QToolButton::MenuButtonPopup);
    QAction* preset = m_presets->menuAction();
    preset->setProperty("lineIcon", QStringLiteral("preset"));
    preset->setToolTip(tr("Ready-made plans, each with its source"));
    m_actions->adopt(preset);
    bar->addAction(preset);
    static_cast<QToolButton*>(bar->widgetForAction(preset))->setPopupMode(QToolButton::InstantPopup);
    bar->addSeparator();
    add("undo", Qt::ToolButtonIconOnly);
    add("redo", Qt::ToolButtonIconOnly);
    bar->addSeparator();
    add("live", Qt::ToolButtonTextBesideIcon);
    add("evaluate", Qt::ToolButtonIconOnly);
    add("stop", Qt::ToolButtonIconOnly);
    auto* space = new QWidget(bar);
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    add("findAction", Qt::ToolButtonTextBesideIcon);
}

} // namespace app
