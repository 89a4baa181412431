// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/rank_dial.h"

#include "app/models/number_text.h"
#include "app/views/dial_knob.h"
#include "app/views/rank_plot.h"

#include <QBoxLayout>
#include <QLabel>
#include <QResizeEvent>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kWorthwhile = 1.0;  // dB; a gain smaller than this is not worth a rank
constexpr double kAtFloor = 0.3;     // dB below the floor that count as having reached it
constexpr int kSideBySide = 460;     // logical pixels from which dial and plot stand side by side

QString gainText(double decibels) { return numberText(decibels, 1) + QChar(QChar::Nbsp) + QStringLiteral("dB"); }

/// A share of the error: small ones must not read as none.
QString errorShareText(double share)
{
    if (share > 0 && share < 0.001)
        return RankDial::tr("less than %1").arg(percentText(0.001));
    return percentText(share, share < 0.1 ? 1 : 0);
}

}  // namespace

RankVerdict rankVerdict(const RankFigure& figure)
{
    using Kind = RankVerdict::Kind;
    if (!figure.surrogate || !(figure.surrogate->signalEnergy > 0) || figure.maximumRank < 1)
        return {Kind::Unknown,
                RankDial::tr("The spectrum of this layer's error is not known yet. Give the layer a rank above 0 and evaluate.")};
    const core::SurrogateReport& report = *figure.surrogate;
    if (report.residualEnergy <= 0)
        return {Kind::Enough, RankDial::tr("This layer makes no error; a recovery path has nothing to recover.")};

    const double off = report.predictedSqnr(0), now = report.predictedSqnr(figure.rank), full = report.predictedSqnr(figure.maximumRank);
    const double floorShare = report.floorEnergy() / report.residualEnergy;
    if (std::isfinite(full) && full - off < kWorthwhile)
        return {
            Kind::CannotHelp,
            RankDial::tr("Rank does not help here: %1 of the squared error does not follow the input linearly. Even rank %2 gains only %3. "
                         "A finer format or scale would.")
                .arg(errorShareText(floorShare), QString::number(figure.maximumRank), gainText(full - off))};
    const int doubled = std::min(figure.maximumRank, std::max(1, 2 * figure.rank));
    const double more = report.predictedSqnr(doubled) - now;
    const QString present =
        figure.rank == 0 ? RankDial::tr("Without recovery %1.").arg(decibelText(off))
                         : RankDial::tr("Rank %1 lifts %2 to %3.").arg(QString::number(figure.rank), decibelText(off), decibelText(now));
    if (figure.rank > 0 && std::isfinite(full) && full - now < kAtFloor)
        return {Kind::AtFloor,
                present + u' ' +
                    RankDial::tr("That is the floor: what is left (%1 of the error) no rank removes.").arg(errorShareText(floorShare))};
    if (figure.rank == figure.maximumRank || std::isinf(now))
        return {Kind::Enough, present + u' ' + RankDial::tr("That is full rank.")};
    const QString next = std::isinf(more) ? RankDial::tr("Rank %1 would remove the error.").arg(doubled)
                                          : RankDial::tr("Rank %1 would add %2.").arg(QString::number(doubled), gainText(more));
    return {more < kWorthwhile && figure.rank > 0 ? Kind::Enough : Kind::Helps, present + u' ' + next};
}

RankDial::RankDial(QWidget* parent)
    : FigureView(QStringLiteral("rankDial"), tr("Rank of the recovery path"), parent),
      m_upper(new QBoxLayout(QBoxLayout::LeftToRight)),
      m_dial(new DialKnob),
      m_plot(new RankPlot),
      m_verdict(new QLabel)
{
    m_dial->setObjectName(QStringLiteral("rankKnob"));
    m_dial->setAccessibleName(tr("Rank"));
    m_dial->setToolTip(tr("Rank of the recovery path: A (rank × columns) and B (rows × rank), added exactly to the cheap main path.\n"
                          "Drag around the dial, turn the wheel, press the arrow keys; double-click restores the default."));
    m_verdict->setObjectName(QStringLiteral("rankVerdict"));
    m_verdict->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_verdict->setContentsMargins(8, 2, 8, 4);

    auto* body = new QWidget(this);
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(4, 4, 0, 0);
    layout->addLayout(m_upper, 1);
    m_upper->addWidget(m_dial, 0, Qt::AlignCenter);
    m_upper->addWidget(m_plot, 1);
    layout->addWidget(m_verdict);
    body->setFocusProxy(m_dial);
    setPicture(body);
    setEmptyHint(tr("No layer selected. Select a layer with weights to give it a recovery path."));

    connect(m_dial, &DialKnob::valueChanged, this, &RankDial::turnTo);
    connect(m_dial, &DialKnob::gestureBegun, this, &RankDial::gestureBegun);
    connect(m_dial, &DialKnob::gestureEnded, this, &RankDial::gestureEnded);
    connect(m_plot, &RankPlot::rankPointed, m_dial, &DialKnob::setValue);
    connect(m_plot, &RankPlot::gestureBegun, this, &RankDial::gestureBegun);
    connect(m_plot, &RankPlot::gestureEnded, this, &RankDial::gestureEnded);
}

void RankDial::showFigure(RankFigure figure)
{
    figure.maximumRank = std::max(0, figure.maximumRank);
    figure.rank = std::clamp(m_dial->isHeld() ? m_figure.rank : figure.rank, 0, figure.maximumRank);
    m_figure = std::move(figure);
    const QSignalBlocker quiet(m_dial);
    m_dial->setRange(0, m_figure.maximumRank);
    m_dial->setPageStep(std::max(1, m_figure.maximumRank / 8));
    m_dial->setDefaultValue(std::min(m_figure.defaultRank, m_figure.maximumRank));
    m_dial->setValue(m_figure.rank);
    present();
}

void RankDial::clear()
{
    m_figure = {};
    numbersChanged(true, {});
}

void RankDial::turnTo(int rank)
{
    m_figure.rank = rank;
    present();
    emit rankChanged(rank);
}

void RankDial::present()
{
    m_plot->showFigure(m_figure);
    m_plot->setVisible(m_figure.surrogate.has_value() || !m_figure.measured.empty());
    const RankVerdict verdict = rankVerdict(m_figure);
    const bool isWarning = verdict.kind == RankVerdict::Kind::CannotHelp;
    m_verdict->setText((isWarning ? QStringLiteral("⚠ ") : QString()) + verdict.text);
    numbersChanged(m_figure.maximumRank < 1, verdict.text);
}

void RankDial::resizeEvent(QResizeEvent* event)
{
    FigureView::resizeEvent(event);
    m_upper->setDirection(event->size().width() >= kSideBySide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

NumberTable RankDial::numbers() const
{
    NumberTable table;
    table.header = {tr("rank"), tr("singular value"), tr("predicted SQNR / dB"), tr("measured SQNR / dB")};
    for (int rank = 0; rank <= m_figure.maximumRank; ++rank) {
        QString singular, predicted, measuredText;
        if (m_figure.surrogate) {
            const std::vector<double>& values = m_figure.surrogate->singularValues;
            if (rank >= 1 && rank <= static_cast<int>(values.size()))
                singular = QString::number(values[static_cast<std::size_t>(rank - 1)], 'g', 6);
            predicted = QString::number(m_figure.surrogate->predictedSqnr(rank), 'g', 6);
        }
        for (const MeasuredRank& measured : m_figure.measured)
            if (measured.rank == rank)
                measuredText = QString::number(measured.sqnrDecibels, 'g', 6);
        table.rows.push_back({QString::number(rank), singular, predicted, measuredText});
    }
    return table;
}

}  // namespace app
