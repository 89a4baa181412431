// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mixed-precision accumulation (arXiv 2503.15568): sum everything in a low format, estimate how ill-conditioned each component
// is, and sum the bad ones again in a high one. README.md, "Mixed", derives the rule.

#include "core/formats/sums/activation_condition.h"
#include "core/formats/sums/sum_kernel.h"

namespace core {

struct MixedSum {
    // Magnitude: kappa' = kappa_phi / |v|, the authors' rule, whose tolerance has the unit of 1 / |v|. Full: the condition of the
    // inner product itself, kappa_phi (|W| |h| + |b|) / |v|, its numerator summed in the low format as well.
    enum class Condition { Magnitude, Full };
    // Of a layer with no activation behind it. Identity: kappa_phi = 1. Rectified: as behind a ReLU, which the authors' code does.
    // Margin: only the largest component and those within 1 / tolerance of it, if there are any: whose order may be wrong.
    enum class LastLayer { Identity, Rectified, Margin };
    struct Middle {
        NumberFormat format;
        double tolerance = 1;
        bool operator==(const Middle&) const = default;
    };

    NumberFormat high;
    double tolerance = 0.1;  // a component of at most this condition keeps its low sum
    Condition condition = Condition::Magnitude;
    std::optional<Middle> middle = {};  // a third format, for conditions above `tolerance` and at most middle->tolerance
    int tile = 1;                       // rows side by side of one vector that are summed again together
    LastLayer last = LastLayer::Identity;
    double highRows = 0;  // above 0: no test; this share of the rows always takes `high`, chosen by calibration
    bool operator==(const MixedSum&) const = default;
    bool isStatic() const { return highRows > 0; }
};
inline constexpr std::array kMixedConditions{MixedSum::Condition::Magnitude, MixedSum::Condition::Full};
std::string_view mixedConditionName(MixedSum::Condition condition);  // "magnitude", "full"
inline constexpr std::array kLastLayers{MixedSum::LastLayer::Identity, MixedSum::LastLayer::Rectified, MixedSum::LastLayer::Margin};
std::string_view lastLayerName(MixedSum::LastLayer last);  // "identity", "rectified", "margin"

/// Which sum a component takes.
enum class SumChoice : std::uint8_t { Low, Middle, High };

struct MixedRule {
    SumRule low;  // products, order and blocks are those of all formats
    MixedSum mixed;
    ActivationShape activation = {};
    bool isLast = false;                          // nothing but the network's output behind it
    std::span<const std::uint8_t> highRows = {};  // of a static rule: 1 where the row takes `high`
    SumRule ruleOf(SumChoice choice) const;
};

/// The condition that a rule sees in a low sum: kappa_phi times `numerator` (1 for Magnitude) over |v|. v = 0 gives infinity
/// where kappa_phi is not 0.
float componentCondition(float activationCondition, float numerator, float v);

/// Which of the components need more precision, from their low sums; NaN does. sums, choices: rows x vectors; `numerators` of a
/// Full rule, else empty. Not of a static rule.
void chooseComponents(const MixedRule& rule, std::span<const float> sums, std::span<const float> numerators, std::int64_t rows,
                      std::int64_t vectors, std::span<SumChoice> choices);

struct MixedBuffers {
    SumBuffers sums;
    std::vector<float> absolute, absoluteInputs, absoluteBias, numerators, rows, rowBias, rowSums;
    std::vector<std::uint32_t> components;
};

/// The whole rule: sums and choices, rows x vectors. A chosen component is runningSum by the chosen format's rule, exactly; the
/// others are the low rule's.
void multiplyMixed(const MixedRule& rule, const SumOperands& operands, float* sums, SumChoice* choices, MixedBuffers& buffers);

/// runningSum of some components: number = row * vectors + vector, written to its place in `sums`; the rest stays as it is.
void multiplyComponents(const SumRule& rule, const SumOperands& operands, std::span<const std::uint32_t> numbers, float* sums,
                        SumBuffers& buffers);

/// LampAttention (arXiv 2601.21623): of the logits of one softmax, which may stay low. The error mass of the low ones is at most
/// the sum of p (1 - p) over them; taken greedily from the smallest until `tolerance` is used up. 1: stays low. Ties go to the lower index.
std::vector<std::uint8_t> lowLogits(std::span<const float> logits, double tolerance);

}  // namespace core
