// SPDX-License-Identifier: Apache-2.0
#pragma once
// A dense row-major array of one element type. Copies share the elements; edit() detaches a shared one first,
// so a Tensor behaves as a value and costs as a pointer. Elements start on a 64-byte boundary.

#include "core/base/half.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace core {

enum class DataType : std::uint8_t {
    Float32, Float64, Float16, BFloat16, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Bool
};

std::size_t byteSize(DataType type);
std::string dataTypeName(DataType type);   // "float32", "int64", "bool"

template <class T> struct DataTypeOf;
template <> struct DataTypeOf<float> { static constexpr DataType value = DataType::Float32; };
template <> struct DataTypeOf<double> { static constexpr DataType value = DataType::Float64; };
template <> struct DataTypeOf<Float16> { static constexpr DataType value = DataType::Float16; };
template <> struct DataTypeOf<BFloat16> { static constexpr DataType value = DataType::BFloat16; };
template <> struct DataTypeOf<std::int8_t> { static constexpr DataType value = DataType::Int8; };
template <> struct DataTypeOf<std::int16_t> { static constexpr DataType value = DataType::Int16; };
template <> struct DataTypeOf<std::int32_t> { static constexpr DataType value = DataType::Int32; };
template <> struct DataTypeOf<std::int64_t> { static constexpr DataType value = DataType::Int64; };
template <> struct DataTypeOf<std::uint8_t> { static constexpr DataType value = DataType::UInt8; };
template <> struct DataTypeOf<std::uint16_t> { static constexpr DataType value = DataType::UInt16; };
template <> struct DataTypeOf<std::uint32_t> { static constexpr DataType value = DataType::UInt32; };
template <> struct DataTypeOf<std::uint64_t> { static constexpr DataType value = DataType::UInt64; };
template <> struct DataTypeOf<bool> { static constexpr DataType value = DataType::Bool; };

/// Calls visitor.template operator()<T>() with the C++ type of the elements.
template <class Visitor>
decltype(auto) visitType(DataType type, Visitor&& visitor)
{
    switch (type) {
    case DataType::Float32: return visitor.template operator()<float>();
    case DataType::Float64: return visitor.template operator()<double>();
    case DataType::Float16: return visitor.template operator()<Float16>();
    case DataType::BFloat16: return visitor.template operator()<BFloat16>();
    case DataType::Int8: return visitor.template operator()<std::int8_t>();
    case DataType::Int16: return visitor.template operator()<std::int16_t>();
    case DataType::Int32: return visitor.template operator()<std::int32_t>();
    case DataType::Int64: return visitor.template operator()<std::int64_t>();
    case DataType::UInt8: return visitor.template operator()<std::uint8_t>();
    case DataType::UInt16: return visitor.template operator()<std::uint16_t>();
    case DataType::UInt32: return visitor.template operator()<std::uint32_t>();
    case DataType::UInt64: return visitor.template operator()<std::uint64_t>();
    case DataType::Bool: break;
    }
    return visitor.template operator()<bool>();
}

using Shape = std::vector<std::int64_t>;

std::int64_t elementCount(const Shape& shape);   // 1 for a scalar (empty shape)
std::string shapeText(const Shape& shape);       // "32x1x28x28"; "scalar" for an empty shape

class Tensor {
public:
    Tensor() : Tensor(DataType::Float32, Shape{0}) {}
    Tensor(DataType type, Shape shape);           // all elements zero
    static Tensor uninitialized(DataType type, Shape shape);  // for results about to be written in full

    /// Looks at memory that somebody else keeps alive and in place; copies of it share that memory too.
    static Tensor borrowed(DataType type, Shape shape, std::byte* memory);

    template <class T>
    static Tensor of(Shape shape, std::span<const T> elements);
    template <class T>
    static Tensor of(Shape shape, const std::vector<T>& elements) { return of(std::move(shape), std::span<const T>(elements)); }
    template <class T>
    static Tensor scalar(T element) { return of(Shape{}, std::span<const T>(&element, 1)); }

    DataType type() const { return m_type; }
    const Shape& shape() const { return m_shape; }
    std::size_t rank() const { return m_shape.size(); }
    std::int64_t size() const { return m_size; }
    std::int64_t dimension(std::size_t axis) const { return m_shape.at(axis); }

    template <class T>
    std::span<const T> values() const
    {
        assert(DataTypeOf<T>::value == m_type);
        return {reinterpret_cast<const T*>(m_bytes.get()), static_cast<std::size_t>(m_size)};
    }
    template <class T>
    std::span<T> edit()
    {
        assert(DataTypeOf<T>::value == m_type);
        detach();
        return {reinterpret_cast<T*>(m_bytes.get()), static_cast<std::size_t>(m_size)};
    }
    std::span<const std::byte> bytes() const { return {m_bytes.get(), byteCount()}; }
    std::span<std::byte> editBytes() { detach(); return {m_bytes.get(), byteCount()}; }
    std::size_t byteCount() const { return static_cast<std::size_t>(m_size) * byteSize(m_type); }

    /// The same elements under another shape of equal element count; shares the elements.
    Tensor reshaped(Shape shape) const;
    bool operator==(const Tensor& other) const;   // type, shape and every byte

private:
    void detach();

    DataType m_type = DataType::Float32;
    Shape m_shape;
    std::int64_t m_size = 0;
    std::shared_ptr<std::byte[]> m_bytes;
};

template <class T>
Tensor Tensor::of(Shape shape, std::span<const T> elements)
{
    Tensor result = uninitialized(DataTypeOf<T>::value, std::move(shape));
    assert(static_cast<std::int64_t>(elements.size()) == result.size());
    std::copy(elements.begin(), elements.end(), result.edit<T>().begin());
    return result;
}

}  // namespace core
