// SPDX-License-Identifier: Apache-2.0
#include "core/learn/loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace core {

namespace {

/// log of the sum of exponentials, the largest taken off first.
double logSumExp(std::span<const float> values)
{
    const double top = static_cast<double>(*std::max_element(values.begin(), values.end()));
    double sum = 0;
    for (const float value : values)
        sum += std::exp(static_cast<double>(value) - top);
    return top + std::log(sum);
}

/// d(-log softmax(y)[label])/dy = softmax(y) - [label].
double crossEntropyOf(std::size_t label, std::span<const float> output, std::span<float> gradient)
{
    const double total = logSumExp(output);
    for (std::size_t i = 0; i < gradient.size(); ++i)
        gradient[i] = static_cast<float>(std::exp(static_cast<double>(output[i]) - total) - (i == label ? 1.0 : 0.0));
    return total - static_cast<double>(output[label]);
}

/// d/dy sum p (log p - log softmax(y)) = softmax(y) - p.
double divergenceOf(std::span<const float> target, std::span<const float> output, std::span<float> gradient)
{
    const double ownTotal = logSumExp(output), wantedTotal = logSumExp(target);
    double loss = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
        const double own = static_cast<double>(output[i]) - ownTotal, wanted = static_cast<double>(target[i]) - wantedTotal;
        loss += std::exp(wanted) * (wanted - own);
        if (!gradient.empty())
            gradient[i] = static_cast<float>(std::exp(own) - std::exp(wanted));
    }
    return loss;
}

double squaredErrorOf(std::span<const float> target, std::span<const float> output, std::span<float> gradient)
{
    const auto count = static_cast<double>(output.size());
    double sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
        const double error = static_cast<double>(output[i]) - static_cast<double>(target[i]);
        sum += error * error;
        if (!gradient.empty())
            gradient[i] = static_cast<float>(2.0 * error / count);
    }
    return sum / count;
}

}  // namespace

std::int64_t Objective::samples() const
{
    return kind == LossKind::CrossEntropy ? static_cast<std::int64_t>(labels.size()) : targets.rank() == 0 ? 0 : targets.dimension(0);
}

Objective Objective::pick(const std::vector<std::int64_t>& indices) const
{
    Objective picked{kind, {}, {}};
    if (kind == LossKind::CrossEntropy) {
        for (const std::int64_t index : indices)
            picked.labels.push_back(labels.at(static_cast<std::size_t>(index)));
        return picked;
    }
    Shape shape = targets.shape();
    const std::size_t bytes = targets.byteCount() / static_cast<std::size_t>(std::max<std::int64_t>(samples(), 1));
    shape.front() = static_cast<std::int64_t>(indices.size());
    picked.targets = Tensor::uninitialized(targets.type(), shape);
    std::byte* out = picked.targets.editBytes().data();
    for (const std::int64_t index : indices) {
        assert(index >= 0 && index < samples());
        std::memcpy(out, targets.bytes().data() + static_cast<std::size_t>(index) * bytes, bytes);
        out += bytes;
    }
    return picked;
}

Result<void> Objective::check(std::int64_t wanted, std::int64_t elements) const
{
    if (samples() != wanted)
        return Problem{"objective", fmt::format("it has {} {} for {} samples; one a sample is wanted", samples(), kind == LossKind::CrossEntropy ? "labels" : "targets", wanted)};
    if (kind == LossKind::CrossEntropy) {
        for (std::size_t i = 0; i < labels.size(); ++i)
            if (labels[i] < 0 || labels[i] >= elements)
                return Problem{fmt::format("objective, sample {}", i), fmt::format("label {}; the network has {} outputs", labels[i], elements)};
        return success();
    }
    if (targets.type() != DataType::Float32 || targets.size() != wanted * elements)
        return Problem{"objective", fmt::format("targets are {} {}; float32 with {} elements a sample is wanted", dataTypeName(targets.type()), shapeText(targets.shape()), elements)};
    return success();
}

double Objective::ofSample(std::int64_t sample, std::span<const float> output, std::span<float> gradient) const
{
    if (kind == LossKind::CrossEntropy)
        return crossEntropyOf(static_cast<std::size_t>(labels[static_cast<std::size_t>(sample)]), output, gradient);
    const auto target = targets.values<float>().subspan(static_cast<std::size_t>(sample) * output.size(), output.size());
    return kind == LossKind::Divergence ? divergenceOf(target, output, gradient) : squaredErrorOf(target, output, gradient);
}

}  // namespace core
