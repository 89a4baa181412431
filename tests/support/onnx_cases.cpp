// SPDX-License-Identifier: Apache-2.0
#include "support/onnx_cases.h"

#include "core/io/onnx_reader.h"
#include "core/network/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace support {

namespace {

namespace fs = std::filesystem;

std::vector<double> numbers(const core::Tensor& tensor)
{
    std::vector<double> result;
    core::visitType(tensor.type(), [&]<class T>() {
        for (const T value : tensor.values<T>()) {
            if constexpr (std::is_arithmetic_v<T>)
                result.push_back(static_cast<double>(value));
            else
                result.push_back(static_cast<double>(static_cast<float>(value)));
        }
    });
    return result;
}

bool isFloat(core::DataType type)
{
    using core::DataType;
    return type == DataType::Float32 || type == DataType::Float64 || type == DataType::Float16 || type == DataType::BFloat16;
}

core::Result<std::vector<core::Tensor>> readTensors(const fs::path& folder, const char* stem)
{
    std::vector<core::Tensor> tensors;
    for (int i = 0;; ++i) {
        const fs::path file = folder / fmt::format("{}_{}.pb", stem, i);
        if (!fs::exists(file))
            return tensors;
        CORE_TRY(tensors.emplace_back(), core::readTensorFile(file));
    }
}

CaseResult refused(CaseResult result, const core::Problem& problem)
{
    result.verdict = Verdict::Refused;
    result.message = problem.text();
    return result;
}

CaseResult wrong(CaseResult result, std::string message)
{
    result.verdict = Verdict::Wrong;
    result.message = std::move(message);
    return result;
}

}  // namespace

std::vector<fs::path> onnxCases(const std::string& group)
{
    std::vector<fs::path> folders;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(kOnnxTestData / group, error))
        if (fs::exists(entry.path() / "model.onnx"))
            folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    return folders;
}

CaseResult runOnnxCase(const fs::path& folder)
{
    CaseResult result;
    result.name = folder.filename().string();
    const core::Result<core::Network> listed = core::readOnnx(folder / "model.onnx", core::RefusedNodes::Keep);
    if (listed) {
        std::set<std::string> operations;
        for (const core::Node& node : listed.value().nodes)
            operations.insert(node.operation);
        result.operations.assign(operations.begin(), operations.end());
    }
    const core::Result<core::Network> network = core::readOnnx(folder / "model.onnx");
    if (!network)
        return refused(result, network.error());
    if (const core::Problems flaws = core::findFlaws(network.value()); !flaws.empty())
        return wrong(result, flaws.front().text());
    for (int set = 0; fs::exists(folder / fmt::format("test_data_set_{}", set)); ++set) {
        const fs::path data = folder / fmt::format("test_data_set_{}", set);
        const auto inputs = readTensors(data, "input"), outputs = readTensors(data, "output");
        if (!inputs || !outputs)
            return wrong(result, inputs ? outputs.error().text() : inputs.error().text());
        const auto found = core::runReference(network.value(), inputs.value());
        if (!found)
            return refused(result, found.error());
        if (found.value().size() != outputs.value().size())
            return wrong(result, fmt::format("{} outputs, {} wanted", found.value().size(), outputs.value().size()));
        for (std::size_t i = 0; i < outputs.value().size(); ++i)
            if (const std::string text = difference(found.value()[i], outputs.value()[i]); !text.empty())
                return wrong(result, fmt::format("output {}: {}", i, text));
    }
    result.verdict = Verdict::Passed;
    return result;
}

std::string difference(const core::Tensor& found, const core::Tensor& wanted, double relative, double absolute)
{
    // The test data stores bfloat16 as uint16, bit for bit.
    if (found.type() == core::DataType::BFloat16 && wanted.type() == core::DataType::UInt16 && found.shape() == wanted.shape())
        return std::equal(found.bytes().begin(), found.bytes().end(), wanted.bytes().begin()) ? "" : "the bits differ";
    if (found.type() != wanted.type() || found.shape() != wanted.shape())
        return fmt::format("is {} {}, {} {} wanted", core::dataTypeName(found.type()), core::shapeText(found.shape()),
                           core::dataTypeName(wanted.type()), core::shapeText(wanted.shape()));
    if (!isFloat(found.type()))
        return found == wanted ? "" : "integers differ";
    const std::vector<double> a = numbers(found), b = numbers(wanted);
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool areEqual = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
        if (!areEqual && !(std::abs(a[i] - b[i]) <= absolute + relative * std::abs(b[i])))
            return fmt::format("element {} is {}, {} wanted", i, a[i], b[i]);
    }
    return {};
}

}  // namespace support
