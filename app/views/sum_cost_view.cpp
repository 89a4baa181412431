// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/sum_cost_view.h"

#include "app/models/number_text.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineF>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {

using Kind = SumCost::Kind;

/// The drawing and touching. Keys: Left and Right go from way to way by cost, Enter takes one.
class SumCostPlot : public QWidget {
public:
    explicit SumCostPlot(SumCostView& view) : m_view(view)
    {
        setObjectName(QStringLiteral("sumCostPlot"));
        setFocusPolicy(Qt::StrongFocus);
    }

    QSize sizeHint() const override { return {280, 260}; }
    QSize minimumSizeHint() const override { return {160, 160}; }

    /// What has no error at all stands at the top.
    QPointF pointOf(const SumCost& way) const
    {
        const auto [low, high] = heights();
        return {across().at(way.cost), upwards().at(std::clamp(m_view.heightOf(way), low, high))};
    }
    QRectF namePlace(std::size_t way) const { return namePlaces(plot(), QFontMetricsF(smallFont(font()))).at(way); }
    void choose(int way)
    {
        m_chosen = way;
        setAccessibleDescription(way >= 0 ? m_view.wayText(ways()[static_cast<std::size_t>(way)]) : QString());
        update();
    }

protected:
    bool event(QEvent* event) override
    {
        if (event->type() != QEvent::ToolTip)
            return QWidget::event(event);
        const auto* help = static_cast<QHelpEvent*>(event);
        const int way = wayAt(help->pos());
        QToolTip::showText(help->globalPos(), way >= 0 ? m_view.wayText(ways()[static_cast<std::size_t>(way)]) : toolTip(), this);
        return true;
    }
    void mousePressEvent(QMouseEvent* event) override { choose(wayAt(event->position())); }
    void mouseDoubleClickEvent(QMouseEvent* event) override
    {
        choose(wayAt(event->position()));
        take();
    }
    void keyPressEvent(QKeyEvent* event) override
    {
        switch (event->key()) {
        case Qt::Key_Left: return chooseBeside(-1);
        case Qt::Key_Right: return chooseBeside(1);
        case Qt::Key_Return:
        case Qt::Key_Enter: return take();
        default: QWidget::keyPressEvent(event);
        }
    }
    void paintEvent(QPaintEvent*) override
    {
        if (ways().empty())
            return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(smallFont(font()));
        const QRectF area = plot();
        painter.fillRect(area, palette().color(QPalette::Base));
        drawNoGain(painter, area);
        drawLeftAxis(painter, area, upwards(),
                     isAccuracy() ? SumCostView::tr("top 1 / %") : SumCostView::tr("output, signal over error / dB"), palette());
        drawBottomAxis(painter, area, across(), SumCostView::tr("cost / sums in %1").arg(m_view.figure().low), palette());
        drawReference(painter, area);
        if (m_view.figure().isOld)
            painter.setOpacity(0.55);
        drawSeries(painter, Kind::Tolerance);
        drawSeries(painter, Kind::Rows);
        for (std::size_t way = 0; way < ways().size(); ++way)
            drawWay(painter, ways()[way], static_cast<int>(way) == m_chosen);
        drawNames(painter, area);
        painter.setOpacity(1);
        drawLegend(painter);
    }

private:
    const std::vector<SumCost>& ways() const { return m_view.ways(); }

    static int seriesOf(Kind kind) { return kind == Kind::Tolerance ? 0 : kind == Kind::Rows ? 1 : 2; }

