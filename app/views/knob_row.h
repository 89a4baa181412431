// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A knob as people know it: name, slider, number with its unit. Double-click restores the default; one drag is one
// gesture; a tooltip says what it means in the subject's words.

#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QSlider;
class QTimer;

namespace app {

enum class KnobScale { Linear, Logarithmic };

struct KnobSpec {
    QString objectName;  // "sigmaKnob"
    QString name;        // "Variation σ"
    QString unit;        // "%", "bits"; empty: none
    QString tip;         // what it means, and the source
    double minimum = 0, maximum = 1, step = 0.01, defaultValue = 0;
    int decimals = 2;
    KnobScale scale = KnobScale::Linear;
    /// Logarithmic: the smallest value above the minimum that the slider reaches; with minimum 0 the slider's left end is 0.
    double smallest = 0.001;
    QString minimumText;  // shown at the minimum, e.g. "ideal", "off"; empty: the number
};

class KnobRow : public QWidget {
    Q_OBJECT

public:
    explicit KnobRow(const KnobSpec& spec, QWidget* parent = nullptr);

    const KnobSpec& spec() const { return m_spec; }
    double value() const { return m_value; }
    /// Emits nothing; a value outside the range is clamped. While the person drags, the hand is not overruled.
    void setValue(double value);
    /// Several layers are selected and disagree: the number shows "mixed" until the person turns the knob.
    void setMixed(bool mixed);
    void setMaximum(double maximum);
    /// Shown beside the knob where it is; empty: none.
    void setProblem(const QString& text);
    /// Why it does not apply: it is disabled and its tooltip says so; empty: it does.
    void setHindered(const QString& reason);

public slots:
    void restoreDefault();  // a gesture of its own

signals:
    void valueChanged(double value);  // by the person, every step of a drag
    void gestureBegun();              // what lies between is one undo step
    void gestureEnded();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void turnTo(double value);
    void display(double value);
    double valueAt(int position) const;
    int positionOf(double value) const;
    void beginGesture();
    void endGesture();

    KnobSpec m_spec;
    QString m_tip;
    double m_value = 0;
    bool m_held = false;  // a gesture is under way
    QLabel* m_name = nullptr;
    QSlider* m_slider = nullptr;
    QDoubleSpinBox* m_number = nullptr;
    QLabel* m_problem = nullptr;
    QTimer* m_rest = nullptr;  // ends a gesture of key presses and wheel turns
};

}  // namespace app
