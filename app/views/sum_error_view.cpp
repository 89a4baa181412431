// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/sum_error_view.h"

#include "app/models/number_text.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {

class SumErrorPlot : public QWidget {
public:
    explicit SumErrorPlot(SumErrorView& view) : m_view(view) { setObjectName(QStringLiteral("sumErrorPlot")); }

    QSize sizeHint() const override { return {280, 240}; }
    QSize minimumSizeHint() const override { return {160, 140}; }

    QPointF pointOf(int products, double error) const { return {across().at(products), upwards().at(error)}; }

protected:
    bool event(QEvent* event) override
    {
        if (event->type() != QEvent::ToolTip || figure().products.empty())
            return QWidget::event(event);
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), textAt(help->pos().x()), this);
        return true;
    }

    void paintEvent(QPaintEvent*) override
    {
        if (figure().products.empty())
            return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(smallFont(font()));
        const QRectF area = plot();
        painter.fillRect(area, palette().color(QPalette::Base));
        drawLeftAxis(painter, area, upwards(), SumErrorView::tr("error / Σ|w x|"), palette());
        drawBottomAxis(painter, area, across(), SumErrorView::tr("products summed"), palette());
        if (figure().isOld)
            painter.setOpacity(0.55);
        drawVacuous(painter, area);
        painter.setClipRect(area.adjusted(-4, -4, 4, 4));
        drawCurve(painter, figure().bound, seriesPen(1, palette(), 2));
        drawCurve(painter, figure().error, seriesPen(0, palette(), 2.2));
        painter.setClipping(false);
        drawLegend(painter, area);
    }

private:
    const SumErrorFigure& figure() const { return m_view.figure(); }

    QRectF plot() const
    {
        const QFont small = smallFont(font());
        const double line = QFontMetricsF(small).height(), top = 2 * line + 8;
        const double left = leftAxisWidth(small, {range().first, range().second, 0, 1, true}, height() - top) + 2;
        return {left, top, std::max(20.0, width() - left - 10), std::max(20.0, height() - top - bottomAxisHeight(small))};
    }
    PlotScale across() const
    {
        const QRectF area = plot();
        const double first = figure().products.front(), last = figure().products.back();
        return {first, std::max(last, first + 1), area.left(), area.right(), true};
    }
    PlotScale upwards() const
    {
        const QRectF area = plot();
        return {range().first, range().second, area.bottom(), area.top(), true};
    }
    /// Half a decade around all that can be drawn.
    std::pair<double, double> range() const
    {
        double low = std::numeric_limits<double>::infinity(), high = 0;
        for (const auto* curve : {&figure().error, &figure().bound})
            for (const float value : *curve)
                if (std::isfinite(value) && value > 0) {
                    low = std::min(low, static_cast<double>(value));
                    high = std::max(high, static_cast<double>(value));
                }
        return high > 0 ? std::pair(low / 2, 2 * high) : std::pair(1e-8, 1.0);
    }

    void drawCurve(QPainter& painter, const std::vector<float>& values, const QPen& pen) const
    {
        QPainterPath path;
        bool isBegun = false;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!std::isfinite(values[i]) || values[i] <= 0) {
                isBegun = false;
                continue;
            }
            const QPointF point = pointOf(figure().products[i], static_cast<double>(values[i]));
            isBegun ? path.lineTo(point) : path.moveTo(point);
            isBegun = true;
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(pen);
        painter.drawPath(path);
        if (path.elementCount() == 1)
            painter.drawEllipse(path.currentPosition(), 2, 2);
    }
    void drawVacuous(QPainter& painter, const QRectF& area) const
    {
        const int from = m_view.vacuousFrom();
        if (from == 0)
            return;
        const double left = std::clamp(across().at(from), area.left(), area.right());
        painter.fillRect(QRectF(left, area.top(), area.right() - left, area.height()), QBrush(gridColour(palette()), Qt::BDiagPattern));
    }
    /// Above the plot: what the lines are, and where there is no bound.
    void drawLegend(QPainter& painter, const QRectF& area) const
    {
        const QFontMetricsF metrics(painter.font());
        double left = area.left();
        const double middle = metrics.height() * 0.5 + 1;
        const auto entry = [&](const QPen& pen, const QString& words) {
            painter.setPen(pen);
            painter.drawLine(QPointF(left, middle), QPointF(left + 20, middle));
            painter.setPen(palette().color(QPalette::WindowText));
            painter.drawText(QPointF(left + 24, middle + 0.35 * metrics.height()), words);
            left += 34 + metrics.horizontalAdvance(words);
        };
        entry(seriesPen(0, palette(), 2.2), SumErrorView::tr("error"));
        if (figure().bound.empty())
            return;
        entry(seriesPen(1, palette(), 2), SumErrorView::tr("bound"));
        if (m_view.vacuousFrom() == 0)
            return;
        painter.fillRect(QRectF(left, middle - 5, 20, 10), QBrush(mutedText(palette()), Qt::BDiagPattern));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QPointF(left + 24, middle + 0.35 * metrics.height()),
                         metrics.elidedText(SumErrorView::tr("no bound"), Qt::ElideRight, width() - left - 26));
    }
    QString textAt(double x) const
    {
        const double wanted = across().valueAt(x);
        std::size_t nearest = 0;
        for (std::size_t i = 1; i < figure().products.size(); ++i)
            if (std::abs(figure().products[i] - wanted) < std::abs(figure().products[nearest] - wanted))
                nearest = i;
        QString text = SumErrorView::tr("after %1 products: error %2")
                           .arg(countText(figure().products[nearest]), compactNumberText(static_cast<double>(figure().error[nearest])));
        if (nearest < figure().bound.size())
            text += std::isfinite(figure().bound[nearest])
                        ? SumErrorView::tr(", at most %1").arg(compactNumberText(static_cast<double>(figure().bound[nearest])))
                        : SumErrorView::tr(", no bound");
        return text;
    }

    SumErrorView& m_view;
};

SumErrorView::SumErrorView(QWidget* parent)
    : FigureView(QStringLiteral("sumErrorView"), tr("Error of running sums by position"), parent), m_plot(new SumErrorPlot(*this))
{
    setPicture(m_plot);
}

void SumErrorView::showFigure(SumErrorFigure figure)
{
    m_figure = std::move(figure);
    const bool isEmpty = m_figure.products.empty();
    numbersChanged(isEmpty, isEmpty ? QString()
                                    : tr("%1, %2: after all %3 products the error is %4 of the sum of magnitudes")
                                          .arg(m_figure.layer, m_figure.rule, countText(m_figure.products.back()),
                                               compactNumberText(static_cast<double>(m_figure.error.back()))));
    m_plot->update();
}

int SumErrorView::vacuousFrom() const
{
    const auto first = std::ranges::find_if(m_figure.bound, [](float bound) { return std::isinf(bound); });
    return first == m_figure.bound.end() ? 0 : m_figure.products[static_cast<std::size_t>(first - m_figure.bound.begin())];
}

QPointF SumErrorView::pointOf(int products, double error) const { return m_plot->pointOf(products, error); }

NumberTable SumErrorView::numbers() const
{
    NumberTable table;
    table.header << tr("products") << tr("error / Σ|w x|") << tr("bound / Σ|w x|");
    for (std::size_t i = 0; i < m_figure.products.size(); ++i)
        table.rows.push_back({QString::number(m_figure.products[i]), QString::number(static_cast<double>(m_figure.error[i]), 'g', 6),
                              i < m_figure.bound.size() ? QString::number(static_cast<double>(m_figure.bound[i]), 'g', 6) : QString()});
    return table;
}

}  // namespace app