    QRectF plot() const
    {
        const QFont small = smallFont(font());
        const double line = QFontMetricsF(small).height(), top = legend(QFontMetricsF(small)).back().at.y() + 1.5 * line + 8;
        const auto [low, high] = heights();
        const double left = leftAxisWidth(small, {low, high, 0, 1}, height() - top) + 2;
        return {left, top, std::max(20.0, width() - left - 10), std::max(20.0, height() - top - bottomAxisHeight(small))};
    }
    bool isAccuracy() const { return m_view.measure() == SumCostView::Measure::Accuracy; }
    std::pair<double, double> heights() const
    {
        double low = std::numeric_limits<double>::infinity(), high = -low;
        const auto include = [&](double value) {
            if (std::isfinite(value)) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
        };
        for (const SumCost& way : ways()) {
            include(m_view.heightOf(way));
            if (isAccuracy()) {
                include(100 * way.top1.low());
                include(100 * way.top1.high());
            }
        }
        if (isAccuracy() && m_view.figure().costs)
            include(100 * m_view.figure().costs->referenceTop1.value());
        if (!(low <= high))
            return {0, 1};
        const double pad = std::max(0.5, 0.06 * (high - low));
        return isAccuracy() ? std::pair(std::max(0.0, low - pad), std::min(100 + pad, high + pad)) : std::pair(low - pad, high + pad);
    }
    PlotScale across() const
    {
        double low = 1, high = m_view.figure().costs ? m_view.figure().costs->uniformCost : 2;
        for (const SumCost& way : ways()) {
            low = std::min(low, way.cost);
            high = std::max(high, way.cost);
        }
        const double pad = std::max(0.05, 0.08 * (high - low));
        const QRectF area = plot();
        return {low - pad, high + pad, area.left(), area.right()};
    }
    PlotScale upwards() const
    {
        const auto [low, high] = heights();
        const QRectF area = plot();
        return {low, high, area.bottom(), area.top()};
    }
    int wayAt(QPointF position) const
    {
        constexpr double kNear = 12;
        int nearest = -1;
        double least = kNear;
        for (std::size_t way = 0; way < ways().size(); ++way) {
            const QPointF away = pointOf(ways()[way]) - position;
            if (const double distance = std::hypot(away.x(), away.y()); distance < least) {
                least = distance;
                nearest = static_cast<int>(way);
            }
        }
        return nearest;
    }
    /// Of `kind`, or all, by cost.
    std::vector<std::size_t> byCost(std::optional<Kind> kind) const
    {
        std::vector<std::size_t> found;
        for (std::size_t way = 0; way < ways().size(); ++way)
            if (!kind || ways()[way].kind == *kind)
                found.push_back(way);
        std::ranges::stable_sort(found, {}, [this](std::size_t way) { return ways()[way].cost; });
        return found;
    }
    void chooseBeside(int step)
    {
        const std::vector<std::size_t> order = byCost({});
        if (order.empty())
            return;
        const auto now = std::ranges::find(order, static_cast<std::size_t>(std::max(m_chosen, 0)));
        const auto place = m_chosen < 0 ? 0 : std::clamp<std::ptrdiff_t>(now - order.begin() + step, 0, std::ssize(order) - 1);
        choose(static_cast<int>(order[static_cast<std::size_t>(place)]));
    }
    void take()
    {
        if (m_chosen >= 0 && m_chosen < static_cast<int>(ways().size()))
            emit m_view.wayChosen(ways()[static_cast<std::size_t>(m_chosen)]);
    }

