// SPDX-License-Identifier: Apache-2.0
#include "core/formats/fit.h"
#include "core/formats/kernels.h"
#include "core/formats/treatment.h"

#include <cassert>

namespace core {

void ActivationQuantizer::apply(std::span<const float> in, std::span<float> out) const
{
    assert(in.size() == out.size());
    quantizeValues(format, {scale, zeroPoint}, in, out);
}

float ActivationQuantizer::applyScalar(float x) const { return quantizeValue(format, {scale, zeroPoint}, x); }

ActivationQuantizer fitActivationQuantizer(const NumberFormat& format, float low, float high)
{
    const CodeGrid grid = GridFit(format, ScaleShape::Exact).gridFor(holdingZero(low, high));
    return {format, grid.scale, grid.zeroPoint};
}

}  // namespace core
