// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/rows_panel.h"

#include "app/models/number_text.h"
#include "app/shell/palette_list.h"
#include "app/views/chart_style.h"
#include "app/views/row_strip.h"
#include "core/formats/treatment.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QToolButton>

#include <algorithm>

namespace app {
namespace {

const std::vector<float> kNoValues;

/// The measures of all stripes of some layers under their orders, one layer after another.
struct Measured {
    std::vector<float> weightError, variance, magnitude;
};

Measured measured(const std::vector<core::WeightedLayer>& layers, const std::vector<core::LayerIndex>& shown,
                  const std::vector<core::WeightPlan>& orders, PaletteAxis axis, const core::RunControl& control)
{
    Measured all;
    const auto append = [](std::vector<float>& to, const std::vector<float>& from) { to.insert(to.end(), from.begin(), from.end()); };
    for (std::size_t i = 0; i < shown.size() && !control.stopped(); ++i) {
        const core::WeightedLayer& layer = layers.at(shown[i].value());
        const core::PaletteChoices choices{orders[i].rows, orders[i].channels, static_cast<std::size_t>(layer.columnsPerChannel)};
        append(all.variance, stripeVariances(layer, axis));
        append(all.magnitude, stripeMagnitudes(layer, axis));
        append(all.weightError, stripeWeightErrors(layer, core::quantizeWeights(layer.weights, orders[i].palette, choices).values, axis));
    }
    return all;
}

}  // namespace

RowsPanel::RowsPanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("rowsPanel"), parent)
{
    makeWidgets();
    connect(&m_measuring, &JobRunner::failed, &exploration, &Exploration::tellProblem);
}

void RowsPanel::refresh(Changes changes)
{
    setEnabled(exploration().isOpen());
    const bool areOthers = !m_board.isOf(exploration().source().layers, exploration().editedLayers());
    if (areOthers)
        showLayers();
    if (changes & Report)
        takeOutputErrors();
    m_board.takePlan(exploration().plan());
    if (areOthers || changes & Plan) {
        if (gesture().isOpen())
            m_measureLater = true;  // one measure after the drag, not one a stripe
        else
            measure();
    }
    showPalette();
    showStrip();
    showNote();
}

/// New layers: their own axis where they are mixed along one, in their own order until it is asked for again.
void RowsPanel::showLayers()
{
    const auto edited = exploration().editedLayers();
    const auto mixedAlong = [&](PaletteAxis axis) {
        return std::ranges::any_of(edited, [&](core::LayerIndex layer) {
            const core::WeightPlan weights = exploration().treatment(layer).weights;
            return axis == PaletteAxis::Rows ? !weights.rows.empty() : !weights.channels.empty();
        });
    };
    PaletteAxis axis = m_board.axis();
    if (mixedAlong(PaletteAxis::Channels) != mixedAlong(PaletteAxis::Rows))
        axis = mixedAlong(PaletteAxis::Channels) ? PaletteAxis::Channels : PaletteAxis::Rows;
    m_board.show(exploration().source().layers, edited, axis);
    m_axis->setCurrentIndex(axis == PaletteAxis::Rows ? 0 : 1);
    m_where->setText(editedLayersText());
    m_measures = {};
    m_order.clear();
    m_orderWanted = true;
    takeOutputErrors();
}

void RowsPanel::setAxis(PaletteAxis axis)
{
    m_board.show(exploration().source().layers, exploration().editedLayers(), axis);
    m_axis->setCurrentIndex(axis == PaletteAxis::Rows ? 0 : 1);
    m_measures = {};
    m_order.clear();
    m_orderWanted = true;
    takeOutputErrors();
    refresh(Plan);
}

void RowsPanel::measure()
{
    m_measureLater = false;
    if (m_board.size() == 0)
        return;
    std::vector<core::WeightPlan> orders;
    for (const core::LayerIndex layer : m_board.layers())
        orders.push_back(exploration().treatment(layer).weights);
    m_measuring.start([this, layers = exploration().source().layers, shown = m_board.layers(), orders = std::move(orders),
                       axis = m_board.axis()](const core::RunControl& control, const JobRunner::Tell&) -> JobRunner::Answer {
        return [this, found = measured(*layers, shown, orders, axis, control)] {
            if (static_cast<int>(found.weightError.size()) != m_board.size())
                return;  // stopped, or of layers no longer shown
            m_measures.weightError = found.weightError;
            m_measures.variance = found.variance;
            m_measures.magnitude = found.magnitude;
            if (m_orderWanted)
                sortAgain();
            showStrip();
            showNote();
        };
    });
}

