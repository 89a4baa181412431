// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/dial_knob.h"

#include "app/views/chart_style.h"
#include "app/views/plot_axes.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTimer>
#include <QWheelEvent>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace app {

namespace {

constexpr double kReach = 135;  // degrees to either side of the top
constexpr int kEvenSteps = 16;  // up to here every step turns as far; beyond, the turn goes with the square root
constexpr std::chrono::milliseconds kRest{500};

QPointF onCircle(QPointF centre, double radius, double degrees)
{
    const double radians = degrees * std::numbers::pi / 180;
    return centre + QPointF(radius * std::sin(radians), -radius * std::cos(radians));
}

}  // namespace

DialKnob::DialKnob(QWidget* parent) : QAbstractSlider(parent), m_rest(new QTimer(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    m_rest->setSingleShot(true);
    m_rest->setInterval(kRest);
    connect(m_rest, &QTimer::timeout, this, &DialKnob::end);
}

QRectF DialKnob::face() const
{
    const double side = std::min(width(), height()) - 4.0;
    return {0.5 * (width() - side), 0.5 * (height() - side), side, side};
}

double DialKnob::shareOf(double value) const
{
    const double share = (value - minimum()) / std::max(1, maximum() - minimum());
    return maximum() - minimum() > kEvenSteps ? std::sqrt(share) : share;
}

double DialKnob::valueAtShare(double share) const
{
    const double even = maximum() - minimum() > kEvenSteps ? share * share : share;
    return minimum() + even * (maximum() - minimum());
}

std::vector<int> DialKnob::ticks() const
{
    std::vector<int> values;
    if (maximum() - minimum() <= kEvenSteps) {
        for (const double tick : roundTicks(minimum(), maximum(), 8))
            values.push_back(static_cast<int>(tick));
        return values;
    }
    values.push_back(minimum());
    for (int step = 1; step < maximum() - minimum(); step *= 2)
        values.push_back(minimum() + step);
    values.push_back(maximum());
    return values;
}

double DialKnob::angleOf(int value) const { return -kReach + 2 * kReach * shareOf(value); }

double DialKnob::angleAt(QPointF position) const
{
    const QPointF from = position - face().center();
    return std::atan2(from.x(), -from.y()) * 180 / std::numbers::pi;
}

void DialKnob::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF circle = face();
    const QPointF centre = circle.center();
    const double radius = 0.5 * circle.width();
    const double pen = std::max(4.0, 0.09 * radius);
    const QRectF ring = circle.adjusted(0.16 * radius, 0.16 * radius, -0.16 * radius, -0.16 * radius);

    // Qt's arcs start at three o'clock and run counter-clockwise in sixteenths of a degree.
    const auto arc = [&](double from, double to, const QColor& colour) {
        painter.setPen(QPen(colour, pen, Qt::SolidLine, Qt::FlatCap));
        painter.drawArc(ring, static_cast<int>((90 - to) * 16), static_cast<int>((to - from) * 16));
    };
    const QColor blue = isEnabled() ? seriesColour(0, palette()) : mutedText(palette());
    arc(-kReach, kReach, gridColour(palette()));
    arc(-kReach, angleOf(value()), blue);

    painter.setPen(QPen(mutedText(palette()), 1));
    for (const int tick : ticks()) {
        const double angle = angleOf(tick);
        painter.drawLine(onCircle(centre, 0.92 * radius, angle), onCircle(centre, radius, angle));
    }
    // The default is a small triangle outside the ring: where a double-click leads.
    const double home = angleOf(std::clamp(m_default, minimum(), maximum()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette().color(QPalette::Text));
    painter.drawPolygon(
        QPolygonF{onCircle(centre, 0.9 * radius, home), onCircle(centre, radius, home - 4), onCircle(centre, radius, home + 4)});

    painter.setPen(QPen(palette().color(QPalette::Base), 2));
    painter.setBrush(blue);
    painter.drawEllipse(onCircle(centre, 0.5 * ring.width(), angleOf(value())), 0.75 * pen + 1, 0.75 * pen + 1);

    QFont number = font();
    number.setPixelSize(std::max(12, static_cast<int>(0.46 * radius)));
    number.setWeight(QFont::DemiBold);
    painter.setFont(number);
    painter.setPen(palette().color(isEnabled() ? QPalette::WindowText : QPalette::PlaceholderText));
    painter.drawText(QRectF(centre.x() - radius, centre.y() - 0.42 * radius, 2 * radius, 0.62 * radius), Qt::AlignCenter,
                     QString::number(value()));
    painter.setFont(smallFont(font()));
    painter.setPen(mutedText(palette()));
    painter.drawText(QRectF(centre.x() - radius, centre.y() + 0.16 * radius, 2 * radius, 0.3 * radius), Qt::AlignCenter,
                     accessibleName().toLower());
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1.4));
        painter.drawEllipse(ring.adjusted(pen, pen, -pen, -pen));
    }
}

void DialKnob::begin()
{
    m_rest->stop();
    if (m_held)
        return;
    m_held = true;
    emit gestureBegun();
}

void DialKnob::end()
{
    m_rest->stop();
    if (!m_held)
        return;
    m_held = false;
    emit gestureEnded();
}

void DialKnob::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    begin();
    m_turned = shareOf(value());
    m_lastAngle = angleAt(event->position());
}

void DialKnob::mouseMoveEvent(QMouseEvent* event)
{
    if (!(event->buttons() & Qt::LeftButton) || !m_held)
        return;
    const double angle = angleAt(event->position());
    double turned = angle - m_lastAngle;
    if (turned > 180)  // the hand crossed the bottom
        turned -= 360;
    if (turned < -180)
        turned += 360;
    m_lastAngle = angle;
    m_turned = std::clamp(m_turned + turned / (2 * kReach), 0.0, 1.0);
    setValue(static_cast<int>(std::lround(valueAtShare(m_turned))));
}

void DialKnob::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        end();
}

void DialKnob::mouseDoubleClickEvent(QMouseEvent*)
{
    begin();
    setValue(m_default);
    end();
}

void DialKnob::wheelEvent(QWheelEvent* event)
{
    if (!hasFocus()) {  // a wheel that scrolls past must not turn it
        event->ignore();
        return;
    }
    const int steps = event->angleDelta().y() / 120;
    if (steps != 0) {
        begin();
        setValue(value() + steps * singleStep());
        m_rest->start();
    }
    event->accept();
}

void DialKnob::keyPressEvent(QKeyEvent* event)
{
    const int before = value();
    int target = before;
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Right:
    case Qt::Key_Plus: target = before + singleStep(); break;
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Minus: target = before - singleStep(); break;
    case Qt::Key_PageUp: target = before + pageStep(); break;
    case Qt::Key_PageDown: target = before - pageStep(); break;
    case Qt::Key_Home: target = minimum(); break;
    case Qt::Key_End: target = maximum(); break;
    case Qt::Key_Delete:
    case Qt::Key_Backspace: target = m_default; break;
    default: QAbstractSlider::keyPressEvent(event); return;
    }
    if (std::clamp(target, minimum(), maximum()) == before)
        return;
    begin();
    setValue(target);
    m_rest->start();
}

void DialKnob::focusInEvent(QFocusEvent* event)
{
    QAbstractSlider::focusInEvent(event);
    update();
}

void DialKnob::focusOutEvent(QFocusEvent* event)
{
    QAbstractSlider::focusOutEvent(event);
    end();
    update();
}

}  // namespace app
