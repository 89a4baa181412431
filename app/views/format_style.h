// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One colour and pattern per number format, the same in every dock: the hue tells the family (integers, floats, powers of
// two, codebooks ...), the strength tells the bits, the pattern tells the family again.

#include <QColor>
#include <QPalette>
#include <QString>

class QPainter;
class QRectF;

namespace app {

enum class FormatFamily { Exact, Integer, Minifloat, PowerOfTwo, Odd, Codebook, Other };

struct FormatStyle {
    FormatFamily family = FormatFamily::Other;
    double bits = 0;  // read from the name; 0: not known
    QColor colour;
    Qt::BrushStyle pattern = Qt::SolidPattern;
};

/// `name` by the format grammar ("int4", "e4m3", "pot4", "nf4"); what it does not know is drawn as Other.
FormatStyle formatStyle(const QString& name, const QPalette& palette);
void fillFormat(QPainter& painter, const QRectF& area, const FormatStyle& style);
QString formatFamilyName(FormatFamily family);  // "integer", "float", "power of two" ...

}  // namespace app
