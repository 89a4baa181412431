// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The microscope dock: one weight of the current layer, what is stored for it and in which bits. A click on a bit turns it
// over in the plan, so that accuracy follows; the flipped bits of the layer are listed and can be cleared.

#include "app/models/weight_specimen.h"
#include "app/shell/panel.h"

class QLabel;
class QListWidget;
class QSpinBox;
class QToolButton;

namespace app {

class MicroscopeView;

class MicroscopePanel : public Panel {
    Q_OBJECT
public:
    explicit MicroscopePanel(Exploration& exploration, QWidget* parent = nullptr);

    /// The weight on show; empty: none.
    const std::optional<WeightSpecimen>& specimen() const { return m_specimen; }

private:
    using QuantizedPtr = std::shared_ptr<const core::QuantizedMatrix>;
    /// What a layer's stored weights follow from, flipped bits apart.
    struct Stored {
        LayersPtr layers;
        core::LayerIndex layer;
        core::WeightPlan orders;
        bool operator==(const Stored&) const = default;
    };

    void refresh(Changes changes) override;
    QWidget* makePicker();
    QWidget* makeFlips();
    Stored wanted() const;
    WeightPlace place() const;  // within the layer
    void pick(WeightPlace place);
    void pickWorst();
    void quantize();
    void askHeld();
    void showSpecimen();
    void showFacts();
    QString heldText() const;
    void showFlips();
    void toggle(int bit);
    void changeFlips(const QString& words, const std::function<core::WeightPlan(const core::WeightPlan&)>& change);

    Stored m_stored;  // what m_quantized is of
    QuantizedPtr m_quantized;
    // What a corrected layer really holds; it depends on the layers in front, so it is asked for by the whole plan.
    core::CompiledLayerPtr m_held;  // null: not corrected, or on its way
    std::optional<core::PrecisionPlan> m_heldPlan;
    core::LayerIndex m_heldLayer;
    QString m_heldProblem;  // why it cannot be had
    std::optional<WeightSpecimen> m_specimen;
    bool m_showing = false;
    JobRunner m_quantizing, m_compiling;

    QWidget* m_picker = nullptr;
    QLabel* m_where = nullptr;
    QSpinBox* m_row = nullptr;
    QSpinBox* m_column = nullptr;
    QSpinBox* m_point = nullptr;
    QToolButton* m_worst = nullptr;
    QLabel* m_facts = nullptr;
    MicroscopeView* m_view = nullptr;
    QWidget* m_flipBox = nullptr;
    QLabel* m_flipTitle = nullptr;
    QListWidget* m_flips = nullptr;
    QToolButton* m_clearOne = nullptr;
    QToolButton* m_clearAll = nullptr;
};

}  // namespace app
