// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one weighted layer does to infer one sample, counted operation by operation: the ledger that prices make a bill of.

#include "core/energy/bill.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

// With rows R, columns C, groups G, positions P of the layer, every count for one sample:
//
// digital  multiply   R C P products at (weight bits x activation bits): integer where both are integers, a shift of the
//                     other operand where one is a power of two, else floating-point
//          lookup     R C codes without structure (nf4) become fp16 when fetched; activations C G P
//          accumulate R C P additions: 32-bit integer for integer products and 32-bit float for others, or the accumulator's
//                     own width where the plan sets one; and one per group scale beyond a row's first
//          rescale    R P max(1, scales a row) products of 16-bit floats bring sums to a common scale; for e8m0 an 8-bit
//                     addition of exponents, for two-level scales an integer product (scale bits x 24) a vector
// cim      array      R C P x cells a weight x input planes cell reads
//          adc        R P x tiles along the inputs x weight slices x input planes; an ideal converter counts with the bits that
//                     tell its column sums apart
//          dac        C G P x input planes x tiles along the outputs lines driven, one bit each
//          accumulate one addition joins each conversion to the first of its output; the offset mapping and unsigned codes
//                     with a zero point add R P corrections each, the offset mapping the sum of the inputs too
// recovery            r (C G + R) P products and additions at the surrogate's width, r = min(rank, rows, columns)
// memory   weights    every stored bit, scales and bias (32 bits) included, read once and kept for all positions; with cim
//                     only scales and bias, since the codes live in the array
//          activations C G P values read (overlapping windows of a convolution count again), R P written, at the
//                     activations' width
//          surrogate  r (C G + R) values at its width
Ledger ledgerOf(const WeightedLayer& layer, const LayerTreatment& treatment);

}  // namespace core
