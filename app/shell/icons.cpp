// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/icons.h"

#include <QFile>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

static void loadIconResources() { Q_INIT_RESOURCE(shell); } // outside any namespace, as the macro wants it

namespace app {
namespace {

QPixmap drawn(QByteArray svg, const QColor& colour, int side)
{
    svg.replace("#000000", colour.name().toLatin1());
    QSvgRenderer renderer(svg);
    QPixmap pixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    return pixmap;
}

} // namespace

QIcon lineIcon(const QString& name, const QPalette& palette)
{
    loadIconResources();
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    QIcon icon;
    for (const int side : {20, 40}) {
        icon.addPixmap(drawn(svg, palette.color(QPalette::Active, QPalette::ButtonText), side), QIcon::Normal);
        icon.addPixmap(drawn(svg, palette.color(QPalette::Disabled, QPalette::ButtonText), side), QIcon::Disabled);
    }
    return icon;
}

QIcon programIcon()
{
    loadIconResources();
    return QIcon(QStringLiteral(":/icons/polarizer.svg"));
}

} // namespace app
