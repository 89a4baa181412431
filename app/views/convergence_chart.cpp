// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/convergence_chart.h"

#include "app/views/plot_axes.h"

#include <QAreaSeries>
#include <QChart>
#include <QEvent>
#include <QGraphicsLayout>
#include <QLegend>
#include <QLegendMarker>
#include <QLineSeries>
#include <QLogValueAxis>
#include <QMouseEvent>
#include <QTimer>
#include <QToolTip>
#include <QValueAxis>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace app {

namespace {

constexpr std::chrono::milliseconds kFrame{16};
constexpr double kRoom = 1.2;         // to the right of a lone estimate, which does not stand on the frame
constexpr double kDot = 4, kCap = 6;  // logical pixels: radius of a lone estimate, half the width of its interval's ends

}  // namespace

ConvergenceChart::ConvergenceChart(QWidget* parent)
    : QChartView(new QChart, parent),
      m_estimateLine(new QLineSeries(this)),
      m_lowLine(new QLineSeries(this)),
      m_highLine(new QLineSeries(this)),
      m_band(new QAreaSeries(m_highLine, m_lowLine)),
      m_fanLine(new QLineSeries(this)),
      m_fanLowLine(new QLineSeries(this)),
      m_fanHighLine(new QLineSeries(this)),
      m_fanBand(new QAreaSeries(m_fanHighLine, m_fanLowLine)),
      m_beforeLine(new QLineSeries(this)),
      m_referenceLine(new QLineSeries(this)),
      m_linear(new QValueAxis(this)),
      m_logarithmic(new QLogValueAxis(this)),
      m_accuracy(new QValueAxis(this)),
      m_frame(new QTimer(this))
{
    setObjectName(QStringLiteral("accuracyConvergence"));
    setAccessibleName(tr("Running estimate over samples"));
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setBackgroundRole(QPalette::Window);
    setBackgroundBrush(Qt::NoBrush);
    setMouseTracking(true);

    m_band->setName(tr("95 % band"));
    m_fanBand->setName(tr("5–95 % of chips"));
    m_fanLine->setName(tr("mean of chips"));
    m_beforeLine->setName(tr("before"));
    m_referenceLine->setName(tr("reference"));
    m_estimateLine->setName(tr("estimate"));
    m_linear->setTitleText(tr("samples scored"));
    m_logarithmic->setTitleText(tr("samples scored (logarithmic)"));
    m_linear->setLabelFormat(QStringLiteral("%.0f"));
    m_logarithmic->setLabelFormat(QStringLiteral("%.0f"));
    m_logarithmic->setBase(10);
    m_logarithmic->setMinorTickCount(8);
    m_accuracy->setTitleText(tr("accuracy / %"));

    chart()->setMargins(QMargins(2, 2, 6, 2));
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->addAxis(m_accuracy, Qt::AlignLeft);
    chart()->addAxis(m_logarithmic, Qt::AlignBottom);
    for (QAbstractSeries* series :
         std::initializer_list<QAbstractSeries*>{m_band, m_fanBand, m_beforeLine, m_referenceLine, m_estimateLine, m_fanLine}) {
        chart()->addSeries(series);
        series->attachAxis(m_logarithmic);
        series->attachAxis(m_accuracy);
    }
    chart()->legend()->setAlignment(Qt::AlignBottom);
    chart()->legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);

    m_frame->setSingleShot(true);
    m_frame->setInterval(kFrame);
    connect(m_frame, &QTimer::timeout, this, &ConvergenceChart::draw);
    style();
}

void ConvergenceChart::addEstimate(const AccuracyFigure& figure)
{
    const double samples = static_cast<double>(figure.samples);
    m_requested = static_cast<double>(figure.requested);
    if (figure.reference.trials > 0)
        m_reference = 100 * figure.reference.value();
    if (samples >= 1) {
        if (!m_estimate.isEmpty() && m_estimate.last().x() >= samples) {  // the same count told again replaces its point
            m_estimate.removeLast();
            m_low.removeLast();
            m_high.removeLast();
        }
        m_estimate.append({samples, 100 * figure.top1.value()});
        m_low.append({samples, 100 * figure.top1.low()});
        m_high.append({samples, 100 * figure.top1.high()});
    }
    if (!figure.path.empty()) {  // not where reports happened to come, but sample by sample
        m_estimate.clear();
        m_low.clear();
        m_high.clear();
        for (const core::Proportion& point : figure.path) {
            const auto at = static_cast<double>(point.trials);
            m_estimate.append({at, 100 * point.value()});
            m_low.append({at, 100 * point.low()});
            m_high.append({at, 100 * point.high()});
        }
    }
    forgetFan();
    for (const core::FanPoint& point : figure.fan) {
        const auto at = static_cast<double>(point.samples);
        m_fanMean.append({at, 100 * point.mean});
        m_fanLow.append({at, 100 * point.low});
        m_fanHigh.append({at, 100 * point.high});
        m_fanFirst.append({at, 100 * point.first});
    }
    if (!m_frame->isActive())
        m_frame->start();
}

