// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/microscope_panel.h"

#include "app/models/number_text.h"
#include "app/shell/plan_choices.h"
#include "app/views/chart_style.h"
#include "app/views/microscope_view.h"
#include "core/plan/plan_text.h"

#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr int kFlipsShown = 3;  // lines

/// The weight that rounding moved farthest.
WeightPlace worstOf(const core::RowMatrix& trained, const core::RowMatrix& stored)
{
    Eigen::Index row = 0, column = 0;
    (stored - trained).cwiseAbs().maxCoeff(&row, &column);
    return {static_cast<int>(row), static_cast<int>(column)};
}

QString flipText(const core::CodeFlip& flip)
{
    return MicroscopePanel::tr("row %1, column %2, bit %3").arg(flip.row).arg(flip.column).arg(flip.bit);
}

QSpinBox* numberBox(const QString& name, const QString& words, const QString& tip, QWidget* parent)
{
    auto* box = new QSpinBox(parent);
    box->setObjectName(name);
    box->setAccessibleName(words);
    box->setToolTip(tip);
    box->setKeyboardTracking(false);
    box->setPrefix(words + u' ');
    return box;
}

}  // namespace

MicroscopePanel::MicroscopePanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Selected, QStringLiteral("microscopePanel"), parent)
{
    m_where = new QLabel(this);
    m_where->setObjectName(QStringLiteral("microscopeWhere"));
    m_where->setTextFormat(Qt::PlainText);
    m_where->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    QFont bold = m_where->font();
    bold.setBold(true);
    m_where->setFont(bold);
    m_facts = new QLabel(this);
    m_facts->setObjectName(QStringLiteral("microscopeFacts"));
    m_facts->setTextFormat(Qt::PlainText);
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_view = new MicroscopeView(this);
    connect(m_view, &MicroscopeView::bitToggled, this, &MicroscopePanel::toggle);
    connect(m_view, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
        exploration.tellProblem({"", text.toStdString()});
    });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(4);
    layout->addWidget(makePicker());
    layout->addWidget(m_facts);
    layout->addWidget(m_view, 1);
    layout->addWidget(makeFlips());
    connect(&m_quantizing, &JobRunner::failed, &exploration, &Exploration::tellProblem);
}

QWidget* MicroscopePanel::makePicker()
{
    m_picker = new QWidget(this);
    QWidget* const picker = m_picker;
    m_row =
        numberBox(QStringLiteral("weightRow"), tr("row"), tr("Row of the weight matrix: the output channel the weight adds to"), picker);
    m_column = numberBox(QStringLiteral("weightColumn"), tr("column"),
                         tr("Column of the weight matrix: the input it multiplies (of a convolution: channel, kernel row, kernel column)"),
                         picker);
    m_point = numberBox(QStringLiteral("weightPoint"), tr("point"), tr("Which of the low-bit vectors that add up to the row"), picker);
    m_point->setMinimum(1);
    m_worst = new QToolButton(picker);
    m_worst->setObjectName(QStringLiteral("weightWorst"));
    m_worst->setText(tr("Worst"));
    m_worst->setToolTip(tr("Go to the weight of this layer that rounding moved farthest"));
    for (QSpinBox* box : {m_row, m_column})
        connect(box, &QSpinBox::valueChanged, this, [this] {
            if (!m_showing)
                pick({m_row->value(), m_column->value()});
        });
    connect(m_point, &QSpinBox::valueChanged, this, [this] {
        if (!m_showing)
            showSpecimen();
    });
    connect(m_worst, &QToolButton::clicked, this, &MicroscopePanel::pickWorst);
    auto* layout = new QGridLayout(picker);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(m_where, 0, 0, 1, 2);
    layout->addWidget(m_point, 0, 2, 1, 2);
    layout->addWidget(m_row, 1, 0);
    layout->addWidget(m_column, 1, 1, 1, 2);
    layout->addWidget(m_worst, 1, 3);
    layout->setColumnStretch(0, 1);
    layout->setColumnStretch(1, 1);
    return picker;
}

