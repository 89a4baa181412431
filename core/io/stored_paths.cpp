// SPDX-License-Identifier: Apache-2.0
#include "core/io/stored_paths.h"

#include "core/io/file_source.h"
#include "core/io/npz.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr std::string_view kDown = ".down", kUp = ".up";

Tensor tensorOf(const RowMatrix& matrix)
{
    return Tensor::of({matrix.rows(), matrix.cols()}, std::span<const float>(matrix.data(), static_cast<std::size_t>(matrix.size())));
}

Result<RowMatrix> matrixOf(const NpzArchive& archive, const std::string& name)
{
    CORE_TRY(const std::optional<Tensor> tensor, archive.array(name));
    if (!tensor)
        return Problem{"", fmt::format("holds no array \"{}\"", name)};
    if (tensor->type() != DataType::Float32 || tensor->rank() != 2)
        return Problem{name, fmt::format("is {} {}; wanted a float32 matrix", dataTypeName(tensor->type()), shapeText(tensor->shape()))};
    const auto values = tensor->values<float>();
    if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); }))
        return Problem{name, "holds infinities or NaN; wanted finite values"};
    return RowMatrix(Eigen::Map<const RowMatrix>(values.data(), tensor->dimension(0), tensor->dimension(1)));
}

Result<std::map<std::string, StoredPath>> pathsIn(const std::filesystem::path& file)
{
    CORE_TRY(FileSource::open(file));  // says better than an archive can why there is nothing to read
    CORE_TRY(const NpzArchive archive, NpzArchive::open(file));
    std::map<std::string, StoredPath> paths;
    for (const std::string& name : archive.arrays()) {
        if (!name.ends_with(kDown))
            continue;
        const std::string layer = name.substr(0, name.size() - kDown.size());
        StoredPath path;
        CORE_TRY(path.down, matrixOf(archive, name));
        CORE_TRY(path.up, matrixOf(archive, layer + std::string(kUp)));
        if (path.down.rows() != path.up.cols())
            return Problem{layer,
                           fmt::format("its down has {} rows and its up {} columns; both are the rank", path.down.rows(), path.up.cols())};
        paths.emplace(layer, std::move(path));
    }
    if (paths.empty())
        return Problem{"", fmt::format("holds {}; wanted LAYER.down and LAYER.up for at least one layer", archive.names())};
    return paths;
}

}  // namespace

Result<StoredPaths> readStoredPaths(const std::string& file, const std::filesystem::path& folder)
{
    if (file.empty())
        return Problem{"", "\"\" names no file; wanted an .npz file"};
    const std::filesystem::path place = folder / file;
    auto paths = pathsIn(place);
    if (!paths)
        return paths.error().within(place.string());
    return StoredPaths(file, std::move(paths).value());
}

Result<void> writeStoredPaths(const StoredPaths& paths, const std::filesystem::path& folder)
{
    std::map<std::string, Tensor> arrays;
    for (const auto& [layer, path] : paths.all()) {
        arrays.emplace(layer + std::string(kDown), tensorOf(path.down));
        arrays.emplace(layer + std::string(kUp), tensorOf(path.up));
    }
    return writeNpz(arrays, folder / paths.file());
}

std::vector<StoredPaths> storedPathsOf(const PrecisionPlan& plan)
{
    std::map<std::string, StoredPaths> files;
    const auto collect = [&](const LayerPlan& layer) {
        if (layer.surrogate && layer.surrogate->value && !layer.surrogate->value->paths.isEmpty())
            files.emplace(layer.surrogate->value->paths.file(), layer.surrogate->value->paths);
    };
    collect(plan.defaults);
    for (const auto& [name, layer] : plan.layers)
        collect(layer);
    std::vector<StoredPaths> all;
    for (const auto& [name, paths] : files)
        all.push_back(paths);
    return all;
}

Result<void> writeStoredPathsOf(const PrecisionPlan& plan, const std::filesystem::path& folder)
{
    for (const StoredPaths& paths : storedPathsOf(plan))
        CORE_TRY(writeStoredPaths(paths, folder));
    return success();
}

}  // namespace core
