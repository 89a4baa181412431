// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace core {

struct Hasher::State {
    XXH3_state_t* state = XXH3_createState();
    ~State() { XXH3_freeState(state); }
};

Hasher::Hasher() : m_state(std::make_unique<State>()) { XXH3_64bits_reset(m_state->state); }
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

Hasher& Hasher::bytes(std::span<const std::byte> data)
{
    XXH3_64bits_update(m_state->state, data.data(), data.size());
    return *this;
}

Hasher& Hasher::text(std::string_view value)
{
    add(value.size());
    return bytes(std::as_bytes(std::span(value)));
}

std::uint64_t Hasher::value() const { return XXH3_64bits_digest(m_state->state); }

std::string Hasher::textValue() const { return fmt::format("xxh3:{:016x}", value()); }

}  // namespace core