QWidget* MicroscopePanel::makeFlips()
{
    m_flipBox = new QWidget(this);
    m_flipTitle = sectionLabel(QString(), m_flipBox);
    m_flipTitle->setObjectName(QStringLiteral("flipTitle"));
    m_flips = new QListWidget(m_flipBox);
    m_flips->setObjectName(QStringLiteral("flipList"));
    m_flips->setAccessibleName(tr("Bits turned over in this layer"));
    m_flips->setToolTip(
        tr("Bits of stored codes that the plan turns over, after rounding: what a fault in memory does. A click goes to the weight."));
    m_flips->setFixedHeight(kFlipsShown * (fontMetrics().height() + 3) + 2 * m_flips->frameWidth());
    const auto button = [this](const QString& text, const QString& name, const QString& tip) {
        auto* made = new QToolButton(m_flipBox);
        made->setText(text);
        made->setObjectName(name);
        made->setToolTip(tip);
        return made;
    };
    m_clearOne = button(tr("Clear"), QStringLiteral("flipClear"), tr("Turn the picked bit back"));
    m_clearAll = button(tr("Clear all"), QStringLiteral("flipClearAll"), tr("Turn all bits of this layer back"));
    connect(m_flips, &QListWidget::itemClicked, this, [this](const QListWidgetItem* item) {
        const auto flips = wanted().orders.flips;
        const auto row = static_cast<std::size_t>(m_flips->row(item));
        if (row < flips.size())
            pick({flips[row].row, flips[row].column});
    });
    connect(m_clearOne, &QToolButton::clicked, this, [this] {
        const auto row = static_cast<std::size_t>(std::max(0, m_flips->currentRow()));
        changeFlips(tr("one bit turned back"), [row](core::WeightPlan orders) {
            if (row < orders.flips.size())
                orders.flips.erase(orders.flips.begin() + static_cast<std::ptrdiff_t>(row));
            return orders;
        });
    });
    connect(m_clearAll, &QToolButton::clicked, this, [this] {
        changeFlips(tr("all bits turned back"), [](core::WeightPlan orders) {
            orders.flips.clear();
            return orders;
        });
    });
    auto* layout = new QGridLayout(m_flipBox);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(m_flipTitle, 0, 0);
    layout->addWidget(m_clearOne, 0, 1);
    layout->addWidget(m_clearAll, 0, 2);
    layout->addWidget(m_flips, 1, 0, 1, 3);
    layout->setColumnStretch(0, 1);
    return m_flipBox;
}

MicroscopePanel::Stored MicroscopePanel::wanted() const
{
    const core::LayerIndex layer = exploration().currentLayer();
    if (!layer.isValid())
        return {};
    return {exploration().source().layers, layer, exploration().treatment(layer).weights};
}

WeightPlace MicroscopePanel::place() const
{
    const core::LayerIndex current = exploration().currentLayer();
    if (!current.isValid())
        return {};
    const core::WeightedLayer& layer = exploration().layers().at(current.value());
    const WeightPlace asked = exploration().selection().weight.value_or(WeightPlace{});
    return {std::clamp(asked.row, 0, layer.rows - 1), std::clamp(asked.column, 0, layer.columns - 1)};
}

void MicroscopePanel::pick(WeightPlace picked)
{
    Selection selection = exploration().selection();
    selection.current = exploration().currentLayer();
    selection.weight = picked;
    exploration().setSelection(selection);
}

void MicroscopePanel::pickWorst()
{
    if (m_quantized && m_stored.layers)
        pick(worstOf(m_stored.layers->at(m_stored.layer.value()).weights, m_held ? m_held->weights : m_quantized->values));
}

