// SPDX-License-Identifier: GPL-3.0-or-later
// The knobs of the sum dock: what each is called, means and edits, and where it does not apply.
#include "app/shell/sum_panel.h"

#include "app/shell/knob_specs.h"
#include "app/shell/plan_choices.h"
#include "app/shell/scores_section.h"

#include <QCheckBox>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

using Accumulator = core::AccumulatorPlan;
using core::MixedSum;

const QString kSame = QStringLiteral("same"), kNone = QStringLiteral("none"), kChance = QStringLiteral("stochastic");

constexpr double kLargestTolerance = 1000, kSmallestTolerance = 0.001;
constexpr int kUsualIntegerBits = 16;

core::NumberFormat formatOf(const QString& name) { return typedFormat(name).value(); }

QString nameOf(const core::NumberFormat& format) { return QString::fromStdString(format.name()); }

std::vector<Choice> withFirst(Choice first, std::vector<Choice> choices)
{
    choices.insert(choices.begin(), std::move(first));
    return choices;
}

/// Passes one word beside the formats.
template <const QString& word>
QString problemBut(const QString& name)
{
    return name == word ? QString() : sumFormatProblem(name);
}

QStringList sumFormatCompletions()
{
    QStringList names = formatCompletions();
    names.removeIf([](const QString& name) { return !sumFormatProblem(name).isEmpty(); });
    return names;
}

// Why a part does not apply.

QString forFloats(const Accumulator& plan)
{
    return plan.integer ? SumPanel::tr("Integers add up exactly, one after the other: there is nothing to round.") : QString();
}
QString forNarrowFloats(const Accumulator& plan)
{
    return plan.sum.format.isFloat32() && !plan.integer ? SumPanel::tr("fp32 has no finer bits here: choose a narrower format.")
                                                        : forFloats(plan);
}
QString forChance(const Accumulator& plan)
{
    return forFloats(plan).isEmpty() && !plan.sum.randomBits ? SumPanel::tr("Rounding to nearest draws no bits.") : forFloats(plan);
}
QString forBlocks(const Accumulator& plan)
{
    return forFloats(plan).isEmpty() && plan.sum.block == 0 ? SumPanel::tr("One chain has no blocks to combine: choose a block.")
                                                            : forFloats(plan);
}
QString forIntegers(const Accumulator& plan)
{
    return plan.integer ? QString() : SumPanel::tr("Only of integer accumulators: choose \"integer\" above.");
}
QString forRule(const Accumulator& plan) { return plan.mixed ? QString() : SumPanel::tr("Only of the rule: switch it on above."); }
QString forTest(const Accumulator& plan)
{
    return plan.mixed && plan.mixed->isStatic() ? SumPanel::tr("A fixed share of the rows is chosen before: no sum is tested.")
                                                : forRule(plan);
}
QString forMiddle(const Accumulator& plan)
{
    return forTest(plan).isEmpty() && !plan.mixed->middle ? SumPanel::tr("There is no third format.") : forTest(plan);
}

void chooseFormat(Accumulator& plan, const QString& name)
{
    if (name == QLatin1String(kIntegerSums)) {
        plan = {};
        plan.integer = core::IntegerSumRule{kUsualIntegerBits};
        return;
    }
    const core::NumberFormat format = formatOf(name);
    if (plan.integer || (format.isFloat32() && !plan.mixed))
        plan = {};  // fp32 throughout is the engine's own
    plan.sum.format = format;
    if (format.isFloat32())
        plan.sum.randomBits.reset();
}

void setBlock(Accumulator& plan, int block)
{
    plan.sum.block = block;
    if (block == 0)
        plan.sum.combine.reset();
}

void setMiddle(Accumulator& plan, const QString& name)
{
    MixedSum& mixed = *plan.mixed;
    if (name == kNone)
        mixed.middle.reset();
    else
        mixed.middle = MixedSum::Middle{formatOf(name), mixed.middle ? mixed.middle->tolerance : 10 * std::max(mixed.tolerance, 0.1)};
}

