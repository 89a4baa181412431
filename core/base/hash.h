// SPDX-License-Identifier: Apache-2.0
#pragma once
// A running XXH3 hash of values. Floats hash by their bits, text with its length, so nothing runs together.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace core {

class Hasher {
public:
    Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    ~Hasher();

    Hasher& bytes(std::span<const std::byte> data);
    Hasher& text(std::string_view value);
    template <class T>
        requires std::is_arithmetic_v<T> || std::is_enum_v<T>
    Hasher& add(T value) { return bytes(std::as_bytes(std::span(&value, 1))); }
    template <class T>
    Hasher& all(std::span<const T> values) { add(values.size()); return bytes(std::as_bytes(values)); }

    std::uint64_t value() const;
    std::string textValue() const;   // "xxh3:0123456789abcdef"

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace core
