// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every picture of numbers has in common: an empty state that says what to do next, a table twin for reading aloud
// and copying, a picture to save, and a name for screen readers.

#include "app/views/chart_style.h"

#include <QWidget>

class QAction;
class QLabel;
class QStackedLayout;
class QTableView;

namespace app {

class NumberTableModel;

class FigureView : public QWidget {
    Q_OBJECT

public:
    enum class Face { Picture, Table };

    ~FigureView() override;

    /// The numbers on show, one header, any number of rows; empty rows: nothing to show yet.
    virtual NumberTable numbers() const = 0;

    Face face() const { return m_face; }
    void setFace(Face face);
    /// The sentence shown while there is nothing to show.
    void setEmptyHint(const QString& hint);
    bool isEmpty() const { return m_empty; }

    QAction* tableAction() const { return m_tableAction; }  // checkable: show the table twin
    QAction* copyAction() const { return m_copyAction; }
    QAction* saveAction() const { return m_saveAction; }  // asks for a file name

signals:
    void faceChanged(app::FigureView::Face face);
    /// Something the person asked for failed; the text says what and where.
    void problemOccurred(const QString& text);

protected:
    FigureView(const QString& objectName, const QString& accessibleName, QWidget* parent);
    /// The widget that draws; owned by the view from here on.
    void setPicture(QWidget* picture);
    /// To be called after every change of what numbers() says; `summary` is what a screen reader reads.
    void numbersChanged(bool empty, const QString& summary);

private:
    void askAndSave();
    void showPage();

    QStackedLayout* m_pages = nullptr;
    QWidget* m_picture = nullptr;
    QLabel* m_hint = nullptr;
    QTableView* m_table = nullptr;
    NumberTableModel* m_tableModel = nullptr;
    QAction* m_tableAction = nullptr;
    QAction* m_copyAction = nullptr;
    QAction* m_saveAction = nullptr;
    Face m_face = Face::Picture;
    bool m_empty = true;
};

}  // namespace app
