// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small steps along a network's edges.

#include "core/network/network.h"

#include <initializer_list>
#include <string_view>

namespace core {

bool isOneOf(std::string_view operation, std::initializer_list<std::string_view> names);

std::vector<const Node*> readersOf(const Network& network, ValueIndex value);
/// Null: an input of the network, or a constant.
const Node* makerOf(const Network& network, ValueIndex value);
bool readsConstant(const Network& network, const Node& node);
/// The node's one input that is no constant; invalid where there are several or none.
ValueIndex onlyData(const Network& network, const Node& node);

}  // namespace core
