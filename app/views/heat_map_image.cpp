// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/heat_map_view.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {

namespace {

constexpr int kLargestSide = 16384;  // pixels; beyond it a picture helps nobody
constexpr int kRoomForSigns = 5;     // pixels of a cell side
constexpr QRgb kHatch = 0xff8e6f89;
constexpr QRgb kExactInk = 0xff0b5a50;

void hatch(QImage& image, const QRect& cell)
{
    for (int y = cell.top(); y <= cell.bottom(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = cell.left(); x <= cell.right(); ++x)
            if ((x + y) % 5 == 0)
                line[x] = kHatch;
    }
}

void signExact(QPainter& painter, const QRect& cell)
{
    // Two rings side by side read as the infinity sign down to five pixels.
    const double radius = std::clamp(std::min(cell.width() / 5.0, cell.height() / 3.0), 1.0, 5.0);
    const QPointF centre = QRectF(cell).center();
    painter.setPen(QPen(QColor::fromRgb(kExactInk), std::max(1.0, radius * 0.4)));
    painter.drawEllipse(centre - QPointF(radius, 0), radius, radius);
    painter.drawEllipse(centre + QPointF(radius, 0), radius, radius);
}

}  // namespace

QImage heatMapImage(const core::RowMatrix& values, ColourMap map, const ColourRange& range, QSize cell)
{
    const auto rows = values.rows(), columns = values.cols();
    if (rows == 0 || columns == 0 || cell.isEmpty() || rows > kLargestSide / cell.height() || columns > kLargestSide / cell.width())
        return {};
    QImage image(static_cast<int>(columns) * cell.width(), static_cast<int>(rows) * cell.height(), QImage::Format_RGB32);
    const bool showSigns = cell.width() >= kRoomForSigns && cell.height() >= kRoomForSigns;
    std::vector<QRect> exact;
    for (int row = 0; row < rows; ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row * cell.height()));
        for (int column = 0; column < columns; ++column)
            std::fill_n(line + column * cell.width(), cell.width(), colourOf(values(row, column), map, range));
        for (int y = 1; y < cell.height(); ++y)
            std::copy_n(line, image.width(), reinterpret_cast<QRgb*>(image.scanLine(row * cell.height() + y)));
        if (!showSigns)
            continue;
        for (int column = 0; column < columns; ++column) {
            const float value = values(row, column);
            const QRect place(QPoint(column * cell.width(), row * cell.height()), cell);
            if (std::isnan(value))
                hatch(image, place);
            else if (std::isinf(value) && value > 0)
                exact.push_back(place);
        }
    }
    if (!exact.empty()) {
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        for (const QRect& place : exact)
            signExact(painter, place);
    }
    return image;
}

core::RowMatrix pooled(const core::RowMatrix& values, int rows, int columns, Pooling pooling)
{
    const Eigen::Index fullRows = values.rows(), fullColumns = values.cols();
    const Eigen::Index newRows = std::min<Eigen::Index>(std::max(rows, 1), fullRows);
    const Eigen::Index newColumns = std::min<Eigen::Index>(std::max(columns, 1), fullColumns);
    if (newRows == fullRows && newColumns == fullColumns)
        return values;
    core::RowMatrix result(newRows, newColumns);
    for (Eigen::Index r = 0; r < newRows; ++r) {
        const Eigen::Index top = r * fullRows / newRows, bottom = (r + 1) * fullRows / newRows;
        for (Eigen::Index c = 0; c < newColumns; ++c) {
            const Eigen::Index left = c * fullColumns / newColumns, right = (c + 1) * fullColumns / newColumns;
            double sum = 0;
            float largest = -std::numeric_limits<float>::infinity();
            Eigen::Index counted = 0;
            for (Eigen::Index y = top; y < bottom; ++y)
                for (Eigen::Index x = left; x < right; ++x)
                    if (!std::isnan(values(y, x))) {
                        sum += values(y, x);
                        largest = std::max(largest, values(y, x));
                        ++counted;
                    }
            if (counted == 0)
                result(r, c) = std::numeric_limits<float>::quiet_NaN();
            else
                result(r, c) = pooling == Pooling::Largest ? largest : static_cast<float>(sum / static_cast<double>(counted));
        }
    }
    return result;
}

}  // namespace app
