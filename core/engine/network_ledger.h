// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a whole network does to infer one sample: its weighted layers (core/engine/layer_ledger.h) and the nodes between them.

#include "core/energy/estimates.h"
#include "core/engine/engine_context.h"
#include "core/engine/layer_ledger.h"
#include "core/engine/score_product.h"

namespace core {

/// Logits that a plan sums in formats of its own (core/plan/score_plan.h), and the share of them it takes again.
struct ScoreSums {
    NodeIndex node;
    ScorePlan plan;
    double highShare = 0;   // as measured: 0 until then
};

struct FunctionLedger {
    Ledger entries;
    std::vector<std::string> guessed;        // operations whose work is taken as one product and one addition an element
};

/// The nodes without weights, booked on the weighted layer in front of them (those before the first on the first), part
/// Functions, in 32-bit floats as the engine computes them; n elements of the output, w of a window, k of an inner product:
///   comparisons (32-bit integer)  Relu n, Clip 2 n, Max and Min n a further input, MaxPool (w - 1) n, ReduceMax of its inputs
///   additions                     Add, Sub n; AveragePool (w - 1) n; sums and means of their inputs
///   products                      Mul, Div n; AveragePool and means n; a slope (LeakyRelu, HardSigmoid ...) n
///   table look-ups                Sigmoid, Tanh, Erf, Exp, Sqrt, Gelu ... n
///   MatMul, Gemm, Einsum          k n products and additions; of `scores` the additions at the low format's width, and both
///                                 again at the high one's for the share taken again
///   Softmax                       a comparison, two additions, a look-up, a product an element
///   normalisation                 3 additions and 3 products an element, at run time; folded ones are part of the weights
/// What only moves or selects elements is free. Whatever else rounds counts one product and one addition an element and is
/// named in `guessed`.
///
/// Each of them reads its maps and writes its own, part Memory: a bit moved costs what it does in a memory that holds the map. A
/// pool reads w n values, others every value of an input once; constants of more than one number are read at 32 bits. What the
/// engine runs as one step (core/engine/node_groups.h) hands its maps on without memory: a rectifier behind a layer works on
/// the sums before the layer writes them, one behind a residual sum likewise.
/// A map is as wide as the layer in front writes it: `mapBits` by layer, 32 where it is empty.
FunctionLedger functionLedger(const EngineContext& context, std::span<const ScoreSums> scores = {}, std::span<const double> mapBits = {});

/// Where a technology's on-chip memory does not hold all weights, those of digital layers come from DRAM once an inference:
/// a DramBits entry beside each SramBits entry of weights. `weightBits` by layer; layers with 0 stay.
Ledger weightsFromDram(const std::vector<WeightedLayer>& layers, const std::vector<double>& weightBits, double onChipBits);

/// Vector words of a layer whose products are integers, by width of the products (the wider operand); else nothing.
std::optional<WordCount> wordsOf(const WeightedLayer& layer, const LayerTreatment& treatment);

/// Bits of weights a layer keeps in memory beside any array, and what it asks of a chip's area.
double digitalWeightBits(const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts);
void addTo(AreaDemand& demand, const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts);

}  // namespace core
