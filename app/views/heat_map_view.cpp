// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/heat_map_view.h"

#include "app/views/heat_map_canvas.h"

#include <QScrollArea>

namespace app {

HeatMapView::HeatMapView(QWidget* parent)
    : FigureView(QStringLiteral("heatMapView"), tr("Heat map"), parent), m_canvas(new HeatMapCanvas), m_scroll(new QScrollArea(this))
{
    m_scroll->setWidget(m_canvas);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusProxy(m_canvas);
    m_scroll->viewport()->setBackgroundRole(QPalette::Window);
    setPicture(m_scroll);
    setEmptyHint(tr("No errors measured yet. Change a layer's precision and its error appears here."));

    connect(m_canvas, &HeatMapCanvas::cellHovered, this, &HeatMapView::cellHovered);
    connect(m_canvas, &HeatMapCanvas::cellSelected, this, [this](int row, int column) {
        const QRect cell = m_canvas->cellRect(row, column).toAlignedRect();
        m_scroll->ensureVisible(cell.center().x(), cell.center().y(), 0, cell.height());
        emit cellSelected(row, column);
    });
    connect(m_canvas, &HeatMapCanvas::cellActivated, this, &HeatMapView::cellActivated);
}

void HeatMapView::showMap(HeatMap map)
{
    m_canvas->showMap(std::move(map));
    const HeatMap& shown = m_canvas->map();
    const bool empty = shown.values.size() == 0;
    numbersChanged(empty, tr("%1: %2 by %3 cells, scale from %4 to %5")
                              .arg(shown.title, QString::number(shown.values.rows()), QString::number(shown.values.cols()),
                                   m_canvas->valueText(static_cast<float>(m_canvas->range().low)),
                                   m_canvas->valueText(static_cast<float>(m_canvas->range().high))));
}

const HeatMap& HeatMapView::map() const { return m_canvas->map(); }

void HeatMapView::clear() { showMap({}); }

void HeatMapView::select(int row, int column) { m_canvas->select(row, column); }

int HeatMapView::selectedRow() const { return m_canvas->selectedRow(); }

int HeatMapView::selectedColumn() const { return m_canvas->selectedColumn(); }

QString HeatMapView::cellText(int row, int column) const { return m_canvas->cellText(row, column); }

NumberTable HeatMapView::numbers() const
{
    NumberTable table;
    const HeatMap& shown = map();
    const QString corner = shown.unit.isEmpty() ? shown.rowTitle : shown.rowTitle + QStringLiteral(" / ") + shown.unit;
    table.header << corner;
    for (int column = 0; column < shown.values.cols(); ++column)
        table.header << (column < shown.columnLabels.size() ? shown.columnLabels[column] : QString::number(column));
    for (int row = 0; row < shown.values.rows(); ++row) {
        QStringList line(row < shown.rowLabels.size() ? shown.rowLabels[row] : QString::number(row));
        for (int column = 0; column < shown.values.cols(); ++column)
            line << QString::number(shown.values(row, column), 'g', 6);
        table.rows.push_back(line);
    }
    return table;
}

}  // namespace app
