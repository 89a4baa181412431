// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/array_pages.h"

#include "app/models/number_text.h"
#include "app/views/column_sums_view.h"
#include "app/views/tile_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

namespace app {
namespace {

QLabel* wordsBelow(const char* objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(QString::fromLatin1(objectName));
    label->setWordWrap(true);
    return label;
}

}  // namespace

ArrayPage::ArrayPage(Exploration& exploration, ArrayStudy& study, const QString& objectName, QWidget* parent)
    : Panel(exploration, Plan | Selected, objectName, parent), m_study(study)
{
    connect(&study, &Study::changed, this, [this] {
        if (isVisible())
            refresh(Everything);
    });
}

void ArrayPage::showEvent(QShowEvent* event)
{
    Panel::showEvent(event);
    m_study.watch();
    refresh(Everything);
}

void ArrayPage::hideEvent(QHideEvent* event)
{
    Panel::hideEvent(event);
    m_study.unwatch();
}

QString ArrayPage::hint() const
{
    if (!exploration().isOpen())
        return tr("Open a network and a dataset to look into its arrays.");
    const core::LayerIndex layer = shownArrayLayer(exploration());
    if (!layer.isValid() || !exploration().treatment(layer).cim)
        return tr("%1 is computed digitally. Tick the box above, or select a layer that is in an array.").arg(layerName());
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it to look into the array.");
    if (m_study.found().state == StudyState::Failed)
        return m_study.found().problem;
    return tr("The array is looked at as soon as the evaluation has settled.");
}

QString ArrayPage::layerName() const
{
    const core::LayerIndex layer = shownArrayLayer(exploration());
    return layer.isValid() ? QString::fromStdString(exploration().layers().at(layer.value()).name) : QString();
}

void ArrayPage::setEntries(QComboBox& box, const QStringList& entries)
{
    QStringList shown;
    for (int i = 0; i < box.count(); ++i)
        shown << box.itemText(i);
    if (shown == entries)
        return;
    const QSignalBlocker quiet(box);
    const int chosen = std::max(0, box.currentIndex());
    box.clear();
    box.addItems(entries);
    box.setCurrentIndex(std::min(chosen, box.count() - 1));
}

ArrayTilePage::ArrayTilePage(Exploration& exploration, ArrayStudy& study, QWidget* parent) : ArrayPage(exploration, study, QStringLiteral("arrayTilePage"), parent)
{
    m_plane = new QComboBox(this);
    m_plane->setObjectName(QStringLiteral("tilePlane"));
    m_plane->setAccessibleName(tr("Plane of cells"));
    m_plane->setToolTip(tr("Which bits of the weights, and which side: + and − are subtracted before the converter"));
    m_tile = new QSpinBox(this);
    m_tile->setObjectName(QStringLiteral("tileNumber"));
    m_tile->setAccessibleName(tr("Tile along the inputs"));
    m_tile->setPrefix(tr("tile "));
    m_tile->setMinimum(1);
    m_view = new TileView(this);
    m_words = wordsBelow("tileWords", this);
    auto* row = new QHBoxLayout;
    row->addWidget(m_plane, 1);
    row->addWidget(m_tile);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 6, 0);
    layout->addLayout(row);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_words);
    connect(m_plane, &QComboBox::activated, this, [this] { refresh(Everything); });
    connect(m_tile, &QSpinBox::valueChanged, this, [this](int tile) { this->study().setTile(tile - 1); });
    connect(m_view, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) { exploration.tellProblem({"", text.toStdString()}); });
}

void ArrayTilePage::refresh(Changes)
{
    const ArrayProbe& found = study().found();
    m_view->setEmptyHint(hint());
    m_plane->setEnabled(found.answer != nullptr);
    m_tile->setEnabled(found.answer && found.answer->tiles > 1);
    m_words->setVisible(found.answer != nullptr);
    TileFigure figure;
    if (found.answer) {
        QStringList planes;
        for (const core::TilePlane& plane : found.answer->planes)
            planes << tilePlaneName(plane, found.answer->planes.size() > found.answer->sums.size());
        setEntries(*m_plane, planes);
        const QSignalBlocker quiet(m_tile);
        m_tile->setMaximum(static_cast<int>(found.answer->tiles));
        m_tile->setSuffix(tr(" of %1").arg(found.answer->tiles));
        m_tile->setValue(static_cast<int>(found.answer->tile) + 1);
        figure = {layerName(), found.answer, std::max(0, m_plane->currentIndex()), found.isOld};
        m_words->setText(tr("%1, chip %2, as read%3: %4 inputs by %5 outputs.")
                             .arg(layerName())
                             .arg(found.answer->treatment.chipSeed)
                             .arg(found.answer->treatment.drift.isOn() ? tr(" after %1 s").arg(found.answer->treatment.drift.seconds) : QString())
                             .arg(found.answer->rows)
                             .arg(found.answer->outputs));
    }
    m_view->showFigure(std::move(figure));
}

ArraySumsPage::ArraySumsPage(Exploration& exploration, ArrayStudy& study, QWidget* parent) : ArrayPage(exploration, study, QStringLiteral("arraySumsPage"), parent)
{
    m_slice = new QComboBox(this);
    m_slice->setObjectName(QStringLiteral("sumsSlice"));
    m_slice->setAccessibleName(tr("Bits of the weights"));
    m_slice->setToolTip(tr("Which bits of the weights: each has converters of its own"));
    m_view = new ColumnSumsView(this);
    m_words = wordsBelow("sumsWords", this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 6, 0);
    layout->addWidget(m_slice);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_words);
    connect(m_slice, &QComboBox::activated, this, [this] { refresh(Everything); });
    connect(m_view, &ColumnSumsView::percentileDragged, this, &ArraySumsPage::takePercentile);
    connect(m_view, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) { exploration.tellProblem({"", text.toStdString()}); });
}

void ArraySumsPage::takePercentile(double percentile)
{
    const core::ConverterRange range{core::ConverterRange::Kind::Percentile, percentile};
    exploration().editLayers(tr("ADC range %1").arg(QString::fromStdString(range.text())), [&](const core::WeightedLayer&, core::LayerTreatment& treatment) {
        if (treatment.cim)
            treatment.cim->adc.range = range;
    });
}

void ArraySumsPage::refresh(Changes)
{
    const ArrayProbe& found = study().found();
    m_view->setEmptyHint(hint());
    m_slice->setEnabled(found.answer != nullptr);
    m_words->setVisible(found.answer != nullptr);
    SumsFigure figure;
    if (found.answer) {
        QStringList slices;
        for (const core::SumsOfSlice& sums : found.answer->sums)
            slices << tilePlaneName({sums.slice, 0, {}}, false);
        setEntries(*m_slice, slices);
        figure = {layerName(), found.answer, std::max(0, m_slice->currentIndex()), found.isOld};
        const core::SumsOfSlice& sums = found.answer->sums.at(static_cast<std::size_t>(figure.slice));
        const core::ColumnConverter& converter = sums.converter;
        m_words->setText(converter.ideal ? tr("%1: an ideal converter tells every sum.").arg(layerName())
                                         : tr("%1: %2 codes of %3 weight digits each, from %4 to %5; %6 % of the sums are clipped.")
                                               .arg(layerName())
                                               .arg(static_cast<int>(converter.highCode - converter.lowCode) + 1)
                                               .arg(shortNumberText(converter.step), shortNumberText(converter.value(converter.lowCode)),
                                                    shortNumberText(converter.value(converter.highCode)), QString::number(100 * sums.clipped, 'f', 2)));
    }
    m_view->showFigure(std::move(figure));
}

}  // namespace app
