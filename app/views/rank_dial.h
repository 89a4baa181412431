// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The rank of a layer's recovery path as a dial beside the singular spectrum of its error: what each rank is predicted
// to win, what was measured, and the floor that no rank removes - said in words too.

#include "app/views/figure_view.h"
#include "core/eval/report.h"

#include <optional>

class QBoxLayout;
class QLabel;

namespace app {

class DialKnob;
class RankPlot;

struct MeasuredRank {
    int rank = 0;
    double sqnrDecibels = 0;
};

struct RankFigure {
    QString layer;
    int rank = 0, defaultRank = 8, maximumRank = 0;  // 0 ... maximumRank; rank 0: no recovery path
    std::optional<core::SurrogateReport> surrogate;  // empty: spectrum not known yet, the dial works alone
    std::vector<MeasuredRank> measured;
};

struct RankVerdict {
    enum class Kind { Unknown, Helps, Enough, AtFloor, CannotHelp };
    Kind kind = Kind::Unknown;
    QString text;
};
/// What the rank does and what more of it would do, in the subject's words and numbers.
RankVerdict rankVerdict(const RankFigure& figure);

class RankDial : public FigureView {
    Q_OBJECT

public:
    explicit RankDial(QWidget* parent = nullptr);

    /// Emits nothing. While the person holds the dial, the figure's rank does not overrule the hand.
    void showFigure(RankFigure figure);
    void clear();
    int rank() const { return m_figure.rank; }

    NumberTable numbers() const override;

signals:
    void rankChanged(int rank);  // every step of a turn
    void gestureBegun();         // what lies between is one undo step
    void gestureEnded();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void turnTo(int rank);
    void present();

    QBoxLayout* m_upper = nullptr;
    DialKnob* m_dial = nullptr;
    RankPlot* m_plot = nullptr;
    QLabel* m_verdict = nullptr;
    RankFigure m_figure;
};

}  // namespace app