KnobSpec toleranceKnob(const char* objectName, const QString& name, double usual, const QString& tip)
{
    KnobSpec spec = fineKnob(objectName, name, QString(), kLargestTolerance, kSmallestTolerance, 3, QStringLiteral("0"), tip);
    spec.defaultValue = usual;
    return spec;
}

}  // namespace

QWidget* SumPanel::makeKnobs()
{
    auto* page = new QWidget(this);
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 2, 6, 0);
    m_array = remark("sumArray", page);
    m_body = new QWidget(page);
    auto* layout = new QVBoxLayout(m_body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    addFormat(*layout);
    addIntegers(*layout);
    addRule(*layout);
    addSteps(*layout);
    pageLayout->addWidget(m_array);
    pageLayout->addWidget(m_body);
    pageLayout->addWidget(new ScoresSection(exploration(), page));
    pageLayout->addStretch(1);
    return page;
}

void SumPanel::addFormat(QVBoxLayout& layout)
{
    const Choice integers{QLatin1String(kIntegerSums), tr("integer"),
                          tr("Products of codes, added up in few bits: weights and inputs must be integers of at most 8 bits")};
    std::vector<Choice> formats = sumFormatChoices();
    formats.push_back(integers);
    addChoice(
        layout,
        {QStringLiteral("sumFormat"), tr("Added up in"),
         tr("What a running sum is held in: it is rounded to it after every product. fp32 alone is the engine's own, in whichever order is "
            "quickest. With the rule below this is the low format. Type any eXmY."),
         formats, QStringLiteral("fp32"),
         [](const QString& name) { return name == QLatin1String(kIntegerSums) ? QString() : sumFormatProblem(name); },
         sumFormatCompletions()},
        "accumulator", [](const Accumulator& plan) { return plan.integer ? QString::fromLatin1(kIntegerSums) : nameOf(plan.sum.format); },
        chooseFormat, nullptr);
}

void SumPanel::addIntegers(QVBoxLayout& layout)
{
    addKnob(
        layout,
        wholeKnob("sumIntegerBitsKnob", tr("Width"), tr("bits"), core::kFewestSumBits, core::kMostSumBits, kUsualIntegerBits,
                  tr("Bits of the accumulator, two's complement. Below: from how many bits on no input can make a row overflow.")),
        "accumulator.integer",
        [](const Accumulator& plan) { return static_cast<double>(plan.integer ? plan.integer->bits : kUsualIntegerBits); },
        [](Accumulator& plan, double value) { plan.integer->bits = whole(value); }, forIntegers);
    addChoice(
        layout,
        {QStringLiteral("sumOverflow"), tr("Past its end"), tr("What becomes of a sum that leaves the accumulator."), sumOverflowChoices(),
         QStringLiteral("wrap")},
        "accumulator.integer",
        [](const Accumulator& plan) {
            return nameIn(sumOverflowChoices(), plan.integer ? plan.integer->overflow : core::IntegerOverflow::Wrap);
        },
        [](Accumulator& plan, const QString& value) {
            plan.integer->overflow = valueIn<core::IntegerOverflow>(sumOverflowChoices(), value);
        },
        forIntegers);
}

