// SPDX-License-Identifier: Apache-2.0
#include "core/engine/plan_convention.h"

#include "core/engine/input_treatment.h"

#include <algorithm>

namespace core {

namespace {

struct Widths {
    double macs = 0, weights = 0, products = 0;
};  // the latter two: bits and product of bits, times MACs

void add(Widths& sum, double macs, double weightBits, double activationBits)
{
    sum.macs += macs;
    sum.weights += macs * weightBits;
    sum.products += macs * weightBits * activationBits;
}

void addLayer(Widths& sum, const LayerTreatment& treatment, double macs)
{
    if (treatment.cim)
        return add(sum, macs, treatment.cim->weightBits, treatment.cim->inputBits);
    const WeightPlan& weights = treatment.weights;
    const NumberFormat& activations = treatment.activations.format;
    const std::vector<std::uint8_t>& choices = weights.channels.empty() ? weights.rows : weights.channels;
    if (choices.empty())
        return add(sum, macs, weights.palette.front().format.storageBits(), activations.storageBits());
    for (const std::uint8_t choice : choices) {
        const NumberFormat& format = weights.palette[choice].format;
        const NumberFormat input = weights.channels.empty() ? activations : channelActivation(format, activations);
        add(sum, macs / static_cast<double>(choices.size()), format.storageBits(), input.storageBits());
    }
}

}  // namespace

EfficiencyConvention conventionOf(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers)
{
    Widths sum;
    for (const WeightedLayer& layer : layers)
        addLayer(sum, resolve(plan, layer.name), static_cast<double>(layer.macs()));
    EfficiencyConvention convention;
    if (sum.macs > 0) {
        convention.weightBits = std::max(1.0, sum.weights / sum.macs);
        convention.activationBits = std::max(1.0, sum.products / sum.weights);
    }
    return convention;
}

}  // namespace core
