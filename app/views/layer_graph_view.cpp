// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/layer_graph_view.h"

#include "app/models/number_text.h"
#include "app/views/colour_map.h"
#include "app/views/format_style.h"
#include "app/views/graph_legend.h"
#include "app/views/layer_card_item.h"
#include "app/views/layer_graph_layout.h"

#include <QGraphicsPathItem>
#include <QGraphicsScene>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kSmallestZoom = 0.4, kLargestZoom = 2.5;

/// From the upper card to the lower: straight down, or around by its lane; with an arrow head at the end.
QPainterPath edgePath(const GraphLayout& layout, const CardEdge& edge, int lane)
{
    const QRectF& from = layout.cards[static_cast<std::size_t>(edge.from)];
    const QRectF& to = layout.cards[static_cast<std::size_t>(edge.to)];
    QPainterPath path;
    if (lane == GraphLayout::kStraight) {
        path.moveTo(from.center().x(), from.bottom());
        path.lineTo(to.center().x(), to.top() - 1);
        path.lineTo(to.center().x() - 3.5, to.top() - 5);
        path.moveTo(to.center().x(), to.top() - 1);
        path.lineTo(to.center().x() + 3.5, to.top() - 5);
        return path;
    }
    constexpr double kLane = 9, kRound = 5;
    const double x = layout.gutter + 8 - 6 - lane * kLane;
    const double y1 = from.center().y() + 4, y2 = to.center().y() - 4;
    path.moveTo(from.left(), y1);
    path.lineTo(x + kRound, y1);
    path.quadTo(x, y1, x, y1 + kRound);
    path.lineTo(x, y2 - kRound);
    path.quadTo(x, y2, x + kRound, y2);
    path.lineTo(to.left() - 1, y2);
    path.lineTo(to.left() - 5, y2 - 3.5);
    path.moveTo(to.left() - 1, y2);
    path.lineTo(to.left() - 5, y2 + 3.5);
    return path;
}

std::optional<double> measureOf(const LayerCard& card, ColourBy what)
{
    switch (what) {
    case ColourBy::Format: return std::nullopt;
    case ColourBy::LocalError: return card.localSqnr;
    case ColourBy::PropagatedError: return card.propagatedSqnr;
    case ColourBy::Energy: return card.energyShare ? std::optional(100 * *card.energyShare) : std::nullopt;
    case ColourBy::Sensitivity: break;
    }
    return card.sensitivity;
}

QString unitOf(ColourBy what)
{
    switch (what) {
    case ColourBy::LocalError:
    case ColourBy::PropagatedError: return QStringLiteral("dB");
    case ColourBy::Energy: return QStringLiteral("%");
    case ColourBy::Format:
    case ColourBy::Sensitivity: break;
    }
    return {};
}

}  // namespace

QString colourByName(ColourBy what)
{
    switch (what) {
    case ColourBy::Format: return LayerGraphView::tr("format");
    case ColourBy::LocalError: return LayerGraphView::tr("local error");
    case ColourBy::PropagatedError: return LayerGraphView::tr("propagated error");
    case ColourBy::Energy: return LayerGraphView::tr("energy");
    case ColourBy::Sensitivity: break;
    }
    return LayerGraphView::tr("sensitivity");
}

LayerGraphView::LayerGraphView(QWidget* parent)
    : QGraphicsView(new QGraphicsScene, parent),
      m_legend(new GraphLegend(this)),
      m_hint(tr("No network yet. Open an ONNX file, or pick a bundled network."))
{
    scene()->setParent(this);
    setObjectName(QStringLiteral("layerGraph"));
    setAccessibleName(tr("Network"));
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setAlignment(Qt::AlignTop | Qt::AlignHCenter);
    setBackgroundRole(QPalette::Window);
    setBackgroundBrush(Qt::NoBrush);
    setMinimumSize(180, 120);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
    setViewportMargins(0, 0, 0, m_legend->sizeHint().height());
}

LayerGraphView::~LayerGraphView() = default;

