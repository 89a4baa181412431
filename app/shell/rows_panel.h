// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The rows dock: one stripe per row or input channel of the edited layers, a palette of treatments and a brush. The strip
// is the truth: what it shows is the plan. A drag is one undo step and is evaluated while it lasts.

#include "app/models/stripe_board.h"
#include "app/shell/panel.h"

class QActionGroup;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QToolButton;

namespace app {

class PaletteList;
class RowStrip;

class RowsPanel : public Panel {
    Q_OBJECT
public:
    enum class Tool { Brush, Select, Protect };

    explicit RowsPanel(Exploration& exploration, QWidget* parent = nullptr);

    const StripeBoard& board() const { return m_board; }
    void setAxis(PaletteAxis axis);
    void setTool(Tool tool);

private:
    enum class Rule { WeightError, Variance, Magnitude, OutputError, EveryNth, OfEntry };
    /// What is measured of every stripe of the board, by what people sort; empty: not known.
    struct Measures {
        std::vector<float> weightError, variance, magnitude, outputError;
    };

    void refresh(Changes changes) override;
    void makeWidgets();
    QWidget* makeHead();
    QWidget* makeTools();
    QWidget* makeRules();
    QWidget* makeChosen();
    void makeStrip();
    QToolButton* toolButton(Tool tool, const QString& text, const QString& name, const QKeySequence& key, const QString& tip);

    void showLayers();
    void showPalette();
    void showStrip();
    void showNote();
    void showRuleField();
    void measure();
    void takeOutputErrors();
    void sortAgain();
    const std::vector<float>& values(StripeMeasure measure) const;
    StripeMeasure sortedBy() const;
    QString stripeWord(std::int64_t count) const;

    void sweep(const std::vector<int>& stripes);
    void paint(const std::vector<int>& stripes);
    void paintSelected();
    void selectByRule();
    void protectSelected();
    void addEntry();
    void removeEntry(int entry);
    void changeEntry(int entry, const core::Treatment& after);
    std::size_t brush() const;

    StripeBoard m_board;
    Measures m_measures;
    std::vector<int> m_order;                // empty: by index
    bool m_orderWanted = false;              // sort as soon as the numbers are there
    std::optional<core::Treatment> m_paint;  // what the brush has; an entry may change its number
    Tool m_tool = Tool::Brush;
    bool m_protecting = true;  // what the hand does to the stripes it passes, from the first one on
    int m_painted = 0;         // stripes of the gesture under way
    bool m_measureLater = false;
    JobRunner m_measuring;

    QLabel* m_where = nullptr;
    QComboBox* m_axis = nullptr;
    PaletteList* m_palette = nullptr;
    QActionGroup* m_tools = nullptr;
    QComboBox* m_sort = nullptr;
    QToolButton* m_again = nullptr;
    RowStrip* m_strip = nullptr;
    QLabel* m_note = nullptr;
    QComboBox* m_rule = nullptr;
    QDoubleSpinBox* m_amount = nullptr;
    QToolButton* m_select = nullptr;
    QToolButton* m_paintButton = nullptr;
    QToolButton* m_protect = nullptr;
};

}  // namespace app
