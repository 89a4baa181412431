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

namespace app {

namespace {

constexpr double kMargin = 8, kSwatch = 12;

QString widthText(const core::LedgerEntry& entry)
{
    const QString kind = entry.kind == core::NumberKind::Float ? QObject::tr("float") : QObject::tr("integer");
    if (entry.secondBits > 0)
        return QObject::tr("%1 %2 × %3 bits").arg(kind).arg(entry.firstBits, 0, 'g', 3).arg(entry.secondBits, 0, 'g', 3);
    return QObject::tr("%1 %2 bits").arg(kind).arg(entry.firstBits, 0, 'g', 3);
}

QString lineText(const core::BillLine& line)
{
    const double each = line.entry.count > 0 ? line.energy.value() / line.entry.count : 0.0;
    return QObject::tr("%1 × %2, %3, at %4\n    source: %5")
        .arg(countText(std::llround(line.entry.count)), operationText(line.entry.operation), widthText(line.entry),
             energyText(core::Picojoules(each)), QString::fromStdString(line.provenance));
}

}  // namespace

QString operationText(core::LedgerOperation operation)
{
    const std::string_view name = core::ledgerOperationName(operation);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
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

void EnergyBars::showBill(const EnergyFigure& figure)
{
    m_lines = figure.bill.lines;
    m_bars.clear();
    const auto count = static_cast<std::size_t>(figure.layerNames.size());
    for (std::size_t i = 0; i < count; ++i)
        m_bars.push_back({core::LayerIndex(i), figure.layerNames[static_cast<qsizetype>(i)], {}, 0});
    Bar elsewhere{{}, tr("elsewhere"), {}, 0};  // what no named layer owns still has to be paid
    for (const core::BillLine& line : m_lines) {
        const bool isNamed = line.entry.layer.isValid() && line.entry.layer.value() < count;
        Bar& bar = isNamed ? m_bars[line.entry.layer.value()] : elsewhere;
        bar.picojoules[static_cast<std::size_t>(line.entry.part)] += line.energy.value();
        bar.total += line.energy.value();
    }
    if (elsewhere.total > 0)
        m_bars.push_back(elsewhere);
    m_largest = 0;
    for (const Bar& bar : m_bars)
        m_largest = std::max(m_largest, bar.total);
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

double EnergyBars::smallestRowHeight() const { return std::ceil(QFontMetricsF(font()).height() * 1.35); }

double EnergyBars::rowHeight() const
{
    const double room = height() - legendHeight(width()) - bottomAxisHeight(smallFont(font())) - 4;
    const double wanted = m_bars.empty() ? 0 : std::floor(room / static_cast<double>(m_bars.size()));
    return std::clamp(wanted, smallestRowHeight(), 2 * smallestRowHeight());
}

std::vector<EnergyBars::LegendEntry> EnergyBars::legend(int width) const
{
    const QFontMetricsF metrics(smallFont(font()));
    std::vector<LegendEntry> entries;
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
        totals = std::max(totals, small.horizontalAdvance(energyText(core::Picojoules(bar.total), m_unit)));
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

QRectF EnergyBars::segmentRect(core::LayerIndex layer, core::LedgerPart part) const
{
    const QRectF area = plot();
    for (std::size_t row = 0; row < m_bars.size(); ++row) {
        if (m_bars[row].layer != layer)
            continue;
        double before = 0;
        for (std::size_t p = 0; p < static_cast<std::size_t>(part); ++p)
            before += m_bars[row].picojoules[p];
        const double perPixel = area.width() / m_largest;
        const double high = rowHeight();
        return {area.left() + before * perPixel, area.top() + static_cast<double>(row) * high + 0.16 * high,
                m_bars[row].picojoules[static_cast<std::size_t>(part)] * perPixel, 0.68 * high};
    }
    return {};
}

void EnergyBars::paintEvent(QPaintEvent*)
{
    if (m_bars.empty())
        return;
    QPainter painter(this);
    const QRectF area = plot();
    const QFontMetricsF metrics(font());
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
        if (isSelected(m_bars[row].layer))
            painter.fillRect(line, mixed(palette().color(QPalette::Window), palette().color(QPalette::Highlight), 0.22));
    }
    const PlotScale scale{0, m_largest / m_unit.picojoules, area.left(), area.right()};
    drawBottomAxis(painter, area, scale, tr("energy per inference / %1").arg(m_unit.name), palette());

    for (std::size_t row = 0; row < m_bars.size(); ++row) {
        const Bar& bar = m_bars[row];
        const QRectF line(kMargin, area.top() + static_cast<double>(row) * high, area.left() - kMargin - 6, high);
        painter.setFont(font());
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, metrics.elidedText(bar.name, Qt::ElideMiddle, line.width()));
        double right = area.left();
        for (std::size_t part = 0; part < kLedgerParts.size(); ++part) {
            const QRectF segment = segmentRect(bar.layer, kLedgerParts[part]);
            if (segment.width() <= 0)
                continue;
            fillSeries(painter, segment, static_cast<int>(part), palette());
            painter.fillRect(QRectF(segment.right() - 1, segment.top(), 1, segment.height()), palette().color(QPalette::Base));
            right = segment.right();
        }
        painter.setFont(smallFont(font()));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(right + 5, line.top(), width() - right - 5, high), Qt::AlignLeft | Qt::AlignVCenter,
                         energyText(core::Picojoules(bar.total), m_unit));
        if (static_cast<int>(row) == m_current && hasFocus()) {
            painter.setPen(QPen(palette().color(QPalette::Highlight), 1.4));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(QRectF(2, line.top(), width() - 4, high - 1));
        }
    }
}

core::LayerIndex EnergyBars::layerAt(QPointF position) const
{
    const QRectF area = plot();
    const int row = static_cast<int>(std::floor((position.y() - area.top()) / rowHeight()));
    return row >= 0 && row < static_cast<int>(m_bars.size()) ? m_bars[static_cast<std::size_t>(row)].layer : core::LayerIndex();
}

QString EnergyBars::textAt(QPointF position) const
{
    const QRectF area = plot();
    const int row = static_cast<int>(std::floor((position.y() - area.top()) / rowHeight()));
    if (row < 0 || row >= static_cast<int>(m_bars.size()))
        return {};
    const Bar& bar = m_bars[static_cast<std::size_t>(row)];
    for (std::size_t part = 0; part < kLedgerParts.size(); ++part) {
        if (!segmentRect(bar.layer, kLedgerParts[part]).adjusted(0, -4, 0, 4).contains(position))
            continue;
        QStringList text{tr("%1, %2: %3")
                             .arg(bar.name, QString::fromStdString(core::ledgerPartName(kLedgerParts[part])),
                                  energyText(core::Picojoules(bar.picojoules[part])))};
        for (const core::BillLine& line : m_lines)
            if (line.entry.layer == bar.layer && line.entry.part == kLedgerParts[part])
                text << lineText(line);
        return text.join(u'\n');
    }
    QStringList text{tr("%1: %2").arg(bar.name, energyText(core::Picojoules(bar.total)))};
    for (std::size_t part = 0; part < kLedgerParts.size(); ++part)
        if (bar.picojoules[part] > 0)
            text << tr("%1: %2").arg(QString::fromStdString(core::ledgerPartName(kLedgerParts[part])),
                                     energyText(core::Picojoules(bar.picojoules[part])));
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
    if (event->button() == Qt::LeftButton && layer.isValid())
        choose(static_cast<int>(layer.value()));
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
