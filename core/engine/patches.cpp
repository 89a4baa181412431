// SPDX-License-Identifier: Apache-2.0
#include "core/engine/patches.h"

#include <cstring>

namespace core {

namespace {

/// Copies `length` neighbouring bytes for every column, a fixed number of bytes at a time: the last piece overlaps the one before.
template <std::size_t piece>
void copyRuns(const std::uint8_t* source, std::span<const std::int64_t> offsets, std::size_t length, std::int64_t stride, std::uint8_t* out)
{
    for (const std::int64_t offset : offsets) {
        const std::uint8_t* const from = source + offset;
        for (std::size_t at = 0; at + piece < length; at += piece)
            std::memcpy(out + at, from + at, piece);
        std::memcpy(out + length - piece, from + length - piece, piece);
        out += stride;
    }
}

template <std::int64_t step>
void copyEvery(const std::uint8_t* source, std::span<const std::int64_t> offsets, std::size_t length, std::int64_t stride,
               std::uint8_t* out, std::int64_t anyStep = step)
{
    for (const std::int64_t offset : offsets) {
        const std::uint8_t* from = source + offset;
        for (std::size_t i = 0; i<length; ++i, from += step> 0 ? step : anyStep)
            out[i] = *from;
        out += stride;
    }
}

/// out[column * stride + vector] = rows[vector * columns + column], in blocks that stay in cache.
void transposeRows(const std::uint8_t* rows, std::int64_t vectors, std::int64_t columns, std::int64_t stride, std::uint8_t* out)
{
    constexpr std::int64_t kBlock = 16;
    for (std::int64_t block = 0; block < columns; block += kBlock) {
        const std::int64_t end = std::min(columns, block + kBlock);
        for (std::int64_t v = 0; v < vectors; ++v)
            for (std::int64_t column = block; column < end; ++column)
                out[column * stride + v] = rows[v * columns + column];
    }
}

}  // namespace

Patches::Patches(const Network& network, const WeightedLayer& layer, const Shape& input, const Shape& output)
    : m_dense(layer.kind == LayerKind::Dense), m_columns(layer.columns), m_rows(layer.rows)
{
    if (m_dense) {
        m_samples = elementCount(input) / layer.columns;
        return;
    }
    const Node& node = network.node(layer.node);
    const std::size_t spatial = input.size() - 2;
    const Shape& weights = network.constant(node.inputs[1])->shape();
    const WindowGeometry window = windowGeometry(node, input, output, Shape(weights.begin() + 2, weights.end()));
    m_samples = input[0];
    m_channels = input[1];
    m_groupChannels = input[1] / layer.groups;
    for (std::size_t axis = 0; axis < spatial; ++axis) {
        const std::size_t to = 3 - spatial + axis;
        m_in[to] = input[axis + 2];
        m_out[to] = output[axis + 2];
        m_kernel[to] = window.kernel[axis];
        m_stride[to] = window.strides[axis];
        m_dilation[to] = window.dilations[axis] + 1;
        m_pad[to] = window.padsBegin[axis];
    }
    m_positions = m_out[0] * m_out[1] * m_out[2];
    for (std::size_t axis = 0; axis < 3; ++axis)
        m_padded[axis] = (m_out[axis] - 1) * m_stride[axis] + (m_kernel[axis] - 1) * m_dilation[axis] + 1;
    for (std::int64_t c = 0; c < m_groupChannels; ++c)
        for (std::int64_t kz = 0; kz < m_kernel[0]; ++kz)
            for (std::int64_t ky = 0; ky < m_kernel[1]; ++ky)
                for (std::int64_t kx = 0; kx < m_kernel[2]; ++kx)
                    m_columnOffsets.push_back(((c * m_padded[0] + kz * m_dilation[0]) * m_padded[1] + ky * m_dilation[1]) * m_padded[2] +
                                              kx * m_dilation[2]);
}

void Patches::pad(std::span<const std::uint8_t> input, std::uint8_t padding, std::vector<std::uint8_t>& padded) const
{
    if (m_dense) {
        padded.assign(input.begin(), input.end());
        return;
    }
    padded.assign(static_cast<std::size_t>(m_samples * m_channels * m_padded[0] * m_padded[1] * m_padded[2]), padding);
    // Where the input lies within the padded rows.
    const std::int64_t begin = m_pad[2], end = std::min(m_padded[2], m_pad[2] + m_in[2]);
    if (begin >= end)
        return;
    std::uint8_t* row = padded.data();
    for (std::int64_t plane = 0; plane < m_samples * m_channels; ++plane)
        for (std::int64_t z = -m_pad[0]; z < m_padded[0] - m_pad[0]; ++z)
            for (std::int64_t y = -m_pad[1]; y < m_padded[1] - m_pad[1]; ++y, row += m_padded[2])
                if (z >= 0 && z < m_in[0] && y >= 0 && y < m_in[1])
                    std::memcpy(row + begin, input.data() + ((plane * m_in[0] + z) * m_in[1] + y) * m_in[2],
                                static_cast<std::size_t>(end - begin));
}

void Patches::gatherColumns(std::span<const std::uint8_t> padded, std::int64_t first, std::int64_t count, int group, std::int64_t stride,
                            std::uint8_t* out) const
{
    if (m_dense) {
        transposeRows(padded.data() + first * m_columns, count, m_columns, stride, out);
        return;
    }
    const std::int64_t plane = m_padded[0] * m_padded[1] * m_padded[2];
    for (std::int64_t vector = first; vector < first + count;) {
        const std::int64_t position = vector % m_positions, x = position % m_out[2];
        const std::int64_t run = std::min(m_out[2] - x, first + count - vector);
        const std::int64_t z = position / (m_out[1] * m_out[2]), y = position / m_out[2] % m_out[1];
        const std::uint8_t* const source = padded.data() + ((vector / m_positions) * m_channels + group * m_groupChannels) * plane +
                                           (z * m_stride[0] * m_padded[1] + y * m_stride[1]) * m_padded[2] + x * m_stride[2];
        std::uint8_t* const to = out + (vector - first);
        const auto length = static_cast<std::size_t>(run);
        if (m_stride[2] == 2)
            copyEvery<2>(source, m_columnOffsets, length, stride, to);
        else if (m_stride[2] != 1)
            copyEvery<0>(source, m_columnOffsets, length, stride, to, m_stride[2]);
        else if (length >= 16)
            copyRuns<16>(source, m_columnOffsets, length, stride, to);
        else if (length >= 8)
            copyRuns<8>(source, m_columnOffsets, length, stride, to);
        else if (length >= 4)
            copyRuns<4>(source, m_columnOffsets, length, stride, to);
        else
            copyEvery<1>(source, m_columnOffsets, length, stride, to);
        vector += run;
    }
}

}  // namespace core
