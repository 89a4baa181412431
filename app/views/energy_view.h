// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The energy bill as bars: one per layer, stacked by what the energy was spent on, or one per kind of work, stacked by
// layer; with its interval, TOPS/W and the convention in words. Every number says where its price comes from when the pointer rests on it.

#include "app/models/number_text.h"
#include "app/views/figure_view.h"
#include "core/energy/bill.h"

#include <optional>

class QComboBox;
class QLabel;

namespace app {

class EnergyBars;

struct EnergyFigure {
    core::EnergyBill bill;                      // per inference of one sample
    QStringList layerNames;                     // by LayerIndex
    std::optional<core::EnergyBill> reference;  // what the same network costs in FP32, for the ratio
};

class EnergyView : public FigureView {
    Q_OBJECT

public:
    explicit EnergyView(QWidget* parent = nullptr);

    void showBill(EnergyFigure figure);
    void clear();
    /// Marks these layers' bars, as the network dock selects them.
    void setSelectedLayers(const std::vector<core::LayerIndex>& layers);

    NumberTable numbers() const override;

signals:
    void layerSelected(core::LayerIndex layer);

private:
    QLabel* m_total = nullptr;
    QLabel* m_efficiency = nullptr;
    QLabel* m_convention = nullptr;
    QComboBox* m_grouping = nullptr;
    EnergyBars* m_bars = nullptr;
    EnergyFigure m_figure;
};

}  // namespace app