void MicroscopePanel::refresh(Changes)
{
    const core::LayerIndex current = exploration().currentLayer();
    setEnabled(current.isValid());
    for (QWidget* specimen : {m_picker, static_cast<QWidget*>(m_view)})  // bits turned over can be taken back under any flaw
        specimen->setEnabled(exploration().flaws().empty());
    if (!current.isValid()) {
        m_specimen.reset();
        m_view->clear();
        m_where->clear();
        m_facts->clear();
        showFlips();
        return;
    }
    const core::WeightedLayer& layer = exploration().layers().at(current.value());
    {
        const QScopedValueRollback quiet(m_showing, true);
        const WeightPlace shown = place();
        m_where->setText(QString::fromStdString(layer.name));
        m_row->setRange(0, layer.rows - 1);
        m_column->setRange(0, layer.columns - 1);
        m_row->setValue(shown.row);
        m_column->setValue(shown.column);
    }
    showFlips();
    if (exploration().flaws().empty()) {
        askHeld();
        quantize();
    }
}

/// Corrections move weights to other levels than the nearest; which ones is known when the layer is compiled.
void MicroscopePanel::askHeld()
{
    const core::LayerIndex layer = exploration().currentLayer();
    if (!exploration().treatment(layer).correction) {
        m_compiling.stop();
        m_held.reset();
        m_heldPlan.reset();
        m_heldProblem.clear();
        return;
    }
    if (m_heldPlan == exploration().plan() && m_heldLayer == layer)
        return;
    m_held.reset();
    m_heldProblem.clear();
    m_heldPlan = exploration().plan();
    m_heldLayer = layer;
    const EvaluationSource& source = exploration().source();
    if (!source.compiledLayer) {
        m_heldProblem = tr("it cannot be had here");
        return;
    }
    m_compiling.start([this, compile = source.compiledLayer, plan = *m_heldPlan, layer,
                       seed = exploration().settings().seed](const core::RunControl& control, const JobRunner::Tell&) -> JobRunner::Answer {
        auto compiled = compile(plan, layer, seed, control);
        return [this, plan, layer, compiled = std::move(compiled)] {
            if (m_heldPlan != plan || m_heldLayer != layer)
                return;  // another question by now
            if (compiled)
                m_held = compiled.value();
            else
                m_heldProblem = QString::fromStdString(compiled.error().text());
            showSpecimen();
        };
    });
}

/// What the network multiplies by, where that need not be the level on show.
QString MicroscopePanel::heldText() const
{
    if (!m_heldPlan)
        return {};
    const QString how = QString::fromStdString(core::text(*exploration().treatment(m_heldLayer).correction));
    if (!m_heldProblem.isEmpty())
        return tr("\n⚠ %1: the level on show is the nearest; what the network holds is not known, %2").arg(how, m_heldProblem);
    if (!m_held)
        return tr("\n%1: what the network holds is being compiled …").arg(how);
    const float held = m_held->weights(m_specimen->row, m_specimen->column);
    const float size = std::max(std::abs(held), std::abs(m_specimen->stored));
    if (std::abs(held - m_specimen->stored) <= 1e-6F * size)
        return tr("\n%1: the network holds this same value").arg(how);
    const double error = static_cast<double>(held) - static_cast<double>(m_specimen->trained);
    return tr("\n%1: the network holds %2, error %3%4; the level on show is the nearest one")
        .arg(how, shortNumberText(held), error > 0 ? QStringLiteral("+") : QString(), shortNumberText(error));
}

/// A turned bit asks for nothing to be rounded again: only what the codes follow from does.
void MicroscopePanel::quantize()
{
    Stored now = wanted();
    now.orders.flips.clear();
    if (m_quantized && now == m_stored) {
        showSpecimen();
        return;
    }
    m_quantizing.start([this, now](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
        const core::WeightedLayer& layer = now.layers->at(now.layer.value());
        auto quantized = std::make_shared<const core::QuantizedMatrix>(
            core::quantizeWeights(layer.weights, now.orders.palette, choicesOf(layer, now.orders)));
        return [this, now, quantized = std::move(quantized)] {
            m_stored = now;
            m_quantized = quantized;
            showSpecimen();
        };
    });
}

