// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The current layer's array under a probe, while somebody looks.

#include "app/exploration/watched_study.h"

namespace app {

struct ArrayQuestion {
    LayersPtr layers;
    core::LayerIndex layer;
    std::int64_t tile = 0;
    std::uint64_t seed = 0;
    core::LayerTreatment treatment;
    bool operator==(const ArrayQuestion&) const = default;
};

using WatchedArray = WatchedStudy<ArrayQuestion, core::ArrayView>;
using ArrayProbe = WatchedArray::Found;

/// The layer whose array is shown: the current one; while nothing is chosen, the first that is in an array.
core::LayerIndex shownArrayLayer(const Exploration& exploration);

class ArrayStudy : public WatchedArray {
    Q_OBJECT
public:
    explicit ArrayStudy(Exploration& exploration, QObject* parent = nullptr) : WatchedArray(exploration, parent) {}

    /// Along the layer's inputs, from 0.
    void setTile(std::int64_t tile);

private:
    std::optional<ArrayQuestion> question() const override;
    Ask asking(const ArrayQuestion& question) const override;

    std::int64_t m_tile = 0;
};

}  // namespace app
