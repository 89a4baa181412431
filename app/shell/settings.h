// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the window remembers from one day to the next, typed and with a version. Only the window reads it; docks and
// models get values handed down.

#include "app/shell/theme.h"

#include <QByteArray>
#include <QString>

class QSettings;

namespace app {

struct WindowSettings {
    static constexpr int kVersion = 1;
    static constexpr int kLayoutVersion = 4;  // rises with the docks there are; a layout of others is arranged anew

    QByteArray geometry, layout; // QMainWindow's; empty: the first layout
    Theme theme = Theme::System;
    bool live = true;
    QString folder;     // where the last file was opened or saved
    QString technology; // name of a price table

    bool operator==(const WindowSettings&) const = default;
};

/// Settings of a version this program does not know are left alone and read as the defaults.
WindowSettings loadSettings(QSettings& store);
void saveSettings(QSettings& store, const WindowSettings& settings);

QString themeName(Theme theme);        // "system", "light", "dark"
Theme themeNamed(const QString& name); // unknown names: System

} // namespace app
