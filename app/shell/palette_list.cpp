// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/palette_list.h"

#include "app/models/number_text.h"
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"
#include "app/views/chart_style.h"
#include "app/views/format_style.h"
#include "core/plan/plan_text.h"

#include <QEvent>
#include <QGridLayout>
#include <QListWidget>
#include <QPainter>
#include <QSignalBlocker>
#include <QToolButton>

namespace app {
namespace {

constexpr int kShown = 3;  // entries without scrolling

QIcon swatch(int entry, const core::Treatment& treatment, const QWidget& widget)
{
    const QSize size(26, widget.fontMetrics().height());
    QPixmap picture(size * widget.devicePixelRatio());
    picture.setDevicePixelRatio(widget.devicePixelRatio());
    QPainter painter(&picture);
    const QRectF area(QPointF(0, 0), QSizeF(size));
    const FormatStyle style = formatStyle(QString::fromStdString(treatment.format.name()), widget.palette());
    fillFormat(painter, area, style);
    const QRectF plate(area.center().x() - 6, area.top() + 1, 12, area.height() - 2);
    painter.fillRect(plate, style.colour);
    painter.setFont(smallFont(widget.font()));
    painter.setPen(inkOn(style.colour));
    painter.drawText(plate, Qt::AlignCenter, QString::number(entry + 1));
    painter.setPen(mutedText(widget.palette()));
    painter.drawRect(area.adjusted(0, 0, -1, -1));
    return QIcon(picture);
}

QToolButton* button(const QString& text, const QString& name, const QString& tip, QWidget* parent)
{
    auto* made = new QToolButton(parent);
    made->setText(text);
    made->setObjectName(name);
    made->setToolTip(tip);
    made->setAccessibleName(tip);
    return made;
}

}  // namespace

QString treatmentWords(const core::Treatment& treatment)
{
    const QString words = QString::fromStdString(core::text(treatment));
    // Points are told by core's text where it knows them; here they are told in either case.
    return treatment.points > 1 && !words.contains(QLatin1String("point")) ? words + PaletteList::tr(", %1 points").arg(treatment.points)
                                                                           : words;
}

PaletteList::PaletteList(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("paletteList"));
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("paletteEntries"));
    m_list->setAccessibleName(tr("Palette"));
    m_list->setToolTip(tr("What the brush paints with. The keys 1 … 9 pick an entry while the strip has the focus."));
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->setIconSize(QSize(26, fontMetrics().height()));
    m_list->setFixedHeight(kShown * (fontMetrics().height() + 5) + 2 * m_list->frameWidth());
    m_add = button(QStringLiteral("+"), QStringLiteral("paletteAdd"),
                   tr("Add an entry, a copy of the picked one in another format; change it with the fields below"), this);
    m_remove = button(QStringLiteral("−"), QStringLiteral("paletteRemove"),
                      tr("Remove the picked entry; what it painted takes the entry before it"), this);
    makeFields();
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(m_list, 0, 0, 2, 2);
    layout->addWidget(m_add, 0, 2);
    layout->addWidget(m_remove, 1, 2);
    layout->addWidget(m_format, 2, 0);
    layout->addWidget(m_scale, 2, 1, 1, 2);
    layout->addWidget(m_clip, 3, 0);
    layout->addWidget(m_points, 3, 1, 1, 2);
    layout->setColumnStretch(0, 1);
    layout->setColumnStretch(1, 1);
    connect(m_list, &QListWidget::currentRowChanged, this, [this](int entry) {
        showFields();
        if (entry >= 0)
            emit entryPicked(entry);
    });
    connect(m_add, &QToolButton::clicked, this, &PaletteList::addAsked);
    connect(m_remove, &QToolButton::clicked, this, [this] { emit removeAsked(picked()); });
}

void PaletteList::makeFields()
{
    const QString prefix = QStringLiteral("palette");
    const auto make = [this](ChoiceField::Spec spec, void (*apply)(core::Treatment&, const QString&)) {
        spec.showsName = false;
        auto* field = new ChoiceField(spec, this);
        connect(field, &ChoiceField::chosen, this, [this, apply](const QString& value) { change(apply, value); });
        return field;
    };
    m_format = make(formatField(prefix, tr("The levels a weight painted with this entry can take, in units of its scale. Type any name of "
                                           "the grammar, for instance e3m2 or pot5.")),
                    setFormat);
    m_scale = make(scaleField(prefix), setScale);
    m_clip = make(clipField(prefix), setClip);
    m_points = make(pointsField(prefix), setPoints);
}

void PaletteList::change(void (*apply)(core::Treatment&, const QString&), const QString& value)
{
    const int entry = picked();
    if (entry < 0)
        return;
    core::Treatment after = m_entries.at(static_cast<std::size_t>(entry)).treatment;
    apply(after, value);
    if (after != m_entries.at(static_cast<std::size_t>(entry)).treatment)
        emit entryChanged(entry, after);
}

void PaletteList::showEntries(const std::vector<PaletteEntry>& entries, int picked, const QString& stripes)
{
    const QSignalBlocker quiet(m_list);
    m_entries = entries;
    while (m_list->count() > static_cast<int>(entries.size()))
        delete m_list->takeItem(m_list->count() - 1);
    while (m_list->count() < static_cast<int>(entries.size()))
        m_list->addItem(new QListWidgetItem);
    for (int entry = 0; entry < m_list->count(); ++entry) {
        const PaletteEntry& shown = entries[static_cast<std::size_t>(entry)];
        const QString words = treatmentWords(shown.treatment);
        QListWidgetItem& item = *m_list->item(entry);
        const QString text = tr("%1 · %2 %3").arg(words, countText(shown.taken), stripes);
        if (item.text() == text && item.data(Qt::UserRole).toString() == words)
            continue;  // while painting only counts change
        item.setText(text);
        if (item.data(Qt::UserRole).toString() != words || item.icon().isNull())
            item.setIcon(swatch(entry, shown.treatment, *this));
        item.setData(Qt::UserRole, words);
        item.setToolTip(tr("Entry %1: %2; taken by %3 %4").arg(entry + 1).arg(words, countText(shown.taken), stripes));
    }
    m_list->setCurrentRow(picked);
    m_remove->setEnabled(entries.size() > 1);
    showFields();
}

void PaletteList::showFields()
{
    const int entry = picked();
    const bool isPicked = entry >= 0 && entry < static_cast<int>(m_entries.size());
    for (ChoiceField* field : {m_format, m_scale, m_clip, m_points})
        field->setEnabled(isPicked);
    if (!isPicked)
        return;
    const core::Treatment& shown = m_entries[static_cast<std::size_t>(entry)].treatment;
    m_format->setValue(QString::fromStdString(shown.format.name()));
    m_scale->setValue(QString::fromStdString(shown.scale.text()));
    m_clip->setValue(QString::fromStdString(shown.clip.text()));
    m_points->setValue(QString::number(shown.points));
    for (ChoiceField* field : {m_scale, m_clip, m_points})
        field->setEnabled(!shown.format.isFloat32());
}

void PaletteList::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_list)
        for (int entry = 0; entry < m_list->count(); ++entry)
            m_list->item(entry)->setData(Qt::UserRole, {});  // its picture is made anew when it is shown next
}

int PaletteList::picked() const { return m_list->currentRow(); }
int PaletteList::count() const { return m_list->count(); }

void PaletteList::pick(int entry)
{
    if (entry >= 0 && entry < m_list->count())
        m_list->setCurrentRow(entry);
}

}  // namespace app
