// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The precision dock: format, scale and clip of the weights, format and range of the inputs, for every edited layer;
// below, the format's levels over the weights they have to represent.

#include "app/shell/panel.h"
#include "app/views/format_number_line.h"

class QComboBox;
class QLabel;

namespace app {

class ChoiceField;

class PrecisionPanel : public Panel {
    Q_OBJECT
public:
    explicit PrecisionPanel(Exploration& exploration, QWidget* parent = nullptr);

private:
    void refresh(Changes changes) override;
    void makeFields();
    QWidget* makeLine();
    void showFields();
    void showNumberLine();
    void showMarker(std::optional<WeightPlace> hovered);
    void showEntries(const core::WeightPlan& orders);
    void takeLine(NumberLineFigure figure, std::vector<float> normalised, int columns);
    void chooseWeights(const QString& value, void (*apply)(core::Treatment&, const QString&), const QString& words);

    QLabel* m_where = nullptr;
    ChoiceField* m_format = nullptr;
    ChoiceField* m_scale = nullptr;
    ChoiceField* m_clip = nullptr;
    ChoiceField* m_points = nullptr;
    ChoiceField* m_inputFormat = nullptr;
    ChoiceField* m_inputRange = nullptr;
    FormatNumberLine* m_line = nullptr;
    QComboBox* m_entries = nullptr;   // of the palette, where a layer is mixed: whose levels the line shows
    std::vector<float> m_normalised;  // of the line on show, row-major; NaN where a weight takes another entry
    int m_columns = 0;
    JobRunner m_quantizing; // weights of a large layer take their time
};

} // namespace app
