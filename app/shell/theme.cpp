// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/theme.h"

#include "app/shell/checked_style.h"

#include <QApplication>
#include <QToolTip>

namespace app {
namespace {

struct Shades {
    QColor window, base, alternate, text, muted, button, accent, onAccent, line, bright;
};

QPalette paletteOf(const Shades& shades)
{
    QPalette palette;
    palette.setColor(QPalette::Window, shades.window);
    palette.setColor(QPalette::WindowText, shades.text);
    palette.setColor(QPalette::Base, shades.base);
    palette.setColor(QPalette::AlternateBase, shades.alternate);
    palette.setColor(QPalette::Text, shades.text);
    palette.setColor(QPalette::PlaceholderText, shades.muted);
    palette.setColor(QPalette::Button, shades.button);
    palette.setColor(QPalette::ButtonText, shades.text);
    palette.setColor(QPalette::BrightText, shades.bright);
    palette.setColor(QPalette::Highlight, shades.accent);
    palette.setColor(QPalette::HighlightedText, shades.onAccent);
    palette.setColor(QPalette::Link, shades.accent);
    palette.setColor(QPalette::LinkVisited, shades.accent);
    palette.setColor(QPalette::ToolTipBase, shades.base);
    palette.setColor(QPalette::ToolTipText, shades.text);
    palette.setColor(QPalette::Light, shades.button.lighter(115));
    palette.setColor(QPalette::Midlight, shades.button.lighter(107));
    palette.setColor(QPalette::Mid, shades.line);
    palette.setColor(QPalette::Dark, shades.line.darker(120));
    palette.setColor(QPalette::Shadow, shades.line.darker(160));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, shades.muted);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, shades.line);
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, shades.muted);
    return palette;
}

/// The desktop's own palette, before ours replaces it.
bool desktopIsDark()
{
    static const bool dark = QApplication::palette().color(QPalette::Window).lightnessF() < 0.5f;
    return dark;
}

} // namespace

QPalette lightPalette()
{
    return paletteOf({QColor(0xf3, 0xf4, 0xf6), QColor(0xff, 0xff, 0xff), QColor(0xf7, 0xf8, 0xfa), QColor(0x1b, 0x20, 0x26),
                      QColor(0x6b, 0x72, 0x7b), QColor(0xe9, 0xeb, 0xee), QColor(0x1f, 0x6f, 0xb2), Qt::white, QColor(0xc6, 0xca, 0xd0),
                      QColor(0xb0, 0x20, 0x20)});
}

QPalette darkPalette()
{
    return paletteOf({QColor(0x22, 0x26, 0x2b), QColor(0x19, 0x1c, 0x20), QColor(0x1f, 0x23, 0x28), QColor(0xe6, 0xe9, 0xed),
                      QColor(0x93, 0x9b, 0xa5), QColor(0x31, 0x36, 0x3d), QColor(0x3d, 0x8f, 0xd1), QColor(0x0d, 0x11, 0x15),
                      QColor(0x45, 0x4c, 0x55), QColor(0xff, 0x8a, 0x80)});
}

void applyTheme(Theme theme)
{
    const bool desktopDark = desktopIsDark(); // asked first, so that it is remembered before the first change
    const bool dark = theme == Theme::Dark || (theme == Theme::System && desktopDark);
    if (!qobject_cast<CheckedStyle*>(QApplication::style()))
        QApplication::setStyle(new CheckedStyle);
    const QPalette palette = dark ? darkPalette() : lightPalette();
    QApplication::setPalette(palette);
    QToolTip::setPalette(palette);
}

} // namespace app
