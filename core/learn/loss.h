// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is to be made small: a loss of every sample's output, with its gradient. Sums are in double, in element order.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <span>
#include <vector>

namespace core {

enum class LossKind {
    CrossEntropy,   // -log softmax(y)[label]
    Divergence,     // Kullback-Leibler of softmax(target) from softmax(y): sum of p (log p - log q), p of the target
    SquaredError    // mean over the elements of (y - target)^2
};

/// One loss for a row of samples: labels for CrossEntropy, else targets shaped as the network's output (first axis: samples).
struct Objective {
    LossKind kind = LossKind::CrossEntropy;
    std::vector<std::int32_t> labels;
    Tensor targets;

    static Objective crossEntropy(std::vector<std::int32_t> labels) { return {LossKind::CrossEntropy, std::move(labels), {}}; }
    static Objective divergence(Tensor logits) { return {LossKind::Divergence, {}, std::move(logits)}; }
    static Objective squaredError(Tensor targets) { return {LossKind::SquaredError, {}, std::move(targets)}; }

    std::int64_t samples() const;
    /// The objective of the samples at these indices, in this order.
    Objective pick(const std::vector<std::int64_t>& indices) const;
    /// Labels and targets against an output of this many samples with this many elements each.
    Result<void> check(std::int64_t samples, std::int64_t elements) const;

    /// The loss of one sample whose output is `output`; writes its gradient unless `gradient` is empty.
    double ofSample(std::int64_t sample, std::span<const float> output, std::span<float> gradient) const;
};

}  // namespace core
