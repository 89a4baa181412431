// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network with a plan carried out on one chip. Compiling uses again every layer whose part of the plan did not change.

#include "core/engine/calibration.h"
#include "core/engine/row_importance.h"
#include "core/engine/surrogate_fit.h"

#include <list>
#include <mutex>
#include <unordered_map>

namespace core {

/// The recovery fits of late, so that turning a rank dial fits nothing anew. Chips may be compiled side by side.
class FitCache {
public:
    std::shared_ptr<const SurrogateFit> find(std::uint64_t key) const;
    void keep(std::uint64_t key, std::shared_ptr<const SurrogateFit> fit);

private:
    static constexpr std::size_t kCapacity = 256;
    mutable std::mutex m_guard;
    std::list<std::uint64_t> m_order;   // oldest first
    std::unordered_map<std::uint64_t, std::shared_ptr<const SurrogateFit>> m_fits;
};

struct PolarizedNetwork {
    std::vector<CompiledLayerPtr> layers;                       // by LayerIndex; the context's own where nothing is treated
    std::vector<std::optional<SurrogateReport>> surrogates;     // by LayerIndex
    std::vector<std::string> remarks;                           // "dw1: no recovery path on a grouped convolution"
    std::uint64_t hash = 0;
    bool isFirstLook = false;                                   // some path is fitted to fewer samples than the plan says

    /// The first layer that computes something else than `other` does; none where all are the same.
    std::optional<LayerIndex> firstDifference(const PolarizedNetwork& other) const;
};

struct CompileRequest {
    const PrecisionPlan& plan;
    std::uint64_t chip = 1;
    int threads = 0;
    const PolarizedNetwork* previous = nullptr;
    FitCache* fits = nullptr;
    const RowImportance* importance = nullptr;   // what the method `fisher` needs
    int fewSamples = 0;                          // above 0: a first look; fits that `fits` does not hold are made of this many
};

/// Whether some layer's fit asks for request.importance.
bool needsImportance(const PrecisionPlan& plan, const EngineContext& context);

/// Expects a plan without flaws (core/plan/check.h). Recovery paths are fitted layer by layer through the layers already
/// corrected, on the chip they will run on or on those the plan names.
Result<std::shared_ptr<const PolarizedNetwork>> compile(const Calibration& calibration, const CompileRequest& request, const RunControl& control = {});

}  // namespace core
