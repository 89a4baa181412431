// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/samples_panel.h"

#include "app/models/number_text.h"
#include "app/views/sample_grid.h"
#include "app/views/sample_picture.h"

#include <QButtonGroup>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>
#include <cmath>

namespace app {
namespace {

constexpr int kPictureSide = 72; // a card fits the dock's first height

struct FilterWord {
    SampleFilter::Show what;
    const char* name;
    const char* words;
    const char* tip;
};
constexpr std::array kFilters{
    FilterWord{SampleFilter::Show::All, "showAll", QT_TRANSLATE_NOOP("SamplesPanel", "All"),
               QT_TRANSLATE_NOOP("SamplesPanel", "Every scored sample")},
    FilterWord{SampleFilter::Show::Flipped, "showFlipped", QT_TRANSLATE_NOOP("SamplesPanel", "Flipped"),
               QT_TRANSLATE_NOOP("SamplesPanel", "The polarized network answers differently from the reference")},
    FilterWord{SampleFilter::Show::Wrong, "showWrong", QT_TRANSLATE_NOOP("SamplesPanel", "Wrong"),
               QT_TRANSLATE_NOOP("SamplesPanel", "The polarized network's answer is not the label")},
    FilterWord{SampleFilter::Show::LowMargin, "showLowMargin", QT_TRANSLATE_NOOP("SamplesPanel", "Low margin"),
               QT_TRANSLATE_NOOP("SamplesPanel", "The first and the second answer are close: a little more error would flip them")},
};

/// Mean and deviation of the element at `place`, however many of them the recipe names.
double entry(const std::vector<double>& values, std::size_t channel, double fallback)
{
    return values.empty() ? fallback : values.size() == 1 ? values.front() : channel < values.size() ? values[channel] : fallback;
}

} // namespace

StoredSample storedSample(const core::Subject& subject, core::SampleKind kind, std::int64_t index)
{
    const core::Tensor sample = sampleOf(subject.test.inputs, index);
    if (kind == core::SampleKind::Sequence || sample.type() != core::DataType::Float32)
        return {sample, core::SampleLayout::Sequence};

    const core::Preprocessing& recipe = subject.preprocessing;
    const core::Shape shape = sample.shape();
    const bool planes = recipe.layout == core::TensorLayout::ChannelHeightWidth && shape.size() == 3;
    const bool interleaved = recipe.layout == core::TensorLayout::HeightWidthChannel && shape.size() == 3;
    core::Tensor stored = sample;
    const auto values = stored.edit<float>();
    const std::size_t count = values.size();
    const auto channels = static_cast<std::size_t>(planes        ? shape[0]
                                                   : interleaved ? shape[2]
                                                                 : static_cast<std::int64_t>(std::max<std::size_t>(recipe.mean.size(), 1)));
    for (std::size_t place = 0; place < count; ++place) {
        const std::size_t channel = planes ? place / (count / channels) : place % channels;
        const double value =
            static_cast<double>(values[place]) * entry(recipe.standardDeviation, channel, 1) + entry(recipe.mean, channel, 0);
        values[place] = static_cast<float>(recipe.scale != 0 ? value / recipe.scale : value);
    }
    const bool isPicture = kind == core::SampleKind::Image;
    if (isPicture) {
        core::Tensor bytes(core::DataType::UInt8, shape);
        const auto pixels = bytes.edit<std::uint8_t>();
        for (std::size_t place = 0; place < count; ++place)
            pixels[place] = static_cast<std::uint8_t>(std::clamp(std::lround(values[place]), 0L, 255L));
        stored = bytes;
    }
    if (planes)
        return {stored, core::SampleLayout::ChannelHeightWidth};
    if (interleaved)
        return {stored, core::SampleLayout::HeightWidthChannel};
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(count))));
    if (isPicture && side * side == static_cast<std::int64_t>(count))
        return {stored.reshaped({side, side}), core::SampleLayout::HeightWidth};
    return {stored, core::SampleLayout::Features};
}

SamplesPanel::SamplesPanel(Exploration& exploration, QWidget* parent) : Panel(exploration, Plan | Report, QStringLiteral("samplesPanel"), parent)
{
    m_model = new SampleOutcomeModel(this);
    m_filter = new SampleFilter(this);
    m_filter->setSourceModel(m_model);
    m_grid = new SampleGrid(this);
    m_grid->setObjectName(QStringLiteral("sampleGrid"));
    m_grid->setPictureSize(QSize(kPictureSide, kPictureSide));
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("sampleTable"));
    m_table->setAccessibleName(tr("Samples"));
    m_table->setModel(m_filter);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(SampleOutcomeModel::Margin, Qt::AscendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_grid);
    m_pages->addWidget(m_table);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeHeader());
    layout->addWidget(m_pages, 1);
    connect(m_grid, &SampleGrid::sampleSelected, this, [this](std::int32_t sample) {
        Selection selection = this->exploration().selection();
        selection.sample = core::SampleIndex(static_cast<std::size_t>(sample));
        this->exploration().setSelection(selection);
    });
    setFilter(SampleFilter::Show::All);
}

