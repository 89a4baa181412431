// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/energy_bars.h"

#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace app {

namespace {

constexpr double kMargin = 8, kSwatch = 12;

QString widthText(const core::LedgerEntry& entry)
{
    const QString kind = kindText(entry.kind);
    if (entry.secondBits > 0)
        return QObject::tr("%1 %2 × %3 bits").arg(kind).arg(entry.firstBits, 0, 'g', 3).arg(entry.secondBits, 0, 'g', 3);
    return QObject::tr("%1 %2 bits").arg(kind).arg(entry.firstBits, 0, 'g', 3);
}

QString lineText(const core::BillLine& line)
{
    const core::EnergyRange range = line.range();
    const auto each = [&](core::Picojoules all) { return energyText(line.entry.count > 0 ? all / line.entry.count : core::Picojoules()); };
    const std::string_view confidence = core::confidenceName(line.confidence);
    return QObject::tr("%1 × %2, %3, at %4 (%5 to %6; %7)\n    source: %8")
        .arg(countText(std::llround(line.entry.count)), operationText(line.entry.operation), widthText(line.entry), each(range.typical),
             each(range.low), each(range.high), QString::fromUtf8(confidence.data(), static_cast<qsizetype>(confidence.size())),
             QString::fromStdString(line.provenance));
}

}  // namespace

QString rangeText(const core::EnergyRange& range)
{
    if (!(range.low < range.high))
        return energyText(range.typical);
    return QObject::tr("%1 (%2 to %3)").arg(energyText(range.typical), energyText(range.low), energyText(range.high));
}

