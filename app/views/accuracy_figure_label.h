// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The figure itself: large enough for the back of the room, never without its interval, its sample count and its
// difference to the reference; an estimate still counting is drawn paler, with "≈" and a bar that is not full.

#include "app/views/accuracy_view.h"

#include <QWidget>

#include <optional>

namespace app {

class AccuracyFigureLabel : public QWidget {
    Q_OBJECT

public:
    explicit AccuracyFigureLabel(QWidget* parent = nullptr);

    void showFigure(const AccuracyFigure& figure);
    /// A new question is under way: the figure stays, paler, until the first answer.
    void setOutdated(bool outdated);

    QString figureText() const;      // "98.4 %", or "≈ 98.4 %" while partial
    QString intervalText() const;    // "95 % interval 97.9 – 98.9 %"; of chips: "mean of 16 chips (95 %: 97.9 – 98.9 %)"
    QString differenceText() const;  // "▼ 0.7 points below the reference, 99.1 %"; "no difference to the reference seen, 99.1 %"
    QString sampleText() const;      // "1,024 of 10,000 samples, still counting"
    QString chipText() const;        // "chips from 95.2 to 98.8 %, the first 98.1 %"; empty for one chip
    /// Whether a difference is one, on the same chips and samples: "significant: −1.4 to −0.2 points against the reference";
    /// one line an opponent, none before anything can be said.
    QStringList badgeTexts() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Arrangement {
        QFont figureFont, wordsFont;
        QRectF figure, details, bar;
        double height = 0;
    };
    QFont wordsFont(int width) const;  // of the lines beside the figure: grows on a large screen
    Arrangement arrange(int width) const;
    QStringList detailLines() const;
    bool looksPartial() const { return m_outdated || m_figure.partial; }

    AccuracyFigure m_figure;
    bool m_outdated = false;
};

}  // namespace app
