// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the cards of a network stand: one column in data order, which any dock is wide enough for; edges that skip cards
// run in lanes beside the column, as few as the overlaps allow.

#include <QRectF>
#include <QSizeF>

#include <vector>

namespace app {

struct CardEdge;

struct GraphLayout {
    static constexpr int kStraight = -1;  // an edge to the next card: no lane
    std::vector<QRectF> cards;
    std::vector<int> lanes;  // per edge: kStraight or the lane, 0 nearest the column
    int laneCount = 0;
    double gutter = 0;  // width of the lanes, left of the column
    QRectF bounds;
};

/// `heights` per card; `width` is the room for gutter and column together. `small` cards are narrower and centred.
GraphLayout layOutGraph(const std::vector<double>& heights, const std::vector<bool>& small, const std::vector<CardEdge>& edges,
                        double width);

/// Lanes so that edges in one lane do not overlap; edges to the next card stay straight. Shorter edges lie further in.
std::vector<int> laneOfEdges(const std::vector<CardEdge>& edges);

}  // namespace app