    void drawNoGain(QPainter& painter, const QRectF& area) const
    {
        const double left = std::clamp(across().at(m_view.figure().costs->uniformCost), area.left(), area.right());
        painter.fillRect(QRectF(left, area.top(), area.right() - left, area.height()), QBrush(gridColour(palette()), Qt::BDiagPattern));
        painter.setPen(QPen(mutedText(palette()), 1, Qt::DashLine));
        painter.drawLine(QPointF(left, area.top()), QPointF(left, area.bottom()));
    }
    void drawReference(QPainter& painter, const QRectF& area) const
    {
        if (!isAccuracy())
            return;  // which has no error at all
        const double y = upwards().at(100 * m_view.figure().costs->referenceTop1.value());
        painter.setPen(QPen(mutedText(palette()), 1.2, Qt::DotLine));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    }
    void drawSeries(QPainter& painter, Kind kind) const
    {
        const std::vector<std::size_t> order = byCost(kind);
        painter.setPen(seriesPen(seriesOf(kind), palette(), 1.6));
        for (std::size_t i = 1; i < order.size(); ++i)
            painter.drawLine(pointOf(ways()[order[i - 1]]), pointOf(ways()[order[i]]));
    }
    void drawMark(QPainter& painter, QPointF at, Kind kind) const
    {
        constexpr double kHalf = 4.2;
        painter.setPen(QPen(palette().color(QPalette::Base), 1));
        painter.setBrush(seriesColour(seriesOf(kind), palette()));
        switch (kind) {
        case Kind::Tolerance: painter.drawEllipse(at, kHalf, kHalf); return;
        case Kind::Rows: painter.drawRect(QRectF(at - QPointF(kHalf, kHalf), QSizeF(2 * kHalf, 2 * kHalf))); return;
        case Kind::Low:
        case Kind::High: break;
        }
        const double up = kind == Kind::High ? -kHalf : kHalf;
        painter.drawPolygon(QPolygonF{{at + QPointF(-kHalf, -up), at + QPointF(kHalf, -up), at + QPointF(0, up)}});
    }
    void drawWay(QPainter& painter, const SumCost& way, bool isChosen) const
    {
        const QPointF at = pointOf(way);
        painter.setPen(QPen(mixed(seriesColour(seriesOf(way.kind), palette()), palette().color(QPalette::Base), 0.35), 1.2));
        if (isAccuracy())
            painter.drawLine(QPointF(at.x(), upwards().at(100 * way.top1.low())), QPointF(at.x(), upwards().at(100 * way.top1.high())));
        drawMark(painter, at, way.kind);
        painter.setBrush(Qt::NoBrush);
        if (way.isPresent) {
            painter.setPen(QPen(palette().color(QPalette::Text), 1.6));
            painter.drawEllipse(at, 8, 8);
        }
        if (isChosen) {
            painter.setPen(QPen(palette().color(QPalette::Highlight), 2, Qt::DashLine));
            painter.drawEllipse(at, 11, 11);
        }
    }
    QString shortName(const SumCost& way) const
    {
        switch (way.kind) {
        case Kind::Low: return m_view.figure().low;
        case Kind::High: return m_view.figure().high;
        case Kind::Tolerance: return QString::number(way.setting, 'g', 3);
        case Kind::Rows: break;
        }
        return percentText(way.setting, 0);
    }
    /// The ends and the plan are named always, the others where there is room.
    static bool mustBeNamed(const SumCost& way) { return way.kind == Kind::Low || way.kind == Kind::High || way.isPresent; }
    QRectF intervalOf(const SumCost& way) const
    {
        const double top = upwards().at(100 * way.top1.high()), bottom = upwards().at(100 * way.top1.low());
        return {pointOf(way).x() - 1, top, 2, bottom - top};
    }
    /// Where a name of this size may stand: beside the mark, at the interval's ends; for one that must stand somewhere, further off.
    std::vector<QRectF> placesFor(const SumCost& way, QSizeF size, const QRectF& area) const
    {
        const QPointF at = pointOf(way);
        std::vector<QRectF> places;
        const auto add = [&](double left, double top) {
            const double within = std::clamp(left, area.left() + 1, std::max(area.left() + 1, area.right() - size.width() - 1));
            if (top > area.top() && top + size.height() < area.bottom())
                places.emplace_back(QPointF(mustBeNamed(way) ? within : left, top), size);
        };
        const double right = at.x() + 8, left = at.x() - 8 - size.width(), over = at.y() - size.height() - 2, under = at.y() + 3;
        for (const auto& [x, y] : {std::pair(right, over), {right, under}, {left, over}, {left, under}})
            add(x, y);
        std::erase_if(places, [&](const QRectF& place) { return !area.contains(place) || place.contains(at); });
        if (!mustBeNamed(way))
            return places;
        if (isAccuracy()) {
            add(at.x() - size.width() / 2, intervalOf(way).top() - size.height() - 2);
            add(at.x() - size.width() / 2, intervalOf(way).bottom() + 2);
        }
        for (double away = 1.4 * size.height(); away < area.height(); away += 0.7 * size.height())
            for (const double x : {at.x() - size.width() / 2, right, left})
                for (const double y : {at.y() - away - size.height(), at.y() + away})
                    add(x, y);
        return places;
    }
    /// No name covers a mark or another name, nor, if that can be, an interval; those that must be there come first.
    std::vector<QRectF> namePlaces(const QRectF& area, const QFontMetricsF& metrics) const
    {
        std::vector<QRectF> taken, lines, found(ways().size());
        for (const SumCost& way : ways()) {
            taken.push_back(QRectF(pointOf(way) - QPointF(5, 5), QSizeF(10, 10)));
            if (isAccuracy())
                lines.push_back(intervalOf(way));
        }
        const auto covers = [](const std::vector<QRectF>& others, const QRectF& place) {
            return std::ranges::any_of(others, [&](const QRectF& other) { return other.intersects(place); });
        };
        for (const bool isForced : {true, false})
            for (std::size_t way = 0; way < ways().size(); ++way) {
                if (mustBeNamed(ways()[way]) != isForced)
                    continue;
                const QSizeF size(metrics.horizontalAdvance(shortName(ways()[way])) + 2, metrics.height());
                const std::vector<QRectF> places = placesFor(ways()[way], size, area);
                auto place = std::ranges::find_if(places, [&](const QRectF& one) { return !covers(taken, one) && !covers(lines, one); });
                if (place == places.end())
                    place = std::ranges::find_if(places, [&](const QRectF& one) { return !covers(taken, one); });
                if (place == places.end())
                    continue;
                found[way] = *place;
                taken.push_back(*place);
            }
        return found;
    }
    void drawNames(QPainter& painter, const QRectF& area) const
    {
        const std::vector<QRectF> places = namePlaces(area, QFontMetricsF(painter.font()));
        QColor ground = palette().color(QPalette::Base);
        ground.setAlphaF(0.75f);
        for (std::size_t way = 0; way < ways().size(); ++way) {
            const QRectF& place = places[way];
            if (place.isEmpty())
                continue;
            const QPointF at = pointOf(ways()[way]);
            const QPointF end(std::clamp(at.x(), place.left(), place.right()), std::clamp(at.y(), place.top(), place.bottom()));
            const bool isAtInterval = isAccuracy() && intervalOf(ways()[way]).adjusted(0, -4, 0, 4).intersects(place);
            if (!isAtInterval && QLineF(at, end).length() > kLeaderFrom) {
                painter.setPen(QPen(mutedText(palette()), 1));
                painter.drawLine(at, end);
            }
            painter.fillRect(place, ground);
            painter.setPen(palette().color(QPalette::WindowText));
            painter.drawText(place, Qt::AlignCenter, shortName(ways()[way]));
        }
    }
    enum class Sign { Tolerance, Rows, Throughout, Reference, NoGain };
    struct LegendEntry {
        Sign sign;
        QString words;
        QPointF at;  // of the sign's middle
    };
    /// Above the plot, in as many lines as it takes; the axis' title stands below them.
    std::vector<LegendEntry> legend(const QFontMetricsF& metrics) const
    {
        std::vector<LegendEntry> entries{{Sign::Tolerance, SumCostView::tr("tolerance"), {}},
                                         {Sign::Rows, SumCostView::tr("fixed rows"), {}},
                                         {Sign::Throughout, SumCostView::tr("throughout"), {}},
                                         {Sign::NoGain, SumCostView::tr("does not pay"), {}}};
        if (isAccuracy())
            entries.push_back({Sign::Reference, SumCostView::tr("FP32"), {}});
        double left = kLegendLeft, middle = 0.5 * metrics.height() + 1;
        for (LegendEntry& entry : entries) {
            const double sign = signWidth(entry.sign), wide = sign + metrics.horizontalAdvance(entry.words) + 10;
            if (left > kLegendLeft && left + wide > width()) {
                left = kLegendLeft;
                middle += metrics.height() + 1;
            }
            entry.at = {left + 0.5 * sign, middle};
            left += wide;
        }
        return entries;
    }
    void drawLegend(QPainter& painter) const
    {
        const QFontMetricsF metrics(painter.font());
        for (const LegendEntry& entry : legend(metrics)) {
            painter.setPen(palette().color(QPalette::WindowText));
            painter.drawText(entry.at + QPointF(0.5 * signWidth(entry.sign) + 3, 0.35 * metrics.height()), entry.words);
            drawSign(painter, entry);
        }
    }
    void drawSign(QPainter& painter, const LegendEntry& entry) const
    {
        switch (entry.sign) {
        case Sign::Tolerance: return drawMark(painter, entry.at, Kind::Tolerance);
        case Sign::Rows: return drawMark(painter, entry.at, Kind::Rows);
        case Sign::Throughout:
            drawMark(painter, entry.at - QPointF(5.5, 0), Kind::Low);
            return drawMark(painter, entry.at + QPointF(5.5, 0), Kind::High);
        case Sign::NoGain:
            painter.fillRect(QRectF(entry.at - QPointF(0.5 * kSign, 5), QSizeF(kSign, 10)), QBrush(mutedText(palette()), Qt::BDiagPattern));
            return;
        case Sign::Reference: break;
        }
        painter.setPen(QPen(mutedText(palette()), 1.2, Qt::DotLine));
        painter.drawLine(entry.at - QPointF(0.5 * kSign, 0), entry.at + QPointF(0.5 * kSign, 0));
    }

