// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/training_chart.h"

#include "app/models/number_text.h"
#include "app/views/training_plot.h"

namespace app {

std::optional<int> keptEpoch(const std::vector<core::EpochReport>& history)
{
    std::optional<int> kept;
    for (const core::EpochReport& epoch : history)
        if (epoch.isBest)
            kept = epoch.epoch;
    return kept;
}

TrainingChart::TrainingChart(QWidget* parent)
    : FigureView(QStringLiteral("trainingChart"), tr("Loss and accuracy over epochs"), parent), m_plot(new TrainingPlot(this))
{
    setPicture(m_plot);
    setEmptyHint(tr("Choose a plan of low precision and press Train: loss and accuracy appear here epoch by epoch."));
}

void TrainingChart::showFigure(const TrainingFigure& figure)
{
    m_figure = figure;
    m_plot->showFigure(figure);
    QString summary;
    if (const auto kept = keptEpoch(figure.history)) {
        const core::EpochReport& last = figure.history.back();
        summary = tr("epoch %1 of %2, validation loss %3; the best is epoch %4")
                      .arg(last.epoch)
                      .arg(figure.epochs)
                      .arg(numberText(last.validationLoss, 4))
                      .arg(*kept);
    }
    numbersChanged(figure.history.empty(), summary);
}

NumberTable TrainingChart::numbers() const
{
    NumberTable table{{tr("epoch"), tr("train loss / nats"), tr("validation loss / nats"), tr("train accuracy / %"),
                       tr("validation accuracy / %"), tr("kept")},
                      {}};
    const auto kept = keptEpoch(m_figure.history);
    const auto text = [](std::optional<double> value, int decimals) { return value ? numberText(*value, decimals) : QStringLiteral("–"); };
    using enum TrainingPlot::Quantity;
    using enum TrainingPlot::Samples;
    for (const core::EpochReport& epoch : m_figure.history)
        table.rows.push_back({QString::number(epoch.epoch), text(valueOf(epoch, Loss, Learned), 4), text(valueOf(epoch, Loss, KeptBack), 4),
                              text(valueOf(epoch, Accuracy, Learned), 2), text(valueOf(epoch, Accuracy, KeptBack), 2),
                              epoch.epoch == kept ? tr("kept") : QString()});
    return table;
}

}  // namespace app
