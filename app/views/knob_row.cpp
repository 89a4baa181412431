// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/knob_row.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"

#include <QDoubleSpinBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QSlider>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace app {

namespace {

constexpr int kPositions = 1000;                 // of a logarithmic or very fine slider
constexpr std::chrono::milliseconds kRest{500};  // without a key or wheel step, a gesture has ended

/// "8 bits", "1 bit", "0.4 s".
QString suffixOf(const QString& unit, double value)
{
    if (unit.isEmpty())
        return {};
    const bool isPlural = unit.size() > 2 && unit.endsWith(u's');
    return QChar(QChar::Nbsp) + (isPlural && value == 1 ? unit.chopped(1) : unit);
}

}  // namespace

KnobRow::KnobRow(const KnobSpec& spec, QWidget* parent)
    : QWidget(parent),
      m_spec(spec),
      m_name(new QLabel(spec.name, this)),
      m_slider(new QSlider(Qt::Horizontal, this)),
      m_number(new QDoubleSpinBox(this)),
      m_problem(new QLabel(this)),
      m_rest(new QTimer(this))
{
    setObjectName(spec.objectName);
    setAccessibleName(spec.name);
    const QString normal = numberText(spec.defaultValue, spec.decimals) + suffixOf(spec.unit, spec.defaultValue);
    m_tip = spec.tip.isEmpty() ? tr("Default %1; double-click restores it.").arg(normal)
                               : tr("%1\nDefault %2; double-click restores it.").arg(spec.tip, normal);
    setToolTip(m_tip);

    m_name->setObjectName(spec.objectName + QStringLiteral("Name"));
    m_name->setBuddy(m_number);
    m_slider->setObjectName(spec.objectName + QStringLiteral("Slider"));
    m_slider->setAccessibleName(spec.name);
    m_slider->setAccessibleDescription(spec.tip);
    m_slider->setFocusPolicy(Qt::StrongFocus);
    m_number->setObjectName(spec.objectName + QStringLiteral("Number"));
    m_number->setAccessibleName(spec.name);
    m_number->setAccessibleDescription(spec.tip);
    m_number->setFocusPolicy(Qt::StrongFocus);
    m_number->setKeyboardTracking(false);
    m_number->setDecimals(spec.decimals);
    m_number->setSingleStep(spec.step);
    m_number->setSuffix(suffixOf(spec.unit, spec.defaultValue));
    m_number->setSpecialValueText(spec.minimumText);
    m_number->setAlignment(Qt::AlignRight);
    m_problem->setObjectName(spec.objectName + QStringLiteral("Problem"));
    m_problem->setWordWrap(true);
    m_problem->hide();

    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 2, 0, 2);
    layout->setHorizontalSpacing(6);
    layout->setVerticalSpacing(0);
    layout->addWidget(m_name, 0, 0);
    layout->addWidget(m_number, 0, 1, Qt::AlignRight);
    layout->addWidget(m_slider, 1, 0, 1, 2);
    layout->addWidget(m_problem, 2, 0, 1, 2);
    layout->setColumnStretch(0, 1);
    setFocusProxy(m_slider);
    setMaximum(spec.maximum);
    setValue(spec.defaultValue);

    for (QWidget* watched : std::initializer_list<QWidget*>{m_name, m_slider, m_number})
        watched->installEventFilter(this);
    m_rest->setSingleShot(true);
    m_rest->setInterval(kRest);
    connect(m_rest, &QTimer::timeout, this, &KnobRow::endGesture);
    connect(m_slider, &QSlider::sliderPressed, this, &KnobRow::beginGesture);
    connect(m_slider, &QSlider::sliderReleased, this, &KnobRow::endGesture);
    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        const double smallestStep = std::pow(10.0, -m_spec.decimals);
        const int before = positionOf(m_value);
        double value = valueAt(position);
        // One key step on a logarithmic slider may be less than the number can say; it then moves by the last digit.
        if (std::abs(value - m_value) < smallestStep && position != before)
            value = m_value + (position > before ? smallestStep : -smallestStep);
        turnTo(value);
    });
    connect(m_number, &QDoubleSpinBox::valueChanged, this, &KnobRow::turnTo);
    connect(m_number, &QDoubleSpinBox::editingFinished, this, [this] {
        if (m_rest->isActive())
            endGesture();
    });
}