void SumPanel::addRule(QVBoxLayout& layout)
{
    layout.addWidget(sectionLabel(tr("Componentwise rule"), m_body));
    m_rule = new QCheckBox(tr("Ill-conditioned sums again"), m_body);
    m_rule->setObjectName(QStringLiteral("sumRule"));
    m_rule->setToolTip(
        tr("<p>Every sum is taken in the low format; where its condition is above the tolerance it is taken again in the high one "
           "(arXiv 2503.15568).</p>"));
    connect(m_rule, &QCheckBox::clicked, this, [this](bool on) { switchRule(on); });
    layout.addWidget(m_rule);
    addKnob(
        layout,
        toleranceKnob("sumToleranceKnob", tr("Tolerance"), MixedSum{}.tolerance,
                      tr("A sum whose condition is at most this stays as it is. 0: all that the activation lets through are taken again. "
                         "Of 1 / |v| it has that unit, and depends on the layer's scale.")),
        "accumulator.mixed.tolerance", [](const Accumulator& plan) { return plan.mixed.value_or(MixedSum{}).tolerance; },
        [](Accumulator& plan, double value) { plan.mixed->tolerance = value; }, forTest);
    addChoice(
        layout,
        {QStringLiteral("sumHigh"), tr("Again in"), tr("The high format: what ill-conditioned sums are taken again in."),
         sumFormatChoices(), QStringLiteral("fp16"), sumFormatProblem, sumFormatCompletions()},
        "accumulator.mixed.high", [](const Accumulator& plan) { return plan.mixed ? nameOf(plan.mixed->high) : QStringLiteral("fp16"); },
        [](Accumulator& plan, const QString& value) { plan.mixed->high = formatOf(value); }, forRule);
    addChoice(
        layout,
        {QStringLiteral("sumCondition"), tr("Condition"), tr("What tells that a sum is ill-conditioned."), conditionChoices(),
         QStringLiteral("magnitude")},
        "accumulator.mixed.condition",
        [](const Accumulator& plan) {
            return nameIn(conditionChoices(), plan.mixed ? plan.mixed->condition : MixedSum::Condition::Magnitude);
        },
        [](Accumulator& plan, const QString& value) { plan.mixed->condition = valueIn<MixedSum::Condition>(conditionChoices(), value); },
        forTest);
    KnobSpec rows =
        partKnob("sumRowsKnob", tr("Fixed share of rows"), QStringLiteral("%"), 100, 0,
                 tr("Instead of a test at every sum: this share of the rows always takes the high format, chosen on calibration "
                    "samples. No sum is taken twice."));
    rows.minimumText = tr("tested anew");
    addKnob(
        layout, rows, "accumulator.mixed.static", [](const Accumulator& plan) { return plan.mixed ? 100 * plan.mixed->highRows : 0.0; },
        [](Accumulator& plan, double value) {
            plan.mixed->highRows = value / 100;
            if (plan.mixed->isStatic())
                plan.mixed->middle.reset();  // a choice of rows knows two formats
        },
        forRule);
    addChoice(
        layout,
        {QStringLiteral("sumMiddle"), tr("Third format"),
         tr("Between the low and the high format, for conditions between two tolerances. Beyond the paper."),
         withFirst({kNone, tr("none"), tr("Two formats, as published")}, sumFormatChoices()), kNone, problemBut<kNone>,
         sumFormatCompletions()},
        "accumulator.mixed.middle.format",
        [](const Accumulator& plan) { return plan.mixed && plan.mixed->middle ? nameOf(plan.mixed->middle->format) : kNone; },
        [](Accumulator& plan, const QString& value) { setMiddle(plan, value); }, forTest);
    addKnob(
        layout,
        toleranceKnob("sumMiddleToleranceKnob", tr("Its tolerance"), 1, tr("Above it the high format is taken; it must exceed the first.")),
        "accumulator.mixed.middle.tolerance",
        [](const Accumulator& plan) { return plan.mixed && plan.mixed->middle ? plan.mixed->middle->tolerance : 1.0; },
        [](Accumulator& plan, double value) { plan.mixed->middle->tolerance = value; }, forMiddle);
    addKnob(
        layout,
        logarithmic(wholeKnob("sumTileKnob", tr("Taken again together"), tr("rows"), 1, 1024, 1,
                              tr("Rows side by side that hardware takes again together, where one of them is ill-conditioned."))),
        "accumulator.mixed.tile", [](const Accumulator& plan) { return static_cast<double>(plan.mixed ? plan.mixed->tile : 1); },
        [](Accumulator& plan, double value) { plan.mixed->tile = whole(value); }, forTest);
    addChoice(
        layout,
        {QStringLiteral("sumLast"), tr("Last layer"), tr("How the condition is taken where no activation follows."), lastLayerChoices(),
         QStringLiteral("identity")},
        "accumulator.mixed.last",
        [](const Accumulator& plan) { return nameIn(lastLayerChoices(), plan.mixed ? plan.mixed->last : MixedSum::LastLayer::Identity); },
        [](Accumulator& plan, const QString& value) { plan.mixed->last = valueIn<MixedSum::LastLayer>(lastLayerChoices(), value); },
        forTest);
}

