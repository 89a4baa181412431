// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one window: bench in the middle, network left, layer docks right, samples and script below. It arranges and
// hands values down; what is shown and edited lives in Exploration.

#include "app/exploration/exploration.h"
#include "app/exploration/kept_work.h"
#include "app/exploration/script_player.h"
#include "app/shell/settings.h"

#include <QMainWindow>

#include <functional>

class QDockWidget;
class QMenu;

namespace app {

class ActionFinder;
class Actions;
class Bench;
class MessageStrip;
class NetworkPanel;

/// What comes with the program, for the Open menu. Listing reads files, so it is done off the GUI thread.
struct BundledThings {
    struct Thing {
        QString name, title;
    };
    std::vector<Thing> networks, datasets;
};

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    using ListBundled = std::function<BundledThings()>;

    MainWindow(Exploration& exploration, const WindowSettings& settings, ListBundled listBundled, QWidget* parent = nullptr);
    ~MainWindow() override;

    WindowSettings settings() const;
    Actions& actions() { return *m_actions; }
    MessageStrip& strip() { return *m_strip; }
    ScriptPlayer& player() { return m_player; }
    /// Networks, datasets and plans are opened; a script (*.sh) is replayed.
    void openThings(const std::vector<std::string>& things);
    QDockWidget* dock(const QString& objectName) const;  // "precisionDock"

    /// Writes the plan as it changes, and offers what an earlier session left behind.
    void keepWork(WorkKeeper& keeper);
    /// The whole window as a picture, by the file's ending; png or jpg.
    core::Result<void> savePicture(const QString& path);

signals:
    void closing();

protected:
    void showEvent(QShowEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void childEvent(QChildEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeActions();
    void makeViewActions();
    void makeMenus();
    void makeToolBar();
    void makeDocks();
    void makePresets();
    void fillBundled(const BundledThings& things);
    void arrangeDocks();
    void sizeDocks();
    void showTitle();
    void showJob();
    void showFlaws();
    void showFirstFlaw();
    void setTheme(Theme theme);
    void selectAllLayers();
    void askToOpen();
    void askToSavePlan();
    void savePlan();
    void askToSavePicture();
    void about();

    Exploration& m_exploration;
    ScriptPlayer m_player;
    WindowSettings m_settings;
    Actions* m_actions = nullptr;
    MessageStrip* m_strip = nullptr;
    Bench* m_bench = nullptr;
    ActionFinder* m_finder = nullptr;
    QMenu* m_presets = nullptr;
    QMenu* m_bundled = nullptr;
    std::vector<QDockWidget*> m_docks;
    WorkKeeper* m_keeper = nullptr;
    bool m_isRestoring = false;  // what was left behind
    QString m_planFile;       // where Save writes; empty: ask
    QString m_flawsShown;     // what the strip says about the plan
    bool m_arranged = false;  // the first show has put the docks in their places
    JobRunner m_listing;
};

}  // namespace app