void RowsPanel::takeOutputErrors()
{
    m_measures.outputError.clear();
    const core::ReportPtr report = exploration().report();
    if (!report || m_board.axis() == PaletteAxis::Channels)
        return;
    for (const core::LayerIndex layer : m_board.layers()) {
        const auto rows = static_cast<std::size_t>(m_board.layer(layer).rows);
        std::vector<float> errors;
        if (layer.value() < report->layers.size())
            errors = report->layers[layer.value()].rowErrors;
        errors.resize(rows, std::numeric_limits<float>::quiet_NaN());
        for (const float error : errors)
            m_measures.outputError.push_back(100 * error);
    }
    if (std::ranges::all_of(m_measures.outputError, [](float error) { return std::isnan(error); }))
        m_measures.outputError.clear();
    else if (m_orderWanted && sortedBy() == StripeMeasure::OutputError)
        sortAgain();
}

const std::vector<float>& RowsPanel::values(StripeMeasure measure) const
{
    switch (measure) {
    case StripeMeasure::Index: return kNoValues;
    case StripeMeasure::WeightError: return m_measures.weightError;
    case StripeMeasure::Variance: return m_measures.variance;
    case StripeMeasure::Magnitude: return m_measures.magnitude;
    case StripeMeasure::OutputError: return m_measures.outputError;
    }
    return kNoValues;
}

StripeMeasure RowsPanel::sortedBy() const { return static_cast<StripeMeasure>(m_sort->currentData().toInt()); }

/// Stripes stay where they are while one paints, though painting changes what they were sorted by; this sorts them anew.
void RowsPanel::sortAgain()
{
    const std::vector<float>& by = values(sortedBy());
    m_order = by.empty() ? std::vector<int>{} : largestFirst(by);
    m_orderWanted = by.empty() && sortedBy() != StripeMeasure::Index;
}

QString RowsPanel::stripeWord(std::int64_t count) const
{
    if (m_board.axis() == PaletteAxis::Rows)
        return count == 1 ? tr("row") : tr("rows");
    return count == 1 ? tr("channel") : tr("channels");
}

std::size_t RowsPanel::brush() const
{
    const std::size_t entry = m_paint ? m_board.entryOf(*m_paint) : 0;
    return entry < m_board.palette().size() ? entry : 0;
}

void RowsPanel::showPalette()
{
    std::vector<PaletteEntry> entries;
    for (std::size_t entry = 0; entry < m_board.palette().size(); ++entry)
        entries.push_back({m_board.palette()[entry], m_board.timesTaken(entry)});
    const int picked = entries.empty() ? -1 : static_cast<int>(brush());
    if (picked >= 0)
        m_paint = m_board.palette()[static_cast<std::size_t>(picked)];
    m_palette->showEntries(entries, picked, stripeWord(2));
}

void RowsPanel::showStrip()
{
    if (m_board.size() == 0) {
        m_strip->clear();
        return;
    }
    RowStripFigure figure;
    figure.layer = m_where->text();
    for (const core::Treatment& entry : m_board.palette()) {
        figure.formats << QString::fromStdString(entry.format.name());
        figure.labels << treatmentWords(entry);
    }
    figure.formats << QString();
    figure.labels << (m_board.axis() == PaletteAxis::Rows ? tr("mixed over channels") : tr("mixed over rows"));
    figure.rowFormats = m_board.choices();
    const StripeMeasure shown = sortedBy() == StripeMeasure::Index ? StripeMeasure::WeightError : sortedBy();
    figure.values = values(shown);
    figure.valueName = stripeMeasureName(shown);
    figure.unit = stripeMeasureUnit(shown);
    figure.order = m_order;
    figure.protectedRows = m_board.protectedStripes();
    figure.selectedRows = m_board.selected();
    if (m_board.layers().size() > 1)
        for (int stripe = 0; stripe < m_board.size(); ++stripe)
            if (const auto& named = m_board.stripes()[static_cast<std::size_t>(stripe)]; named.place == 0)
                figure.sections.push_back({QString::fromStdString(m_board.layer(named.layer).name), stripe});
    figure.stripeName = stripeWord(1);
    figure.wraps = true;
    m_strip->showRows(std::move(figure));
}

void RowsPanel::showNote()
{
    QStringList words;
    if (m_board.selected().empty())
        words << tr("%1 %2").arg(countText(m_board.size()), stripeWord(m_board.size()));
    else
        words << tr("%1 of %2 selected").arg(countText(static_cast<std::int64_t>(m_board.selected().size())), countText(m_board.size()));
    if (const auto kept = m_board.protectedStripes(); !kept.empty())
        words << tr("%1 protected").arg(countText(static_cast<std::int64_t>(kept.size())));
    if (m_board.isMixedAcross())
        words << (m_board.axis() == PaletteAxis::Rows ? tr("replaces mixtures over channels")
                                                      : tr("replaces mixtures over rows"));
    const StripeMeasure shown = sortedBy() == StripeMeasure::Index ? StripeMeasure::WeightError : sortedBy();
    if (!values(shown).empty())
        words << tr("bars: %1").arg(stripeMeasureName(shown));
    m_note->setText(words.join(QStringLiteral(" · ")));
    m_note->setToolTip(m_note->text());
    const bool any = !m_board.selected().empty();
    m_paintButton->setVisible(any);
    m_protect->setVisible(any);
    m_again->setEnabled(sortedBy() != StripeMeasure::Index && !values(sortedBy()).empty());
}

