// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/registry.h"

#include <algorithm>

namespace core {

namespace {

std::vector<const Operation*> collect()
{
    std::vector<const Operation*> all;
    for (const auto family : {activationOperations(), convolutionOperations(), einsumOperations(), elementwiseOperations(),
                              generationOperations(), indexingOperations(), lossOperations(), matrixOperations(),
                              normalizationOperations(), paddingOperations(), poolingOperations(), quantizationOperations(),
                              rearrangeOperations(), recurrentOperations(), reductionOperations(), resizeOperations(),
                              selectionOperations(), shapeOperations(), softmaxOperations(), unaryOperations()})
        for (const Operation& operation : family)
            all.push_back(&operation);
    std::sort(all.begin(), all.end(), [](const Operation* a, const Operation* b) { return a->name < b->name; });
    return all;
}

const std::vector<const Operation*>& table()
{
    static const std::vector<const Operation*> kTable = collect();
    return kTable;
}

}  // namespace

const Operation* findOperation(const std::string& name)
{
    const auto found = std::lower_bound(table().begin(), table().end(), name, [](const Operation* a, const std::string& b) { return a->name < b; });
    return found != table().end() && (*found)->name == name ? *found : nullptr;
}

std::vector<const Operation*> allOperations() { return table(); }

}  // namespace core