void LayerGraphView::showNetwork(const std::vector<LayerCard>& cards, const std::vector<CardEdge>& edges)
{
    QStringList chosen;
    for (const int index : m_selection)
        chosen << m_items[static_cast<std::size_t>(index)]->card().name;
    const QString current = m_current >= 0 ? m_items[static_cast<std::size_t>(m_current)]->card().name : QString();

    scene()->clear();
    m_items.clear();
    m_selection.clear();
    m_current = m_anchor = -1;
    m_edges.clear();
    const int count = static_cast<int>(cards.size());
    std::copy_if(edges.begin(), edges.end(), std::back_inserter(m_edges),
                 [count](const CardEdge& edge) { return edge.from >= 0 && edge.from < edge.to && edge.to < count; });
    for (const LayerCard& card : cards) {
        auto* item = new LayerCardItem(card);
        item->setZValue(1);
        scene()->addItem(item);
        m_items.push_back(item);
        if (card.weighted && chosen.contains(card.name))
            m_selection.push_back(static_cast<int>(m_items.size()) - 1);
        if (card.weighted && card.name == current)
            m_current = m_anchor = static_cast<int>(m_items.size()) - 1;
    }
    layOut();
    colourCards();
    mark(m_selection, Tell::Nobody);
}

void LayerGraphView::updateCard(int index, const LayerCard& card)
{
    if (index < 0 || index >= cardCount())
        return;
    m_items[static_cast<std::size_t>(index)]->setCard(card);
    colourCards();
}

void LayerGraphView::clear() { showNetwork({}, {}); }

void LayerGraphView::layOut()
{
    // Edges go and come; cards only move.
    const QList<QGraphicsItem*> all = scene()->items();
    for (QGraphicsItem* item : all)
        if (qgraphicsitem_cast<QGraphicsPathItem*>(item))
            delete item;
    std::vector<double> heights;
    std::vector<bool> small;
    for (const LayerCardItem* item : m_items) {
        heights.push_back(LayerCardItem::heightOf(item->card(), font()));
        small.push_back(!item->card().weighted);
    }
    const GraphLayout layout = layOutGraph(heights, small, m_edges, viewport()->width() / transform().m11());
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        m_items[i]->setPos(layout.cards[i].topLeft());
        m_items[i]->setSize(layout.cards[i].size());
    }
    for (std::size_t e = 0; e < m_edges.size(); ++e) {
        QGraphicsPathItem* path = scene()->addPath(edgePath(layout, m_edges[e], layout.lanes[e]), QPen(mutedText(palette()), 1.3));
        path->setZValue(0);
    }
    setSceneRect(layout.bounds);
}

void LayerGraphView::colourCards()
{
    std::vector<float> values;
    for (const LayerCardItem* item : m_items)
        if (item->card().weighted)
            values.push_back(static_cast<float>(measureOf(item->card(), m_colourBy).value_or(std::nan(""))));
    const ColourRange range = finiteRange(values.data(), values.size());
    // More of an error is fewer decibels; a colour that stands out must mean "look here", so those maps run backwards.
    const bool backwards = m_colourBy == ColourBy::LocalError || m_colourBy == ColourBy::PropagatedError;
    for (LayerCardItem* item : m_items) {
        const LayerCard& card = item->card();
        if (!card.weighted)
            continue;
        item->setLastFigure(m_colourBy == ColourBy::Sensitivity ? LayerCardItem::LastFigure::Sensitivity
                                                                : LayerCardItem::LastFigure::Energy);
        if (m_colourBy == ColourBy::Format) {
            item->setStripe(formatStyle(card.formats.value(0, QStringLiteral("fp32")), palette()).colour);
            continue;
        }
        const double value = measureOf(card, m_colourBy).value_or(std::nan(""));
        const ColourRange facing = backwards ? ColourRange{-range.high, -range.low} : range;
        item->setStripe(QColor::fromRgb(colourOf(backwards && std::isfinite(value) ? -value : value, ColourMap::Viridis, facing)));
    }
    const bool isMeasured = std::ranges::any_of(values, [](float value) { return std::isfinite(value); });
    if (m_items.empty())
        m_legend->showNothing();
    else if (m_colourBy == ColourBy::Sensitivity && !isMeasured)
        m_legend->showWords(m_sensitivity.missing);
    else if (m_colourBy == ColourBy::Sensitivity)
        m_legend->showScale(m_sensitivity.name, m_sensitivity.unit, range, backwards);
    else if (m_colourBy == ColourBy::Format)
        m_legend->showWords(tr("stripe: %1; bars: error, energy (E)").arg(colourByName(m_colourBy)));
    else
        m_legend->showScale(colourByName(m_colourBy), unitOf(m_colourBy), range, backwards);
}