QString operationText(core::LedgerOperation operation)
{
    const std::string_view name = core::ledgerOperationName(operation);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

QString kindText(core::NumberKind kind)
{
    switch (kind) {
    case core::NumberKind::Integer: return QObject::tr("integer");
    case core::NumberKind::Float: return QObject::tr("float");
    case core::NumberKind::Bfloat: return QObject::tr("bfloat");
    }
    return {};
}

EnergyBars::EnergyBars(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("energyBars"));
    setAccessibleName(tr("Energy per layer"));
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void EnergyBars::setGrouping(Grouping grouping)
{
    m_grouping = grouping;
    m_current = -1;
    makeBars();
}

void EnergyBars::showBill(const EnergyFigure& figure)
{
    m_lines = figure.bill.lines;
    m_layerNames = figure.layerNames;
    makeBars();
}

std::size_t EnergyBars::layerOf(const core::BillLine& line) const
{
    const auto count = static_cast<std::size_t>(m_layerNames.size());
    return line.entry.layer.isValid() && line.entry.layer.value() < count ? line.entry.layer.value() : count;
}

void EnergyBars::addTo(Bar& bar, std::size_t segment, const core::BillLine& line)
{
    bar.picojoules[segment] += line.energy.value();
    bar.range += line.range();
}

void EnergyBars::makeBars()
{
    m_bars.clear();
    const auto layers = static_cast<std::size_t>(m_layerNames.size());
    if (m_grouping == Grouping::ByPart) {
        for (const core::LedgerPart part : kLedgerParts)
            m_bars.push_back({{}, part, QString::fromStdString(core::ledgerPartName(part)), std::vector<double>(layers + 1), {}});
        for (const core::BillLine& line : m_lines)
            addTo(m_bars[static_cast<std::size_t>(line.entry.part)], layerOf(line), line);
        std::erase_if(m_bars, [](const Bar& bar) { return bar.total() <= 0; });
    } else {
        for (std::size_t i = 0; i < layers; ++i)
            m_bars.push_back(
                {core::LayerIndex(i), {}, m_layerNames[static_cast<qsizetype>(i)], std::vector<double>(kLedgerParts.size()), {}});
        // What no named layer owns still has to be paid.
        m_bars.push_back({{}, {}, tr("elsewhere"), std::vector<double>(kLedgerParts.size()), {}});
        for (const core::BillLine& line : m_lines)
            addTo(m_bars[layerOf(line)], static_cast<std::size_t>(line.entry.part), line);
        if (m_bars.back().total() <= 0)
            m_bars.pop_back();
    }
    m_largest = 0;
    for (const Bar& bar : m_bars)
        m_largest = std::max({m_largest, bar.total(), bar.range.high.value()});
    m_unit = energyUnitFor(core::Picojoules(m_largest));
    if (m_largest <= 0)
        m_largest = 1;
    if (m_current >= static_cast<int>(m_bars.size()))
        m_current = -1;
    updateGeometry();
    update();
}

void EnergyBars::setSelected(const std::vector<core::LayerIndex>& layers)
{
    m_selected = layers;
    update();
}

bool EnergyBars::isSelected(core::LayerIndex layer) const
{
    return layer.isValid() && std::find(m_selected.begin(), m_selected.end(), layer) != m_selected.end();
}

double EnergyBars::smallestRowHeight() const { return std::ceil(QFontMetricsF(smallFont(font())).height()); }

double EnergyBars::rowHeight() const
{
    const double room = height() - legendHeight(width()) - bottomAxisHeight(smallFont(font())) - 4;
    const double wanted = m_bars.empty() ? 0 : std::floor(room / static_cast<double>(m_bars.size()));
    return std::clamp(wanted, smallestRowHeight(), 4 * smallestRowHeight());
}

std::vector<EnergyBars::LegendEntry> EnergyBars::legend(int width) const
{
    const QFontMetricsF metrics(smallFont(font()));
    std::vector<LegendEntry> entries;
    if (m_grouping == Grouping::ByPart)  // rows name the parts
        return entries;
    double x = kMargin, y = 2;
    for (std::size_t part = 0; part < kLedgerParts.size(); ++part) {
        const bool isUsed = std::any_of(m_bars.begin(), m_bars.end(), [part](const Bar& bar) { return bar.picojoules[part] > 0; });
        if (!isUsed)
            continue;
        const double wide = kSwatch + 4 + metrics.horizontalAdvance(QString::fromStdString(core::ledgerPartName(kLedgerParts[part]))) + 12;
        if (x + wide > width && x > kMargin) {
            x = kMargin;
            y += metrics.height() + 3;
        }
        entries.push_back({static_cast<int>(part), QRectF(x, y, wide, metrics.height())});
        x += wide;
    }
    return entries;
}

double EnergyBars::legendHeight(int width) const
{
    const std::vector<LegendEntry> entries = legend(width);
    return entries.empty() ? 4 : entries.back().place.bottom() + 5;
}

QRectF EnergyBars::plot(int width, double rowHigh) const
{
    const QFontMetricsF metrics(font()), small(smallFont(font()));
    double names = 0, totals = 0;
    for (const Bar& bar : m_bars) {
        names = std::max(names, metrics.horizontalAdvance(bar.name));
        totals = std::max(totals, small.horizontalAdvance(energyText(bar.range.typical, m_unit)));
    }
    names = std::min(names + 6, 0.34 * width);
    const double left = kMargin + names;
    return {left, legendHeight(width), std::max(20.0, width - left - totals - 6 - kMargin), rowHigh * static_cast<double>(m_bars.size())};
}

int EnergyBars::heightForWidth(int width) const
{
    return static_cast<int>(std::ceil(plot(width, smallestRowHeight()).bottom() + bottomAxisHeight(smallFont(font())) + 4));
}

QSize EnergyBars::sizeHint() const { return {420, heightForWidth(420)}; }

QSize EnergyBars::minimumSizeHint() const { return {160, heightForWidth(std::max(160, width()))}; }

QRectF EnergyBars::segmentRect(std::size_t row, std::size_t segment) const
{
    const Bar& bar = m_bars[row];
    const QRectF area = plot();
    const double before = std::accumulate(bar.picojoules.begin(), bar.picojoules.begin() + static_cast<std::ptrdiff_t>(segment), 0.0);
    const double perPixel = area.width() / m_largest, high = rowHeight();
    return {area.left() + before * perPixel, area.top() + static_cast<double>(row) * high + 0.16 * high, bar.picojoules[segment] * perPixel,
            0.68 * high};
}

QRectF EnergyBars::segmentRect(core::LayerIndex layer, core::LedgerPart part) const
{
    const std::size_t elsewhere = static_cast<std::size_t>(m_layerNames.size());
    for (std::size_t row = 0; row < m_bars.size(); ++row) {
        if (m_grouping == Grouping::ByPart && m_bars[row].part == part)
            return segmentRect(row, layer.isValid() ? layer.value() : elsewhere);
        if (m_grouping == Grouping::ByLayer && m_bars[row].layer == layer)
            return segmentRect(row, static_cast<std::size_t>(part));
    }
    return {};
}

QRectF EnergyBars::whiskerRect(int row) const
{
    const core::EnergyRange& range = m_bars.at(static_cast<std::size_t>(row)).range;
    if (!(range.low < range.high))
        return {};
    const QRectF area = plot();
    const double perPixel = area.width() / m_largest, high = rowHeight();
    return {area.left() + range.low.value() * perPixel, area.top() + (row + 0.36) * high, (range.high - range.low).value() * perPixel,
            0.28 * high};
}

int EnergyBars::seriesOf(const Bar& bar, std::size_t segment) const
{
    return bar.part ? static_cast<int>(*bar.part) : static_cast<int>(segment);
}

void EnergyBars::paintEvent(QPaintEvent*)
{
    if (m_bars.empty())
        return;
    QPainter painter(this);
    const QRectF area = plot();
    const double high = rowHeight();

    painter.setFont(smallFont(font()));
    for (const LegendEntry& entry : legend(width())) {
        fillSeries(painter, QRectF(entry.place.left(), entry.place.center().y() - 0.5 * kSwatch, kSwatch, kSwatch), entry.part, palette());
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(entry.place.adjusted(kSwatch + 4, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         QString::fromStdString(core::ledgerPartName(kLedgerParts[static_cast<std::size_t>(entry.part)])));
    }
    for (std::size_t row = 0; row < m_bars.size(); ++row) {
        const QRectF line(2, area.top() + static_cast<double>(row) * high, width() - 4, high);
        if (!m_bars[row].part && isSelected(m_bars[row].layer))
            painter.fillRect(line, mixed(palette().color(QPalette::Window), palette().color(QPalette::Highlight), 0.22));
    }
    const PlotScale scale{0, m_largest / m_unit.picojoules, area.left(), area.right()};
    drawBottomAxis(painter, area, scale, tr("energy per inference / %1").arg(m_unit.name), palette());

    for (std::size_t row = 0; row < m_bars.size(); ++row)
        paintBar(painter, row);
}

void EnergyBars::paintBar(QPainter& painter, std::size_t row) const
{
    const QRectF area = plot();
    const double high = rowHeight();
    const Bar& bar = m_bars[row];
    const QRectF line(kMargin, area.top() + static_cast<double>(row) * high, area.left() - kMargin - 6, high);
    painter.setFont(QFontMetricsF(font()).height() <= high ? font() : smallFont(font()));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(bar.name, Qt::ElideMiddle, line.width()));
    double right = area.left();
    for (std::size_t segment = 0; segment < bar.picojoules.size(); ++segment) {
        const QRectF place = segmentRect(row, segment);
        if (place.width() <= 0)
            continue;
        fillSeries(painter, place, seriesOf(bar, segment), palette());
        const bool isChosen = bar.part && isSelected(core::LayerIndex(segment));
        if (isChosen) {
            painter.setPen(QPen(palette().color(QPalette::Highlight), 1.6));
            painter.drawRect(place.adjusted(0, -1, 0, 1));
        }
        painter.fillRect(QRectF(place.right() - 1, place.top(), 1, place.height()), palette().color(QPalette::Base));
        right = place.right();
    }
    if (const QRectF whisker = whiskerRect(static_cast<int>(row)); !whisker.isEmpty()) {
        const double middle = whisker.center().y();
        const QColor ink = palette().color(QPalette::WindowText), halo = palette().color(QPalette::Window);
        for (const auto& [colour, wide] : {std::pair(halo, 3.2), std::pair(ink, 1.2)}) {
            painter.setPen(QPen(colour, wide));
            painter.drawLine(QPointF(whisker.left(), middle), QPointF(whisker.right(), middle));
            for (const double x : {whisker.left(), whisker.right()})
                painter.drawLine(QPointF(x, whisker.top()), QPointF(x, whisker.bottom()));
        }
        right = std::max(right, whisker.right());
    }
    painter.setFont(smallFont(font()));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(right + 5, line.top(), width() - right - 5, high), Qt::AlignLeft | Qt::AlignVCenter,
                     energyText(bar.range.typical, m_unit));
    if (static_cast<int>(row) == m_current && hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1.4));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(2, line.top(), width() - 4, high - 1));
    }
}

