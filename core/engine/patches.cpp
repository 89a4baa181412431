// SPDX-License-Identifier: Apache-2.0
#include "core/engine/patches.h"

namespace core {

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
}

}  // namespace core
