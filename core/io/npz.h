// SPDX-License-Identifier: Apache-2.0
#pragma once
// Named arrays in one file, the way NumPy's savez writes them: a zip of .npy files, stored or deflated.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct zip;

namespace core {

class NpzArchive {
public:
    static Result<NpzArchive> open(const std::filesystem::path& file);

    /// The array of this name, if there is one. A problem's place is its entry.
    Result<std::optional<Tensor>> array(const std::string& name) const;

    std::vector<std::string> arrays() const;   // names without .npy, in the archive's order
    std::string names() const;                 // some of them in words: "x_train.npy, y_train.npy"; "no arrays"

private:
    struct Discard { void operator()(zip* archive) const; };
    Result<Tensor> read(std::uint64_t at) const;
    std::unique_ptr<zip, Discard> m_zip;
};

/// Replaces the file, all or nothing.
Result<void> writeNpz(const std::map<std::string, Tensor>& arrays, const std::filesystem::path& file);

}  // namespace core
