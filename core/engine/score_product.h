// SPDX-License-Identifier: Apache-2.0
#pragma once
// The product of queries and keys whose softmax decides what an attention looks at: found in the network, and computed in the
// precision a plan gives it. In a plan it belongs to the weighted layer that makes the queries.

#include "core/engine/step.h"
#include "core/formats/sums/mixed_sum.h"
#include "core/network/weighted_layer.h"
#include "core/plan/score_plan.h"

namespace core {

struct ScoreProduct {
    NodeIndex node;    // MatMul: queries [..., tokens, width] times keys [..., width, tokens]
    LayerIndex layer;  // whose output, moved and scaled, the queries are
    double scale = 1;  // between the product and the softmax
};

/// Every MatMul of two activations in front of a softmax over its last axis, with nothing or a constant factor between, whose
/// left side comes from a weighted layer through reshaping, transposing, splitting, constant factors and biases alone.
std::vector<ScoreProduct> scoreProducts(const Network& network, const std::vector<WeightedLayer>& layers);

/// Memory for one thread.
struct ScoreScratch {
    SumBuffers sums;
    std::vector<float> keys, scaled;
    std::vector<std::uint32_t> again;
};

/// Which logits of one query take the high format, from their low sums: those that lowLogits() does not keep, and all within
/// one unit roundoff of the low format from the largest, which a running maximum could mistake for it. 1: high.
void chooseLogits(const ScorePlan& plan, std::span<const float> scaledLogits, std::span<std::uint8_t> high);

/// One matrix of logits, queries x keys. queries: tokens x width; keys: width x `columns`, as the node reads them.
/// `chosen`, if given, tells which were summed again.
struct ScoreMatrix {
    const float* queries = nullptr;
    const float* keys = nullptr;
    std::int64_t rows = 0, width = 0, columns = 0;
};
void multiplyScores(const ScorePlan& plan, double scale, const ScoreMatrix& matrix, float* logits, ScoreScratch& scratch,
                    std::uint8_t* chosen = nullptr);

class ScoreStep : public Step {
public:
    struct Orders {
        ScorePlan plan;
        double scale = 1;
        std::int64_t matrices = 1, rows = 0, width = 0, columns = 0;
        /// Nothing where one side's matrices would have to be repeated for the other's.
        static std::optional<Orders> of(const ScorePlan& plan, double scale, const Shape& queries, const Shape& keys);
    };
    ScoreStep(Orders orders, SlotIndex queries, SlotIndex keys, SlotIndex logits);
    Action bind(const FrameMemory& memory) const override;

private:
    Orders m_orders;
};

}  // namespace core
