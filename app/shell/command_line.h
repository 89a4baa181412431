// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// polarizer [--open] NETWORK|DATASET|PLAN ... [--picture FILE [--size WxH] [--dark] [--settle]]

#include "app/shell/theme.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

namespace app {

struct CommandLine {
    QStringList things;         // to open; empty: the usual network, dataset and plan
    QString picture;            // where the picture goes; empty: none, the window stays
    QSize size;                 // of the window; invalid: as it was last time
    std::optional<Theme> theme; // empty: as it was last time
    QString tab, dock;          // bench tab and docks in front, for pictures: "errors", "precision,script"
    bool settle = false;        // the picture waits for the settled figure
    bool help = false, version = false;
};

/// A usage problem says which argument and what is wanted.
struct ParsedCommandLine {
    std::optional<CommandLine> commandLine;
    QString problem;
};
ParsedCommandLine parseCommandLine(const QStringList& arguments); // without the program's name
QString helpText();

} // namespace app
