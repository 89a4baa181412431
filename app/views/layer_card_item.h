// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One card of the network: a layer with weights as a full card, any other node as a small one. It draws itself from its
// value; where it stands and whether it is chosen, the view says.

#include "app/views/layer_graph_view.h"

#include <QGraphicsItem>

namespace app {

class LayerCardItem : public QGraphicsItem {
public:
    explicit LayerCardItem(LayerCard card);

    const LayerCard& card() const { return m_card; }
    void setCard(LayerCard card);
    void setSize(QSizeF size);
    /// The stripe at the left edge, by the view's colour-by choice; invalid: none.
    void setStripe(const QColor& colour);
    /// What stands at the right of the last line: the layer's part of the bill, or how much the loss minds its error.
    enum class LastFigure { Energy, Sensitivity };
    void setLastFigure(LastFigure what);
    void setMarks(bool selected, bool current);
    bool isChosen() const { return m_selected; }

    static double heightOf(const LayerCard& card, const QFont& font);

    QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    void paintSmall(QPainter& painter, const QPalette& palette) const;
    void paintFull(QPainter& painter, const QPalette& palette) const;
    void paintFrame(QPainter& painter, const QPalette& palette) const;
    QString treatmentText() const;

    LayerCard m_card;
    QSizeF m_size{200, 70};
    QColor m_stripe;
    LastFigure m_lastFigure = LastFigure::Energy;
    bool m_selected = false, m_current = false;
};

/// "conv1, Conv, 16 rows of 25, nf4, rank 8, digital, local error 31.4 dB, 12 % of the energy".
QString cardText(const LayerCard& card);

}  // namespace app
