// SPDX-License-Identifier: Apache-2.0
#include "core/engine/input_treatment.h"

#include "core/base/hash.h"
#include "core/formats/fit.h"
#include "core/formats/integer_form.h"

#include <algorithm>
#include <cassert>

namespace core {

namespace {

void addFormat(Hasher& hasher, const NumberFormat& format)
{
    hasher.text(format.name());
    if (const auto* book = std::get_if<CodebookFormat>(&format.spec()))
        hasher.all(std::span<const float>(book->levels));
}

/// Calls work(in, out) with the values that belong together as one run, copying them where they do not lie so.
template <class Work>
void withRun(std::span<const float> in, std::span<float> out, std::int64_t first, std::int64_t count, std::int64_t stride, std::vector<float>& scratch, const Work& work)
{
    if (stride == 1) {
        work(in.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), out.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
        return;
    }
    scratch.resize(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        scratch[static_cast<std::size_t>(i)] = in[static_cast<std::size_t>(first + i * stride)];
    work(std::span<const float>(scratch), std::span<float>(scratch));
    for (std::int64_t i = 0; i < count; ++i)
        out[static_cast<std::size_t>(first + i * stride)] = scratch[static_cast<std::size_t>(i)];
}

}  // namespace

InputGeometry InputGeometry::of(const WeightedLayer& layer, const Shape& input)
{
    const std::int64_t samples = input.empty() ? 1 : std::max<std::int64_t>(1, input.front());
    const bool isDense = layer.kind == LayerKind::Dense;
    const std::int64_t channels = isDense ? layer.columns : input[1];
    const std::int64_t perSample = elementCount(input) / samples;
    if (perSample < channels)   // a single vector without an axis of samples
        return {1, channels, 1, isDense};
    return {samples, channels, perSample / channels, isDense};
}

InputTreatment::InputTreatment(ActivationQuantizer quantizer)
{
    if (!quantizer.format.isFloat32())
        m_quantizers.push_back(std::move(quantizer));
}

InputTreatment::InputTreatment(std::vector<ActivationQuantizer> quantizers, std::vector<std::uint8_t> entries) : m_quantizers(std::move(quantizers)), m_entries(std::move(entries))
{
    if (std::all_of(m_quantizers.begin(), m_quantizers.end(), [](const ActivationQuantizer& quantizer) { return quantizer.format.isFloat32(); }))
        *this = {};
}

InputTreatment::InputTreatment(NumberFormat format, RangeRule::Kind kind)
{
    if (format.isFloat32())
        return;
    m_dynamic = kind;
    m_format = std::move(format);
    if (kind == RangeRule::Kind::Daq)
        m_daq.emplace(m_format);
}

void InputTreatment::scaleChannels(std::vector<float> scales)
{
    if (!isExact())   // what is not rounded needs no help
        m_channelScales = std::move(scales);
}

void InputTreatment::apply(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const
{
    assert(in.size() == out.size());
    if (m_channelScales.empty())
        return applyRounding(geometry, in, out);
    const auto scaleAt = [&](std::size_t i) {
        const std::size_t plane = geometry.isChannelLast ? i : i / static_cast<std::size_t>(geometry.positions);
        return m_channelScales[plane % static_cast<std::size_t>(geometry.channels)];
    };
    for (std::size_t i = 0; i < in.size(); ++i)
        out[i] = in[i] / scaleAt(i);
    applyRounding(geometry, out, out);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] *= scaleAt(i);
}

void InputTreatment::applyRounding(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const
{
    if (m_dynamic)
        applyDynamic(geometry, in, out);
    else if (!m_entries.empty())
        applyByChannel(geometry, in, out);
    else if (!m_quantizers.empty())
        m_quantizers.front().apply(in, out);
    else if (in.data() != out.data())
        std::copy(in.begin(), in.end(), out.begin());
}

void InputTreatment::applyByChannel(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const
{
    const auto quantizerOf = [this](std::int64_t channel) -> const ActivationQuantizer& {
        return m_quantizers[m_entries[static_cast<std::size_t>(channel) % m_entries.size()]];
    };
    const auto channels = static_cast<std::size_t>(geometry.channels), positions = static_cast<std::size_t>(geometry.positions);
    if (!geometry.isChannelLast) {
        for (std::size_t plane = 0; plane < static_cast<std::size_t>(geometry.samples) * channels; ++plane)
            quantizerOf(static_cast<std::int64_t>(plane % channels)).apply(in.subspan(plane * positions, positions), out.subspan(plane * positions, positions));
        return;
    }
    // Neighbours of one entry are rounded together.
    for (std::size_t first = 0; first < channels;) {
        std::size_t end = first + 1;
        while (end < channels && m_entries[end % m_entries.size()] == m_entries[first % m_entries.size()])
            ++end;
        const ActivationQuantizer& quantizer = quantizerOf(static_cast<std::int64_t>(first));
        for (std::size_t vector = 0; vector < static_cast<std::size_t>(geometry.samples) * positions; ++vector)
            quantizer.apply(in.subspan(vector * channels + first, end - first), out.subspan(vector * channels + first, end - first));
        first = end;
    }
}

void InputTreatment::applyDynamic(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const
{
    const std::int64_t perSample = geometry.channels * geometry.positions;
    const std::int64_t channelStride = geometry.isChannelLast ? 1 : geometry.positions, positionStride = geometry.isChannelLast ? geometry.channels : 1;
    std::vector<float> scratch;
    const GridFit fit(m_format, ScaleShape::Exact);
    const auto ownRange = [&](std::span<const float> from, std::span<float> to) {   // as fitActivationQuantizer would, without a quantizer for each run
        ValueRange range;
        findRanges(from, from.size(), {&range, 1});
        quantizeValues(m_format, fit.gridFor(holdingZero(range.low, range.high)), from, to);
    };
    const auto standardised = [&](std::span<const float> from, std::span<float> to) { m_daq->apply(from, to); };
    for (std::int64_t sample = 0; sample < geometry.samples; ++sample) {
        const std::int64_t first = sample * perSample;
        if (*m_dynamic == RangeRule::Kind::Dynamic) {
            withRun(in, out, first, perSample, 1, scratch, ownRange);
        } else if (*m_dynamic == RangeRule::Kind::DynamicToken) {
            for (std::int64_t position = 0; position < geometry.positions; ++position)
                withRun(in, out, first + position * positionStride, geometry.channels, channelStride, scratch, ownRange);
        } else if (geometry.isChannelLast) {   // a vector's features stand in for a channel's positions
            for (std::int64_t position = 0; position < geometry.positions; ++position)
                withRun(in, out, first + position * positionStride, geometry.channels, 1, scratch, standardised);
        } else {
            for (std::int64_t channel = 0; channel < geometry.channels; ++channel)
                withRun(in, out, first + channel * channelStride, geometry.positions, 1, scratch, standardised);
        }
    }
}

void InputTreatment::addTo(Hasher& hasher) const
{
    hasher.add(m_quantizers.size());
    for (const ActivationQuantizer& quantizer : m_quantizers) {
        addFormat(hasher, quantizer.format);
        hasher.add(quantizer.scale).add(quantizer.zeroPoint);
    }
    hasher.all(std::span<const std::uint8_t>(m_entries)).all(std::span<const float>(m_channelScales)).add(m_dynamic.has_value());
    if (m_dynamic) {
        hasher.add(*m_dynamic);
        addFormat(hasher, m_format);
    }
}

void encodeBytes(const ActivationQuantizer& quantizer, std::span<const float> in, std::span<std::uint8_t> out)
{
    const auto coding = codingOf(quantizer);
    if (!coding)
        std::fill(out.begin(), out.end(), std::uint8_t{0});
    else if (coding->isSigned)
        encodeActivations(quantizer, in, {reinterpret_cast<std::int8_t*>(out.data()), out.size()});
    else
        encodeActivations(quantizer, in, out);
}

std::uint8_t zeroByte(const ActivationQuantizer& quantizer)
{
    const auto coding = codingOf(quantizer);
    return coding ? static_cast<std::uint8_t>(coding->zeroPoint) : std::uint8_t{0};
}

NumberFormat channelActivation(const NumberFormat& weights, const NumberFormat& asked)
{
    if (asked.isFloat32())
        return asked;
    const auto* wanted = std::get_if<IntegerFormat>(&weights.spec());
    const auto* sign = std::get_if<IntegerFormat>(&asked.spec());
    if (!sign || std::holds_alternative<MinifloatFormat>(weights.spec()) || (wanted && wanted->isSigned == sign->isSigned) || (!wanted && sign->isSigned))
        return weights;
    const int bits = static_cast<int>(weights.storageBits());
    return {(sign->isSigned ? "int" : "uint") + std::to_string(bits), IntegerFormat{bits, sign->isSigned}, static_cast<double>(bits)};
}

}  // namespace core