    static double signWidth(Sign sign) { return sign == Sign::Throughout ? 22 : kSign; }

    static constexpr double kLegendLeft = 2, kSign = 14, kLeaderFrom = 14;
    SumCostView& m_view;
    int m_chosen = -1;
};

SumCostView::SumCostView(QWidget* parent)
    : FigureView(QStringLiteral("sumCostView"), tr("Accuracy against the cost of running sums"), parent), m_plot(new SumCostPlot(*this))
{
    m_plot->setToolTip(tr("A double click on a point, or Enter, takes it into the plan"));
    setPicture(m_plot);
}

void SumCostView::setMeasure(Measure measure)
{
    m_measure = measure;
    m_plot->update();
}

double SumCostView::heightOf(const SumCost& way) const
{
    return m_measure == Measure::Accuracy ? 100 * way.top1.value() : way.outputSqnrDecibels.value_or(0);
}

const std::vector<SumCost>& SumCostView::ways() const
{
    static const std::vector<SumCost> none;
    return m_figure.costs ? m_figure.costs->ways : none;
}

void SumCostView::showFigure(SumCostFigure figure)
{
    const bool isLonger = m_figure.costs && figure.costs && figure.costs->ways.size() >= m_figure.costs->ways.size();
    m_figure = std::move(figure);
    if (!isLonger)
        m_plot->choose(-1);
    QStringList lines;
    for (const SumCost& way : ways())
        lines << wayText(way);
    numbersChanged(ways().empty(), lines.join(QStringLiteral("; ")));
    m_plot->update();
}