void KnobRow::setMaximum(double maximum)
{
    m_spec.maximum = std::max(maximum, m_spec.minimum);
    const QSignalBlocker quietSlider(m_slider), quietNumber(m_number);
    const double steps = (m_spec.maximum - m_spec.minimum) / m_spec.step;
    const bool isStepped = m_spec.scale == KnobScale::Linear && steps <= 10 * kPositions;
    m_slider->setRange(0, isStepped ? static_cast<int>(std::lround(steps)) : kPositions);
    m_slider->setPageStep(std::max(1, m_slider->maximum() / 10));
    m_number->setRange(m_spec.minimum, m_spec.maximum);
    display(std::clamp(m_value, m_spec.minimum, m_spec.maximum));
}

double KnobRow::valueAt(int position) const
{
    const double share = m_slider->maximum() > 0 ? static_cast<double>(position) / m_slider->maximum() : 0.0;
    if (m_spec.scale == KnobScale::Linear)
        return m_spec.minimum + share * (m_spec.maximum - m_spec.minimum);
    if (position == 0)
        return m_spec.minimum;
    const double smallest = std::max(m_spec.smallest, m_spec.minimum);
    return smallest * std::pow(m_spec.maximum / smallest, share);
}

int KnobRow::positionOf(double value) const
{
    const int last = m_slider->maximum();
    if (m_spec.maximum <= m_spec.minimum || value <= m_spec.minimum)
        return 0;
    if (m_spec.scale == KnobScale::Linear)
        return std::clamp(static_cast<int>(std::lround((value - m_spec.minimum) / (m_spec.maximum - m_spec.minimum) * last)), 0, last);
    const double smallest = std::max(m_spec.smallest, m_spec.minimum);
    const double share = std::log(std::max(value, smallest) / smallest) / std::log(m_spec.maximum / smallest);
    return std::clamp(static_cast<int>(std::lround(share * last)), 1, last);
}

void KnobRow::display(double value)
{
    const QSignalBlocker quietSlider(m_slider), quietNumber(m_number);
    m_value = value;
    if (!m_slider->isSliderDown())
        m_slider->setValue(positionOf(value));
    if (const QString suffix = suffixOf(m_spec.unit, value); suffix != m_number->suffix())
        m_number->setSuffix(suffix);
    m_number->setValue(value);
}

void KnobRow::setValue(double value)
{
    if (m_held || !std::isfinite(value))
        return;
    display(std::clamp(value, m_spec.minimum, m_spec.maximum));
}

void KnobRow::setMixed(bool mixed) { m_name->setText(mixed ? tr("%1 (mixed)").arg(m_spec.name) : m_spec.name); }

void KnobRow::setProblem(const QString& text)
{
    m_problem->setText(text.isEmpty() ? QString() : QStringLiteral("⚠ ") + text);
    m_problem->setVisible(!text.isEmpty());
    QPalette warning = palette();
    warning.setColor(QPalette::WindowText, badColour(palette()));
    m_problem->setPalette(warning);
}

void KnobRow::setHindered(const QString& reason)
{
    setEnabled(reason.isEmpty());
    setToolTip(reason.isEmpty() ? m_tip : reason + u'\n' + m_tip);
}

void KnobRow::turnTo(double value)
{
    // What the number can say is what is set: a slider between two numbers would show one and set another.
    const double power = std::pow(10.0, m_spec.decimals);
    const double said = std::clamp(std::round(value * power) / power, m_spec.minimum, m_spec.maximum);
    if (said == m_value) {
        display(m_value);
        return;
    }
    const bool byStep = !m_slider->isSliderDown();
    if (byStep)
        beginGesture();
    setMixed(false);
    display(said);
    emit valueChanged(m_value);
    if (byStep)
        m_rest->start();
}

void KnobRow::beginGesture()
{
    m_rest->stop();
    if (m_held)
        return;
    m_held = true;
    emit gestureBegun();
}

void KnobRow::endGesture()
{
    m_rest->stop();
    if (!m_held)
        return;
    m_held = false;
    emit gestureEnded();
}

void KnobRow::restoreDefault()
{
    endGesture();
    if (m_value == m_spec.defaultValue)
        return;
    beginGesture();
    setMixed(false);
    display(m_spec.defaultValue);
    emit valueChanged(m_value);
    endGesture();
}

bool KnobRow::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::MouseButtonDblClick && watched != m_number) {
        m_slider->setSliderDown(false);
        restoreDefault();
        return true;
    }
    // A wheel that scrolls the dock must not turn the knobs it passes: only the one in focus turns.
    if (event->type() == QEvent::Wheel && !static_cast<QWidget*>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void KnobRow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_problem && !m_problem->isHidden()) {
        QPalette warning = palette();
        warning.setColor(QPalette::WindowText, badColour(palette()));
        m_problem->setPalette(warning);
    }
}

}  // namespace app
