// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx_types.h"

namespace core {

namespace {

struct OnnxType {
    std::int64_t number;
    std::string_view name;
    std::optional<DataType> type;
};

constexpr OnnxType kTypes[] = {
    {1, "FLOAT", DataType::Float32}, {2, "UINT8", DataType::UInt8},    {3, "INT8", DataType::Int8},       {4, "UINT16", DataType::UInt16},
    {5, "INT16", DataType::Int16},   {6, "INT32", DataType::Int32},    {7, "INT64", DataType::Int64},     {8, "STRING", std::nullopt},
    {9, "BOOL", DataType::Bool},     {10, "FLOAT16", DataType::Float16}, {11, "DOUBLE", DataType::Float64}, {12, "UINT32", DataType::UInt32},
    {13, "UINT64", DataType::UInt64}, {14, "COMPLEX64", std::nullopt}, {15, "COMPLEX128", std::nullopt},  {16, "BFLOAT16", DataType::BFloat16},
};

}  // namespace

std::optional<DataType> dataTypeFromOnnx(std::int64_t number)
{
    for (const OnnxType& entry : kTypes)
        if (entry.number == number)
            return entry.type;
    return std::nullopt;
}

std::optional<DataType> dataTypeFromOnnxName(std::string_view name)
{
    for (const OnnxType& entry : kTypes)
        if (entry.name == name)
            return entry.type;
    return std::nullopt;
}

std::string_view onnxTypeName(std::int64_t number)
{
    for (const OnnxType& entry : kTypes)
        if (entry.number == number)
            return entry.name;
    return "unknown";
}

}  // namespace core
