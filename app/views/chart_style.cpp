// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/chart_style.h"

#include <QAbstractAxis>
#include <QChart>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImage>
#include <QLegend>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QWidget>

#include <algorithm>
#include <array>
#include <cmath>

namespace app {

namespace {

constexpr int kSeries = 8;

// Okabe and Ito, "Color Universal Design" (2008), in an order that puts strong contrast first. Their yellow is darkened on
// light ground and their blue lightened on dark ground, where the originals fall below 3 : 1.
constexpr std::array<QRgb, kSeries> kOnLight{0xff0072b2, 0xffe69f00, 0xff009e73, 0xffd55e00,
                                             0xff56b4e9, 0xffcc79a7, 0xffa89a00, 0xff5a5a5a};
constexpr std::array<QRgb, kSeries> kOnDark{0xff4fa8e0, 0xfff0b429, 0xff2fc79a, 0xfff0794a, 0xff9ad4f7, 0xffe3a0c6, 0xfff0e442, 0xffb5b5b5};
constexpr std::array<Qt::BrushStyle, kSeries> kPatterns{Qt::SolidPattern, Qt::BDiagPattern,     Qt::Dense6Pattern, Qt::FDiagPattern,
                                                        Qt::VerPattern,   Qt::DiagCrossPattern, Qt::HorPattern,    Qt::CrossPattern};

std::size_t wrapped(int index) { return static_cast<std::size_t>(((index % kSeries) + kSeries) % kSeries); }

QColor byLight(const QPalette& palette, QRgb onLight, QRgb onDark) { return QColor::fromRgb(isDark(palette) ? onDark : onLight); }

QString csvField(QString field)
{
    const bool needsQuotes =
        std::any_of(field.cbegin(), field.cend(), [](QChar c) { return c == u',' || c == u'"' || c == u'\n' || c == u'\r'; });
    if (!needsQuotes)
        return field;
    return u'"' + field.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

QString csvLine(const QStringList& fields)
{
    QStringList escaped;
    escaped.reserve(fields.size());
    for (const QString& field : fields)
        escaped << csvField(field);
    return escaped.join(u',') + QStringLiteral("\r\n");
}

}  // namespace

bool isDark(const QPalette& palette) { return palette.color(QPalette::Window).lightnessF() < 0.5f; }

QColor seriesColour(int index, const QPalette& palette) { return QColor::fromRgb((isDark(palette) ? kOnDark : kOnLight)[wrapped(index)]); }

Qt::BrushStyle seriesPattern(int index) { return kPatterns[wrapped(index)]; }

QBrush seriesBrush(int index, const QPalette& palette) { return QBrush(seriesColour(index, palette), seriesPattern(index)); }

QPen seriesPen(int index, const QPalette& palette, double width)
{
    static constexpr std::array<Qt::PenStyle, 4> dashes{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    QPen pen(seriesColour(index, palette), width, dashes[wrapped(index) % dashes.size()]);
    pen.setCosmetic(true);
    return pen;
}

void fillSeries(QPainter& painter, const QRectF& area, int index, const QPalette& palette)
{
    const QColor colour = seriesColour(index, palette);
    painter.fillRect(area, colour);
    if (seriesPattern(index) != Qt::SolidPattern)
        painter.fillRect(area, QBrush(mixed(colour, palette.color(QPalette::Base), 0.6), seriesPattern(index)));
}

QColor mutedText(const QPalette& palette) { return mixed(palette.color(QPalette::Text), palette.color(QPalette::Base), 0.32); }

QColor gridColour(const QPalette& palette) { return mixed(palette.color(QPalette::Text), palette.color(QPalette::Base), 0.85); }

QColor goodColour(const QPalette& palette) { return byLight(palette, 0xff00664c, 0xff3dd1a5); }

QColor cautionColour(const QPalette& palette) { return byLight(palette, 0xff8a5a00, 0xfff0b429); }

QColor badColour(const QPalette& palette) { return byLight(palette, 0xffb23c00, 0xffff9166); }

QColor mixed(const QColor& a, const QColor& b, double shareOfB)
{
    const float t = static_cast<float>(std::clamp(shareOfB, 0.0, 1.0));
    return QColor::fromRgbF(a.redF() + (b.redF() - a.redF()) * t, a.greenF() + (b.greenF() - a.greenF()) * t,
                            a.blueF() + (b.blueF() - a.blueF()) * t, a.alphaF() + (b.alphaF() - a.alphaF()) * t);
}

QColor inkOn(const QColor& ground)
{
    // Relative luminance of WCAG 2; black and white contrast equally at 0.179.
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    const double luminance = 0.2126 * linear(ground.redF()) + 0.7152 * linear(ground.greenF()) + 0.0722 * linear(ground.blueF());
    return luminance > 0.179 ? QColor(Qt::black) : QColor(Qt::white);
}

QFont smallFont(const QFont& base)
{
    QFont font = base;
    if (base.pointSizeF() > 0)
        font.setPointSizeF(std::max(7.0, 0.85 * base.pointSizeF()));
    else
        font.setPixelSize(std::max(9, static_cast<int>(std::lround(0.85 * base.pixelSize()))));
    return font;
}

QFont figureFont(const QFont& base, double times)
{
    QFont font = base;
    font.setWeight(QFont::DemiBold);
    if (base.pointSizeF() > 0)
        font.setPointSizeF(times * base.pointSizeF());
    else
        font.setPixelSize(static_cast<int>(std::lround(times * base.pixelSize())));
    return font;
}

void applyChartStyle(QChart& chart, const QPalette& palette, const QFont& font)
{
    const QFont small = smallFont(font);
    chart.setAnimationOptions(QChart::NoAnimation);
    chart.setBackgroundVisible(false);
    chart.setPlotAreaBackgroundVisible(true);
    chart.setPlotAreaBackgroundBrush(palette.color(QPalette::Base));
    chart.setPlotAreaBackgroundPen(QPen(gridColour(palette)));
    chart.legend()->setLabelColor(palette.color(QPalette::WindowText));
    chart.legend()->setFont(small);
    const QList<QAbstractAxis*> axes = chart.axes();
    for (QAbstractAxis* axis : axes) {
        axis->setLabelsFont(small);
        axis->setLabelsColor(mutedText(palette));
        axis->setTitleFont(small);
        axis->setTitleBrush(palette.color(QPalette::WindowText));
        axis->setGridLineColor(gridColour(palette));
        axis->setLinePenColor(mutedText(palette));
        axis->setShadesVisible(false);
    }
}

QString csvText(const NumberTable& table)
{
    QString text = csvLine(table.header);
    for (const QStringList& row : table.rows)
        text += csvLine(row);
    return text;
}

void copyAsCsv(const NumberTable& table) { QGuiApplication::clipboard()->setText(csvText(table)); }

core::Result<void> savePicture(QWidget& widget, const QString& path)
{
    const QString ending = QFileInfo(path).suffix().toLower();
    const std::string place = path.toStdString();
    if (widget.size().isEmpty())
        return core::Problem{place, "the picture has no size; show the view before saving it"};
    if (ending != QLatin1String("png") && ending != QLatin1String("svg"))
        return core::Problem{place, "file ending is '" + ending.toStdString() + "'; a picture is saved as .png or .svg"};

    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return core::Problem{place, file.errorString().toStdString() + "; choose a folder that can be written"};
    if (ending == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&file);
        generator.setSize(widget.size());
        generator.setViewBox(QRect(QPoint(0, 0), widget.size()));
        generator.setTitle(widget.accessibleName());
        generator.setDescription(widget.accessibleDescription());
        QPainter painter(&generator);
        widget.render(&painter);
    } else {
        constexpr double kRatio = 2.0;
        QImage image(widget.size() * kRatio, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(kRatio);
        image.fill(widget.palette().color(QPalette::Window));
        widget.render(&image);
        if (!image.save(&file, "PNG"))
            return core::Problem{place, "the picture could not be written as PNG"};
    }
    if (!file.commit())
        return core::Problem{place, file.errorString().toStdString() + "; choose another file"};
    return core::success();
}

}  // namespace app
