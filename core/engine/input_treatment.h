// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a layer does to the numbers it reads before it multiplies by them: nothing, one calibrated quantizer for all, one
// for each entry of a palette over input channels, or a range found anew on every sample; between equalized layers, of
// channels that are brought to one range first.

#include "core/base/hash.h"
#include "core/formats/daq.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

#include <span>

namespace core {

/// How a layer's input lies in row-major memory: samples x channels x positions, or samples x positions x channels.
struct InputGeometry {
    std::int64_t samples = 1, channels = 1, positions = 1;
    bool isChannelLast = false;
    static InputGeometry of(const WeightedLayer& layer, const Shape& input);
    std::int64_t count() const { return samples * channels * positions; }
};

class InputTreatment {
public:
    InputTreatment() = default;   // leaves the input as it is
    explicit InputTreatment(ActivationQuantizer quantizer);
    /// Channel c is rounded by quantizers[entries[c % entries.size()]]: the groups of a grouped convolution repeat the entries.
    InputTreatment(std::vector<ActivationQuantizer> quantizers, std::vector<std::uint8_t> entries);
    /// `kind` is one of the dynamic ones.
    InputTreatment(NumberFormat format, RangeRule::Kind kind);

    /// Divides every value by its channel's scale before it is rounded, and multiplies by it afterwards.
    void scaleChannels(std::vector<float> scales);

    bool isExact() const { return m_quantizers.empty() && !m_dynamic; }
    /// The one quantizer, where there is one: it may round the values in any layout.
    const ActivationQuantizer* uniform() const { return m_entries.empty() && m_channelScales.empty() && !m_quantizers.empty() ? &m_quantizers.front() : nullptr; }
    const std::vector<ActivationQuantizer>& quantizers() const { return m_quantizers; }
    const std::vector<std::uint8_t>& entries() const { return m_entries; }
    const std::vector<float>& channelScales() const { return m_channelScales; }

    /// The meaning, and the fast path: row-major values, in and out may be the same.
    void apply(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const;
    void addTo(Hasher& hasher) const;

private:
    void applyRounding(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const;
    void applyByChannel(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const;
    void applyDynamic(const InputGeometry& geometry, std::span<const float> in, std::span<float> out) const;

    std::vector<ActivationQuantizer> m_quantizers;
    std::vector<std::uint8_t> m_entries;
    std::vector<float> m_channelScales;             // by channel, those of all groups; empty: all 1
    std::optional<RangeRule::Kind> m_dynamic;
    NumberFormat m_format;                          // of dynamic ranges
    std::optional<DaqQuantizer> m_daq;
};

/// The 8-bit codes of a quantizer that has a coding (core/formats/integer_form.h), as bytes: signed ones in two's complement.
/// Without one - a range too small for floats - all are zero.
void encodeBytes(const ActivationQuantizer& quantizer, std::span<const float> in, std::span<std::uint8_t> out);
/// The byte of zero.
std::uint8_t zeroByte(const ActivationQuantizer& quantizer);

/// What an activation becomes in a channel whose weights have this format: the same width (SySMOL, arXiv 2311.14114).
/// Where `asked`, the layer's own activation format, is an unsigned integer, so is the channel's: behind a rectifier half of
/// a signed format's levels name nothing. Signed, integers stay integers and others keep the format of the weights; fp32
/// activations stay as they are.
NumberFormat channelActivation(const NumberFormat& weights, const NumberFormat& asked);

}  // namespace core