void MicroscopePanel::showSpecimen()
{
    Stored now = wanted();
    const std::vector<core::CodeFlip> flips = std::exchange(now.orders.flips, {});
    if (!m_quantized || now != m_stored)
        return;  // the answer is on its way
    now.orders.flips = flips;
    const WeightPlace shown = place();
    const core::WeightedLayer& layer = now.layers->at(now.layer.value());
    m_specimen = specimenAt(layer, now.orders, *m_quantized, shown.row, shown.column);
    const int points = static_cast<int>(m_specimen->codes.size());
    {
        const QScopedValueRollback quiet(m_showing, true);
        m_point->setMaximum(std::max(1, points));
        m_point->setVisible(points > 1);
    }
    m_view->showSpecimen(QString::fromStdString(layer.name), *m_specimen, m_point->value() - 1);
    showFacts();
}

void MicroscopePanel::showFacts()
{
    const WeightSpecimen& weight = *m_specimen;
    if (weight.codes.empty()) {
        m_facts->clear();
        return;
    }
    const SpecimenCode& code =
        weight.codes.at(static_cast<std::size_t>(std::clamp(m_point->value() - 1, 0, static_cast<int>(weight.codes.size()) - 1)));
    const QString format = QString::fromStdString(core::text(weight.treatment));
    const double error = static_cast<double>(weight.stored) - static_cast<double>(weight.trained);
    QString lines = tr("%1 · scale %2").arg(format, shortNumberText(code.scale));
    if (code.zeroPoint != 0)
        lines += tr(" · zero point %1").arg(shortNumberText(code.zeroPoint));
    const double steps = static_cast<double>(code.target) / static_cast<double>(code.scale) + static_cast<double>(code.zeroPoint);
    lines +=
        tr("\n%1 is %2 scales; level %3").arg(shortNumberText(code.target), shortNumberText(steps), shortNumberText(code.levelAsStored));
    if (code.rank >= 0 && !weight.isFlipped())
        lines += tr(" (%1 of 0 … %2)").arg(countText(code.rank), countText(code.levels - 1));
    lines += tr("\nstored %1, error %2%3")
                 .arg(shortNumberText(weight.stored), error > 0 ? QStringLiteral("+") : QString(), shortNumberText(error));
    if (weight.isFlipped())
        lines +=
            tr(" (rounding alone: %1)").arg(shortNumberText(static_cast<double>(weight.quantized) - static_cast<double>(weight.trained)));
    m_facts->setText(lines + heldText());
}

void MicroscopePanel::showFlips()
{
    const std::vector<core::CodeFlip> flips = wanted().orders.flips;
    m_flipTitle->setText(flips.empty() ? tr("Click a bit to turn it over") : tr("Bits turned over in this layer: %1").arg(flips.size()));
    m_flips->setVisible(!flips.empty());
    m_clearOne->setVisible(!flips.empty());
    m_clearAll->setVisible(!flips.empty());
    const int current = m_flips->currentRow();
    m_flips->clear();
    for (const core::CodeFlip& flip : flips)
        m_flips->addItem(flipText(flip));
    m_flips->setCurrentRow(std::clamp(current, 0, std::max(0, m_flips->count() - 1)));
}

void MicroscopePanel::toggle(int bit)
{
    if (!m_specimen)
        return;
    const core::CodeFlip flip{m_specimen->row, m_specimen->column, bit + (m_point->value() - 1) * m_specimen->bitsPerCode};
    changeFlips(tr("turn over %1").arg(flipText(flip)), [flip](const core::WeightPlan& orders) { return withToggledBit(orders, flip); });
}

void MicroscopePanel::changeFlips(const QString& words, const std::function<core::WeightPlan(const core::WeightPlan&)>& change)
{
    const core::LayerIndex layer = exploration().currentLayer();
    if (!layer.isValid())
        return;
    exploration().editLayer(layer, words,
                            [&](const core::WeightedLayer&, core::LayerTreatment& orders) { orders.weights = change(orders.weights); });
}

}  // namespace app