core::LayerIndex EnergyBars::layerAt(QPointF position) const
{
    const QRectF area = plot();
    const int row = static_cast<int>(std::floor((position.y() - area.top()) / rowHeight()));
    if (row < 0 || row >= static_cast<int>(m_bars.size()))
        return {};
    const Bar& bar = m_bars[static_cast<std::size_t>(row)];
    if (!bar.part)
        return bar.layer;
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(m_layerNames.size()); ++layer)
        if (segmentRect(static_cast<std::size_t>(row), layer).adjusted(0, -4, 0, 4).contains(position))
            return core::LayerIndex(layer);
    return {};
}

QString EnergyBars::segmentText(const Bar& bar, std::size_t segment) const
{
    const std::size_t layer = bar.part ? segment : bar.layer.isValid() ? bar.layer.value() : static_cast<std::size_t>(m_layerNames.size());
    const core::LedgerPart part = bar.part ? *bar.part : kLedgerParts[segment];
    const QString layerName = m_layerNames.value(static_cast<qsizetype>(layer), tr("elsewhere"));
    QStringList lines;
    core::EnergyRange range;
    for (const core::BillLine& line : m_lines)
        if (layerOf(line) == layer && line.entry.part == part) {
            lines << lineText(line);
            range += line.range();
        }
    lines.prepend(tr("%1, %2: %3").arg(layerName, QString::fromStdString(core::ledgerPartName(part)), rangeText(range)));
    return lines.join(u'\n');
}

