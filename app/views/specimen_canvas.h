// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing and touching of a weight under the microscope. Keys: arrows walk over the bits, Space turns one over.

#include "app/models/weight_specimen.h"

#include <QWidget>

namespace app {

struct PlotScale;

class SpecimenCanvas : public QWidget {
    Q_OBJECT

public:
    explicit SpecimenCanvas(QWidget* parent = nullptr);

    void showSpecimen(WeightSpecimen specimen, int point);
    const WeightSpecimen& specimen() const { return m_specimen; }
    const SpecimenCode* code() const;  // nullptr: nothing to show
    int point() const { return m_point; }
    const std::vector<BitField>& fields() const { return m_fields; }
    QString bitText(int bit) const;
    QRectF bitRect(int bit) const;
    int currentBit() const { return m_bit; }

    QSize sizeHint() const override { return {320, 300}; }
    QSize minimumSizeHint() const override;

signals:
    void bitToggled(int bit);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int bitsPerLine() const;
    int bitLines() const;
    double cellHeight() const;
    double bitsBottom() const;
    int bitAt(QPointF point) const;  // -1: none
    const BitField& fieldOf(int bit) const;
    QColor fieldColour(const BitField& field) const;
    void drawBits(QPainter& painter) const;
    void drawFieldWords(QPainter& painter) const;
    void drawLine(QPainter& painter) const;
    void drawPins(QPainter& painter, const QRectF& plot, const PlotScale& axis) const;

    WeightSpecimen m_specimen;
    std::vector<BitField> m_fields;
    int m_point = 0;
    int m_bit = -1;  // the one with the frame
};

}  // namespace app
