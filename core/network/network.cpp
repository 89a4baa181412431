// SPDX-License-Identifier: Apache-2.0
#include "core/network/network.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

/// The attribute of this name if it has the asked type; a wrong type counts as absent, the reader has checked types.
template <class T>
T attributeOr(const std::map<std::string, AttributeValue>& values, const std::string& name, T fallback)
{
    const auto found = values.find(name);
    if (found == values.end())
        return fallback;
    const T* value = std::get_if<T>(&found->second);
    return value ? *value : std::move(fallback);
}

}  // namespace

std::int64_t Attributes::integer(const std::string& name, std::int64_t fallback) const { return attributeOr(m_values, name, fallback); }

float Attributes::real(const std::string& name, float fallback) const { return attributeOr(m_values, name, fallback); }

std::string Attributes::text(const std::string& name, const std::string& fallback) const { return attributeOr(m_values, name, fallback); }

std::vector<std::int64_t> Attributes::integers(const std::string& name, std::vector<std::int64_t> fallback) const
{
    return attributeOr(m_values, name, std::move(fallback));
}

std::vector<float> Attributes::reals(const std::string& name, std::vector<float> fallback) const
{
    return attributeOr(m_values, name, std::move(fallback));
}

std::vector<std::string> Attributes::texts(const std::string& name, std::vector<std::string> fallback) const
{
    return attributeOr(m_values, name, std::move(fallback));
}

const Tensor* Attributes::tensor(const std::string& name) const
{
    const auto found = m_values.find(name);
    return found == m_values.end() ? nullptr : std::get_if<Tensor>(&found->second);
}

std::string supportName(Support support)
{
    switch (support) {
    case Support::Exact: return "exact";
    case Support::Folded: return "folded";
    case Support::Float: return "float";
    case Support::Refused: return "refused";
    }
    return "unknown";
}

const Tensor* Network::constant(ValueIndex index) const
{
    if (!index.isValid())
        return nullptr;
    const std::optional<Tensor>& tensor = value(index).constant;
    return tensor ? &*tensor : nullptr;
}

std::optional<NodeIndex> Network::nodeNamed(const std::string& nodeName) const
{
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == nodeName; });
    if (found == nodes.end())
        return std::nullopt;
    return NodeIndex(static_cast<std::size_t>(found - nodes.begin()));
}

Problems findFlaws(const Network& network)
{
    Problems flaws;
    const std::size_t count = network.values.size();
    std::vector<bool> isWritten(count, false);
    for (std::size_t i = 0; i < count; ++i)
        isWritten[i] = network.values[i].constant.has_value();

    for (const ValueIndex input : network.inputs) {
        if (!input.isValid() || input.value() >= count)
            flaws.push_back({"inputs", fmt::format("an input names a value outside the {} there are", count)});
        else if (isWritten[input.value()])
            flaws.push_back({"inputs", fmt::format("value '{}' is a constant or listed twice", network.value(input).name)});
        else
            isWritten[input.value()] = true;
    }
    for (const Node& node : network.nodes) {
        for (const ValueIndex input : node.inputs) {
            if (!input.isValid())
                continue;
            if (input.value() >= count)
                flaws.push_back({node.name, fmt::format("reads value {}, there are {}", input.value(), count)});
            else if (!isWritten[input.value()])
                flaws.push_back({node.name, fmt::format("reads '{}' before anything has written it", network.value(input).name)});
        }
        for (const ValueIndex output : node.outputs) {
            if (!output.isValid())
                continue;
            if (output.value() >= count)
                flaws.push_back({node.name, fmt::format("writes value {}, there are {}", output.value(), count)});
            else if (isWritten[output.value()])
                flaws.push_back({node.name, fmt::format("writes '{}' a second time", network.value(output).name)});
            else
                isWritten[output.value()] = true;
        }
    }
    for (const ValueIndex output : network.outputs) {
        if (!output.isValid() || output.value() >= count)
            flaws.push_back({"outputs", fmt::format("an output names a value outside the {} there are", count)});
        else if (!isWritten[output.value()])
            flaws.push_back({"outputs", fmt::format("nothing writes '{}'", network.value(output).name)});
    }
    return flaws;
}

}  // namespace core
