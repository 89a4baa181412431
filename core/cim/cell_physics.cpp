// SPDX-License-Identifier: Apache-2.0
#include "core/cim/cell_physics.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr double kReadSeconds = 250e-9;  // of a phase-change cell's read

float polynomialDeviation(const Variation& variation, float largest, float conductance)
{
    const double r = static_cast<double>(conductance / largest);
    const auto& c = variation.coefficients;
    return static_cast<float>(std::max(0.0, c[0] + r * (c[1] + r * c[2]))) * largest;
}

/// Mean and deviation of a phase-change cell's drift exponent (r: its share of the largest conductance).
struct Exponent {
    double mean, deviation;
};
Exponent phaseChangeExponent(double r)
{
    const double logarithm = std::log(std::clamp(r, 1e-6, 1.0));
    return {std::clamp(-0.0155 * logarithm + 0.0244, 0.049, 0.1), std::clamp(-0.0125 * logarithm - 0.0059, 0.008, 0.045)};
}

}  // namespace

float leastConductance(double onOffRatio, const WeightSlice& slice)
{
    return onOffRatio > 0.0 ? static_cast<float>(slice.largestDigit() / onOffRatio) : 0.0f;
}

double digitSpan(double onOffRatio) { return onOffRatio > 0.0 ? 1.0 - 1.0 / onOffRatio : 1.0; }

float nominalConductance(double onOffRatio, const WeightSlice& slice, float digit)
{
    return onOffRatio > 0.0 ? leastConductance(onOffRatio, slice) + digit * static_cast<float>(digitSpan(onOffRatio)) : digit;
}

void writeCells(const Variation& variation, const WeightSlice& slice, std::span<const float> nominal, std::span<const float> z,
                std::span<float> written)
{
    const auto largest = static_cast<float>(slice.largestDigit());
    auto sigma = static_cast<float>(variation.sigma);
    const std::size_t cells = nominal.size();
    switch (variation.model) {
    case Variation::Model::Independent:
        for (std::size_t i = 0; i < cells; ++i)
            written[i] = nominal[i] + sigma * largest * z[i];
        return;
    case Variation::Model::Capacitor: sigma = static_cast<float>(0.0664 / std::sqrt(variation.femtofarads)); [[fallthrough]];
    case Variation::Model::Proportional:
    case Variation::Model::Flicker:
        for (std::size_t i = 0; i < cells; ++i)
            written[i] = nominal[i] + sigma * nominal[i] * z[i];
        return;
    case Variation::Model::LogNormal:
        for (std::size_t i = 0; i < cells; ++i)
            written[i] = nominal[i] * std::exp(sigma * z[i] - sigma * sigma / 2.0f);
        return;
    case Variation::Model::Polynomial:
        for (std::size_t i = 0; i < cells; ++i)
            written[i] = std::max(0.0f, nominal[i] + polynomialDeviation(variation, largest, nominal[i]) * z[i]);
        return;
    }
}

void driftCells(const Drift& drift, const WeightSlice& slice, std::span<const float> z, std::span<float> cells)
{
    const double elapsed = std::log1p(drift.seconds / Drift::kReferenceSeconds);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Exponent nu{drift.nu, drift.nuSigma};
        if (drift.model == Drift::Model::PhaseChange)
            nu = phaseChangeExponent(static_cast<double>(cells[i]) / slice.largestDigit());
        const double own = std::max(0.0, nu.mean + nu.deviation * static_cast<double>(z[i]));
        cells[i] *= static_cast<float>(std::exp(-own * elapsed));
    }
}

float readVariance(const Variation& readNoise, const WeightSlice& slice, float conductance, double seconds)
{
    const auto largest = static_cast<float>(slice.largestDigit());
    float deviation = 0.0f;
    switch (readNoise.model) {
    case Variation::Model::Independent: deviation = static_cast<float>(readNoise.sigma) * largest; break;
    case Variation::Model::Polynomial: deviation = polynomialDeviation(readNoise, largest, conductance); break;
    case Variation::Model::Flicker: {
        const double r = std::max(static_cast<double>(conductance / largest), 1e-9);
        const double strength = std::min(0.0088 / std::pow(r, 0.65), 0.2);
        const double time = seconds + Drift::kReferenceSeconds;
        deviation = conductance * static_cast<float>(strength * std::sqrt(std::log((time + kReadSeconds) / (2.0 * kReadSeconds))));
        break;
    }
    default: deviation = static_cast<float>(readNoise.sigma) * conductance;
    }
    return deviation * deviation;
}

}  // namespace core
