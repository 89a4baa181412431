// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The line below the network's cards that says what their stripe means: words, or a scale with its ends written.

#include "app/views/colour_map.h"

#include <QWidget>

namespace app {

class GraphLegend : public QWidget {
    Q_OBJECT

public:
    explicit GraphLegend(QWidget* parent = nullptr);

    void showNothing();
    void showWords(const QString& words);
    /// `backwards`: the map's low end stands for the range's high end, written at the left.
    void showScale(const QString& name, const QString& unit, const ColourRange& range, bool backwards);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_words, m_leftEnd, m_rightEnd;
    bool m_hasScale = false;
};

}  // namespace app
