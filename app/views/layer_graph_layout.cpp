// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/layer_graph_layout.h"

#include "app/views/layer_graph_view.h"

#include <algorithm>
#include <numeric>

namespace app {

namespace {

constexpr double kGap = 12, kMargin = 8, kLane = 9, kNarrowest = 150, kWidest = 460;

}  // namespace

std::vector<int> laneOfEdges(const std::vector<CardEdge>& edges)
{
    std::vector<std::size_t> order(edges.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return edges[a].to - edges[a].from < edges[b].to - edges[b].from; });

    std::vector<int> lanes(edges.size(), GraphLayout::kStraight);
    std::vector<std::vector<CardEdge>> taken;  // per lane, the edges in it
    for (const std::size_t e : order) {
        const CardEdge& edge = edges[e];
        if (edge.to - edge.from <= 1)
            continue;
        const auto isFree = [&](const std::vector<CardEdge>& lane) {
            return std::all_of(lane.begin(), lane.end(),
                               [&](const CardEdge& other) { return other.to <= edge.from || edge.to <= other.from; });
        };
        const auto lane = std::find_if(taken.begin(), taken.end(), isFree);
        lanes[e] = static_cast<int>(lane - taken.begin());
        if (lane == taken.end())
            taken.push_back({edge});
        else
            lane->push_back(edge);
    }
    return lanes;
}

GraphLayout layOutGraph(const std::vector<double>& heights, const std::vector<bool>& small, const std::vector<CardEdge>& edges,
                        double width)
{
    GraphLayout layout;
    layout.lanes = laneOfEdges(edges);
    for (const int lane : layout.lanes)
        layout.laneCount = std::max(layout.laneCount, lane + 1);
    layout.gutter = layout.laneCount > 0 ? layout.laneCount * kLane + 6 : 0;
    const double column = std::clamp(width - layout.gutter - 2 * kMargin, kNarrowest, kWidest);
    const double left = kMargin + layout.gutter;
    double y = kMargin;
    for (std::size_t i = 0; i < heights.size(); ++i) {
        const double inset = small[i] ? 0.18 * column : 0.0;
        layout.cards.emplace_back(left + inset, y, column - 2 * inset, heights[i]);
        y += heights[i] + kGap;
    }
    layout.bounds = QRectF(0, 0, left + column + kMargin, y - (heights.empty() ? 0 : kGap) + kMargin);
    return layout;
}

}  // namespace app
