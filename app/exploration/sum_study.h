// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The running sums of the current layer on a few samples, while somebody looks.

#include "app/exploration/watched_study.h"

namespace app {

/// The plan gives this layer an accumulator of its own; what an array adds up is the array's.
bool hasOwnSums(const core::LayerTreatment& treatment);

struct SumQuestion {
    LayersPtr layers;
    core::LayerIndex layer;
    std::vector<std::int64_t> samples;
    std::uint64_t seed = 0;
    std::vector<core::LayerTreatment> treatments;  // of this layer and those before it
    bool operator==(const SumQuestion&) const = default;
};

/// One for each sample; of a layer with several positions the first sample alone, whose positions are a picture already.
struct SampleSums {
    core::LayerIndex layer;
    std::vector<std::int64_t> samples;
    std::vector<core::SumSample> sums;
};

using WatchedSums = WatchedStudy<SumQuestion, SampleSums>;
using SumsFound = WatchedSums::Found;

class SumStudy : public WatchedSums {
    Q_OBJECT
public:
    /// Of a layer without positions so many samples are asked for, side by side.
    explicit SumStudy(Exploration& exploration, std::size_t samples = 1, QObject* parent = nullptr)
        : WatchedSums(exploration, parent), m_samples(samples)
    {
    }

private:
    std::optional<SumQuestion> question() const override;
    Ask asking(const SumQuestion& question) const override;

    std::size_t m_samples;
};

}  // namespace app
