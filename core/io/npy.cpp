// SPDX-License-Identifier: Apache-2.0
#include "core/io/npy.h"

#include "core/io/file_source.h"
#include "core/io/npy_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace core {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 32;

const char* npyName(DataType type)
{
    switch (type) {
    case DataType::Float32: return "<f4";
    case DataType::Float64: return "<f8";
    case DataType::Float16: return "<f2";
    case DataType::BFloat16: return "<f4";
    case DataType::Int8: return "|i1";
    case DataType::Int16: return "<i2";
    case DataType::Int32: return "<i4";
    case DataType::Int64: return "<i8";
    case DataType::UInt8: return "|u1";
    case DataType::UInt16: return "<u2";
    case DataType::UInt32: return "<u4";
    case DataType::UInt64: return "<u8";
    case DataType::Bool: break;
    }
    return "|b1";
}

/// A tuple as Python writes it: "()", "(3,)", "(2, 3)".
std::string tupleText(const Shape& shape)
{
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        text += fmt::format("{}{}", axis == 0 ? "" : ", ", shape[axis]);
    return text + (shape.size() == 1 ? ",)" : ")");
}

/// Magic, version 1.0, length, dictionary; padded with spaces so that the elements start at a multiple of 64.
std::string headerOf(const Tensor& tensor)
{
    std::string dictionary =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", npyName(tensor.type()), tupleText(tensor.shape()));
    constexpr std::size_t kPrefix = 10, kAlignment = 64;
    const std::size_t unpadded = kPrefix + dictionary.size() + 1;
    dictionary.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
    dictionary += '\n';
    const auto length = dictionary.size(); // at most 32 axes of 20 digits: far below 65536
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>(length & 0xFF);
    header += static_cast<char>(length >> 8);
    return header + dictionary;
}

Tensor widened(const Tensor& tensor)
{
    Tensor wide = Tensor::uninitialized(DataType::Float32, tensor.shape());
    std::ranges::transform(tensor.values<BFloat16>(), wide.edit<float>().begin(), [](BFloat16 value) { return static_cast<float>(value); });
    return wide;
}

}  // namespace

Result<Tensor> readNpy(const std::filesystem::path& file)
{
    const auto text = readText(file, kMostBytes);
    if (!text)
        return text.error().within(file.string());
    auto tensor = npyFromBytes(std::as_bytes(std::span(text.value())));
    if (!tensor)
        return tensor.error().within(file.string());
    return tensor;
}

std::vector<std::byte> npyToBytes(const Tensor& tensor)
{
    if (tensor.type() == DataType::BFloat16)
        return npyToBytes(widened(tensor));
    const std::string header = headerOf(tensor);
    const auto head = std::as_bytes(std::span(header));
    std::vector<std::byte> bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), tensor.bytes().begin(), tensor.bytes().end());
    return bytes;
}

Result<void> writeNpy(const Tensor& tensor, const std::filesystem::path& file)
{
    const std::vector<std::byte> bytes = npyToBytes(tensor);
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out)
        return Problem{file.string(), "cannot be written; does its folder exist, and is there room?"};
    return success();
}

}  // namespace core
