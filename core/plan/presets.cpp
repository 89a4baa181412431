// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"

#include "core/plan/mixtures.h"

#include <cassert>

namespace core {

namespace {

constexpr const char* kPolarization = "Neural Precision Polarization (arXiv 2411.05845)";
constexpr const char* kOddMultiples = "arXiv 2311.14114; widths from weight errors alone, where the paper trains them";
constexpr const char* kMicroscaling = "OCP Microscaling Formats 1.0 (2023); activations share a scale a token, not a block";

/// What the presets are written in is the grammar of plan files.
template <class T>
T parsed(Result<T> result)
{
    assert(result && "a preset speaks the grammar");
    return std::move(result).value();
}

NumberFormat format(const char* name) { return parsed(NumberFormat::named(name)); }

WeightPlan weights(const char* name, const char* scale, const char* clip = "absmax", int points = 1)
{
    return {{Treatment{format(name), parsed(ScaleRule::parse(scale)), parsed(ClipRule::parse(clip)), points}}, {}, {}, {}};
}

ActivationPlan activations(const char* name, const char* range = "percentile:99.9")
{
    return {format(name), {ScaleRule::Kind::Tensor, 0}, parsed(RangeRule::parse(range))};
}

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
    std::optional<Switchable<CorrectionPlan>> correction = {};
    std::optional<AccumulatorPlan> accumulator = {};
};

PlanPreset preset(std::string name, std::string title, std::string source, Parts parts)
{
    PrecisionPlan plan;
    plan.name = title;
    plan.defaults = {std::move(parts.weights),   std::move(parts.activations), std::move(parts.accumulator),
                     std::move(parts.surrogate), std::move(parts.cim),         std::move(parts.correction)};
    return {std::move(name), std::move(title), std::move(source), std::move(plan)};
}

PlanPreset mixture(std::string name, std::string title, std::string source, ActivationPlan activations,
                   WeightPlan (*mixture)(const WeightedLayer&))
{
    PlanPreset result = preset(std::move(name), std::move(title), std::move(source), {{}, std::move(activations), {}, {}});
    result.mixture = mixture;
    return result;
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

std::vector<PlanPreset> polarized()
{
    const std::string polarization = kPolarization;
    return {
        preset("npp-nf4-rank8", "NF4 main path, rank 8", polarization + "; NF4: QLoRA (arXiv 2305.14314)",
               {weights("nf4", "group:64"), activations("int8"), rankEight(), {}}),
        preset("npp-int8", "INT8 main path, rank 8", polarization, {weights("int8", "row"), activations("int8"), rankEight(), {}}),
        preset("int2-rank8", "INT2 rows, rank 8", polarization + "; clipped weights: ACIQ (arXiv 1810.05723)",
               {weights("int2", "row", "mse"), activations("int8"), rankEight(), {}}),
        preset("cim-w4a8-rank8", "CIM array 64x128, W4A8, 6-bit ADC, sigma 0.1, rank 8",
               polarization + "; bit-plane array: ASiM (arXiv 2411.11022), MF-Net (arXiv 2102.00035)",
               {weights("int4", "row"), activations("int8"), rankEight(), Switchable<ArrayTreatment>{smallArray()}}),
    };
}

std::vector<PlanPreset> mixtures()
{
    return {
        mixture("rmsmp-65-30-5", "RMSMP: pot4, int4 and int8 over the rows, 65:30:5; uint4 activations",
                "arXiv 2111.00153; int8 rows by the squared error pot4 would make, where the paper takes the Hessian", activations("uint4"),
                [](const WeightedLayer& layer) {
                    return mixedRows(layer, {65, 5});
                }),
        mixture("sysmol-1-2-4", "SySMOL: 1, 2 or 4 bits an input channel, 2 on average", kOddMultiples, activations("uint4"),
                [](const WeightedLayer& layer) {
                    return mixedChannels(layer, {1, 2, 4}, 2);
                }),
        mixture("soniq-2-4", "SONIQ: 2 or 4 bits an input channel, 3 on average", kOddMultiples, activations("uint4"),
                [](const WeightedLayer& layer) {
                    return mixedChannels(layer, {2, 4}, 3);
                }),
    };
}

std::vector<PlanPreset> integers()
{
    return {
        preset("fixed-w4a4", "Fixed-W4A4: INT4 rows, UINT4 activations", "the baseline of RMSMP (arXiv 2111.00153)",
               {weights("int4", "row", "mse"), activations("uint4"), {}, {}}),
        preset("int4-rows", "INT4 rows, activations left alone", "Fixed-W4 rows of RMSMP (arXiv 2111.00153)",
               {weights("int4", "row"), {}, {}, {}}),
        preset("w4a8", "W4A8: INT4 rows, INT8 activations", "the W4A8 setting of LQER (arXiv 2402.02446), without its recovery",
               {weights("int4", "row"), activations("int8"), {}, {}}),
        preset("vs-quant-w4a8", "VS-Quant W4A8: INT4 in vectors of 16 with 6-bit scales", "VS-Quant (arXiv 2102.04503)",
               {weights("int4", "vector:16:6"), activations("int8"), {}, {}}),
        preset("multipoint-int2", "Multipoint: two INT2 vectors a row, INT8 activations",
               "arXiv 2002.09049; two points for every row, where the paper counts them by output error",
               {weights("int2", "row", "absmax", 2), activations("int8"), {}, {}}),
        preset("daq-w4a4", "DAQ W4A4: INT4 rows, INT4 activations by each channel's mean and deviation", "DAQ (arXiv 2012.11230)",
               {weights("int4", "row", "mse"), activations("int4", "daq"), {}, {}}),
        preset("apot4", "APoT: additive powers of two, UINT4 activations",
               "Li, Dong and Wang, ICLR 2020 (arXiv 1909.13144), without its training",
               {weights("apot4", "row", "mse"), activations("uint4"), {}, {}}),
    };
}

Switchable<CorrectionPlan> corrected(bool bias, WeightRounding rounding, bool equalize)
{
    return {CorrectionPlan{bias, rounding, equalize, CorrectionPlan{}.calibrationSamples}};
}

std::vector<PlanPreset> corrections()
{
    return {
        preset("adaround-w4a8", "AdaRound W4A8: INT4 rounded for the layer's outputs, INT8 activations",
               "arXiv 2004.10568; its objective searched directly, a row's scale where the paper has a layer's",
               {weights("int4", "row", "mse"), activations("int8"), {}, {}, corrected(false, WeightRounding::Adaptive, false)}),
        preset("dfq-w8a8", "DFQ W8A8: equalized channels, corrected bias, one scale a layer",
               "Nagel et al., 2019 (arXiv 1906.04721); mean errors are measured on calibration samples, high biases not absorbed",
               {weights("int8", "tensor"), activations("int8"), {}, {}, corrected(true, WeightRounding::Nearest, true)}),
        preset("int2-corrected", "INT2 rows rounded for the layer's outputs, bias corrected",
               "AdaRound (arXiv 2004.10568) and bias correction (arXiv 1810.05723, 1906.04721), at two bits",
               {weights("int2", "row", "mse"), activations("int8"), {}, {}, corrected(true, WeightRounding::Adaptive, false)}),
    };
}

std::vector<PlanPreset> floats()
{
    return {
        preset("mxfp4", "MXFP4: e2m1 in blocks of 32", kMicroscaling,
               {weights("e2m1", "block:32"), activations("e2m1", "dynamic:token"), {}, {}}),
        preset("mxfp8", "MXFP8: e4m3 in blocks of 32", kMicroscaling,
               {weights("e4m3", "block:32"), activations("e4m3", "dynamic:token"), {}, {}}),
        preset("mxint8", "MXINT8: INT8 in blocks of 32", kMicroscaling,
               {weights("int8", "block:32"), activations("int8", "dynamic:token"), {}, {}}),
        preset("nvfp4", "NVFP4: e2m1 in blocks of 16 with e4m3 scales",
               "NVIDIA, 2025 (arXiv 2509.25149); activations share a scale a token, not a block",
               {weights("e2m1", "block:16:e4m3"), activations("e2m1", "dynamic:token"), {}, {}}),
        preset("fp8-e4m3", "FP8 e4m3 throughout", "FP8 Formats for Deep Learning (arXiv 2209.05433)",
               {weights("e4m3", "row"), activations("e4m3"), {}, {}}),
        preset("fp8-e5m2", "FP8 e5m2 throughout", "FP8 Formats for Deep Learning (arXiv 2209.05433)",
               {weights("e5m2", "row"), activations("e5m2"), {}, {}}),
        preset("minifloat-e3m2", "6-bit minifloat e3m2 throughout",
               "minifloat for ship segmentation (arXiv 2311.11172), without its training",
               {weights("e3m2", "tensor"), activations("e3m2"), {}, {}}),
        preset("bf16", "BF16 throughout", "A Study of BFLOAT16 (arXiv 1905.12322)",
               {weights("bf16", "tensor"), activations("bf16"), {}, {}}),
        preset("fp16", "FP16 throughout", "Mixed Precision Training (arXiv 1710.03740)",
               {weights("fp16", "tensor"), activations("fp16"), {}, {}}),
    };
}

constexpr const char* kComponentwise = "arXiv 2503.15568";

/// Running sums of a format, as the experiments of arXiv 2503.15568 take them: fused steps, 8-bit floats that top out at 240.
AccumulatorPlan sums(const char* name, int block) { return {{format(name), ProductRounding::Fused, SumOrder::Sequential, block}}; }

AccumulatorPlan mixedSums(double tolerance, double highRows = 0)
{
    AccumulatorPlan plan = sums("e4m3ieee", 8);
    plan.mixed = MixedSum{format("fp16"), tolerance};
    plan.mixed->highRows = highRows;
    return plan;
}

AccumulatorPlan integerSums(int bits, IntegerOverflow overflow) { return {{}, IntegerSumRule{bits, overflow}}; }

std::vector<PlanPreset> accumulators()
{
    const std::string componentwise = kComponentwise;
    const auto plain = [](std::string name, std::string title, std::string source, AccumulatorPlan accumulator) {
        return preset(std::move(name), std::move(title), std::move(source), {{}, {}, {}, {}, {}, std::move(accumulator)});
    };
    return {
        plain("sums-fp16", "FP16 running sums", componentwise + ", its uniform high precision", sums("fp16", 8)),
        plain("sums-fp8", "FP8 running sums, one after the other", componentwise + ", without the blocks of its kernels",
              sums("e4m3ieee", 0)),
        plain("sums-fp8-b8", "FP8 running sums in blocks of 8", componentwise + ", its uniform low precision", sums("e4m3ieee", 8)),
        plain("sums-mixed", "FP8 running sums, again in FP16 where 1 / |v| is above 0.1", componentwise, mixedSums(0.1)),
        plain("sums-mixed-static", "FP8 running sums, FP16 for a fixed two fifths of the rows",
              componentwise + ", which leaves static choices open; rows by their errors on calibration samples", mixedSums(0.1, 0.4)),
        preset("w4a8-int16-wrap", "W4A8, 16-bit accumulators that wrap", "WrapNet (arXiv 2007.13242), without its training",
               {weights("int4", "row"), activations("int8"), {}, {}, {}, integerSums(16, IntegerOverflow::Wrap)}),
        preset("w4a8-int16", "W4A8, 16-bit accumulators that saturate", "A2Q (arXiv 2308.13504), without its training",
               {weights("int4", "row"), activations("int8"), {}, {}, {}, integerSums(16, IntegerOverflow::Saturate)}),
    };
}

}  // namespace

const std::vector<PlanPreset>& planPresets()
{
    static const std::vector<PlanPreset> presets = [] {
        std::vector<PlanPreset> all{preset("fp32", "FP32, the reference", "IEEE 754-2019 binary32", {})};
        for (const auto& group : {polarized(), mixtures(), integers(), corrections(), floats(), accumulators()})
            all.insert(all.end(), group.begin(), group.end());
        return all;
    }();
    return presets;
}

PrecisionPlan presetFor(const PlanPreset& preset, const std::vector<WeightedLayer>& layers)
{
    PrecisionPlan plan = preset.plan;
    if (preset.mixture)
        for (const WeightedLayer& layer : layers)
            plan.layers[layer.name].weights = preset.mixture(layer);
    return plan;
}

}  // namespace core
