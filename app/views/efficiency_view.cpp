// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/efficiency_view.h"

#include "app/models/number_text.h"
#include "app/views/figure_parts.h"
#include "app/views/value_bars.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <array>
#include <cmath>

namespace app {

namespace {

constexpr int kAsStated = 0;

QString topsText(double value) { return shortNumberText(value) + QStringLiteral("\u00a0TOPS/W"); }

QString plain(const std::string& text) { return QString::fromStdString(text); }

}  // namespace

EfficiencyView::EfficiencyView(QWidget* parent)
    : FigureView(QStringLiteral("efficiencyView"), tr("Efficiency"), parent),
      m_figure(new QLabel),
      m_reason(new QLabel),
      m_bars(new ValueBars(QStringLiteral("efficiencyBars"), tr("Efficiency in one convention, and ceilings by layer")))
{
    auto* body = new QWidget(this);
    m_figure->setObjectName(QStringLiteral("efficiencyFigure"));
    m_reason->setObjectName(QStringLiteral("efficiencyReason"));
    m_figure->setFont(figureFont(font(), 1.5));
    m_reason->setFont(smallFont(font()));
    makeFigureWords({m_figure, m_reason});
    QScrollArea* scroll = scrolledUpright(m_bars, body);

    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(makeChoices());
    layout->addWidget(m_figure);
    layout->addWidget(m_reason);
    layout->addWidget(scroll, 1);
    body->setFocusProxy(m_operations);
    setPicture(body);
    setEmptyHint(tr("No efficiency yet. It appears with the first estimate of a network's accuracy."));
    connect(m_bars, &ValueBars::layerSelected, this, &EfficiencyView::layerSelected);
}

QWidget* EfficiencyView::makeChoices()
{
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(8, 0, 6, 0);
    layout->setSpacing(6);
    const auto choice = [&](const char* name, const QString& label, const QString& tip, const QStringList& words) {
        auto* box = new QComboBox(row);
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(label);
        box->setToolTip(tip);
        box->addItems(words);
        layout->addWidget(box);
        connect(box, &QComboBox::currentIndexChanged, this, &EfficiencyView::showLines);
        return box;
    };
    layout->addWidget(new QLabel(tr("Say it with"), row));
    m_operations = choice("efficiencyOperations", tr("Operations a multiply-accumulate"),
                          tr("What an operation is: some count a multiply-accumulate as one, most as two"),
                          {tr("operations as stated"), tr("1 operation a MAC"), tr("2 operations a MAC")});
    m_bits = choice("efficiencyBits", tr("Bits of an operation"),
                    tr("Normalised as a bit-serial machine would be: b × c bits are b c products of one bit. Exact for one\n"
                       "conversion a pair of planes, a rule of thumb for anything else."),
                    {tr("bits as stated"), tr("1b × 1b"), tr("4b × 4b"), tr("8b × 8b")});
    m_memory = choice("efficiencyMemory", tr("Memory"), tr("Whether the energy of reading weights and activations is in it"),
                      {tr("memory as stated"), tr("without memory")});
    layout->addStretch(1);
    return row;
}

core::EfficiencyConvention EfficiencyView::wanted(const core::EfficiencyConvention& stated) const
{
    core::EfficiencyConvention to = stated;
    if (m_operations->currentIndex() != kAsStated)
        to.operationsPerMac = m_operations->currentIndex();
    static constexpr std::array kBits{0.0, 1.0, 4.0, 8.0};
    if (m_bits->currentIndex() != kAsStated)
        to.weightBits = to.activationBits = kBits.at(static_cast<std::size_t>(m_bits->currentIndex()));
    if (m_memory->currentIndex() != kAsStated)
        to.includesMemory = false;
    return to;
}

core::Result<core::EfficiencyFigure> EfficiencyView::ownFigure() const
{
    if (!m_comparison)
        return core::Problem{"efficiency", "nothing is evaluated yet"};
    return core::converted({m_comparison->npp.own, m_comparison->own}, wanted(m_comparison->own), m_comparison->memoryShare);
}

std::vector<EfficiencyView::Line> EfficiencyView::lines() const
{
    const EfficiencyComparison& shown = *m_comparison;
    const core::EfficiencyConvention model{2, 8, 8, false};
    std::vector<Line> all;
    // Of the headline only the operations can be converted: its bits, and what is in it, are not published.
    const int operations = m_operations->currentIndex() == 1 ? 1 : 2;
    all.push_back({tr("published (NPP)"),
                   tr("%1 a MAC taken for granted; bits and memory unknown").arg(operations == 1 ? tr("1 operation") : tr("2 operations")),
                   tr("The abstract's headline; no breakdown is known."),
                   tr("bits unknown"),
                   shown.npp.published * operations / 2,
                   {},
                   7});
    const auto add = [&](const QString& name, double value, const core::EfficiencyConvention& stated, const QString& remark, int series,
                         std::optional<double> memoryShare) {
        const core::EfficiencyConvention to = wanted(stated);
        const auto figure = core::converted({value, stated}, to, memoryShare);
        all.push_back({name,
                       plain(to.text()),
                       figure ? remark : plain(figure.error().text()),
                       tr("%1b × %2b").arg(to.weightBits).arg(to.activationBits),
                       figure ? figure.value().topsPerWatt : 0.0,
                       {},
                       series});
    };
    add(tr("our model, 512 × 512"), shown.npp.model, model,
        tr("1602 TOPS/W main path and 49 fJ an operation of a rank-8 path: calibrated to land on the headline, so it proves nothing."), 4,
        {});
    add(tr("that model, these layers"), shown.npp.modelHere, model, tr("The same two prices on this network's layers and ranks."), 4, {});
    add(tr("this network"), shown.npp.own, shown.own,
        tr("As billed at %1 prices; the whisker is the bill's interval.").arg(shown.technology), 0, shown.memoryShare);
    Line& own = all.back();
    const core::EnergyRange& range = shown.npp.ownRange;
    if (range.low.value() > 0)
        own.range = {own.topsPerWatt * (range.typical / range.high), own.topsPerWatt * (range.typical / range.low)};
    return all;
}

void EfficiencyView::showComparison(EfficiencyComparison comparison)
{
    m_comparison = std::move(comparison);
    showLines();
}

void EfficiencyView::showLines()
{
    if (!m_comparison)
        return;
    const EfficiencyComparison& shown = *m_comparison;
    const std::vector<Line> all = lines();
    const Line& own = all.back();
    m_figure->setText(tr("%1: %2").arg(topsText(own.topsPerWatt), own.convention));
    m_reason->setText(tr("Why not 464: %1.").arg(plain(shown.npp.reason)));

    const bool isOne = std::ranges::none_of(std::array{m_operations, m_bits, m_memory},
                                            [](const QComboBox* choice) { return choice->currentIndex() == kAsStated; });
    ValueSection figures{isOne ? tr("In one convention") : tr("As stated: the conventions differ, choose above to compare"),
                         tr("TOPS/W, in decades"),
                         true,
                         {}};
    for (const Line& line : all)
        figures.rows.push_back(
            {line.name, line.topsPerWatt, tr("%1 · %2").arg(topsText(line.topsPerWatt), line.bits), line.convention + u'\n' + line.remark, line.range, line.series, {}});
    ValueSection steps{
        tr("This network as billed, leaving out what it pays"), tr("TOPS/W (%1), in decades").arg(plain(shown.own.text())), true, {}};
    steps.rows.push_back({tr("everything"), shown.npp.own, topsText(shown.npp.own), tr("The whole bill"), {}, 0, {}});
    for (const core::EfficiencyStep& step : shown.npp.steps)
        if (std::isfinite(step.topsPerWatt))
            steps.rows.push_back({plain(step.words),
                                  step.topsPerWatt,
                                  topsText(step.topsPerWatt),
                                  tr("Each step leaves out one part more, the dearest first."),
                                  {},
                                  0,
                                  {}});
    ValueSection ceilings{tr("What each layer's recovery path alone allows"), tr("TOPS/W at most, in decades"), true, {}};
    for (const LayerCeiling& ceiling : shown.ceilings)
        ceilings.rows.push_back(
            {ceiling.name,
             ceiling.topsPerWatt,
             topsText(ceiling.topsPerWatt),
             tr("Rank %1 on %2 × %3 at %4 prices: %5 % more products, even if the main path were free.\n"
                "Wider layers pay less for the same rank.")
                 .arg(ceiling.rank)
                 .arg(ceiling.rows)
                 .arg(ceiling.columns)
                 .arg(shown.technology, shortNumberText(100.0 * ceiling.rank * (1.0 / ceiling.rows + 1.0 / ceiling.columns))),
             {},
             4,
             ceiling.layer});
    m_bars->showSections({std::move(figures), std::move(steps), std::move(ceilings)});
    numbersChanged(false, m_figure->text() + QStringLiteral(", ") + m_reason->text());
}

void EfficiencyView::clear()
{
    m_comparison.reset();
    m_bars->showSections({});
    numbersChanged(true, {});
}

void EfficiencyView::setSelectedLayers(const std::vector<core::LayerIndex>& layers) { m_bars->setSelected(layers); }

NumberTable EfficiencyView::numbers() const
{
    NumberTable table;
    table.header = {tr("figure"), tr("TOPS/W"), tr("low"), tr("high"), tr("convention"), tr("remark")};
    if (!m_comparison)
        return table;
    const auto number = [](double value) { return QString::number(value, 'g', 6); };
    for (const Line& line : lines())
        table.rows.push_back({line.name, number(line.topsPerWatt), line.range ? number(line.range->first) : QString(),
                              line.range ? number(line.range->second) : QString(), line.convention, line.remark});
    for (const core::EfficiencyStep& step : m_comparison->npp.steps)
        if (std::isfinite(step.topsPerWatt))
            table.rows.push_back({plain(step.words), number(step.topsPerWatt), {}, {}, plain(m_comparison->own.text()), {}});
    for (const LayerCeiling& ceiling : m_comparison->ceilings)
        table.rows.push_back({tr("ceiling of %1").arg(ceiling.name),
                              number(ceiling.topsPerWatt),
                              {},
                              {},
                              tr("rank %1 on %2 × %3").arg(ceiling.rank).arg(ceiling.rows).arg(ceiling.columns),
                              {}});
    return table;
}

}  // namespace app
