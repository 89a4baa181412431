// SPDX-License-Identifier: Apache-2.0
#pragma once
// Real samples as they are stored, and the recorded value that turns them into what a network reads.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core {

enum class SampleKind { Image, Spectrogram, Sequence, Table };

/// How one stored sample lies in memory.
enum class SampleLayout { HeightWidth, HeightWidthChannel, ChannelHeightWidth, Sequence, Features };

struct Split {
    Tensor inputs;                       // samples x one sample as stored (uint8, int64 or float32)
    std::vector<std::int32_t> labels;    // one per sample; empty where there are none
    std::int64_t samples() const { return inputs.rank() == 0 ? 0 : inputs.dimension(0); }
    /// The samples at these indices, in this order.
    Split pick(const std::vector<std::int64_t>& indices) const;
};

struct Dataset {
    std::string name;
    std::string title;
    SampleKind kind = SampleKind::Image;
    SampleLayout layout = SampleLayout::HeightWidth;
    std::vector<std::string> classes;    // names; may be empty
    std::map<std::string, Split> splits; // "train", "test"
    bool splitByUs = false;              // the source had no train split; a fixed seed made one
    std::string source, licence;
    std::string hash;                    // of stored inputs and labels
};

enum class TensorLayout { ChannelHeightWidth, HeightWidthChannel, Sequence, Features, Flat };

std::string_view layoutName(SampleLayout layout);   // "hw", "hwc", "chw", "sequence", "features"
std::string_view layoutName(TensorLayout layout);   // "chw", "hwc", "sequence", "features", "flat"

/// x = (stored * scale - mean) / std, each step in single precision, then laid out as the network reads it; Flat,
/// Sequence and Features keep the stored order. Recorded with every report.
struct Preprocessing {
    TensorLayout layout = TensorLayout::Flat;
    DataType type = DataType::Float32;   // Int64: token numbers, taken as they are
    double scale = 1.0;
    std::vector<double> mean;            // one, or one per channel, or one per feature; empty: 0
    std::vector<double> standardDeviation;   // the same; empty: 1
    bool operator==(const Preprocessing&) const = default;
};

/// Samples ready for a network: the first axis counts samples.
struct SampleSet {
    Tensor inputs;                       // float32 or int64
    std::vector<std::int32_t> labels;
    std::int64_t samples() const { return inputs.dimension(0); }
    /// Samples [begin, end) as a set of their own.
    SampleSet slice(std::int64_t begin, std::int64_t end) const;
    /// The samples at these indices, in this order.
    SampleSet pick(const std::vector<std::int64_t>& indices) const;
};

/// Applies the preprocessing and checks the shape against `sampleShape`, the network's input without its first axis
/// (-1: any size). A misfit is a problem that says both shapes.
Result<SampleSet> prepare(const Split& split, SampleLayout stored, const Preprocessing& preprocessing, const Shape& sampleShape);

/// One fixed order in which every class appears evenly from the first chunk on (stratified shuffle by seed):
/// every prefix of length n holds each class in its share, to within one sample.
std::vector<std::int64_t> stratifiedOrder(const std::vector<std::int32_t>& labels, std::int64_t samples, std::uint64_t seed);

/// Splits `all` 80:20 into train and test, stratified, by a fixed seed; marks splitByUs.
void splitTrainTest(Dataset& dataset, const Split& all, std::uint64_t seed = 1);

}  // namespace core
