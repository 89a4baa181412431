// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/figure_view.h"

#include <QAbstractTableModel>
#include <QAction>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QStackedLayout>
#include <QTableView>

namespace app {

/// The table twin's content; as cheap as the NumberTable itself.
class NumberTableModel : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    void show(NumberTable table)
    {
        beginResetModel();
        m_table = std::move(table);
        endResetModel();
    }

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size()); }
    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_table.header.size());
    }

    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid))
            return {};
        const QStringList& row = m_table.rows[static_cast<std::size_t>(index.row())];
        if (index.column() >= row.size())
            return {};
        if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
            return row[index.column()];
        if (role == Qt::TextAlignmentRole && index.column() > 0)
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    }

    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (role != Qt::DisplayRole)
            return {};
        if (orientation == Qt::Vertical)
            return section + 1;
        return m_table.header.value(section);
    }

private:
    NumberTable m_table;
};

FigureView::FigureView(const QString& objectName, const QString& accessibleName, QWidget* parent) : QWidget(parent)
{
    setObjectName(objectName);
    setAccessibleName(accessibleName);

    m_hint = new QLabel(this);
    m_hint->setObjectName(objectName + QStringLiteral("Hint"));
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    m_hint->setMargin(12);
    m_hint->setForegroundRole(QPalette::PlaceholderText);

    m_tableModel = new NumberTableModel(this);
    m_table = new QTableView(this);
    m_table->setObjectName(objectName + QStringLiteral("Table"));
    m_table->setAccessibleName(accessibleName + tr(", as a table"));
    m_table->setModel(m_tableModel);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->hide();
    m_table->setFrameShape(QFrame::NoFrame);

    m_pages = new QStackedLayout(this);
    m_pages->setContentsMargins(0, 0, 0, 0);
    m_pages->addWidget(m_hint);
    m_pages->addWidget(m_table);

    m_tableAction = new QAction(tr("Show as &Table"), this);
    m_tableAction->setObjectName(objectName + QStringLiteral("TableAction"));
    m_tableAction->setCheckable(true);
    m_tableAction->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T));
    m_tableAction->setToolTip(tr("The same numbers as a table, for reading aloud and comparing"));
    connect(m_tableAction, &QAction::toggled, this, [this](bool on) { setFace(on ? Face::Table : Face::Picture); });

    m_copyAction = new QAction(tr("&Copy Numbers as CSV"), this);
    m_copyAction->setObjectName(objectName + QStringLiteral("CopyAction"));
    m_copyAction->setShortcut(QKeySequence::Copy);
    m_copyAction->setToolTip(tr("The numbers behind this picture, comma-separated, onto the clipboard"));
    connect(m_copyAction, &QAction::triggered, this, [this] { copyAsCsv(numbers()); });

    m_saveAction = new QAction(tr("&Save Picture…"), this);
    m_saveAction->setObjectName(objectName + QStringLiteral("SaveAction"));
    m_saveAction->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E));
    m_saveAction->setToolTip(tr("This picture as a PNG or SVG file"));
    connect(m_saveAction, &QAction::triggered, this, &FigureView::askAndSave);

    for (QAction* action : {m_tableAction, m_copyAction, m_saveAction}) {
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        addAction(action);
    }
    setContextMenuPolicy(Qt::ActionsContextMenu);
    showPage();
}

FigureView::~FigureView() = default;

void FigureView::setPicture(QWidget* picture)
{
    m_picture = picture;
    m_pages->addWidget(picture);
    setFocusProxy(picture);
    showPage();
}

void FigureView::setFace(Face face)
{
    if (m_face == face)
        return;
    m_face = face;
    m_tableAction->setChecked(face == Face::Table);
    showPage();
    emit faceChanged(face);
}

void FigureView::setEmptyHint(const QString& hint)
{
    m_hint->setText(hint);
    if (m_empty)
        setAccessibleDescription(hint);
}

void FigureView::numbersChanged(bool empty, const QString& summary)
{
    m_empty = empty;
    setAccessibleDescription(empty ? m_hint->text() : summary);
    showPage();
}

void FigureView::showPage()
{
    m_copyAction->setEnabled(!m_empty);
    m_saveAction->setEnabled(!m_empty);
    m_tableAction->setEnabled(!m_empty);
    if (m_empty) {
        m_pages->setCurrentWidget(m_hint);
    } else if (m_face == Face::Table) {
        m_tableModel->show(numbers());
        m_table->resizeColumnsToContents();
        m_pages->setCurrentWidget(m_table);
    } else if (m_picture) {
        m_pages->setCurrentWidget(m_picture);
    }
}

void FigureView::askAndSave()
{
    QFileDialog dialog(this, tr("Save picture"), QString(), tr("Pictures (*.png *.svg)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("png"));
    if (dialog.exec() != QDialog::Accepted)
        return;
    if (const core::Result<void> saved = savePicture(*this, dialog.selectedFiles().constFirst()); !saved)
        emit problemOccurred(QString::fromStdString(saved.error().text()));
}

}  // namespace app
