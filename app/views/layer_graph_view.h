// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The network as cards in data order, branches visible: a card shows what its layer is, how its rows are treated, where
// it is computed, how much it errs and what it costs. Selection is by mouse or keyboard and many at a time.

#include "app/views/chart_style.h"

#include <QGraphicsView>

#include <cstdint>
#include <optional>
#include <vector>

namespace app {

class GraphLegend;
class LayerCardItem;

enum class Substrate { Digital, Array };
enum class ColourBy { Format, LocalError, PropagatedError, Energy, Sensitivity };
QString colourByName(ColourBy what);  // "format", "local error" ...

/// One node. Cards are named by their place in the vector handed to showNetwork.
struct LayerCard {
    QString name, operation;
    bool weighted = false;  // without weights: a small card of name and operation
    int rows = 0, columns = 0;
    QStringList formats;                   // the palette's formats
    std::vector<std::uint8_t> rowFormats;  // index into formats per row (or input channel); empty: all the first
    bool overChannels = false;             // rowFormats is per input channel
    int rank = 0;                          // of the recovery path; 0: none
    Substrate substrate = Substrate::Digital;
    std::optional<double> localSqnr, propagatedSqnr;  // dB; infinity: exact; empty: not measured
    std::optional<double> localSqnrWithoutRecovery;   // dB at rank 0, as the fit saw it; empty: no recovery path, or not known
    bool errorsAreOld = false;                        // of a plan before the present one; shown pale and slanted
    std::optional<double> energyShare;                // 0 ... 1 of the whole bill
    std::optional<double> sensitivity;                // what the loss minds of this layer's error; in the view's SensitivityWords
    std::optional<double> sensitivityShare;           // 0 ... 1 of the most sensitive layer
    bool sensitivityIsOld = false;                    // of a plan before the present one; shown pale and slanted
    QString problem;                                  // empty: none; shown on the card
};

/// What the cards' sensitivity is and, while there is none, why.
struct SensitivityWords {
    QString name, unit;  // "first-order sensitivity", "nats"
    QString missing;     // "being measured …"
};

struct CardEdge {
    int from = 0, to = 0;
};

/// Only layers with weights can be selected. Keys: Up, Down, Home, End choose; with Shift they extend, with Ctrl they move
/// the focus alone; Space toggles, Ctrl+A takes all, Enter activates. Ctrl and wheel zoom.
class LayerGraphView : public QGraphicsView {
    Q_OBJECT

public:
    explicit LayerGraphView(QWidget* parent = nullptr);
    ~LayerGraphView() override;

    /// Cards in data order (an edge leads to a later card). Keeps the selection where names stay.
    void showNetwork(const std::vector<LayerCard>& cards, const std::vector<CardEdge>& edges);
    /// New figures for one card of the same network; nothing moves.
    void updateCard(int index, const LayerCard& card);
    void clear();

    void setColourBy(ColourBy what);
    ColourBy colourBy() const { return m_colourBy; }
    void setSensitivityWords(const SensitivityWords& words);

    /// Emits nothing.
    void setSelectedCards(const std::vector<int>& cards);
    std::vector<int> selectedCards() const;  // ascending
    int currentCard() const { return m_current; }
    int cardCount() const { return static_cast<int>(m_items.size()); }
    /// Where card `index` lies in the scene.
    QRectF cardRect(int index) const;

    void setEmptyHint(const QString& hint);
    NumberTable numbers() const;  // the table twin's content

signals:
    void selectionChanged(const std::vector<int>& cards);  // by the person
    void cardActivated(int card);                          // double click or Enter

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

private:
    enum class Tell { Nobody, Everybody };
    void layOut();
    void colourCards();
    void pick(int card, Qt::KeyboardModifiers modifiers);
    void mark(std::vector<int> selection, Tell tell);
    int nextWeighted(int from, int step) const;  // -1: none
    int cardAt(QPoint position) const;

    GraphLegend* m_legend = nullptr;
    std::vector<LayerCardItem*> m_items;
    std::vector<CardEdge> m_edges;
    std::vector<int> m_selection;
    int m_current = -1, m_anchor = -1;
    ColourBy m_colourBy = ColourBy::Format;
    SensitivityWords m_sensitivity;
    QString m_hint;
};

}  // namespace app
