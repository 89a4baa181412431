// SPDX-License-Identifier: Apache-2.0
#pragma once
// The IDX files of MNIST and its relatives: two zero bytes, a type byte, the rank, big-endian sizes, then the elements.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <filesystem>

namespace core {

/// An IDX file of any rank, plain or gzip. Unsigned bytes stay uint8; int8, int16 and int32 become int64; floats and
/// doubles become float32. Problems begin with the file.
Result<Tensor> readIdx(const std::filesystem::path& file);

/// The labels of an IDX file of rank 1 that holds whole numbers.
Result<std::vector<std::int32_t>> readIdxLabels(const std::filesystem::path& file);

}  // namespace core