void LayerGraphView::setColourBy(ColourBy what)
{
    m_colourBy = what;
    colourCards();
}

void LayerGraphView::setSensitivityWords(const SensitivityWords& words)
{
    m_sensitivity = words;
    colourCards();
}

void LayerGraphView::setSelectedCards(const std::vector<int>& cards)
{
    std::vector<int> selection;
    for (const int card : cards)
        if (card >= 0 && card < cardCount() && m_items[static_cast<std::size_t>(card)]->card().weighted)
            selection.push_back(card);
    if (selection.size() == 1)
        m_current = m_anchor = selection.front();
    mark(std::move(selection), Tell::Nobody);
    if (!m_selection.empty())
        ensureVisible(m_items[static_cast<std::size_t>(m_selection.front())], 0, 8);
}

std::vector<int> LayerGraphView::selectedCards() const { return m_selection; }

QRectF LayerGraphView::cardRect(int index) const
{
    if (index < 0 || index >= cardCount())
        return {};
    const LayerCardItem* item = m_items[static_cast<std::size_t>(index)];
    return item->mapRectToScene(item->boundingRect());
}

void LayerGraphView::setEmptyHint(const QString& hint)
{
    m_hint = hint;
    viewport()->update();
}

void LayerGraphView::mark(std::vector<int> selection, Tell tell)
{
    std::sort(selection.begin(), selection.end());
    selection.erase(std::unique(selection.begin(), selection.end()), selection.end());
    const bool changed = selection != m_selection;
    m_selection = std::move(selection);
    for (int i = 0; i < cardCount(); ++i)
        m_items[static_cast<std::size_t>(i)]->setMarks(std::binary_search(m_selection.begin(), m_selection.end(), i),
                                                       i == m_current && hasFocus());
    setAccessibleDescription(m_items.empty()  ? m_hint
                             : m_current >= 0 ? cardText(m_items[static_cast<std::size_t>(m_current)]->card())
                                              : tr("%1 nodes, %2 selected").arg(cardCount()).arg(m_selection.size()));
    if (changed && tell == Tell::Everybody)
        emit selectionChanged(m_selection);
}

void LayerGraphView::pick(int card, Qt::KeyboardModifiers modifiers)
{
    std::vector<int> selection;
    if (modifiers & Qt::ShiftModifier && m_anchor >= 0) {
        if (modifiers & Qt::ControlModifier)
            selection = m_selection;
        for (int i = std::min(m_anchor, card); i <= std::max(m_anchor, card); ++i)
            if (m_items[static_cast<std::size_t>(i)]->card().weighted)
                selection.push_back(i);
    } else if (modifiers & Qt::ControlModifier) {
        selection = m_selection;
        const auto place = std::find(selection.begin(), selection.end(), card);
        if (place == selection.end())
            selection.push_back(card);
        else
            selection.erase(place);
        m_anchor = card;
    } else {
        selection = {card};
        m_anchor = card;
    }
    m_current = card;
    mark(std::move(selection), Tell::Everybody);
    ensureVisible(m_items[static_cast<std::size_t>(card)], 0, 8);
}

int LayerGraphView::nextWeighted(int from, int step) const
{
    for (int i = from + step; i >= 0 && i < cardCount(); i += step)
        if (m_items[static_cast<std::size_t>(i)]->card().weighted)
            return i;
    return -1;
}

int LayerGraphView::cardAt(QPoint position) const
{
    const QPointF place = mapToScene(position);
    for (int i = 0; i < cardCount(); ++i)
        if (cardRect(i).contains(place))
            return i;
    return -1;
}

