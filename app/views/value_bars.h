// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Values as horizontal bars, section by section, each section under a scale of its own: linear from zero, or in decades
// where values lie far apart. A value that is not sure has a whisker.

#include "core/base/index.h"

#include <QWidget>

#include <optional>
#include <utility>
#include <vector>

namespace app {

struct ValueRow {
    QString name;
    double value = 0;                                  // not finite: no bar, only its text
    QString text;                                      // beside the bar: the number with its unit
    QString tip;                                       // where the pointer rests: what it is made of, and its source
    std::optional<std::pair<double, double>> range{};  // its ends
    int series = 0;                                    // colour and pattern
    core::LayerIndex layer{};                          // that a click chooses; invalid: none
};

struct ValueSection {
    QString title;
    QString axisTitle;  // with its unit
    bool isLogarithmic = false;
    std::vector<ValueRow> rows;
};

class ValueBars : public QWidget {
    Q_OBJECT

public:
    explicit ValueBars(const QString& objectName, const QString& accessibleName, QWidget* parent = nullptr);

    void showSections(std::vector<ValueSection> sections);
    void setSelected(const std::vector<core::LayerIndex>& layers);

    QString textAt(QPointF position) const;
    /// Where a row's bar is drawn; empty if it has none.
    QRectF barRect(std::size_t section, std::size_t row) const;

    QSize sizeHint() const override { return {420, heightForWidth(420)}; }
    QSize minimumSizeHint() const override { return {200, heightForWidth(200)}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

signals:
    void layerSelected(core::LayerIndex layer);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    struct Scale {
        double low = 0, high = 1;
        bool isLogarithmic = false;
    };  // logarithms to ten where logarithmic
    Scale scaleOf(const ValueSection& section) const;
    double rowHeight() const;
    double titleHeight() const;
    double sectionHeight(const ValueSection& section) const;
    double topOf(std::size_t section) const;
    QRectF plotOf(std::size_t section) const;
    double pixelOf(const Scale& scale, const QRectF& plot, double value) const;
    const ValueRow* rowAt(QPointF position) const;
    void paintSection(QPainter& painter, std::size_t section) const;
    void paintAxis(QPainter& painter, const Scale& scale, const QRectF& plot, const QString& title) const;

    std::vector<ValueSection> m_sections;
    std::vector<core::LayerIndex> m_selected;
};

}  // namespace app
