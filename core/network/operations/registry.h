// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tables of operations, one per family. A new operation is a line in its family's table.

#include "core/network/operations/call.h"

namespace core {

std::span<const Operation> activationOperations();
std::span<const Operation> convolutionOperations();
std::span<const Operation> einsumOperations();
std::span<const Operation> elementwiseOperations();
std::span<const Operation> generationOperations();
std::span<const Operation> indexingOperations();
std::span<const Operation> lossOperations();
std::span<const Operation> matrixOperations();
std::span<const Operation> normalizationOperations();
std::span<const Operation> paddingOperations();
std::span<const Operation> poolingOperations();
std::span<const Operation> quantizationOperations();
std::span<const Operation> rearrangeOperations();
std::span<const Operation> recurrentOperations();
std::span<const Operation> reductionOperations();
std::span<const Operation> resizeOperations();
std::span<const Operation> selectionOperations();
std::span<const Operation> shapeOperations();
std::span<const Operation> softmaxOperations();
std::span<const Operation> unaryOperations();

/// nullptr where no table has the name.
const Operation* findOperation(const std::string& name);
std::vector<const Operation*> allOperations();   // sorted by name

}  // namespace core
