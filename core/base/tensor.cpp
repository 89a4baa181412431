// SPDX-License-Identifier: Apache-2.0
#include "core/base/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>
#include <numeric>

namespace core {

namespace {

constexpr std::align_val_t kAlignment{64};

std::shared_ptr<std::byte[]> allocate(std::size_t byteCount)
{
    auto* bytes = static_cast<std::byte*>(::operator new(std::max<std::size_t>(byteCount, 1), kAlignment));
    return {bytes, [](std::byte* memory) { ::operator delete(memory, kAlignment); }};
}

}  // namespace

std::size_t byteSize(DataType type)
{
    return visitType(type, []<class T>() { return sizeof(T); });
}

std::string dataTypeName(DataType type)
{
    switch (type) {
    case DataType::Float32: return "float32";
    case DataType::Float64: return "float64";
    case DataType::Float16: return "float16";
    case DataType::BFloat16: return "bfloat16";
    case DataType::Int8: return "int8";
    case DataType::Int16: return "int16";
    case DataType::Int32: return "int32";
    case DataType::Int64: return "int64";
    case DataType::UInt8: return "uint8";
    case DataType::UInt16: return "uint16";
    case DataType::UInt32: return "uint32";
    case DataType::UInt64: return "uint64";
    case DataType::Bool: return "bool";
    }
    return "unknown";
}

std::int64_t elementCount(const Shape& shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::string shapeText(const Shape& shape)
{
    if (shape.empty())
        return "scalar";
    return fmt::format("{}", fmt::join(shape, "x"));
}

Tensor::Tensor(DataType type, Shape shape) : m_type(type), m_shape(std::move(shape)), m_size(elementCount(m_shape)), m_bytes(allocate(byteCount()))
{
    std::memset(m_bytes.get(), 0, byteCount());
}

Tensor Tensor::uninitialized(DataType type, Shape shape)
{
    Tensor result(type, Shape{0});
    result.m_shape = std::move(shape);
    result.m_size = elementCount(result.m_shape);
    result.m_bytes = allocate(result.byteCount());
    return result;
}

Tensor Tensor::borrowed(DataType type, Shape shape, std::byte* memory)
{
    Tensor result(type, Shape{0});
    result.m_shape = std::move(shape);
    result.m_size = elementCount(result.m_shape);
    result.m_bytes = std::shared_ptr<std::byte[]>(std::shared_ptr<std::byte[]>(), memory);   // no owner, never detached
    return result;
}

Tensor Tensor::reshaped(Shape shape) const
{
    assert(elementCount(shape) == m_size);
    Tensor result = *this;
    result.m_shape = std::move(shape);
    return result;
}

bool Tensor::operator==(const Tensor& other) const
{
    return m_type == other.m_type && m_shape == other.m_shape && std::memcmp(m_bytes.get(), other.m_bytes.get(), byteCount()) == 0;
}

void Tensor::detach()
{
    if (m_bytes.use_count() <= 1)
        return;
    auto own = allocate(byteCount());
    std::memcpy(own.get(), m_bytes.get(), byteCount());
    m_bytes = std::move(own);
}

}  // namespace core
