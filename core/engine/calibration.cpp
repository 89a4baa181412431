// SPDX-License-Identifier: Apache-2.0
#include "core/engine/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

float percentile(const std::vector<float>& sorted, double percent)
{
    const double at = percent / 100.0 * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const auto above = std::min(below + 1, sorted.size() - 1);
    const double share = at - static_cast<double>(below);
    return static_cast<float>((1.0 - share) * static_cast<double>(sorted[below]) + share * static_cast<double>(sorted[above]));
}

std::vector<ValueIndex> withoutRepeats(std::vector<ValueIndex> values)
{
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

}  // namespace

Result<std::shared_ptr<Calibration>> Calibration::observe(std::shared_ptr<const EngineContext> context, SampleSet samples, int threads, const RunControl& control)
{
    if (samples.samples() < 1)
        return Problem{context->network->name, "no calibration samples; ranges and surrogates need at least one"};
    std::vector<ValueIndex> wanted;
    for (const WeightedLayer& layer : context->layers)
        wanted.push_back(context->inputOf(layer.index));
    wanted = withoutRepeats(std::move(wanted));
    const auto groups = separateNodes(*context->network, context->layers);
    const BatchedTensors batches = batched(*context, samples, 0, samples.samples());
    CORE_TRY(const auto values, runBatches(*context, {context->exact, groups, {context->input()}, wanted, threads, 0}, batches, control));

    auto calibration = std::make_shared<Calibration>();
    for (const WeightedLayer& layer : context->layers) {
        const auto column = static_cast<std::size_t>(std::lower_bound(wanted.begin(), wanted.end(), context->inputOf(layer.index)) - wanted.begin());
        std::size_t total = 0;
        for (const auto& batch : values)
            total += static_cast<std::size_t>(batch[column].size());
        const std::size_t stride = std::max<std::size_t>(1, (total + kKeptValues - 1) / kKeptValues) | 1u;   // odd: does not lock onto a row length
        Observation seen;
        seen.low = seen.high = values.front()[column].values<float>().front();
        std::size_t at = 0;
        for (const auto& batch : values) {
            const auto elements = batch[column].values<float>();
            const auto [low, high] = std::minmax_element(elements.begin(), elements.end());
            seen.low = std::min(seen.low, *low);
            seen.high = std::max(seen.high, *high);
            for (; at < elements.size(); at += stride)
                seen.sorted.push_back(elements[at]);
            at -= elements.size();
        }
        if (!std::isfinite(seen.low) || !std::isfinite(seen.high))
            return Problem{layer.name, fmt::format("its input runs from {} to {} on the calibration samples; wanted finite values", seen.low, seen.high)};
        std::sort(seen.sorted.begin(), seen.sorted.end());
        calibration->m_observations.push_back(std::move(seen));
    }
    calibration->m_context = std::move(context);
    calibration->m_samples = std::move(samples);
    return calibration;
}

ValueRange Calibration::Observation::range(const RangeRule& rule, const NumberFormat& format) const
{
    switch (rule.kind) {
    case RangeRule::Kind::Max: return {low, high};
    case RangeRule::Kind::Percentile: return {percentile(sorted, 100.0 - rule.percentile), percentile(sorted, rule.percentile)};
    case RangeRule::Kind::Dynamic:
    case RangeRule::Kind::DynamicToken:
    case RangeRule::Kind::Daq: return {low, high};
    case RangeRule::Kind::Mse: break;
    }
    constexpr int kCuts = 40;
    ValueRange best{low, high};
    double least = std::numeric_limits<double>::infinity();
    std::vector<float> rounded(sorted.size());
    for (int cut = 1; cut <= kCuts; ++cut) {
        const float share = static_cast<float>(cut) / kCuts;
        const ValueRange range{low * share, high * share};
        fitActivationQuantizer(format, range.low, range.high).apply(sorted, rounded);
        double error = 0;
        for (std::size_t i = 0; i < rounded.size(); ++i)
            error += std::pow(static_cast<double>(rounded[i]) - static_cast<double>(sorted[i]), 2);
        if (error < least) {
            least = error;
            best = range;
        }
    }
    return best;
}