QPointF SumCostView::pointOf(const SumCost& way) const { return m_plot->pointOf(way); }

QRectF SumCostView::namePlace(const SumCost& way) const
{
    const auto found = std::ranges::find_if(ways(), [&](const SumCost& one) { return &one == &way; });
    return found == ways().end() ? QRectF() : m_plot->namePlace(static_cast<std::size_t>(found - ways().begin()));
}

QString SumCostView::differenceText(const SumCost& way) const
{
    if (!way.toHigh)
        return {};
    return tr("%1 points to %2 (95 %: %3 to %4)")
        .arg(signedPointsText(way.toHigh->difference, 1), m_figure.high, signedPointsText(way.toHigh->low, 1),
             signedPointsText(way.toHigh->high, 1));
}

QString SumCostView::wayName(const SumCost& way) const
{
    switch (way.kind) {
    case Kind::Low: return tr("%1 throughout").arg(m_figure.low);
    case Kind::High: return tr("%1 throughout").arg(m_figure.high);
    case Kind::Tolerance: return tr("tolerance %1").arg(QString::number(way.setting, 'g', 3));
    case Kind::Rows: break;
    }
    return tr("%1 of the rows").arg(percentText(way.setting, 0));
}

QString SumCostView::wayText(const SumCost& way) const
{
    QString text = tr("%1: top 1 %2 (%3 – %4), cost %5")
                       .arg(wayName(way), percentText(way.top1.value(), 2), numberText(100 * way.top1.low(), 1),
                            numberText(100 * way.top1.high(), 1), numberText(way.cost, 2));
    if (way.toHigh)
        text += tr(", %1, %2").arg(differenceText(way), way.toHigh->isSignificant() ? tr("significant") : tr("not significant"));
    if (way.kind == Kind::Tolerance)
        text += tr(", %1 taken again").arg(percentText(way.recomputed));
    if (way.outputSqnrDecibels)
        text += tr(", output %1").arg(decibelText(way.outputSqnrDecibels));
    return way.isPresent ? text + tr(" - the plan") : text;
}

NumberTable SumCostView::numbers() const
{
    NumberTable table;
    table.header = {tr("way"),           tr("cost"),
                    tr("top 1 / %"),     tr("95 % low / %"),
                    tr("95 % high / %"), tr("to %1 / points").arg(m_figure.high),
                    tr("95 % low"),      tr("95 % high"),
                    tr("significant"),   tr("taken again / %"),
                    tr("output / dB"),   tr("present")};
    const auto percent = [](double share) { return QString::number(100 * share, 'f', 3); };
    for (const SumCost& way : ways())
        table.rows.push_back({wayName(way), QString::number(way.cost, 'f', 4), percent(way.top1.value()), percent(way.top1.low()),
                              percent(way.top1.high()), way.toHigh ? percent(way.toHigh->difference) : QString(),
                              way.toHigh ? percent(way.toHigh->low) : QString(), way.toHigh ? percent(way.toHigh->high) : QString(),
                              !way.toHigh                   ? QString()
                              : way.toHigh->isSignificant() ? tr("yes")
                                                            : tr("no"),
                              percent(way.recomputed),
                              way.outputSqnrDecibels ? QString::number(*way.outputSqnrDecibels, 'f', 2) : QString(),
                              way.isPresent ? tr("yes") : tr("no")});
    return table;
}

}  // namespace app
