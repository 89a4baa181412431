// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether two plans differ for good: the same chips and the same samples under both, so that what chips and samples have in
// common cancels and the difference is signal.

#include "core/base/problem.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace core {

/// Every chip's answers to the samples, in the order of evaluation.
struct ChipAnswers {
    std::uint64_t seed = 0;             // of the chips
    std::vector<std::int32_t> samples;  // indices in the split
    int reads = 1;
    std::vector<std::vector<std::uint8_t>> right;  // by chip, by place: how many of its reads were right
    std::vector<std::uint8_t> referenceRight;      // by place: 0 or 1
};

struct PairedDifference {
    /// McNemar: one chip, or chips that answer all alike. p is the exact one of McNemar's test (Psychometrika 12, 1947): given
    /// that b + c samples are right under one plan only, a fair coin decides which. The interval is the adjusted one of Bonett
    /// and Price (J. Educ. Behav. Stat. 37, 2012): b + 1 and c + 1 of n + 2.
    /// Crossed: several chips. The difference d(c, s) of chip c on sample s has a mean, a part of the chip, a part of the
    /// sample and a rest; both other chips and other samples would give another mean. From the mean squares over chips,
    /// samples and the rest, variance = (MSc + max(MSs - MSr, 0)) / (chips * samples) and Student's t with
    /// (MSc + max(MSs - MSr, 0))^2 / (MSc^2 / (chips - 1)) degrees of freedom: Hillis (Statistics in Medicine 26, 2007) for
    /// readers and cases, which are our chips and samples. Where MSc < MSr both estimate the rest: they are pooled, with
    /// (chips - 1) * samples degrees of freedom, so that few chips that happen to agree are not taken for alike.
    enum class Method { McNemar, Crossed };
    Method method = Method::McNemar;
    int chips = 0;                      // that both have
    std::int64_t samples = 0;           // that both have
    double difference = 0;              // mean of the second minus mean of the first, as shares
    double low = 0, high = 0;           // its 95 % interval
    double probability = 1;             // of a difference this large or larger where there is none
    std::int64_t gained = 0, lost = 0;  // samples that only the second, only the first gets right; first chip and read
    bool isSignificant() const { return probability < 0.05; }
};

std::string_view pairedMethodName(PairedDifference::Method method);  // "mcnemar", "crossed"

/// `second` minus `first` over the chips and samples that both have; reads of a chip are averaged. A Problem where they have
/// chips of different seeds, or no chip or sample in common.
Result<PairedDifference> pairedDifference(const ChipAnswers& first, const ChipAnswers& second);

/// The plan minus the reference, which is the same on every chip.
PairedDifference differenceToReference(const ChipAnswers& answers);

}  // namespace core
