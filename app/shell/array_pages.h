// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pages of the array dock that look at the current layer's array: its cells plane by plane, and the sums its converters see.

#include "app/exploration/array_study.h"
#include "app/shell/panel.h"

class QComboBox;
class QLabel;
class QSpinBox;

namespace app {

class ColumnSumsView;
class TileView;

/// What both pages do: watch the array while they are seen, and say what to do where there is nothing to see.
class ArrayPage : public Panel {
    Q_OBJECT
public:
    ArrayPage(Exploration& exploration, ArrayStudy& study, const QString& objectName, QWidget* parent);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    ArrayStudy& study() { return m_study; }
    QString hint() const;
    QString layerName() const;
    /// Fills the box anew where its entries differ; the choice stays where it can.
    static void setEntries(QComboBox& box, const QStringList& entries);

private:
    ArrayStudy& m_study;
};

class ArrayTilePage : public ArrayPage {
    Q_OBJECT
public:
    ArrayTilePage(Exploration& exploration, ArrayStudy& study, QWidget* parent = nullptr);

private:
    void refresh(Changes changes) override;

    QComboBox* m_plane = nullptr;
    QSpinBox* m_tile = nullptr;
    TileView* m_view = nullptr;
    QLabel* m_words = nullptr;
};

class ArraySumsPage : public ArrayPage {
    Q_OBJECT
public:
    ArraySumsPage(Exploration& exploration, ArrayStudy& study, QWidget* parent = nullptr);

private:
    void refresh(Changes changes) override;
    void takePercentile(double percentile);

    QComboBox* m_slice = nullptr;
    ColumnSumsView* m_view = nullptr;
    QLabel* m_words = nullptr;
};

}  // namespace app
