// SPDX-License-Identifier: Apache-2.0
#pragma once
// Networks small enough to write down: one value after another.

#include "core/base/noise.h"
#include "core/network/network.h"

#include <string>
#include <vector>

namespace core {

inline Tensor seeded(const Shape& shape, std::uint32_t seed)
{
    Tensor tensor(DataType::Float32, shape);
    const NoiseStream noise(seed, NoisePurpose::Test);
    auto values = tensor.edit<float>();
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = noise.gaussians({static_cast<std::uint32_t>(i / 4), 0, 0})[i % 4];
    return tensor;
}

class NetworkBuilder {
public:
    ValueIndex input(const std::string& name, const Shape& sample)
    {
        std::vector<Dimension> shape{{std::nullopt, "N"}};
        for (const std::int64_t size : sample)
            shape.push_back({size, ""});
        m_network.values.push_back({name, DataType::Float32, shape, {}});
        m_network.inputs.push_back(last());
        return last();
    }
    ValueIndex constant(const Tensor& tensor)
    {
        m_network.values.push_back({"c" + std::to_string(m_network.values.size()), tensor.type(), {}, tensor});
        return last();
    }
    ValueIndex node(const std::string& operation, const std::vector<ValueIndex>& inputs, const std::vector<std::pair<std::string, AttributeValue>>& attributes = {})
    {
        m_network.values.push_back({"v" + std::to_string(m_network.values.size()), DataType::Float32, {}, {}});
        Node made{operation + std::to_string(m_network.nodes.size()), operation, inputs, {last()}, {}};
        for (const auto& [name, value] : attributes)
            made.attributes.set(name, value);
        m_network.nodes.push_back(made);
        return last();
    }
    Network finish(ValueIndex output)
    {
        m_network.name = "made in a test";
        m_network.outputs = {output};
        return m_network;
    }

private:
    ValueIndex last() const { return ValueIndex(m_network.values.size() - 1); }
    Network m_network;
};

}  // namespace core
