// SPDX-License-Identifier: Apache-2.0
#pragma once
// Indices that cannot be mistaken for one another: a layer index is not a row index.

#include <compare>
#include <cstddef>
#include <functional>

namespace core {

template <class Tag>
class Index {
public:
    constexpr Index() = default;                                   // no element: isValid() is false
    constexpr explicit Index(std::size_t value) : m_value(static_cast<std::ptrdiff_t>(value)) {}
    constexpr bool isValid() const { return m_value >= 0; }
    constexpr std::size_t value() const { return static_cast<std::size_t>(m_value); }
    constexpr auto operator<=>(const Index&) const = default;

private:
    std::ptrdiff_t m_value = -1;
};

using LayerIndex = Index<struct LayerTag>;    // among a network's weighted layers, in data order
using RowIndex = Index<struct RowTag>;        // an output channel
using ColumnIndex = Index<struct ColumnTag>;  // an input of one row
using ChannelIndex = Index<struct ChannelTag>;  // an input channel: the columns of a convolution's window, or one column
using SampleIndex = Index<struct SampleTag>;
using NodeIndex = Index<struct NodeTag>;      // among a network's nodes, in data order
using ValueIndex = Index<struct ValueTag>;    // among a network's values (what runs along the edges)

}  // namespace core

template <class Tag>
struct std::hash<core::Index<Tag>> {
    std::size_t operator()(core::Index<Tag> index) const noexcept { return index.isValid() ? index.value() : ~std::size_t{0}; }
};
