// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing and touching of the energy bill's bars: a row per layer, a segment per part, one unit for all.

#include "app/views/energy_view.h"

#include <QWidget>

#include <array>

namespace app {

using core::kLedgerParts;

QString operationText(core::LedgerOperation operation);  // as core names it

class EnergyBars : public QWidget {
    Q_OBJECT

public:
    explicit EnergyBars(QWidget* parent = nullptr);

    void showBill(const EnergyFigure& figure);
    void setSelected(const std::vector<core::LayerIndex>& layers);
    const EnergyUnit& unit() const { return m_unit; }

    /// The layer whose row holds this point; invalid: none.
    core::LayerIndex layerAt(QPointF position) const;
    /// What the pointer rests on, every ledger line with the source of its price.
    QString textAt(QPointF position) const;
    /// Where a part of a layer's bar is drawn; empty if it costs nothing.
    QRectF segmentRect(core::LayerIndex layer, core::LedgerPart part) const;

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
        core::LayerIndex layer;
        QString name;
        std::array<double, kLedgerParts.size()> picojoules{};
        double total = 0;
    };
    struct LegendEntry {
        int part = 0;
        QRectF place;
    };
    double smallestRowHeight() const;
    double rowHeight() const;  // grows into the room there is
    QRectF plot(int width, double rowHigh) const;
    QRectF plot() const { return plot(width(), rowHeight()); }
    std::vector<LegendEntry> legend(int width) const;
    double legendHeight(int width) const;
    bool isSelected(core::LayerIndex layer) const;
    void choose(int row);

    std::vector<Bar> m_bars;
    std::vector<core::BillLine> m_lines;
    std::vector<core::LayerIndex> m_selected;
    EnergyUnit m_unit;
    double m_largest = 1;  // picojoules of the longest bar
    int m_current = -1;
};

}  // namespace app
