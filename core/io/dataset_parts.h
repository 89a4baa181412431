// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every dataset reader does at its end: name what has no name, check what belongs together, split, hash.

#include "core/data/dataset.h"

#include <filesystem>

namespace core {

/// Fails where labels and samples differ in number, a label has no class, splits differ in shape or type, or there are
/// no samples. Then splits 80:20 where only one split is there, and hashes. Problems have the place "test split".
Result<Dataset> completed(Dataset dataset);

/// How samples of this shape (first axis: samples) most likely lie: rank 2 features, rank 3 images, rank 4 colour images
/// with the channels (at most 4) last or first. A problem for other ranks.
Result<SampleLayout> guessSampleLayout(const Shape& samples);
SampleKind kindOf(SampleLayout layout);

/// "0", "1", ... up to the largest label of all splits.
std::vector<std::string> numberedClasses(const Dataset& dataset);

/// The name of a dataset after its file or folder: "digits" for "digits.csv.gz".
std::string datasetNameOf(const std::filesystem::path& fileOrFolder);

}  // namespace core
