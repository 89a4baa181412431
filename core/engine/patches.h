// SPDX-License-Identifier: Apache-2.0
#pragma once
// A weighted layer's input as vectors of its weight matrix's columns (im2col): the scalar reference's way, and the one
// arrays and fits need. A vector is one output position of one sample.

#include "core/engine/lowering.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace core {

class Patches {
public:
    /// For one run of `layer` on an input of this shape (first axis: samples), giving an output of that shape.
    Patches(const Network& network, const WeightedLayer& layer, const Shape& input, const Shape& output);

    std::int64_t samples() const { return m_samples; }
    std::int64_t positions() const { return m_positions; }       // of one sample
    std::int64_t vectors() const { return m_samples * m_positions; }
    std::int64_t columns() const { return m_columns; }

    /// The vector at (sample, position) for one group, written to `out` (columns()); places outside the input get `padding`.
    template <class T>
    void gather(const T* input, std::int64_t vector, int group, T padding, T* out) const;

    /// The input with its padding written out, as gatherColumns reads it.
    void pad(std::span<const std::uint8_t> input, std::uint8_t padding, std::vector<std::uint8_t>& padded) const;

    /// Vectors first ... first + count - 1 of one group, column-major: out[column * stride + vector - first]. Neighbouring
    /// vectors of a column lie side by side in the padded input too, so this copies runs where `gather` copies single values.
    void gatherColumns(std::span<const std::uint8_t> padded, std::int64_t first, std::int64_t count, int group, std::int64_t stride,
                       std::uint8_t* out) const;

    /// Where output row r of a vector lies in the row-major output.
    std::int64_t outputOffset(std::int64_t vector, std::int64_t row) const
    {
        return m_dense ? vector * m_rows + row : ((vector / m_positions) * m_rows + row) * m_positions + vector % m_positions;
    }

private:
    bool m_dense = true;
    std::int64_t m_samples = 1, m_positions = 1, m_columns = 0, m_rows = 0;
    std::int64_t m_groupChannels = 0, m_channels = 0;
    // Up to three spatial axes; missing ones have size 1.
    std::array<std::int64_t, 3> m_in{1, 1, 1}, m_out{1, 1, 1}, m_kernel{1, 1, 1}, m_stride{1, 1, 1}, m_dilation{1, 1, 1}, m_pad{0, 0, 0};
    std::array<std::int64_t, 3> m_padded{1, 1, 1};   // as much of the padded input as windows reach
    std::vector<std::int64_t> m_columnOffsets;       // of a window's columns in the padded input, from the window's first place
};

template <class T>
void Patches::gather(const T* input, std::int64_t vector, int group, T padding, T* out) const
{
    if (m_dense) {
        std::copy(input + vector * m_columns, input + (vector + 1) * m_columns, out);
        return;
    }
    const std::int64_t position = vector % m_positions;
    const std::array<std::int64_t, 3> at{position / (m_out[1] * m_out[2]), position / m_out[2] % m_out[1], position % m_out[2]};
    const std::int64_t plane = m_in[0] * m_in[1] * m_in[2];
    const T* channel = input + ((vector / m_positions) * m_channels + group * m_groupChannels) * plane;
    const std::int64_t first = at[2] * m_stride[2] - m_pad[2];
    const bool columnsInside = first >= 0 && first + (m_kernel[2] - 1) * m_dilation[2] < m_in[2];
    for (std::int64_t c = 0; c < m_groupChannels; ++c, channel += plane)
        for (std::int64_t kz = 0; kz < m_kernel[0]; ++kz)
            for (std::int64_t ky = 0; ky < m_kernel[1]; ++ky, out += m_kernel[2]) {
                const std::int64_t z = at[0] * m_stride[0] - m_pad[0] + kz * m_dilation[0];
                const std::int64_t y = at[1] * m_stride[1] - m_pad[1] + ky * m_dilation[1];
                const bool rowInside = z >= 0 && z < m_in[0] && y >= 0 && y < m_in[1];
                const T* row = channel + (z * m_in[1] + y) * m_in[2];
                if (!rowInside) {
                    std::fill_n(out, m_kernel[2], padding);
                } else if (columnsInside) {
                    for (std::int64_t kx = 0; kx < m_kernel[2]; ++kx)
                        out[kx] = row[first + kx * m_dilation[2]];
                } else {
                    for (std::int64_t kx = 0; kx < m_kernel[2]; ++kx) {
                        const std::int64_t x = first + kx * m_dilation[2];
                        out[kx] = x >= 0 && x < m_in[2] ? row[x] : padding;
                    }
                }
            }
}

}  // namespace core
