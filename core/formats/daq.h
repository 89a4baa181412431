// SPDX-License-Identifier: Apache-2.0
#pragma once
// Distribution-aware quantization of activations (DAQ, arXiv 2012.11230): a channel of one sample is standardised by its own
// mean and deviation, rounded on the grid that is best for a unit Gaussian, and put back.

#include "core/formats/number_format.h"

namespace core {

/// The scale under which the format rounds a unit Gaussian with least mean squared error. uintB uses all its 2^B codes symmetrically
/// about zero: 1.596 for the two levels of odd1, 0.996, 0.586, 0.335 for uint2, uint3, uint4 (Max, 1960). Wide floats: 1.
double gaussianScale(const NumberFormat& format);

/// y = d * (clip(round((x - m) / d + c)) - c) + m, d = deviation * gaussianScale, m the mean, and c = 0, or (2^B - 1) / 2 for uintB;
/// other formats round to the nearest level. Statistics are over the finite values, added in order in double. A constant channel
/// stays as it is; NaN stays NaN, infinities saturate. fp32 and other wide floats are not standardised.
class DaqQuantizer {
public:
    explicit DaqQuantizer(NumberFormat format);   // fits the scale: make one a layer, not one a sample
    const NumberFormat& format() const { return m_format; }
    double scale() const { return m_scale; }
    /// One channel of one sample; in and out may be the same and have equal sizes.
    void apply(std::span<const float> in, std::span<float> out) const;

private:
    NumberFormat m_format;
    double m_scale;
    float m_middle;      // c
};

}  // namespace core
