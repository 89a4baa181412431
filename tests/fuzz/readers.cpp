// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/readers.h"

#include "core/io/dataset_reader.h"
#include "core/io/device_reader.h"
#include "core/io/json_documents.h"
#include "core/io/network_manifest.h"
#include "core/io/onnx_reader.h"
#include "core/io/price_table_reader.h"
#include "core/io/stored_paths.h"
#include "core/network/folding.h"
#include "core/network/operation.h"

namespace fuzz {

namespace {

namespace fs = std::filesystem;

template <class T>
std::optional<core::Problem> problemOf(const core::Result<T>& result)
{
    return result ? std::nullopt : std::optional(result.error());
}

core::Result<void> openNetwork(const fs::path& file)
{
    CORE_TRY(const core::Network network, core::readOnnx(file));
    const auto within = [&](const core::Problem& problem) { return problem.within(file.string()); };
    const auto folded = core::foldConstants(network);
    if (!folded)
        return within(folded.error());
    const auto small = core::foldBatchNormalization(folded.value());
    if (!small)
        return within(small.error());
    const auto described = core::describeValues(small.value(), 1);
    if (!described)
        return within(described.error());
    return core::success();
}

std::optional<core::Problem> readNetwork(const fs::path& file) { return problemOf(openNetwork(file)); }
std::optional<core::Problem> readPlan(const fs::path& file) { return problemOf(core::readPlan(file)); }
std::optional<core::Problem> readDevice(const fs::path& file) { return problemOf(core::readDevice(file)); }
std::optional<core::Problem> readPrices(const fs::path& file) { return problemOf(core::readPriceTable(file)); }
std::optional<core::Problem> readPaths(const fs::path& file)
{
    return problemOf(core::readStoredPaths(file.filename(), file.parent_path()));
}

core::Result<core::DeviceFit> fitCells(const fs::path& file)
{
    CORE_TRY(const std::vector<core::MeasuredCell> cells, core::readMeasuredCells(file));
    auto fit = core::fitDevice(cells);
    if (!fit)
        return fit.error().within(file.string());
    return fit;
}
std::optional<core::Problem> readCells(const fs::path& file) { return problemOf(fitCells(file)); }
std::optional<core::Problem> readNetworkManifest(const fs::path& file) { return problemOf(core::readNetworkManifest(file)); }
std::optional<core::Problem> readDescribed(const fs::path& file) { return problemOf(core::readDescribedDataset(file)); }
std::optional<core::Problem> readIdx(const fs::path& file) { return problemOf(core::readIdxDataset(file)); }
std::optional<core::Problem> readCsv(const fs::path& file) { return problemOf(core::readCsvDataset(file)); }
std::optional<core::Problem> readNpz(const fs::path& file) { return problemOf(core::readNpzDataset(file)); }
std::optional<core::Problem> readCifar(const fs::path& file) { return problemOf(core::readCifarDataset(file)); }
std::optional<core::Problem> readImages(const fs::path& file)
{
    return problemOf(core::readImageFolders(file.parent_path().parent_path()));
}

}  // namespace

const std::vector<Reader>& readers()
{
    static const std::vector<Reader> all = {
        {"onnx", "model.onnx", readNetwork},
        {"plan", "p.plan.json", readPlan},
        {"network", "network.json", readNetworkManifest},
        {"device", "device.json", readDevice},
        {"cells", "cells.csv", readCells},
        {"prices", "prices.json", readPrices},
        {"paths", "paths.npz", readPaths},
        {"dataset", "dataset.json", readDescribed},
        {"idx", "samples-idx3-ubyte", readIdx},
        {"csv", "table.csv", readCsv},
        {"npz", "arrays.npz", readNpz},
        {"cifar", "batch.bin", readCifar},
        {"images", "class/image.png", readImages},
    };
    return all;
}

}  // namespace fuzz
