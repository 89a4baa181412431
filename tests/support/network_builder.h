// SPDX-License-Identifier: Apache-2.0
#pragma once
// Networks written down in a test, one line a node.

#include "core/network/network.h"

#include <string>
#include <vector>

namespace support {

class NetworkBuilder {
public:
    explicit NetworkBuilder(int opset = 17) { m_network.opset = opset; }

    /// -1 stands for an axis whose size is open.
    core::ValueIndex input(const std::string& name, const core::Shape& shape, core::DataType type = core::DataType::Float32)
    {
        std::vector<core::Dimension> dimensions;
        for (const std::int64_t size : shape)
            dimensions.push_back(size < 0 ? core::Dimension{std::nullopt, "N"} : core::Dimension{size, {}});
        m_network.inputs.push_back(value({name, type, dimensions, std::nullopt}));
        return m_network.inputs.back();
    }

    core::ValueIndex constant(const std::string& name, core::Tensor tensor)
    {
        const core::DataType type = tensor.type();
        return value({name, type, std::nullopt, std::move(tensor)});
    }

    /// Answers the (only) output.
    core::ValueIndex node(const std::string& operation, std::vector<core::ValueIndex> inputs, const core::Attributes& attributes = {})
    {
        const std::string name = operation + "_" + std::to_string(m_network.nodes.size());
        const core::ValueIndex output = value({name + ".out", core::DataType::Float32, std::nullopt, std::nullopt});
        m_network.nodes.push_back({name, operation, std::move(inputs), {output}, attributes});
        return output;
    }

    core::Network build(std::vector<core::ValueIndex> outputs)
    {
        m_network.outputs = std::move(outputs);
        return m_network;
    }

private:
    core::ValueIndex value(core::Value one)
    {
        m_network.values.push_back(std::move(one));
        return core::ValueIndex(m_network.values.size() - 1);
    }

    core::Network m_network;
};

/// Attributes in one expression: attributes({{"axis", std::int64_t{1}}}).
inline core::Attributes attributes(std::vector<std::pair<std::string, core::AttributeValue>> list)
{
    core::Attributes result;
    for (auto& [name, value] : list)
        result.set(name, std::move(value));
    return result;
}

/// Floats in [-1, 1) that depend on the seed alone.
inline core::Tensor noiseTensor(core::Shape shape, std::uint32_t seed)
{
    core::Tensor tensor(core::DataType::Float32, std::move(shape));
    for (float& value : tensor.edit<float>()) {
        seed = seed * 1664525u + 1013904223u;
        value = static_cast<float>(seed >> 8) / static_cast<float>(1u << 23) - 1.0f;
    }
    return tensor;
}

}  // namespace support