void ConvergenceChart::forgetFan()
{
    m_fanMean.clear();
    m_fanLow.clear();
    m_fanHigh.clear();
    m_fanFirst.clear();
}

void ConvergenceChart::beginRun()
{
    if (!m_fanMean.isEmpty())
        m_before = m_fanMean;
    else if (!m_estimate.isEmpty())
        m_before = m_estimate;
    forgetFan();
    m_estimate.clear();
    m_low.clear();
    m_high.clear();
    if (!m_frame->isActive())
        m_frame->start();
}

void ConvergenceChart::clear()
{
    m_estimate.clear();
    m_low.clear();
    m_high.clear();
    forgetFan();
    m_before.clear();
    m_reference.reset();
    draw();
}

void ConvergenceChart::setSampleAxis(AccuracyView::SampleAxis axis)
{
    if (axis == m_axis)
        return;
    QAbstractAxis* const from = m_axis == AccuracyView::SampleAxis::Linear ? static_cast<QAbstractAxis*>(m_linear) : m_logarithmic;
    m_axis = axis;
    QAbstractAxis* const to = m_axis == AccuracyView::SampleAxis::Linear ? static_cast<QAbstractAxis*>(m_linear) : m_logarithmic;
    const QList<QAbstractSeries*> all = chart()->series();
    for (QAbstractSeries* series : all)
        series->detachAxis(from);
    chart()->removeAxis(from);
    from->setParent(this);
    chart()->addAxis(to, Qt::AlignBottom);
    for (QAbstractSeries* series : all)
        series->attachAxis(to);
    style();
    draw();
}

void ConvergenceChart::draw()
{
    m_lowLine->replace(m_low);
    m_highLine->replace(m_high);
    m_estimateLine->replace(hasFan() ? m_fanFirst : m_estimate);
    m_fanLine->replace(m_fanMean);
    m_fanLowLine->replace(m_fanLow);
    m_fanHighLine->replace(m_fanHigh);
    m_fanLine->setVisible(hasFan());
    m_fanBand->setVisible(hasFan());
    m_band->setVisible(!hasFan());  // one band at a time; the mean's interval stands beside the figure
    m_estimateLine->setName(hasFan() ? tr("first chip") : tr("estimate"));
    m_estimateLine->setPen(QPen(m_estimateLine->pen().color(), hasFan() ? 1.0 : 2.2));
    m_beforeLine->replace(m_before);
    const double last = std::max(m_requested, 2.0) * (isLone() ? kRoom : 1);
    m_referenceLine->replace(m_reference ? QList<QPointF>{{1, *m_reference}, {last, *m_reference}} : QList<QPointF>{});
    m_beforeLine->setVisible(!m_before.isEmpty());  // its place in the legend goes and comes with it
    fitAxes();
    viewport()->update();
}

void ConvergenceChart::fitSamples()
{
    double first = m_requested, last = std::max(m_requested, 2.0);
    for (const QPointF& point : hasFan() ? m_fanMean : m_estimate) {
        first = std::min(first, point.x());
        last = std::max(last, point.x());
    }
    if (isLone())
        last *= kRoom;
    first = std::clamp(first, 1.0, std::max(1.0, last / 10));  // a decade at least, so that two powers of ten have numbers
    m_linear->setRange(0, last);
    m_linear->setTickType(QValueAxis::TicksDynamic);
    m_linear->setTickInterval(std::max(1.0, roundStep(last, width() < 360 ? 2 : 5)));
    m_logarithmic->setRange(std::pow(10.0, std::floor(std::log10(first))), last);  // from a power of ten, which has a number
}

void ConvergenceChart::fitAxes()
{
    double low = m_reference.value_or(100), high = m_reference.value_or(0);
    const auto include = [&](double value) { low = std::min(low, value), high = std::max(high, value); };
    for (const QPointF& point : hasFan() ? m_fanFirst : m_estimate)
        include(point.y());
    for (const QPointF& point : m_before)
        include(point.y());
    // The last third of the band is what the eye compares; its wide beginning may leave the frame.
    const QList<QPointF>&lows = hasFan() ? m_fanLow : m_low, &highs = hasFan() ? m_fanHigh : m_high;
    for (qsizetype i = 2 * lows.size() / 3; i < lows.size(); ++i) {
        include(lows[i].y());
        include(highs[i].y());
    }
    if (low > high)
        return;
    fitSamples();

    const double pad = std::max(0.5, 0.08 * (high - low));
    low = std::max(0.0, low - pad);
    high = std::min(100.0, high + pad);
    const double step = roundStep(high - low, std::max(2, height() / 45));
    low = std::max(0.0, std::floor(low / step) * step);
    high = std::min(100.0, std::ceil(high / step) * step);
    m_accuracy->setRange(low, high);
    m_accuracy->setTickCount(std::max(2, static_cast<int>(std::lround((high - low) / step)) + 1));
    m_accuracy->setLabelFormat(QStringLiteral("%.%1f").arg(decimalsOfStep(step)));  // neighbours differ
}

