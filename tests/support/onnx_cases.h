// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX's own backend tests as Debian packs them (libonnx-testdata): a folder per case with model.onnx, inputs and the
// outputs that are right. Walks the folders, runs the scalar reference, compares as ONNX does.

#include "core/base/tensor.h"

#include <filesystem>
#include <string>
#include <vector>

namespace support {

inline const std::filesystem::path kOnnxTestData = "/usr/share/libonnx-testdata/data";   // package libonnx-testdata

enum class Verdict { Passed, Refused, Wrong };

struct CaseResult {
    std::string name;                      // "test_add"
    Verdict verdict = Verdict::Wrong;
    std::string message;                   // the refusal, or what is wrong
    std::vector<std::string> operations;   // the operators of the file, "domain.Name" outside the default domain
};

/// Every case below a group ("node", "pytorch-converted", "pytorch-operator", "simple"), sorted by name.
std::vector<std::filesystem::path> onnxCases(const std::string& group);

/// Reads, folds nothing, runs all data sets of the case.
CaseResult runOnnxCase(const std::filesystem::path& folder);

/// Empty where `found` is `wanted`: equal shapes, types and integers; floats within rtol 1e-3 and atol 1e-7, as in ONNX's
/// backend test, 16-bit floats by the same rule. Else the first difference.
std::string difference(const core::Tensor& found, const core::Tensor& wanted, double relative = 1e-3, double absolute = 1e-7);

}  // namespace support