void SumPanel::addSteps(QVBoxLayout& layout)
{
    layout.addWidget(sectionLabel(tr("Steps"), m_body));
    addChoice(
        layout,
        {QStringLiteral("sumProducts"), tr("Products"), tr("What becomes of a product before it is added."), productChoices(),
         QStringLiteral("rounded")},
        "accumulator.product", [](const Accumulator& plan) { return nameIn(productChoices(), plan.sum.products); },
        [](Accumulator& plan, const QString& value) { plan.sum.products = valueIn<core::ProductRounding>(productChoices(), value); },
        forFloats);
    addChoice(
        layout,
        {QStringLiteral("sumOrder"), tr("Order"), tr("In which order products are added up within a block."), sumOrderChoices(),
         QStringLiteral("sequential")},
        "accumulator.order", [](const Accumulator& plan) { return nameIn(sumOrderChoices(), plan.sum.order); },
        [](Accumulator& plan, const QString& value) { plan.sum.order = valueIn<core::SumOrder>(sumOrderChoices(), value); }, forFloats);

    auto* block = new ChoiceField({QStringLiteral("sumBlock"), tr("Block"),
                                   tr("How many products are summed for themselves before they join the outer sum. The longest chain of "
                                      "roundings is then the block and the number of blocks together. Type any number."),
                                   sumBlockChoices(), QStringLiteral("0"), sumBlockProblem},
                                  m_body);
    connect(block, &ChoiceField::chosen, this, [this](const QString& value) {
        editSums(tr("sums in blocks of %1").arg(value), [&](Accumulator& plan, const core::WeightedLayer& layer) {
            if (plan.integer)
                return;
            const bool isRoot = value == QLatin1String("root");
            setBlock(plan, isRoot ? whole(std::sqrt(static_cast<double>(layer.columns))) : value.toInt());
        });
    });
    layout.addWidget(block);
    m_fields.add(
        block, "accumulator.block", [](const Accumulator& plan) { return QString::number(plan.sum.block); }, forFloats);

    addChoice(
        layout,
        {QStringLiteral("sumCombine"), tr("Blocks join"),
         tr("What the sums of blocks are added up in. A wider format than the blocks' is FABsum: fast sums, joined accurately (Blanchard, "
            "Higham, Mary, SIAM J. Sci. Comput. 2020)."),
         withFirst({kSame, tr("in the same"), tr("The outer sum has the blocks' format")}, sumFormatChoices()), kSame, problemBut<kSame>,
         sumFormatCompletions()},
        "accumulator.combine", [](const Accumulator& plan) { return plan.sum.combine ? nameOf(*plan.sum.combine) : kSame; },
        [](Accumulator& plan, const QString& value) {
            plan.sum.combine = value == kSame ? std::optional<core::NumberFormat>() : formatOf(value);
        },
        forBlocks);
    addChoice(
        layout,
        {QStringLiteral("sumRounding"),
         tr("Rounding"),
         tr("Nearest: the same every time, and sums may stagnate. Stochastic: up or down by chance, right on average."),
         {{QStringLiteral("nearest"), tr("to nearest"), tr("Ties go to the even code")},
          {kChance, tr("by chance"), tr("The level above with the probability of the distance to the level below (arXiv 2408.03069)")}},
         QStringLiteral("nearest")},
        "accumulator.rounding", [](const Accumulator& plan) { return plan.sum.randomBits ? kChance : QStringLiteral("nearest"); },
        [](Accumulator& plan, const QString& value) {
            plan.sum.randomBits = value == kChance ? std::optional(core::kUsualRandomBits) : std::optional<int>();
        },
        forNarrowFloats);
    addKnob(
        layout,
        wholeKnob(
            "sumRandomBitsKnob", tr("Random bits"), tr("bits"), 1, core::kMostRandomBits, core::kUsualRandomBits,
            tr("How finely chance tells the distance to the level below. About half the logarithm of the number of products is enough "
               "(arXiv 2408.03069).")),
        "accumulator.random_bits",
        [](const Accumulator& plan) { return static_cast<double>(plan.sum.randomBits.value_or(core::kUsualRandomBits)); },
        [](Accumulator& plan, double value) { plan.sum.randomBits = whole(value); }, forChance);
}

}  // namespace app
