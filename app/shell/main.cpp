// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/library_source.h"
#include "app/shell/command_line.h"
#include "app/shell/energy_panel.h"
#include "app/shell/errors_panel.h"
#include "app/shell/main_window.h"
#include "app/shell/network_panel.h"
#include "app/shell/page_switch.h"
#include "app/shell/picture_taker.h"
#include "core/io/library.h"

#include <QApplication>
#include <QDockWidget>
#include <QScreen>
#include <QSettings>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTimer>

#include <cstdio>
#include <cstdlib>

namespace {

enum ExitCode { Done = 0, Problem = 1, Usage = 2 };

int say(FILE* stream, const QString& text, ExitCode code)
{
    std::fputs(qPrintable(text.endsWith(u'\n') ? text : text + u'\n'), stream);
    return code;
}

/// Qt ends the program with abort() where it finds no display; a person deserves a sentence and an exit code.
void withoutDisplay(QtMsgType type, const QMessageLogContext&, const QString& message)
{
    if (type == QtFatalMsg) {
        std::fputs("polarizer: there is no display to open a window on; `polar` does the same work without one\n", stderr);
        std::_Exit(Problem);
    }
    if (message.contains(QLatin1String("platform plugin")) || message.contains(QLatin1String("connect to display")))
        return;  // said above, once
    std::fprintf(stderr, "%s\n", qPrintable(message));
}

app::BundledThings listBundled()
{
    app::BundledThings things;
    for (const core::NetworkManifest& network : core::bundledNetworks())
        things.networks.push_back({QString::fromStdString(network.name), QString::fromStdString(network.title)});
    for (const core::DatasetSummary& dataset : core::bundledDatasets())
        things.datasets.push_back({QString::fromStdString(dataset.name), QString::fromStdString(dataset.title)});
    return things;
}

std::vector<std::string> thingsToOpen(const app::CommandLine& line)
{
    if (line.things.isEmpty())
        return {"lenet5-mnist", "mnist", "npp-nf4-rank8"};
    std::vector<std::string> things;
    for (const QString& thing : line.things)
        things.push_back(thing.toStdString());
    return things;
}

/// "recovery:methods": a dock with pages shows that one.
bool bringPageToFront(const QDockWidget& dock, const QString& page)
{
    if (auto* network = qobject_cast<app::NetworkPanel*>(dock.widget()))
        return network->showPage(page);
    auto* pages = dock.widget()->findChild<app::PageSwitch*>();
    return pages && pages->showPage(page);
}

/// "energy:time", "errors:condition": a tab with pages or details shows that one.
bool bringTabPageToFront(const app::MainWindow& window, const QString& tab, const QString& page)
{
    if (tab == QLatin1String("errors"))
        return window.findChild<app::ErrorsPanel*>()->showDetailNamed(page);
    const QStringList pages{QStringLiteral("bill"), QStringLiteral("efficiency"), QStringLiteral("time")};
    if (tab != QLatin1String("energy") || !pages.contains(page))
        return false;
    window.findChild<app::EnergyPanel*>()->setPage(static_cast<app::EnergyPanel::Page>(pages.indexOf(page)));
    return true;
}

/// Brings the asked-for tab and docks to the front; false where there is none of that name.
bool bringToFront(app::MainWindow& window, const app::CommandLine& line)
{
    if (!line.tab.isEmpty()) {
        const QStringList tabs{QStringLiteral("accuracy"), QStringLiteral("errors"), QStringLiteral("energy"), QStringLiteral("effects")};
        const QString tab = line.tab.section(u':', 0, 0), page = line.tab.section(u':', 1);
        if (!tabs.contains(tab))
            return false;
        window.findChild<QTabWidget*>(QStringLiteral("bench"))->setCurrentIndex(static_cast<int>(tabs.indexOf(tab)));
        if (!page.isEmpty() && !bringTabPageToFront(window, tab, page))
            return false;
    }
    for (const QString& name : line.dock.split(u',', Qt::SkipEmptyParts)) {
        const QString page = name.section(u':', 1);
        QDockWidget* dock = window.dock(name.section(u':', 0, 0) + QStringLiteral("Dock"));
        if (!dock || (!page.isEmpty() && !bringPageToFront(*dock, page)))
            return false;
        dock->show();
        dock->raise();
    }
    return true;
}

}  // namespace

int main(int argc, char** argv)
{
    QStringList arguments;
    for (int index = 1; index < argc; ++index)
        arguments << QString::fromLocal8Bit(argv[index]);
    const app::ParsedCommandLine parsed = app::parseCommandLine(arguments);
    if (!parsed.commandLine)
        return say(stderr, QStringLiteral("polarizer: ") + parsed.problem, Usage);
    const app::CommandLine& line = *parsed.commandLine;
    if (line.help)
        return say(stdout, app::helpText(), Done);
    if (line.version)
        return say(stdout, QStringLiteral("polarizer " POLARIZER_VERSION), Done);

    const bool display = !qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
    if (!display && !line.picture.isEmpty() && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");  // a picture needs no screen
    qInstallMessageHandler(withoutDisplay);
    QApplication application(argc, argv);
    qInstallMessageHandler(nullptr);
    QApplication::setApplicationName(QStringLiteral("polarizer"));
    QApplication::setApplicationDisplayName(QStringLiteral("Polarizer"));
    QApplication::setDesktopFileName(QStringLiteral("polarizer"));

    QSettings store(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("polarizer"), QStringLiteral("window"));
    const bool forPicture = !line.picture.isEmpty();
    app::WindowSettings settings = forPicture ? app::WindowSettings{} : app::loadSettings(store);  // pictures look the same for everybody
    if (forPicture)
        settings.theme = app::Theme::Light;
    if (line.theme)
        settings.theme = *line.theme;
    app::applyTheme(settings.theme);

    std::unique_ptr<app::WorkKeeper> keeper;
    app::Exploration exploration(app::openFromLibrary);
    app::MainWindow window(exploration, settings, listBundled);
    if (line.size.isValid())
        window.resize(line.size);
    else if (settings.geometry.isEmpty() && !forPicture)  // nothing is known of this screen yet
        window.resize(window.size().boundedTo(window.screen()->availableSize()));
    if (!bringToFront(window, line))
        return say(stderr, QStringLiteral("polarizer: --tab or --dock names something the window does not have; see --help"), Usage);
    window.show();
    // Again, when the first show has put the docks where they stood last time and laid their tabs out.
    QTimer::singleShot(0, &window, [&window, &line] { bringToFront(window, line); });
    window.openThings(thingsToOpen(line));

    if (forPicture) {
        const auto when = line.settle ? app::PictureTaker::When::Settled : app::PictureTaker::When::Opened;
        auto* taker = new app::PictureTaker(window, exploration, line.picture, when, &window);
        QObject::connect(taker, &app::PictureTaker::finished, &application, [] { QApplication::exit(Done); });
        QObject::connect(taker, &app::PictureTaker::failed, &application, [](const core::Problem& problem) {
            QApplication::exit(say(stderr, QStringLiteral("polarizer: ") + QString::fromStdString(problem.text()), Problem));
        });
    } else {
        keeper =
            std::make_unique<app::WorkKeeper>(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/kept"));
        window.keepWork(*keeper);
        QObject::connect(&window, &app::MainWindow::closing, &application, [&] { app::saveSettings(store, window.settings()); });
    }
    return QApplication::exec();
}
