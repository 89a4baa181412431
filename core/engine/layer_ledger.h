// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one weighted layer does to infer one sample, counted operation by operation: the ledger that prices make a bill of.
// core/engine/network_ledger.h adds what stands between the layers.

#include "core/energy/bill.h"
#include "core/formats/operand.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

// With rows R, columns C, groups G, positions P of the layer, every count for one sample:
//
// digital  multiply   R C P products at (weight bits x activation bits): integer where both are integers, a shift of the
//                     other operand where one is a power of two, else floating-point; of bfloats where every float is bf16
//          lookup     R C codes without structure (nf4) become fp16 when fetched; activations C G P
//          accumulate R C P additions: 32-bit integer for integer products and 32-bit float for others, or the accumulator's
//                     own width where the plan sets one (Kahan's order four each; blocks one more each, in the outer
//                     format); and one per group scale beyond a row's first
//          mixed      products and additions of the low format for all components, twice where the condition's numerator is
//                     summed too, and again in the high and middle formats for the shares that take them; one comparison a
//                     component decides. A static choice has each row in one of two formats and decides nothing
//                     The bias is where a sum begins, so it costs no addition. Unsigned weights: C G P additions of the
//                     inputs and R P products take their zero point away
//          rescale    R P max(1, scales a row) products of 16-bit floats bring sums to a common scale; for e8m0 an 8-bit
//                     addition of exponents, for two-level scales an integer product (scale bits x 24) a vector; all this
//                     for each point of a multipoint weight
// cim      array      R C P x cells a weight x input levels cell reads; a level is an input plane, or what a wider DAC applies
//          adc        R P x tiles along the inputs x weight slices x input levels; an ideal converter counts with the bits that
//                     tell its column sums apart; a comparator is a converter of 1 bit
//          dac        C G P x input levels x tiles along the outputs lines driven, as wide as the DAC
//          digital    pairs of planes that a hybrid array keeps digital: R C P products and additions each, one bit by one
//          accumulate one addition joins each conversion to the first of its output; the offset mapping and unsigned codes
//                     with a zero point add R P corrections each, the offset mapping the sum of the inputs too; compensated
//                     drift one product an output
// recovery            r (C G + R) P products and additions at the surrogate's width, r = min(rank, rows, columns); the last
//                     R P additions join the paths
// functions           what rounds the inputs, each of the N different ones once: 2 comparisons (32 bits) to clip an integer,
//                     ceil(log2 levels) to find a level of a codebook, one addition of the format's width for a float;
//                     a range of the sample at hand 2 comparisons and a 16-bit float product more, of a channel (daq) 3
//                     additions and 3 products
// memory   weights    every stored bit, scales, their exponents and bias (32 bits) included, read once and kept for all
//                     positions; with cim only scales and bias, since the codes live in the array
//          activations C G P values read (overlapping windows of a convolution count again) from a memory that holds the N of
//                     the input map, R P written to one that holds them, at the activations' width
//          surrogate  r (C G + R) values at its width; where it reads exact inputs and the main path does not, C G P values
//                     read and N written at its width beside the codes

/// The kind of prices an operand is worked with at; shifts are integers.
NumberKind numberKindOf(const Operand& operand);

/// What the counts depend on beside layer and orders.
struct LayerFacts {
    double weightBits = 0;    // codes, scales, exponents as packed (core/plan/storage.h); 0: by the formula, which knows no exponents
    double inputValues = 0;   // N: different numbers read for one sample; 0: C G P, as if no window overlapped another
    bool hasBias = false;     // the file's, or one that a correction made
    double highShare = 0, middleShare = 0;   // of the components of a dynamic mixed accumulator, as measured: 0 until then

    /// What is known without compiling: the file's bias or a correction's, and nothing else.
    static LayerFacts of(const WeightedLayer& layer, const LayerTreatment& treatment);
};

Ledger ledgerOf(const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts);
inline Ledger ledgerOf(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    return ledgerOf(layer, treatment, LayerFacts::of(layer, treatment));
}

}  // namespace core
