// SPDX-License-Identifier: Apache-2.0
#pragma once
// Any dataset we know, from a folder or a file: dataset.json, IDX, CIFAR binary, NPZ, CSV, or folders of images by class.

#include "core/data/dataset.h"

#include <filesystem>

namespace core {

/// Looks at what is there and reads it. A source without a train or without a test split is split by a fixed seed
/// (splitByUs). Problems begin with the file.
Result<Dataset> readDataset(const std::filesystem::path& fileOrFolder);

/// dataset.json (schema polarizer.dataset/1) and the files it names, checked against the sizes it states.
Result<Dataset> readDescribedDataset(const std::filesystem::path& manifest);

/// Bare IDX files, found by the usual names: train-images-idx3-ubyte[.gz] with train-labels-idx1-ubyte[.gz], and t10k- or
/// test- for the test split. `imagesFile` is one of them, or any IDX file of samples.
Result<Dataset> readIdxDataset(const std::filesystem::path& imagesFile);

/// CIFAR-10 binary (label, 3072 bytes: red, green, blue planes of 32 x 32) or CIFAR-100 (coarse label, fine label, 3072
/// bytes), one file or a folder of batches.
Result<Dataset> readCifarDataset(const std::filesystem::path& fileOrFolder);

/// Arrays named x_train, y_train, x_test, y_test; or train_images, train_labels, ...; or x, y; images, labels; data, target.
Result<Dataset> readNpzDataset(const std::filesystem::path& file);

/// One table, or train.csv[.gz] and test.csv[.gz] of a folder.
Result<Dataset> readCsvDataset(const std::filesystem::path& fileOrFolder);

/// A folder of class folders of images (or train/ and test/ with class folders each). All images share one size.
Result<Dataset> readImageFolders(const std::filesystem::path& folder);

}  // namespace core
