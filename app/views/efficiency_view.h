// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TOPS/W with its convention: the published headline, our model of it, and this network's own figure, all said in the
// convention a person chooses; what the difference is made of; and the ceiling every layer's recovery path sets.

#include "app/views/figure_view.h"
#include "core/energy/conventions.h"
#include "core/eval/npp_comparison.h"

class QComboBox;
class QLabel;

namespace app {

class ValueBars;

struct LayerCeiling {
    core::LayerIndex layer;
    QString name;
    int rows = 0, columns = 0, rank = 0;
    double topsPerWatt = 0;
};

struct EfficiencyComparison {
    core::NppComparison npp;
    core::EfficiencyConvention own;  // of the network's figure
    double memoryShare = 0;          // of the network's bill
    QString technology;
    std::vector<LayerCeiling> ceilings;  // of layers with a path
};

class EfficiencyView : public FigureView {
    Q_OBJECT

public:
    explicit EfficiencyView(QWidget* parent = nullptr);

    void showComparison(EfficiencyComparison comparison);
    void clear();
    void setSelectedLayers(const std::vector<core::LayerIndex>& layers);

    /// The network's figure in the chosen convention; the problem where it cannot be said in it.
    core::Result<core::EfficiencyFigure> ownFigure() const;

    NumberTable numbers() const override;

signals:
    void layerSelected(core::LayerIndex layer);

private:
    struct Line {
        QString name, convention, remark;
        QString bits;  // of the convention, to stand beside the figure
        double topsPerWatt = 0;
        std::optional<std::pair<double, double>> range{};
        int series = 0;
    };
    QWidget* makeChoices();
    core::EfficiencyConvention wanted(const core::EfficiencyConvention& stated) const;
    std::vector<Line> lines() const;
    void showLines();

    QComboBox *m_operations = nullptr, *m_bits = nullptr, *m_memory = nullptr;
    QLabel *m_figure = nullptr, *m_reason = nullptr;
    ValueBars* m_bars = nullptr;
    std::optional<EfficiencyComparison> m_comparison;
};

}  // namespace app
