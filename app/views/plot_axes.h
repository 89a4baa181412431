// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scales, ticks and axes for the pictures we paint ourselves: round numbers, as many as fit, none overlapping.

#include <QPalette>
#include <QRectF>
#include <QString>

#include <vector>

class QPainter;

namespace app {

/// The smallest of 1, 2 or 5 times a power of ten that goes into `span` no more than `most` times.
double roundStep(double span, int most);
/// How many decimals multiples of a step need to differ: 0 ... 6.
int decimalsOfStep(double step);
/// Multiples of 1, 2 or 5 times a power of ten within [low, high], no more than `most`; ascending.
std::vector<double> roundTicks(double low, double high, int most);
/// Powers of ten within [low, high], no more than `most`, and with them 2 and 5 times, or 3 times these where that fits.
std::vector<double> decadeTicks(double low, double high, int most);
/// "200", "0.05"; far from one "10⁻⁵", "2·10⁻⁵".
QString decadeText(double tick);
/// As many decimals as neighbouring ticks need to differ.
QString tickText(double tick, const std::vector<double>& ticks);

/// Values low ... high along pixels from ... to (either may run backwards).
struct PlotScale {
    double low = 0, high = 1;
    double from = 0, to = 1;
    bool isLogarithmic = false;  // even ratios over even distances; values are above 0
    double at(double value) const;
    double valueAt(double pixel) const;
};

/// The horizontal axis below `plot`: line, ticks, numbers and a title with its unit. Grid lines reach up into the plot.
void drawBottomAxis(QPainter& painter, const QRectF& plot, const PlotScale& scale, const QString& title, const QPalette& palette);
/// The vertical axis left of `plot`; the title stands above the plot's left corner, where narrow docks have room.
void drawLeftAxis(QPainter& painter, const QRectF& plot, const PlotScale& scale, const QString& title, const QPalette& palette);

double bottomAxisHeight(const QFont& font);  // with title
double leftAxisWidth(const QFont& font, const PlotScale& scale, double height);

}  // namespace app
