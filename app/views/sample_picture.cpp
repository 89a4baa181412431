// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/sample_picture.h"

#include "app/views/chart_style.h"

#include <QFont>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace app {

namespace {

/// The elements as doubles, whatever they are stored as.
std::vector<double> elementsOf(const core::Tensor& tensor)
{
    return core::visitType(tensor.type(), [&]<class T>() {
        std::vector<double> values;
        values.reserve(static_cast<std::size_t>(tensor.size()));
        for (const T element : tensor.values<T>()) {
            if constexpr (std::is_class_v<T>)
                values.push_back(static_cast<double>(static_cast<float>(element)));
            else
                values.push_back(static_cast<double>(element));
        }
        return values;
    });
}

struct ImageShape {
    std::int64_t height = 0, width = 0, channels = 0;
    std::int64_t rowStep = 0, columnStep = 0, channelStep = 0;  // elements
    bool isValid() const { return height > 0 && width > 0 && (channels == 1 || channels == 3) && height <= 4096 && width <= 4096; }
};

ImageShape imageShape(const core::Shape& shape, core::SampleLayout layout)
{
    const std::size_t rank = shape.size();
    if (rank == 2)
        return {shape[0], shape[1], 1, shape[1], 1, 0};
    if (rank != 3)
        return {};
    if (layout == core::SampleLayout::HeightWidthChannel)
        return {shape[0], shape[1], shape[2], shape[1] * shape[2], shape[2], 1};
    return {shape[1], shape[2], shape[0], shape[2], 1, shape[1] * shape[2]};
}

/// Bytes are 0 ... 255; floats are taken as 0 ... 1 if none exceeds 1, else stretched over what is there.
double greyOf(double value, double low, double span) { return span > 0 ? std::clamp((value - low) / span, 0.0, 1.0) : 0.0; }

QColor letterColour(std::int64_t token, const QPalette& palette)
{
    static constexpr int kSeriesOf[]{2, 0, 1, 3};  // A green, C blue, G orange, T vermilion, as sequence logos have them
    return seriesColour(token >= 0 && token < 4 ? kSeriesOf[token] : 7, palette);
}

QImage canvas(const SamplePictureStyle& style)
{
    QImage image(style.size * style.pixelRatio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(style.pixelRatio);
    image.fill(style.palette.color(QPalette::Base));
    return image;
}

QImage sequencePicture(const std::vector<double>& tokens, const SamplePictureStyle& style)
{
    QImage image = canvas(style);
    QPainter painter(&image);
    const double wide = style.size.width(), high = style.size.height();
    // Letters are about 3 : 4; as many columns as make them fill the picture.
    const int columns = std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(tokens.size()) * wide / high * 4 / 3))));
    const int rows = std::max(1, (static_cast<int>(tokens.size()) + columns - 1) / columns);
    const double cellWide = wide / columns, cellHigh = std::min(high / rows, cellWide * 1.6);
    const double top = 0.5 * (high - cellHigh * rows);
    QFont font(QStringLiteral("monospace"));
    font.setStyleHint(QFont::Monospace);
    font.setWeight(QFont::Bold);
    font.setPixelSize(std::max(4, static_cast<int>(std::min(cellHigh * 0.8, cellWide * 1.3))));
    painter.setFont(font);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto token = static_cast<std::int64_t>(tokens[i]);
        const QRectF cell(static_cast<double>(i % static_cast<std::size_t>(columns)) * cellWide,
                          top + static_cast<double>(i / static_cast<std::size_t>(columns)) * cellHigh, cellWide, cellHigh);
        const QColor colour = letterColour(token, style.palette);
        painter.fillRect(cell.adjusted(0.3, 0.3, -0.3, -0.3), mixed(colour, style.palette.color(QPalette::Base), 0.72));
        painter.setPen(mixed(colour, style.palette.color(QPalette::Text), 0.35));
        painter.drawText(cell, Qt::AlignCenter,
                         token >= 0 && token < style.alphabet.size() ? QString(style.alphabet[token]) : QString::number(token));
    }
    return image;
}

