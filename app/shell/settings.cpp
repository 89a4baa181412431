// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/settings.h"

#include <QSettings>

namespace app {
namespace {

constexpr auto kVersionKey = "version";

} // namespace

QString themeName(Theme theme)
{
    switch (theme) {
    case Theme::System: return QStringLiteral("system");
    case Theme::Light: return QStringLiteral("light");
    case Theme::Dark: return QStringLiteral("dark");
    }
    return {};
}

Theme themeNamed(const QString& name)
{
    for (const Theme theme : {Theme::Light, Theme::Dark})
        if (name == themeName(theme))
            return theme;
    return Theme::System;
}

WindowSettings loadSettings(QSettings& store)
{
    WindowSettings settings;
    const int version = store.value(kVersionKey, WindowSettings::kVersion).toInt();
    if (version != WindowSettings::kVersion)
        return settings;
    settings.geometry = store.value(QStringLiteral("geometry")).toByteArray();
    settings.layout = store.value(QStringLiteral("layout")).toByteArray();
    settings.theme = themeNamed(store.value(QStringLiteral("theme")).toString());
    settings.live = store.value(QStringLiteral("live"), true).toBool();
    settings.folder = store.value(QStringLiteral("folder")).toString();
    settings.technology = store.value(QStringLiteral("technology")).toString();
    return settings;
}

void saveSettings(QSettings& store, const WindowSettings& settings)
{
    store.setValue(kVersionKey, WindowSettings::kVersion);
    store.setValue(QStringLiteral("geometry"), settings.geometry);
    store.setValue(QStringLiteral("layout"), settings.layout);
    store.setValue(QStringLiteral("theme"), themeName(settings.theme));
    store.setValue(QStringLiteral("live"), settings.live);
    store.setValue(QStringLiteral("folder"), settings.folder);
    store.setValue(QStringLiteral("technology"), settings.technology);
}

} // namespace app
