// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A knob one turns: drag around it, wheel, arrow keys, double-click for the default. It shows its number in the middle
// and a scale of ticks around; where the range is long, small numbers get more of the turn.

#include <QAbstractSlider>

#include <vector>

class QTimer;

namespace app {

class DialKnob : public QAbstractSlider {
    Q_OBJECT

public:
    explicit DialKnob(QWidget* parent = nullptr);

    void setDefaultValue(int value) { m_default = value; }
    int defaultValue() const { return m_default; }
    bool isHeld() const { return m_held; }

    QSize sizeHint() const override { return {140, 140}; }
    QSize minimumSizeHint() const override { return {84, 84}; }

signals:
    void gestureBegun();
    void gestureEnded();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void begin();
    void end();
    QRectF face() const;
    double shareOf(double value) const;  // of the whole turn, 0 ... 1
    double valueAtShare(double share) const;
    std::vector<int> ticks() const;
    double angleOf(int value) const;  // degrees, clockwise from the top
    double angleAt(QPointF position) const;

    int m_default = 0;
    bool m_held = false;
    double m_turned = 0;  // share of the whole turn under the hand
    double m_lastAngle = 0;
    QTimer* m_rest = nullptr;
};

}  // namespace app