QImage tablePicture(const std::vector<double>& values, const SamplePictureStyle& style)
{
    QImage image = canvas(style);
    QPainter painter(&image);
    double low = 0, high = 0;
    for (const double value : values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    if (!(high > low))
        return image;
    const double room = style.size.height() - 4.0, wide = (style.size.width() - 4.0) / static_cast<double>(values.size());
    const double zero = 2 + room * high / (high - low);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]))
            continue;
        const double end = zero - room * values[i] / (high - low);
        const QRectF bar(2 + static_cast<double>(i) * wide, std::min(zero, end), std::max(1.0, 0.8 * wide),
                         std::max(0.5, std::abs(end - zero)));
        painter.fillRect(bar, seriesColour(values[i] < 0 ? 1 : 0, style.palette));  // below the line says negative, too
    }
    painter.setPen(mutedText(style.palette));
    painter.drawLine(QPointF(2, zero), QPointF(style.size.width() - 2, zero));
    return image;
}

}  // namespace

QImage sampleImage(const core::Tensor& sample, core::SampleKind kind, core::SampleLayout layout, ColourMap spectrogramMap)
{
    if (kind != core::SampleKind::Image && kind != core::SampleKind::Spectrogram)
        return {};
    const ImageShape shape = imageShape(sample.shape(), layout);
    if (!shape.isValid())
        return {};
    const std::vector<double> values = elementsOf(sample);
    const bool isSpectrogram = kind == core::SampleKind::Spectrogram;
    double low = 0, span = 255;
    if (sample.type() != core::DataType::UInt8 || isSpectrogram) {
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        const bool isUnit = !isSpectrogram && *least >= 0 && *most <= 1;
        low = isUnit ? 0 : *least;
        span = isUnit ? 1 : *most - *least;
    }
    QImage image(static_cast<int>(shape.width), static_cast<int>(shape.height), QImage::Format_RGB32);
    for (std::int64_t y = 0; y < shape.height; ++y) {
        // A spectrogram's first row is its lowest band; people expect it at the bottom.
        const std::int64_t row = isSpectrogram ? shape.height - 1 - y : y;
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(y)));
        for (std::int64_t x = 0; x < shape.width; ++x) {
            const auto at = [&](std::int64_t channel) {
                return greyOf(values[static_cast<std::size_t>(row * shape.rowStep + x * shape.columnStep + channel * shape.channelStep)],
                              low, span);
            };
            if (isSpectrogram) {
                line[x] = colourAt(spectrogramMap, at(0));
                continue;
            }
            const auto byte = [](double share) { return static_cast<int>(std::lround(255 * share)); };
            const int first = byte(at(0));
            line[x] = shape.channels == 1 ? qRgb(first, first, first) : qRgb(first, byte(at(1)), byte(at(2)));
        }
    }
    return image;
}

QImage samplePicture(const core::Tensor& sample, core::SampleKind kind, core::SampleLayout layout, const SamplePictureStyle& style)
{
    if (style.size.isEmpty() || style.pixelRatio <= 0 || sample.size() <= 0)
        return {};
    if (kind == core::SampleKind::Sequence || kind == core::SampleKind::Table) {
        constexpr std::int64_t kMost = 4096;  // letters or bars; more cannot be seen in any picture
        if (sample.size() > kMost)
            return {};
        const std::vector<double> values = elementsOf(sample);
        return kind == core::SampleKind::Sequence ? sequencePicture(values, style) : tablePicture(values, style);
    }
    const QImage pixels = sampleImage(sample, kind, layout, style.spectrogramMap);
    if (pixels.isNull())
        return {};
    // Small images grow pixel by pixel, so that one sees what the network sees; large ones shrink smoothly.
    const QSize room = style.size * style.pixelRatio;
    const bool grows = pixels.width() <= room.width() && pixels.height() <= room.height();
    QImage scaled = pixels.scaled(room, Qt::KeepAspectRatio, grows ? Qt::FastTransformation : Qt::SmoothTransformation);
    scaled.setDevicePixelRatio(style.pixelRatio);
    return scaled;
}

core::Tensor sampleOf(const core::Tensor& inputs, std::int64_t index)
{
    if (inputs.rank() == 0 || index < 0 || index >= inputs.dimension(0))
        return {};
    core::Tensor sample = core::Tensor::uninitialized(inputs.type(), core::Shape(inputs.shape().begin() + 1, inputs.shape().end()));
    const std::size_t bytes = sample.byteCount();
    if (bytes > 0)
        std::memcpy(sample.editBytes().data(), inputs.bytes().data() + static_cast<std::size_t>(index) * bytes, bytes);
    return sample;
}

}  // namespace app
