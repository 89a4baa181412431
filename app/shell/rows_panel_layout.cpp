// SPDX-License-Identifier: GPL-3.0-or-later
// The widgets of the rows dock and what they are connected to.
#include "app/shell/rows_panel.h"

#include "app/shell/palette_list.h"
#include "app/views/chart_style.h"
#include "app/views/row_strip.h"

#include <QAction>
#include <QActionGroup>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {
namespace {

QHBoxLayout* tightRow(QWidget* parent)
{
    auto* layout = new QHBoxLayout(parent);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    return layout;
}

QComboBox* comboBox(const QString& name, const QString& words, const QString& tip, QWidget* parent)
{
    auto* box = new QComboBox(parent);
    box->setObjectName(name);
    box->setAccessibleName(words);
    box->setToolTip(tip);
    return box;
}

QToolButton* textButton(const QString& text, const QString& name, const QString& tip, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    return button;
}

}  // namespace

void RowsPanel::makeWidgets()
{
    QWidget* head = makeHead();
    m_palette = new PaletteList(this);
    connect(m_palette, &PaletteList::entryPicked, this,
            [this](int entry) { m_paint = m_board.palette().at(static_cast<std::size_t>(entry)); });
    connect(m_palette, &PaletteList::entryChanged, this, &RowsPanel::changeEntry);
    connect(m_palette, &PaletteList::addAsked, this, &RowsPanel::addEntry);
    connect(m_palette, &PaletteList::removeAsked, this, &RowsPanel::removeEntry);
    QWidget* tools = makeTools();
    makeStrip();
    QWidget* rules = makeRules();
    QWidget* chosen = makeChosen();

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(4);
    layout->addWidget(head);
    layout->addWidget(m_palette);
    layout->addWidget(tools);
    layout->addWidget(m_strip, 1);
    layout->addWidget(chosen);
    layout->addWidget(rules);
}

QWidget* RowsPanel::makeHead()
{
    auto* head = new QWidget(this);
    m_where = new QLabel(head);
    m_where->setObjectName(QStringLiteral("rowsWhere"));
    m_where->setTextFormat(Qt::PlainText);
    QFont bold = m_where->font();
    bold.setBold(true);
    m_where->setFont(bold);
    m_where->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_axis = comboBox(QStringLiteral("rowsAxis"), tr("Stripes are"),
                      tr("What a stripe is: a row of the weight matrix (an output channel), or an input channel (a group of its columns). "
                         "A layer's palette lies over one of the two; an activation takes its channel's width."),
                      head);
    m_axis->addItem(tr("rows"));
    m_axis->addItem(tr("input channels"));
    connect(m_axis, &QComboBox::activated, this, [this](int index) { setAxis(index == 0 ? PaletteAxis::Rows : PaletteAxis::Channels); });
    auto* layout = tightRow(head);
    layout->addWidget(m_where, 1);
    layout->addWidget(m_axis);
    return head;
}

QToolButton* RowsPanel::toolButton(Tool tool, const QString& text, const QString& name, const QKeySequence& key, const QString& tip)
{
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setCheckable(true);
    action->setChecked(tool == m_tool);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tr("%1 (%2)").arg(tip, key.toString()));
    action->setData(static_cast<int>(tool));
    m_tools->addAction(action);
    addAction(action);
    connect(action, &QAction::triggered, this, [this, tool] { m_tool = tool; });
    auto* button = new QToolButton(this);
    button->setDefaultAction(action);
    const auto showPicked = [button](bool on) {  // a pressed button is hard to see on dark ground
        QFont font = button->font();
        font.setBold(on);
        button->setFont(font);
    };
    showPicked(action->isChecked());
    connect(action, &QAction::toggled, button, showPicked);
    return button;
}

void RowsPanel::setTool(Tool tool)
{
    m_tool = tool;
    for (QAction* action : m_tools->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(tool));
}

QWidget* RowsPanel::makeTools()
{
    auto* tools = new QWidget(this);
    m_tools = new QActionGroup(this);
    auto* layout = tightRow(tools);
    layout->addWidget(
        toolButton(Tool::Brush, tr("Brush"), QStringLiteral("rowsBrush"), QKeySequence(Qt::Key_B),
                   tr("Press or drag over stripes to paint them with the picked entry; Shift and a click paint up to there. Keys: "
                      "arrows walk, Space paints, Shift+Space paints up to there, 1 … 9 pick an entry")));
    layout->addWidget(toolButton(Tool::Select, tr("Select"), QStringLiteral("rowsSelect"), QKeySequence(Qt::Key_S),
                                 tr("Press or drag over stripes to select them; Escape selects none")));
    layout->addWidget(toolButton(Tool::Protect, tr("Protect"), QStringLiteral("rowsProtect"), QKeySequence(Qt::Key_P),
                                 tr("Press or drag over stripes to protect them: the brush passes over them. Again lets them go")));
    layout->addStretch(1);
    m_sort = comboBox(QStringLiteral("rowsSort"), tr("Sorted by"),
                      tr("The order of the stripes, the largest first, and what the bars below them show. They stay in place while you "
                         "paint; the arrow sorts them again."),
                      tools);
    for (const StripeMeasure measure : {StripeMeasure::Index, StripeMeasure::WeightError, StripeMeasure::Variance, StripeMeasure::Magnitude,
                                        StripeMeasure::OutputError}) {
        m_sort->addItem(measure == StripeMeasure::Index ? tr("by index") : tr("by %1").arg(stripeMeasureName(measure)),
                        static_cast<int>(measure));
        m_sort->setItemData(m_sort->count() - 1, stripeMeasureTip(measure), Qt::ToolTipRole);
    }
    m_sort->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_sort->setMinimumContentsLength(9);
    connect(m_sort, &QComboBox::activated, this, [this] {
        sortAgain();
        showStrip();
        showNote();
    });
    m_again = textButton(QStringLiteral("↻"), QStringLiteral("rowsSortAgain"), tr("Sort again by what the stripes measure now"), tools);
    m_again->setAccessibleName(tr("Sort again"));
    connect(m_again, &QToolButton::clicked, this, [this] {
        sortAgain();
        showStrip();
    });
    layout->addWidget(m_sort);
    layout->addWidget(m_again);
    return tools;
}

