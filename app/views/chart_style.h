// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How every picture of the instrument looks: colours that follow the palette, a pattern beside every colour, figures that
// can be read from the back of the room, and numbers that leave as CSV or a picture file.

#include "core/base/problem.h"

#include <QBrush>
#include <QColor>
#include <QFont>
#include <QPalette>
#include <QPen>
#include <QStringList>

#include <vector>

class QChart;
class QPainter;
class QWidget;

namespace app {

/// The light of a palette, from its window colour.
bool isDark(const QPalette& palette);

/// Okabe and Ito's eight colours (2008), distinct for all common kinds of colour blindness; lightened on dark ground.
/// Indices wrap; every index also has its own fill pattern and line dash, so that nothing hangs on colour alone.
QColor seriesColour(int index, const QPalette& palette);
Qt::BrushStyle seriesPattern(int index);
QBrush seriesBrush(int index, const QPalette& palette);
QPen seriesPen(int index, const QPalette& palette, double width = 1.8);

/// Fills `area` with a series' colour and its pattern drawn over it in the ground's colour.
void fillSeries(QPainter& painter, const QRectF& area, int index, const QPalette& palette);

QColor mutedText(const QPalette& palette);  // axis numbers, second lines: 4.5 : 1 or better against the ground
QColor gridColour(const QPalette& palette);
QColor goodColour(const QPalette& palette);  // always beside a word or a sign
QColor cautionColour(const QPalette& palette);
QColor badColour(const QPalette& palette);
QColor mixed(const QColor& a, const QColor& b, double shareOfB);
/// Black or white, whichever reads better on `ground`.
QColor inkOn(const QColor& ground);

QFont smallFont(const QFont& base);                 // 0.85 of the base, not under 7 points
QFont figureFont(const QFont& base, double times);  // tabular feel, semi-bold

/// Ground, grid, axis titles and legend of a Qt chart from the palette; call again when the palette changes.
void applyChartStyle(QChart& chart, const QPalette& palette, const QFont& font);

/// The numbers behind a picture, as its table twin shows them and as CSV carries them.
struct NumberTable {
    QStringList header;
    std::vector<QStringList> rows;
};
QString csvText(const NumberTable& table);  // RFC 4180: comma, CRLF, quotes doubled
void copyAsCsv(const NumberTable& table);   // onto the clipboard

/// Writes what the widget shows as .png (twice the logical size) or .svg, by the file's ending.
core::Result<void> savePicture(QWidget& widget, const QString& path);

}  // namespace app
