// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/colour_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace app {

namespace {

// Ten evenly spaced samples of each published map; between them the colour runs straight, which stays within 3 of 255 of
// the published 256-entry tables.
constexpr std::array<QRgb, 10> kViridis{0xff440154, 0xff482878, 0xff3e4a89, 0xff31688e, 0xff26828e,
                                        0xff1f9e89, 0xff35b779, 0xff6dcd59, 0xffb4de2c, 0xfffde725};
constexpr std::array<QRgb, 10> kCividis{0xff00204d, 0xff00336f, 0xff39486b, 0xff575c6d, 0xff707173,
                                        0xff8a8779, 0xffa69d75, 0xffc4b56c, 0xffe4cf5b, 0xffffea46};
constexpr std::array<QRgb, 2> kGrey{0xff101010, 0xfff4f4f4};
// ColorBrewer's Blues and Oranges (Brewer, Harrower), joined at a neutral light grey.
constexpr std::array<QRgb, 9> kDifference{0xff08306b, 0xff2171b5, 0xff6baed6, 0xffc6dbef, 0xfff5f5f5,
                                          0xfffdd0a2, 0xfffd8d3c, 0xffd94801, 0xff7f2704};

std::span<const QRgb> anchorsOf(ColourMap map)
{
    switch (map) {
    case ColourMap::Viridis: return kViridis;
    case ColourMap::Cividis: return kCividis;
    case ColourMap::Grey: return kGrey;
    case ColourMap::Difference: break;
    }
    return kDifference;
}

int between(int a, int b, double t) { return static_cast<int>(std::lround(a + (b - a) * t)); }

}  // namespace

QRgb colourOfMissing()
{
    return 0xffd6c1d3;  // a pale lilac that none of the maps contains
}

QRgb colourOfExact()
{
    return 0xffb8fff4;  // a pale mint that none of the maps contains
}

QRgb colourAt(ColourMap map, double position)
{
    if (std::isnan(position))
        return colourOfMissing();
    const std::span<const QRgb> anchors = anchorsOf(map);
    const double place = std::clamp(position, 0.0, 1.0) * static_cast<double>(anchors.size() - 1);
    const std::size_t below = std::min(static_cast<std::size_t>(place), anchors.size() - 2);
    const double t = place - static_cast<double>(below);
    const QRgb a = anchors[below], b = anchors[below + 1];
    return qRgb(between(qRed(a), qRed(b), t), between(qGreen(a), qGreen(b), t), between(qBlue(a), qBlue(b), t));
}

QRgb colourOf(double value, ColourMap map, const ColourRange& range)
{
    if (std::isnan(value))
        return colourOfMissing();
    if (std::isinf(value) && value > 0)
        return colourOfExact();
    const double span = range.high - range.low;
    return colourAt(map, span > 0 ? (value - range.low) / span : 0.5);
}

ColourRange finiteRange(const float* values, std::size_t count)
{
    ColourRange range{0, 1};
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
        const double value = values[i];
        if (!std::isfinite(value))
            continue;
        range = any ? ColourRange{std::min(range.low, value), std::max(range.high, value)} : ColourRange{value, value};
        any = true;
    }
    return range;
}

ColourRange symmetricRange(const ColourRange& range)
{
    const double reach = std::max(std::abs(range.low), std::abs(range.high));
    return {-reach, reach};
}

QImage colourBarImage(ColourMap map, QSize size, Qt::Orientation orientation)
{
    if (size.isEmpty())
        return {};
    QImage image(size, QImage::Format_RGB32);
    for (int y = 0; y < size.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < size.width(); ++x) {
            const double position = orientation == Qt::Horizontal ? (x + 0.5) / size.width() : 1.0 - (y + 0.5) / size.height();
            line[x] = colourAt(map, position);
        }
    }
    return image;
}

}  // namespace app