void RowsPanel::makeStrip()
{
    m_strip = new RowStrip(this);
    m_strip->setObjectName(QStringLiteral("paintStrip"));
    m_strip->setEmptyHint(tr("Open a network: every row of its layers appears here as a stripe, ready to be painted with number formats."));
    followGestures(m_strip);
    connect(m_strip, &RowStrip::gestureBegun, this, [this] { m_painted = 0; });
    connect(m_strip, &RowStrip::rowsSwept, this, &RowsPanel::sweep);
    connect(m_strip, &RowStrip::gestureEnded, this, [this] {
        m_painted = 0;
        if (m_measureLater)
            measure();
    });
    connect(m_strip, &RowStrip::digitTyped, this, [this](int digit) { m_palette->pick(digit - 1); });
    auto* none = new QAction(tr("Select no Stripe"), this);
    none->setShortcut(Qt::Key_Escape);
    none->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(none, &QAction::triggered, this, [this] {
        m_board.select({});
        showStrip();
        showNote();
    });
    addAction(none);
}

QWidget* RowsPanel::makeRules()
{
    auto* rules = new QWidget(this);
    m_rule = comboBox(QStringLiteral("rowsRule"), tr("Rule"), tr("Which stripes Select takes"), rules);
    const auto offer = [this](const QString& words, Rule rule, const QString& tip) {
        m_rule->addItem(words, static_cast<int>(rule));
        m_rule->setItemData(m_rule->count() - 1, tip, Qt::ToolTipRole);
    };
    offer(tr("worst weight error"), Rule::WeightError, stripeMeasureTip(StripeMeasure::WeightError));
    offer(tr("largest variance"), Rule::Variance, stripeMeasureTip(StripeMeasure::Variance));
    offer(tr("largest magnitude"), Rule::Magnitude, stripeMeasureTip(StripeMeasure::Magnitude));
    offer(tr("worst output error"), Rule::OutputError, stripeMeasureTip(StripeMeasure::OutputError));
    offer(tr("every k-th"), Rule::EveryNth, tr("The first, the one k after it, and so on"));
    offer(tr("all of the entry"), Rule::OfEntry, tr("All stripes that take the picked entry of the palette"));
    m_rule->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_rule->setMinimumContentsLength(10);
    connect(m_rule, &QComboBox::activated, this, &RowsPanel::showRuleField);
    m_amount = new QDoubleSpinBox(rules);
    m_amount->setObjectName(QStringLiteral("rowsAmount"));
    m_amount->setAccessibleName(tr("How many"));
    m_amount->setValue(5);
    m_select = textButton(tr("Select"), QStringLiteral("rowsSelectByRule"),
                          tr("Select the stripes the rule names, instead of those selected"), rules);
    connect(m_select, &QToolButton::clicked, this, &RowsPanel::selectByRule);
    auto* layout = tightRow(rules);
    layout->addWidget(m_rule, 1);
    layout->addWidget(m_amount);
    layout->addWidget(m_select);
    showRuleField();
    return rules;
}

/// What is said of the stripes, and what can be done to those selected.
QWidget* RowsPanel::makeChosen()
{
    auto* chosen = new QWidget(this);
    m_note = new QLabel(chosen);
    m_note->setObjectName(QStringLiteral("rowsNote"));
    m_note->setFont(smallFont(font()));
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_paintButton = textButton(tr("Paint"), QStringLiteral("rowsPaintSelected"),
                               tr("Paint all selected stripes with the picked entry: one undo step (Ctrl+Enter)"), chosen);
    m_paintButton->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    connect(m_paintButton, &QToolButton::clicked, this, &RowsPanel::paintSelected);
    m_protect = textButton(tr("Protect"), QStringLiteral("rowsProtectSelected"),
                           tr("Protect all selected stripes from the brush; again lets them go"), chosen);
    connect(m_protect, &QToolButton::clicked, this, &RowsPanel::protectSelected);
    auto* layout = tightRow(chosen);
    layout->addWidget(m_note, 1);
    layout->addWidget(m_paintButton);
    layout->addWidget(m_protect);
    return chosen;
}

void RowsPanel::showRuleField()
{
    const auto rule = static_cast<Rule>(m_rule->currentData().toInt());
    const bool isCount = rule == Rule::EveryNth;
    m_amount->setVisible(rule != Rule::OfEntry);
    m_amount->setDecimals(isCount ? 0 : 1);
    m_amount->setRange(isCount ? 1 : 0.1, isCount ? 1000 : 100);
    m_amount->setSuffix(isCount ? QString() : QChar(QChar::Nbsp) + QStringLiteral("%"));
    m_amount->setToolTip(isCount ? tr("k: one stripe in so many") : tr("So many of all stripes, rounded up"));
    m_rule->setToolTip(m_rule->currentData(Qt::ToolTipRole).toString());
}

}  // namespace app