void RowsPanel::sweep(const std::vector<int>& stripes)
{
    if (stripes.empty())
        return;
    if (m_tool == Tool::Brush) {
        paint(stripes);
        return;
    }
    if (m_tool == Tool::Select) {
        std::vector<int> all = m_board.selected();
        all.insert(all.end(), stripes.begin(), stripes.end());
        m_board.select(std::move(all));
    } else {
        if (m_painted == 0)
            m_protecting = !m_board.isProtected(stripes.front());
        m_painted += static_cast<int>(stripes.size());
        m_board.protect(stripes, m_protecting);
    }
    showStrip();
    showNote();
}

void RowsPanel::paint(const std::vector<int>& stripes)
{
    if (m_board.palette().empty())
        return;
    const std::size_t entry = brush();
    const std::vector<int> rest = m_board.paintable(stripes, entry);
    if (rest.empty())
        return;
    m_painted += static_cast<int>(rest.size());
    const QString words = tr("%1 %2 %3").arg(countText(m_painted), stripeWord(m_painted), treatmentWords(m_board.palette()[entry]));
    exploration().editLayers(words, m_board.paint(rest, entry), gesture());
    m_board.takePlan(exploration().plan());  // the next stripe may come before the next refresh
}

void RowsPanel::paintSelected()
{
    m_painted = 0;
    paint(m_board.selected());
    m_painted = 0;
}

void RowsPanel::selectByRule()
{
    const double amount = m_amount->value();
    switch (static_cast<Rule>(m_rule->currentData().toInt())) {
    case Rule::WeightError: m_board.select(largestShare(m_measures.weightError, amount)); break;
    case Rule::Variance: m_board.select(largestShare(m_measures.variance, amount)); break;
    case Rule::Magnitude: m_board.select(largestShare(m_measures.magnitude, amount)); break;
    case Rule::OutputError: m_board.select(largestShare(m_measures.outputError, amount)); break;
    case Rule::EveryNth: m_board.select(everyNth(m_board.size(), static_cast<int>(amount))); break;
    case Rule::OfEntry: {
        std::vector<int> chosen;
        for (int stripe = 0; stripe < m_board.size(); ++stripe)
            if (m_board.choices()[static_cast<std::size_t>(stripe)] == brush())
                chosen.push_back(stripe);
        m_board.select(std::move(chosen));
        break;
    }
    }
    showStrip();
    showNote();
}

void RowsPanel::protectSelected()
{
    const std::vector<int>& selected = m_board.selected();
    const bool allAre = std::ranges::all_of(selected, [this](int stripe) { return m_board.isProtected(stripe); });
    m_board.protect(selected, !allAre);
    showStrip();
    showNote();
}

void RowsPanel::addEntry()
{
    if (m_board.palette().empty())
        return;
    // A new paint has to differ from those that are there: the first usual format that none of them has.
    core::Treatment fresh = m_board.palette()[brush()];
    for (const char* name : {"int8", "int4", "e4m3", "pot4", "nf4", "int2", "fp16", "int6", "int5", "int3"}) {
        fresh.format = core::NumberFormat::named(name).value();
        if (m_board.entryOf(fresh) == m_board.palette().size())
            break;
    }
    m_board.addSpare(fresh);
    m_paint = fresh;
    showPalette();
    showStrip();
}

void RowsPanel::removeEntry(int entry)
{
    const auto place = static_cast<std::size_t>(entry);
    if (entry < 0 || m_board.palette().size() < 2 || place >= m_board.palette().size())
        return;
    const core::Treatment gone = m_board.palette()[place], instead = m_board.palette()[place == 0 ? 1 : place - 1];
    const bool wasTaken = m_board.timesTaken(place) > 0;
    m_paint = instead;
    if (wasTaken)
        exploration().editLayers(tr("%1 gives way to %2").arg(treatmentWords(gone), treatmentWords(instead)),
                                 m_board.exchange(place, instead));
    m_board.dropSpare(gone);
    refresh(Plan);
}

void RowsPanel::changeEntry(int entry, const core::Treatment& after)
{
    const auto place = static_cast<std::size_t>(entry);
    if (entry < 0 || place >= m_board.palette().size())
        return;
    const core::Treatment before = m_board.palette()[place];
    m_paint = after;
    const TreatmentChange change = m_board.exchange(place, after);
    exploration().editLayers(tr("%1 becomes %2").arg(treatmentWords(before), treatmentWords(after)), change);
    refresh(Plan);
}

}  // namespace app