void LayerGraphView::keyPressEvent(QKeyEvent* event)
{
    int target = -1;
    switch (event->key()) {
    case Qt::Key_Up: target = m_current < 0 ? nextWeighted(-1, 1) : nextWeighted(m_current, -1); break;
    case Qt::Key_Down: target = nextWeighted(m_current, 1); break;
    case Qt::Key_Home: target = nextWeighted(-1, 1); break;
    case Qt::Key_End: target = nextWeighted(cardCount(), -1); break;
    case Qt::Key_A:
        if (event->modifiers() & Qt::ControlModifier) {
            std::vector<int> everything;
            for (int i = nextWeighted(-1, 1); i >= 0; i = nextWeighted(i, 1))
                everything.push_back(i);
            mark(std::move(everything), Tell::Everybody);
            return;
        }
        break;
    case Qt::Key_Space:
        if (m_current >= 0)
            pick(m_current, Qt::ControlModifier);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            emit cardActivated(m_current);
        return;
    default: break;
    }
    if (target < 0) {
        // Arrow keys move among cards, so at either end they must not scroll the view away.
        if (event->key() != Qt::Key_Up && event->key() != Qt::Key_Down)
            QGraphicsView::keyPressEvent(event);
        return;
    }
    if (event->modifiers() == Qt::ControlModifier) {  // move the focus frame only; Space then toggles
        m_current = target;
        mark(m_selection, Tell::Nobody);
        ensureVisible(m_items[static_cast<std::size_t>(target)], 0, 8);
    } else {
        pick(target, event->modifiers());
    }
}

void LayerGraphView::mousePressEvent(QMouseEvent* event)
{
    const int card = cardAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && card >= 0 && m_items[static_cast<std::size_t>(card)]->card().weighted)
        pick(card, event->modifiers());
    else
        event->ignore();
}

void LayerGraphView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int card = cardAt(event->position().toPoint());
    if (card >= 0 && m_items[static_cast<std::size_t>(card)]->card().weighted)
        emit cardActivated(card);
}

void LayerGraphView::wheelEvent(QWheelEvent* event)
{
    if (!(event->modifiers() & Qt::ControlModifier)) {
        QGraphicsView::wheelEvent(event);
        return;
    }
    const double wanted = transform().m11() * std::pow(1.0015, event->angleDelta().y());
    const double zoom = std::clamp(wanted, kSmallestZoom, kLargestZoom);
    setTransform(QTransform::fromScale(zoom, zoom));
    layOut();
    event->accept();
}

void LayerGraphView::focusInEvent(QFocusEvent* event)
{
    QGraphicsView::focusInEvent(event);
    mark(m_selection, Tell::Nobody);
}

void LayerGraphView::focusOutEvent(QFocusEvent* event)
{
    QGraphicsView::focusOutEvent(event);
    mark(m_selection, Tell::Nobody);
}

void LayerGraphView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    const int high = m_legend->sizeHint().height();
    m_legend->setGeometry(0, height() - high, viewport()->width(), high);
    layOut();
}

void LayerGraphView::changeEvent(QEvent* event)
{
    QGraphicsView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        layOut();
        colourCards();
    }
}

void LayerGraphView::drawForeground(QPainter* painter, const QRectF&)
{
    if (!m_items.empty())
        return;
    painter->save();
    painter->resetTransform();
    painter->setPen(palette().color(QPalette::PlaceholderText));
    painter->drawText(viewport()->rect().adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, m_hint);
    painter->restore();
}

NumberTable LayerGraphView::numbers() const
{
    NumberTable table;
    table.header = {tr("layer"),
                    tr("operation"),
                    tr("rows"),
                    tr("columns"),
                    tr("formats"),
                    tr("rank"),
                    tr("substrate"),
                    tr("local SQNR / dB"),
                    tr("propagated SQNR / dB"),
                    tr("share of energy / %"),
                    tr("sensitivity"),
                    tr("problem")};
    const auto number = [](std::optional<double> value) { return value ? QString::number(*value, 'g', 6) : QString(); };
    for (const LayerCardItem* item : m_items) {
        const LayerCard& card = item->card();
        if (!card.weighted)
            continue;
        table.rows.push_back({card.name, card.operation, QString::number(card.rows), QString::number(card.columns),
                              card.formats.join(QStringLiteral(" + ")), QString::number(card.rank),
                              card.substrate == Substrate::Digital ? tr("digital") : tr("array"), number(card.localSqnr),
                              number(card.propagatedSqnr), number(card.energyShare ? std::optional(100 * *card.energyShare) : std::nullopt),
                              number(card.sensitivity), card.problem});
    }
    return table;
}

}  // namespace app
