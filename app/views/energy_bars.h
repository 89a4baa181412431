// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing and touching of the energy bill's bars, one unit for all: a row per layer with a segment per part, or a row
// per part with a segment per layer. A whisker tells the interval that the ranges of the prices leave.

#include "app/views/energy_view.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace app {

using core::kLedgerParts;

QString operationText(core::LedgerOperation operation);  // as core names it
QString kindText(core::NumberKind kind);
QString rangeText(const core::EnergyRange& range);       // "12.4 nJ (8.1 nJ to 20.3 nJ)"

class EnergyBars : public QWidget {
    Q_OBJECT

public:
    enum class Grouping { ByLayer, ByPart };

    explicit EnergyBars(QWidget* parent = nullptr);

    void setGrouping(Grouping grouping);
    Grouping grouping() const { return m_grouping; }
    void showBill(const EnergyFigure& figure);
    void setSelected(const std::vector<core::LayerIndex>& layers);
    const EnergyUnit& unit() const { return m_unit; }

    /// The layer whose row holds this point; invalid: none.
    core::LayerIndex layerAt(QPointF position) const;
    /// What the pointer rests on, every ledger line with the source of its price.
    QString textAt(QPointF position) const;
    /// Where a part of a layer's cost is drawn; empty if it costs nothing.
    QRectF segmentRect(core::LayerIndex layer, core::LedgerPart part) const;
    /// From the low to the high end of a row's interval; empty where both are the total.
    QRectF whiskerRect(int row) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

signals:
    void layerSelected(core::LayerIndex layer);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Bar {
        core::LayerIndex layer;                  // of a row by layer; invalid: elsewhere, or a row by part
        std::optional<core::LedgerPart> part{};  // of a row by part
        QString name;
        std::vector<double> picojoules;          // by part, or by layer and last elsewhere
        core::EnergyRange range{};
        double total() const { return range.typical.value(); }
    };
    struct LegendEntry {
        int part = 0;
        QRectF place;
    };
    void makeBars();
    void addTo(Bar& bar, std::size_t segment, const core::BillLine& line);
    std::size_t layerOf(const core::BillLine& line) const;  // the number of layers: elsewhere
    QRectF segmentRect(std::size_t row, std::size_t segment) const;
    int seriesOf(const Bar& bar, std::size_t segment) const;
    QString segmentText(const Bar& bar, std::size_t segment) const;
    void paintBar(QPainter& painter, std::size_t row) const;
    double smallestRowHeight() const;
    double rowHeight() const;  // grows into the room there is
    QRectF plot(int width, double rowHigh) const;
    QRectF plot() const { return plot(width(), rowHeight()); }
    std::vector<LegendEntry> legend(int width) const;
    double legendHeight(int width) const;
    bool isSelected(core::LayerIndex layer) const;
    void choose(int row);

    Grouping m_grouping = Grouping::ByLayer;
    std::vector<Bar> m_bars;
    std::vector<core::BillLine> m_lines;
    QStringList m_layerNames;
    std::vector<core::LayerIndex> m_selected;
    EnergyUnit m_unit;
    double m_largest = 1;  // picojoules of the longest bar
    int m_current = -1;
};

}  // namespace app