/// One point makes no line and no band: it is drawn as a dot on its interval, the run before as a ring.
void ConvergenceChart::drawForeground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawForeground(painter, rect);
    const auto place = [this](const QPointF& point) { return chart()->mapToScene(chart()->mapToPosition(point, m_estimateLine)); };
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setClipRect(chart()->mapRectToScene(chart()->plotArea()).adjusted(-kDot, -kDot, kDot, kDot));
    if (m_before.size() == 1) {
        painter->setPen(QPen(mutedText(palette()), 1.4));
        painter->setBrush(Qt::NoBrush);
        painter->drawEllipse(place(m_before.first()), kDot, kDot);
    }
    if (isLone()) {
        const QPointF low = place((hasFan() ? m_fanLow : m_low).first()), high = place((hasFan() ? m_fanHigh : m_high).first()),
                      cap(kCap, 0);
        const QColor ink = (hasFan() ? m_fanLine : m_estimateLine)->pen().color();
        painter->setPen(QPen(ink, 2));
        painter->drawLine(low, high);
        painter->drawLine(low - cap, low + cap);
        painter->drawLine(high - cap, high + cap);
        painter->setBrush(ink);
        painter->drawEllipse(place((hasFan() ? m_fanMean : m_estimate).first()), kDot, kDot);
    }
    painter->restore();
}

void ConvergenceChart::style()
{
    applyChartStyle(*chart(), palette(), font());
    m_logarithmic->setMinorGridLineColor(mixed(gridColour(palette()), palette().color(QPalette::Base), 0.5));
    const QColor blue = seriesColour(0, palette());
    m_estimateLine->setPen(QPen(blue, 2.2));
    m_band->setPen(QPen(mixed(blue, palette().color(QPalette::Base), 0.5), 0.8));
    QColor veil = blue;
    veil.setAlphaF(0.18f);
    m_band->setBrush(veil);
    const QColor ofChips = seriesColour(2, palette());
    QColor chipVeil = ofChips;
    chipVeil.setAlphaF(0.25f);
    m_fanLine->setPen(QPen(ofChips, 2.4));
    m_fanBand->setPen(QPen(mixed(ofChips, palette().color(QPalette::Base), 0.4), 0.8));
    m_fanBand->setBrush(chipVeil);
    for (const auto& [band, ink] : {std::pair{m_band, blue}, std::pair{m_fanBand, ofChips}}) {
        const QList<QLegendMarker*> markers = chart()->legend()->markers(band);
        for (QLegendMarker* marker : markers) {
            marker->setBrush(mixed(ink, palette().color(QPalette::Base), 0.6));
            marker->setPen(QPen(Qt::NoPen));
            marker->setShape(QLegend::MarkerShapeRectangle);
        }
    }
    m_beforeLine->setPen(QPen(mutedText(palette()), 1.2, Qt::DotLine));
    m_referenceLine->setPen(QPen(seriesColour(3, palette()), 1.6, Qt::DashLine));
}

void ConvergenceChart::changeEvent(QEvent* event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

void ConvergenceChart::resizeEvent(QResizeEvent* event)
{
    chart()->legend()->setVisible(height() >= 190 && width() >= 340);
    QChartView::resizeEvent(event);
    fitAxes();
}

void ConvergenceChart::mouseMoveEvent(QMouseEvent* event)
{
    QChartView::mouseMoveEvent(event);
    if (m_estimate.isEmpty() || !chart()->plotArea().contains(event->position()))
        return;
    const double samples = chart()->mapToValue(event->position(), m_estimateLine).x();
    const QList<QPointF>&points = hasFan() ? m_fanMean : m_estimate, &lows = hasFan() ? m_fanLow : m_low,
          &highs = hasFan() ? m_fanHigh : m_high;
    const auto nearest = std::min_element(points.cbegin(), points.cend(), [samples](const QPointF& a, const QPointF& b) {
        return std::abs(a.x() - samples) < std::abs(b.x() - samples);
    });
    const qsizetype i = nearest - points.cbegin();
    const QString words =
        hasFan() ? tr("%1 samples: mean of chips %2 %, nine tenths of them %3 – %4 %") : tr("%1 samples: %2 %, 95 % interval %3 – %4 %");
    QToolTip::showText(event->globalPosition().toPoint(),
                       words.arg(countText(static_cast<std::int64_t>(nearest->x())), numberText(nearest->y(), 2),
                                 numberText(lows[i].y(), 2), numberText(highs[i].y(), 2)),
                       this);
}

}  // namespace app
