// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"

#include <cassert>

namespace core {

namespace {

constexpr const char* kPolarization = "Neural Precision Polarization (arXiv 2411.05845)";

NumberFormat format(const char* name)
{
    auto named = NumberFormat::named(name);
    assert(named && "a preset names formats of the grammar");
    return std::move(named).value();
}

WeightPlan weights(const char* name, ScaleRule scale, ClipRule clip = {}) { return {{Treatment{format(name), scale, clip}}, {}, {}, {}}; }

ActivationPlan activations(const char* name) { return {format(name), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Percentile, 99.9}}; }

/// The path reads the activations as they are stored, rounded: a layer then keeps one copy of its input, and a digital
/// main path and its recovery add up to one matrix.
Switchable<SurrogatePlan> rankEight()
{
    return {SurrogatePlan{8, format("fp16"), SurrogateMethod::Activation, SurrogateInput::Quantized, 64}};
}

struct Parts {
    std::optional<WeightPlan> weights;
    std::optional<ActivationPlan> activations;
    std::optional<Switchable<SurrogatePlan>> surrogate;
    std::optional<Switchable<ArrayTreatment>> cim;
};

PlanPreset preset(std::string name, std::string title, std::string source, Parts parts)
{
    PrecisionPlan plan;
    plan.name = title;
    plan.defaults = {std::move(parts.weights), std::move(parts.activations), {}, std::move(parts.surrogate), std::move(parts.cim)};
    return {std::move(name), std::move(title), std::move(source), std::move(plan)};
}

/// The array of the preset: 64 rows share a 6-bit conversion, one bit a cell, cells that vary by a tenth.
ArrayTreatment smallArray()
{
    ArrayTreatment array;
    array.rows = 64;
    array.columns = 128;
    array.inputBits = 8;
    array.weightBits = 4;
    array.bitsPerCell = 1;
    array.adc = {6, {ConverterRange::Kind::Percentile, 99.9}};
    array.variation = {Variation::Model::Proportional, 0.1};
    return array;
}

std::vector<PlanPreset> makePresets()
{
    constexpr ScaleRule kTensor{ScaleRule::Kind::Tensor, 0}, kRow{ScaleRule::Kind::Row, 0}, kGroup64{ScaleRule::Kind::Group, 64};
    const ClipRule mse{ClipRule::Kind::Mse};
    return {
        preset("fp32", "FP32, the reference", "IEEE 754-2019 binary32", {}),
        preset("npp-nf4-rank8", "NF4 main path, rank 8", std::string(kPolarization) + "; NF4: QLoRA (arXiv 2305.14314)",
               {weights("nf4", kGroup64), activations("int8"), rankEight(), {}}),
        preset("npp-int8", "INT8 main path, rank 8", kPolarization, {weights("int8", kRow), activations("int8"), rankEight(), {}}),
        preset("int2-rank8", "INT2 rows, rank 8", std::string(kPolarization) + "; clipped weights: ACIQ (arXiv 1810.05723)",
               {weights("int2", kRow, mse), activations("int8"), rankEight(), {}}),
        preset("int4-rows", "INT4 rows, activations left alone", "Fixed-W4 rows of RMSMP (arXiv 2111.00153)",
               {weights("int4", kRow), {}, {}, {}}),
        preset("w4a8", "W4A8: INT4 rows, INT8 activations", "the W4A8 setting of LQER (arXiv 2402.02446), without its recovery",
               {weights("int4", kRow), activations("int8"), {}, {}}),
        preset("fp8-e4m3", "FP8 e4m3 throughout", "FP8 Formats for Deep Learning (arXiv 2209.05433)",
               {weights("e4m3", kRow), activations("e4m3"), {}, {}}),
        preset("bf16", "BF16 throughout", "A Study of BFLOAT16 (arXiv 1905.12322)",
               {weights("bf16", kTensor), activations("bf16"), {}, {}}),
        preset("fp16", "FP16 throughout", "Mixed Precision Training (arXiv 1710.03740)",
               {weights("fp16", kTensor), activations("fp16"), {}, {}}),
        preset("cim-w4a8-rank8", "CIM array 64x128, W4A8, 6-bit ADC, sigma 0.1, rank 8",
               std::string(kPolarization) + "; bit-plane array: ASiM (arXiv 2411.11022), MF-Net (arXiv 2102.00035)",
               {weights("int4", kRow), activations("int8"), rankEight(), Switchable<ArrayTreatment>{smallArray()}}),
    };
}

}  // namespace

const std::vector<PlanPreset>& planPresets()
{
    static const std::vector<PlanPreset> presets = makePresets();
    return presets;
}

}  // namespace core