QWidget* SamplesPanel::makeHeader()
{
    auto* header = new QWidget(this);
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(6, 3, 6, 3);
    m_filters = new QButtonGroup(this);
    for (const FilterWord& filter : kFilters) {
        auto* button = new QToolButton(header);
        button->setObjectName(QString::fromLatin1(filter.name));
        button->setText(tr(filter.words));
        button->setToolTip(tr(filter.tip));
        button->setCheckable(true);
        m_filters->addButton(button, static_cast<int>(filter.what));
        layout->addWidget(button);
    }
    connect(m_filters, &QButtonGroup::idClicked, this, [this](int id) { setFilter(static_cast<SampleFilter::Show>(id)); });
    m_margin = new QDoubleSpinBox(header);
    m_margin->setObjectName(QStringLiteral("marginLimit"));
    m_margin->setAccessibleName(tr("Margin limit"));
    m_margin->setPrefix(tr("below "));
    m_margin->setRange(0.01, 100);
    m_margin->setSingleStep(0.25);
    m_margin->setValue(1);
    m_margin->setToolTip(tr("Largest margin that counts as low: the first answer's logit minus the second's. Default: 1"));
    connect(m_margin, &QDoubleSpinBox::valueChanged, this, [this](double limit) {
        m_filter->setMarginLimit(limit);
        showCards();
    });
    layout->addWidget(m_margin);
    m_count = new QLabel(header);
    m_count->setObjectName(QStringLiteral("sampleCount"));
    layout->addWidget(m_count, 1);
    m_tableButton = new QToolButton(header);
    m_tableButton->setObjectName(QStringLiteral("sampleTableButton"));
    m_tableButton->setText(tr("Table"));
    m_tableButton->setCheckable(true);
    m_tableButton->setToolTip(tr("The same samples as a table"));
    connect(m_tableButton, &QToolButton::toggled, this,
            [this](bool table) { m_pages->setCurrentWidget(table ? static_cast<QWidget*>(m_table) : m_grid); });
    layout->addWidget(m_tableButton);
    return header;
}

void SamplesPanel::setFilter(SampleFilter::Show what)
{
    m_filters->button(static_cast<int>(what))->setChecked(true);
    m_margin->setVisible(what == SampleFilter::Show::LowMargin);
    m_filter->setShow(what);
    showCards();
}

void SamplesPanel::refresh(Changes changes)
{
    if (changes == Changes(Plan))
        return showCount();
    const core::ReportPtr report = exploration().report();
    const bool told = report && !report->outcomes.empty();
    if (!told && !(changes & Subject))
        return showCount();  // early estimates tell no outcomes: the last ones stay
    m_shown = told ? report : nullptr;
    m_model->show(m_shown, exploration().isOpen() ? exploration().subject()->classes : std::vector<std::string>{});
    showCards();
}

void SamplesPanel::showCards()
{
    if (!m_shown) {
        m_grid->setEmptyHint(exploration().isOpen() ? tr("Samples appear here when the first evaluation is done.")
                                                    : tr("Open a network and a dataset to look at its samples."));
        m_grid->clear();
        return showCount();
    }
    const int count = m_filter->rowCount();
    std::vector<SampleCard> cards;
    cards.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
        const core::SampleOutcome& outcome = m_model->outcome(m_filter->mapToSource(m_filter->index(row, 0)).row());
        SampleCard card;
        card.sample = outcome.sample;
        card.label = m_model->className(outcome.label);
        card.answer = m_model->className(outcome.predicted);
        card.referenceAnswer = m_model->className(outcome.referencePredicted);
        card.margin = static_cast<double>(outcome.margin);
        card.referenceMargin = static_cast<double>(outcome.referenceMargin);
        card.wrong = isWrong(outcome);
        card.flipped = isFlipped(outcome);
        cards.push_back(std::move(card));
    }
    m_grid->setEmptyHint(tr("No sample is like that: choose another filter, or polarize harder."));
    m_grid->showSamples(std::move(cards), [subject = exploration().source().subject, kind = exploration().source().sampleKind,
                                           palette = palette()](std::int32_t sample, QSize size, double pixelRatio) {
        SamplePictureStyle style;
        style.size = size;
        style.pixelRatio = pixelRatio;
        style.palette = palette;
        const StoredSample stored = storedSample(*subject, kind, sample);
        return samplePicture(stored.tensor, kind, stored.layout, style);
    });
    showCount();
}

/// Cards stay until the next outcomes come, and say so: early estimates tell none.
void SamplesPanel::showCount()
{
    if (!m_shown)
        return m_count->clear();
    const bool isOld = !exploration().isReportCurrent() || m_shown != exploration().report();
    const QString words = isOld ? tr("%1 of %2 scored, of the plan before") : tr("%1 of %2 scored");
    m_count->setText(words.arg(countText(m_filter->rowCount()), countText(static_cast<std::int64_t>(m_shown->outcomes.size()))));
}

} // namespace app
