// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers to colours, for every heat map of the instrument: ordered maps whose lightness rises evenly, so that they
// survive colour blindness and a grey print, and one that diverges from a neutral zero for differences.

#include <QColor>
#include <QImage>

#include <vector>

namespace app {

enum class ColourMap {
    Viridis,  // van der Walt and Smith (2015): dark blue, green, yellow
    Cividis,  // Nunez, Anderton, Renslow (2018): blue, grey, yellow; the same for red-green blind eyes
    Grey,
    Difference,  // blue below, near white at the middle, orange above; the middle is the range's middle
};

/// The values that the two ends of a map stand for.
struct ColourRange {
    double low = 0, high = 1;
    bool operator==(const ColourRange&) const = default;
};

/// position 0 ... 1, clamped; NaN gives colourOfMissing().
QRgb colourAt(ColourMap map, double position);
/// The colour of a value under a range; a range without width shows the map's middle.
QRgb colourOf(double value, ColourMap map, const ColourRange& range);
QRgb colourOfMissing();  // NaN: not measured; drawn hatched where there is room
QRgb colourOfExact();    // infinity: no error at all; drawn with an infinity sign where there is room

/// The smallest range that holds all finite values; {0, 1} if there are none. Difference maps ask for symmetric ones.
ColourRange finiteRange(const float* values, std::size_t count);
ColourRange symmetricRange(const ColourRange& range);

/// A strip of the map from low to high, left to right (or bottom to top).
QImage colourBarImage(ColourMap map, QSize size, Qt::Orientation orientation);

}  // namespace app
