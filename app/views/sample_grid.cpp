// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/sample_grid.h"

#include "app/views/sample_delegate.h"
#include "app/views/sample_list_model.h"

#include <QEvent>
#include <QPainter>

namespace app {

QString sampleVerdict(const SampleCard& card)
{
    if (card.flipped && card.label.isEmpty())
        return SampleGrid::tr("flipped");
    if (card.flipped)
        return card.wrong ? SampleGrid::tr("flipped to wrong") : SampleGrid::tr("flipped to right");
    if (card.label.isEmpty())
        return SampleGrid::tr("as the reference");
    return card.wrong ? SampleGrid::tr("wrong") : SampleGrid::tr("right");
}

SampleGrid::SampleGrid(QWidget* parent)
    : QListView(parent),
      m_model(new SampleListModel(this)),
      m_delegate(new SampleDelegate(this)),
      m_hint(tr("No samples scored yet. Open a network and a dataset; flipped samples appear first."))
{
    setObjectName(QStringLiteral("sampleGrid"));
    setAccessibleName(tr("Samples"));
    setModel(m_model);
    setItemDelegate(m_delegate);
    setViewMode(QListView::IconMode);
    setMovement(QListView::Static);
    setResizeMode(QListView::Adjust);
    setUniformItemSizes(true);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    setMinimumSize(140, 100);
    setGridSize(m_delegate->cellSize(font()));
    connect(this, &QListView::activated, this, [this](const QModelIndex& index) { emit sampleActivated(card(index.row()).sample); });
}

void SampleGrid::showSamples(std::vector<SampleCard> cards, PictureOf pictureOf)
{
    const std::int32_t chosen = currentIndex().isValid() ? card(currentIndex().row()).sample : -1;
    m_delegate->setPictureOf(std::move(pictureOf));
    m_telling = false;
    m_model->show(std::move(cards));
    const std::vector<SampleCard>& shown = m_model->cards();
    for (std::size_t row = 0; chosen >= 0 && row < shown.size(); ++row)
        if (shown[row].sample == chosen) {
            setCurrentIndex(m_model->index(static_cast<int>(row)));
            break;
        }
    m_telling = true;
    setAccessibleDescription(shown.empty() ? m_hint : tr("%1 samples").arg(shown.size()));
    viewport()->update();
}

void SampleGrid::clear() { showSamples({}, {}); }

int SampleGrid::sampleCount() const { return m_model->rowCount(); }

const SampleCard& SampleGrid::card(int row) const { return m_model->cards()[static_cast<std::size_t>(row)]; }

void SampleGrid::setPictureSize(QSize size)
{
    m_delegate->setPictureSize(size);
    setGridSize(m_delegate->cellSize(font()));
    viewport()->update();
}

QSize SampleGrid::pictureSize() const { return m_delegate->pictureSize(); }

void SampleGrid::setEmptyHint(const QString& hint)
{
    m_hint = hint;
    viewport()->update();
}

NumberTable SampleGrid::numbers() const
{
    NumberTable table;
    table.header = {tr("sample"),           tr("label"),   tr("answer"),        tr("reference answer"), tr("margin"),
                    tr("reference margin"), tr("verdict"), tr("pushed over by")};
    for (const SampleCard& card : m_model->cards())
        table.rows.push_back({QString::number(card.sample), card.label, card.answer, card.referenceAnswer,
                              QString::number(card.margin, 'g', 6), QString::number(card.referenceMargin, 'g', 6), sampleVerdict(card),
                              card.pushedBy});
    return table;
}

void SampleGrid::paintEvent(QPaintEvent* event)
{
    QListView::paintEvent(event);
    if (m_model->rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect().adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, m_hint);
}

void SampleGrid::changeEvent(QEvent* event)
{
    QListView::changeEvent(event);
    if (!m_delegate)
        return;
    if (event->type() == QEvent::PaletteChange)
        m_delegate->forgetPictures();  // letters and bars are drawn in the palette's colours
    if (event->type() == QEvent::FontChange)
        setGridSize(m_delegate->cellSize(font()));
}

void SampleGrid::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QListView::currentChanged(current, previous);
    if (m_telling && current.isValid())
        emit sampleSelected(card(current.row()).sample);
}

}  // namespace app
