// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One stored weight, large: its bits with their place values, ready to be turned over, and a zoomed number line with the
// level it was rounded to, the levels beside it, the thresholds between, and what the bits say now.

#include "app/models/weight_specimen.h"
#include "app/views/figure_view.h"

namespace app {

class SpecimenCanvas;

class MicroscopeView : public FigureView {
    Q_OBJECT

public:
    explicit MicroscopeView(QWidget* parent = nullptr);

    /// `point`: which of the codes, where several vectors add up to a row.
    void showSpecimen(const QString& layer, WeightSpecimen specimen, int point = 0);
    void clear();
    /// "bit 6, exponent, worth 8: 1; turned over from 0".
    QString bitText(int bit) const;

    NumberTable numbers() const override;

signals:
    void bitToggled(int bit);  // of the code on show, by click or key; 0 is the least significant

private:
    SpecimenCanvas* m_canvas = nullptr;
    QString m_layer;
};

}  // namespace app