ValueRange Calibration::inputRange(LayerIndex layer, const RangeRule& rule, const NumberFormat& format) const
{
    return m_observations.at(layer.value()).range(rule, format);
}

Result<ValueRange> Calibration::channelRange(LayerIndex layer, const ChannelChoice& choice, const RangeRule& rule, const NumberFormat& format) const
{
    CORE_TRY(const auto reference, this->reference(kRangeSamples, 0));
    const WeightedLayer& weighted = m_context->layers[layer.value()];
    Observation seen;
    const auto visit = [&](const auto& use) {
        for (const auto& batch : reference->layerInputs) {
            const Tensor& tensor = batch[layer.value()];
            const InputGeometry geometry = InputGeometry::of(weighted, tensor.shape());
            const std::int64_t channelStride = geometry.isChannelLast ? 1 : geometry.positions;
            const std::int64_t outer = geometry.isChannelLast ? geometry.samples * geometry.positions : geometry.samples;
            const float* values = tensor.values<float>().data();
            const auto isChosen = [&](std::size_t c) { return choice.entries.empty() || choice.entries[c % choice.entries.size()] == choice.entry; };
            for (std::int64_t o = 0; o < outer; ++o)
                for (std::int64_t c = 0; c < geometry.channels; ++c)
                    if (const auto channel = static_cast<std::size_t>(c); isChosen(channel)) {
                        const float scale = choice.scales.empty() ? 1.0f : choice.scales[channel];
                        for (std::int64_t i = 0; i < channelStride; ++i)
                            use(values[(o * geometry.channels + c) * channelStride + i] / scale);
                    }
        }
    };
    std::size_t total = 0, at = 0;
    visit([&](float) { ++total; });
    if (total == 0)
        return ValueRange{};
    const std::size_t stride = std::max<std::size_t>(1, (total + kKeptValues - 1) / kKeptValues) | 1u;
    visit([&](float value) {
        seen.low = at == 0 ? value : std::min(seen.low, value);
        seen.high = at == 0 ? value : std::max(seen.high, value);
        if (at++ % stride == 0)
            seen.sorted.push_back(value);
    });
    std::sort(seen.sorted.begin(), seen.sorted.end());
    return seen.range(rule, format);
}

Result<std::shared_ptr<const Calibration::Reference>> Calibration::reference(std::int64_t samples, int threads, const RunControl& control) const
{
    const std::lock_guard lock(m_guard);
    samples = std::clamp<std::int64_t>(samples, 1, m_samples.samples());
    if (const auto known = m_references.find(samples); known != m_references.end())
        return known->second;
    auto result = std::make_shared<Reference>();
    result->inputs = batched(*m_context, m_samples, 0, samples);
    std::vector<ValueIndex> values;
    for (const WeightedLayer& layer : m_context->layers) {
        values.push_back(m_context->inputOf(layer.index));
        values.push_back(m_context->outputOf(layer.index));
    }
    const std::vector<ValueIndex> wanted = withoutRepeats(values);
    const auto groups = separateNodes(*m_context->network, m_context->layers);
    CORE_TRY(const auto tensors, runBatches(*m_context, {m_context->exact, groups, {m_context->input()}, wanted, threads, 0}, result->inputs, control));
    const auto column = [&](ValueIndex value) { return static_cast<std::size_t>(std::lower_bound(wanted.begin(), wanted.end(), value) - wanted.begin()); };
    for (const auto& batch : tensors) {
        std::vector<Tensor> inputs, outputs;
        for (const WeightedLayer& layer : m_context->layers) {
            inputs.push_back(batch[column(m_context->inputOf(layer.index))]);
            outputs.push_back(batch[column(m_context->outputOf(layer.index))]);
        }
        result->layerInputs.push_back(std::move(inputs));
        result->layerOutputs.push_back(std::move(outputs));
    }
    m_references[samples] = result;
    return std::shared_ptr<const Reference>(std::move(result));
}

}  // namespace core
