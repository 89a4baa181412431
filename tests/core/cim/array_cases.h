// SPDX-License-Identifier: Apache-2.0
#pragma once
// Seeded weight and input codes for the array's tests, and the integer product they must give.

#include "core/base/noise.h"
#include "core/cim/array_layer.h"

#include <array>
#include <cstdint>
#include <vector>

namespace array_cases {

/// Codes drawn evenly from low ... high (both included); one stream per seed.
template <class Code>
std::vector<Code> evenCodes(std::int64_t count, int low, int high, std::uint64_t seed)
{
    const core::NoiseStream stream(seed, core::NoisePurpose::Test);
    std::vector<Code> codes(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const double u = stream.uniforms({static_cast<std::uint32_t>(i / 4), 0, 0})[i % 4];
        codes[i] = static_cast<Code>(low + static_cast<int>(u * (high - low + 1)));
    }
    return codes;
}

struct Case {
    core::ArrayTreatment treatment;
    core::ArrayInputs inputs;
    std::int64_t rows = 1, columns = 1, vectors = 1;
    std::vector<std::int8_t> weights;
    std::vector<std::uint8_t> codes;

    core::Result<core::ArrayLayer> program(std::uint64_t chip = 0) const
    {
        return core::ArrayLayer::program(treatment, weights, rows, columns, inputs, {core::LayerIndex(3), 0, chip});
    }
};

inline Case randomCase(core::ArrayTreatment treatment, core::ArrayInputs inputs, std::int64_t rows, std::int64_t columns,
                       std::int64_t vectors, std::uint64_t seed)
{
    Case made{treatment, inputs, rows, columns, vectors, {}, {}};
    const int largest = (1 << (treatment.weightBits - 1)) - 1;
    made.weights = evenCodes<std::int8_t>(rows * columns, -largest, largest, 2 * seed);
    const int half = 1 << (treatment.inputBits - 1);
    made.codes =
        evenCodes<std::uint8_t>(vectors * columns, inputs.isSigned ? -half : 0, inputs.isSigned ? half - 1 : 2 * half - 1, 2 * seed + 1);
    return made;
}

/// The integer product; a signed code is the byte's two's complement, which narrower codes are extended to.
inline std::vector<float> integerProduct(const Case& made)
{
    std::vector<float> product;
    for (std::int64_t v = 0; v < made.vectors; ++v)
        for (std::int64_t r = 0; r < made.rows; ++r) {
            std::int64_t sum = 0;
            for (std::int64_t c = 0; c < made.columns; ++c) {
                const std::uint8_t code = made.codes[static_cast<std::size_t>(v * made.columns + c)];
                const int value = made.inputs.isSigned ? static_cast<std::int8_t>(code) : code;
                sum += made.weights[static_cast<std::size_t>(r * made.columns + c)] * (value - made.inputs.zeroPoint);
            }
            product.push_back(static_cast<float>(sum));
        }
    return product;
}

inline std::vector<float> multiply(const core::ArrayLayer& layer, const Case& made, core::ArrayRead read = {})
{
    std::vector<float> outputs(static_cast<std::size_t>(made.vectors * made.rows));
    core::ArrayWorkspace workspace;
    layer.multiply(made.codes, made.vectors, outputs, workspace, read);
    return outputs;
}

inline std::vector<float> multiplyReference(const core::ArrayLayer& layer, const Case& made, core::ArrayRead read = {})
{
    std::vector<float> outputs(static_cast<std::size_t>(made.vectors * made.rows));
    layer.multiplyReference(made.codes, made.vectors, outputs, read);
    return outputs;
}

/// A quiet array: no variation, no noise, an ideal converter.
inline core::ArrayTreatment idealTreatment()
{
    core::ArrayTreatment treatment;
    treatment.adc.bits = 0;
    treatment.variation.sigma = 0.0;
    return treatment;
}

/// A combination of width, mapping, plane scheme and remainder, numbered so that a failure can name its own.
inline Case variedCase(int index)
{
    core::ArrayTreatment treatment = idealTreatment();
    const int pick = index;
    treatment.weightBits = 2 + pick % 7;
    treatment.bitsPerCell = 1 + pick / 2 % treatment.weightBits;
    treatment.inputBits = 2 + pick / 3 % 7;
    treatment.mapping = pick % 2 == 0 ? core::CellMapping::Differential : core::CellMapping::Offset;
    treatment.planes = pick / 4 % 3 == 0 ? core::PlaneScheme::Input : core::PlaneScheme::InputAndWeight;
    treatment.rows = pick % 3 == 0 ? 64 : pick % 3 == 1 ? 17 : 5;
    const core::ArrayInputs inputs{pick / 5 % 2 == 1, pick / 7 % 3};
    return randomCase(treatment, inputs, 1 + pick % 11, 1 + 13 * pick % 150, 1 + pick % 37, static_cast<std::uint64_t>(index));
}
constexpr int kVariedCases = 120;

/// The same with what a real array does to it: every effect on in some of the cases.
inline Case realCase(int index)
{
    Case made = variedCase(index);
    core::ArrayTreatment& t = made.treatment;
    if (index % 3 == 2) {
        t.mapping = core::CellMapping::OneSided;
        t.planes = core::PlaneScheme::InputAndWeight;
    }
    constexpr std::array kModels{core::Variation::Model::Proportional, core::Variation::Model::Independent,
                                 core::Variation::Model::LogNormal, core::Variation::Model::Capacitor, core::Variation::Model::Polynomial};
    t.variation.model = kModels[static_cast<std::size_t>(index) % kModels.size()];
    t.variation.sigma = 0.08;
    t.variation.coefficients = {0.01, 0.08, -0.05};
    t.adc.bits = 4 + index % 5;
    if (index % 2 == 0) {
        t.adc.offsetLsb = 0.6;
        t.adc.gainSigma = 0.03;
        t.adc.inlLsb = 0.5;
    }
    t.adc.isComparator = index % 11 == 5;
    t.dacBits = 1 << index % 4;
    if (index % 4 == 0)
        t.readNoise = {index % 8 == 0 ? core::Variation::Model::Flicker : core::Variation::Model::Proportional, 0.03};
    if (index % 5 == 1)
        t.conversionNoise = {0.002, 0.01};
    if (index % 6 == 1)
        t.drift = {index % 12 == 1 ? core::Drift::Model::Constant : core::Drift::Model::PhaseChange, 3600.0, 0.05, 0.02,
                   static_cast<core::Drift::Compensation>(index / 6 % 3)};
    if (index % 7 == 3)
        t.stuck = {0.02, 0.05};
    if (index % 5 == 2)
        t.onOffRatio = 20.0;
    if (index % 9 == 4)
        t.wireOhms = 2.0;
    if (t.dacBits == 1 && index % 8 == 4)
        t.hybridLevels = 3;
    return made;
}

}  // namespace array_cases
