// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bundled networks, datasets, plans and price tables, and how a name or a path becomes one of them.
// The folder is POLARIZER_ROOT, else the one found above the program (build tree or install prefix).

#include "core/cim/device.h"
#include "core/data/dataset.h"
#include "core/eval/evaluator.h"
#include "core/network/network.h"

#include <filesystem>

namespace core {

/// network.json beside a bundled model: where it comes from and what it was measured at.
struct NetworkManifest {
    std::string name, title, dataset, source, licence;
    Task task;
    std::optional<Preprocessing> preprocessing;
    std::int64_t parameters = 0, macs = 0;
    struct Accuracy { std::string split; std::int64_t samples = 0, correct = 0; };
    std::optional<Accuracy> accuracy;
};

struct LoadedNetwork {
    std::shared_ptr<const Network> network;      // as asked for: folded or not
    NetworkManifest manifest;                    // mostly empty for a bare .onnx file
};

struct DatasetSummary { std::string name, title, kind, licence; std::map<std::string, std::int64_t> splits; };

std::filesystem::path libraryRoot();
std::vector<NetworkManifest> bundledNetworks();
std::vector<DatasetSummary> bundledDatasets();

enum class BatchNormalization { Fold, Keep };
/// NAME of a bundled network, a folder with network.json, or an .onnx file.
Result<LoadedNetwork> loadNetwork(const std::string& nameOrPath, BatchNormalization batchNormalization = BatchNormalization::Fold);
/// NAME of a bundled dataset, a folder or a file; without "#split".
Result<Dataset> loadDataset(const std::string& nameOrPath);

inline constexpr std::int64_t kUsualCalibrationSamples = 256;

/// Network and "DATASET[#split]" made ready to evaluate: preprocessed test samples (split "test" where none is named)
/// and calibration samples (the first `calibrationSamples` of the train split in stratified order).
Result<std::shared_ptr<const Subject>> openSubject(const std::string& networkName, const std::string& datasetName, std::int64_t calibrationSamples = kUsualCalibrationSamples);

/// NAME of a bundled table (resources/energy/NAME.json) or a file; "NAME@22nm" or "NAME@22nm,0.8V" scales it (core/energy/node_scaling.h).
Result<PriceTable> loadPriceTable(const std::string& nameOrPath);
std::vector<PriceTable> bundledPriceTables();
Result<Device> loadDevice(const std::string& nameOrPath);              // resources/devices/NAME.json
std::vector<Device> bundledDevices();
std::vector<std::string> bundledPlans();                               // resources/plans/NAME.plan.json
/// NAME of a preset or bundled plan, or a .plan.json file, for a network of these layers. Without layers a preset whose
/// mixture is counted from them is a problem.
Result<PrecisionPlan> loadPlan(const std::string& nameOrPath, const std::vector<WeightedLayer>& layers);
Result<PrecisionPlan> loadPlan(const std::string& nameOrPath);

}  // namespace core
