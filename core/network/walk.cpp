// SPDX-License-Identifier: Apache-2.0
#include "core/network/walk.h"

#include <algorithm>

namespace core {

bool isOneOf(std::string_view operation, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), operation) != names.end();
}

std::vector<const Node*> readersOf(const Network& network, ValueIndex value)
{
    std::vector<const Node*> readers;
    for (const Node& node : network.nodes)
        if (std::find(node.inputs.begin(), node.inputs.end(), value) != node.inputs.end())
            readers.push_back(&node);
    return readers;
}

const Node* makerOf(const Network& network, ValueIndex value)
{
    for (const Node& node : network.nodes)
        if (std::find(node.outputs.begin(), node.outputs.end(), value) != node.outputs.end())
            return &node;
    return nullptr;
}

bool readsConstant(const Network& network, const Node& node)
{
    return std::any_of(node.inputs.begin(), node.inputs.end(),
                       [&](ValueIndex input) { return input.isValid() && network.constant(input); });
}

ValueIndex onlyData(const Network& network, const Node& node)
{
    ValueIndex data;
    for (const ValueIndex input : node.inputs) {
        if (!input.isValid() || network.constant(input))
            continue;
        if (data.isValid())
            return {};
        data = input;
    }
    return data;
}

}  // namespace core