QString EnergyBars::textAt(QPointF position) const
{
    const QRectF area = plot();
    const int row = static_cast<int>(std::floor((position.y() - area.top()) / rowHeight()));
    if (row < 0 || row >= static_cast<int>(m_bars.size()))
        return {};
    const Bar& bar = m_bars[static_cast<std::size_t>(row)];
    for (std::size_t segment = 0; segment < bar.picojoules.size(); ++segment)
        if (segmentRect(static_cast<std::size_t>(row), segment).adjusted(0, -4, 0, 4).contains(position))
            return segmentText(bar, segment);
    QStringList text{tr("%1: %2").arg(bar.name, rangeText(bar.range))};
    for (std::size_t segment = 0; segment < bar.picojoules.size(); ++segment)
        if (bar.picojoules[segment] > 0)
            text << tr("%1: %2").arg(bar.part ? m_layerNames.value(static_cast<qsizetype>(segment), tr("elsewhere"))
                                              : QString::fromStdString(core::ledgerPartName(kLedgerParts[segment])),
                                     energyText(core::Picojoules(bar.picojoules[segment])));
    return text.join(u'\n');
}

bool EnergyBars::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), textAt(help->pos()), this);
    return true;
}

void EnergyBars::choose(int row)
{
    m_current = std::clamp(row, 0, static_cast<int>(m_bars.size()) - 1);
    const Bar& bar = m_bars[static_cast<std::size_t>(m_current)];
    setAccessibleDescription(textAt(QPointF(1, plot().top() + (m_current + 0.5) * rowHeight())));
    update();
    if (bar.layer.isValid())
        emit layerSelected(bar.layer);
}

void EnergyBars::mousePressEvent(QMouseEvent* event)
{
    const core::LayerIndex layer = layerAt(event->position());
    if (event->button() == Qt::LeftButton && layer.isValid() && m_grouping == Grouping::ByLayer)
        choose(static_cast<int>(layer.value()));
    else if (event->button() == Qt::LeftButton && layer.isValid())
        emit layerSelected(layer);
    else
        QWidget::mousePressEvent(event);
}

void EnergyBars::keyPressEvent(QKeyEvent* event)
{
    if (m_bars.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up: choose(m_current - 1); break;
    case Qt::Key_Down: choose(m_current + 1); break;
    case Qt::Key_Home: choose(0); break;
    case Qt::Key_End: choose(static_cast<int>(m_bars.size()) - 1); break;
    default: QWidget::keyPressEvent(event);
    }
}

}  // namespace app
