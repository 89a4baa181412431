// SPDX-License-Identifier: Apache-2.0
#pragma once
// NumPy's broadcasting: shapes are aligned at their last axes, and a size of 1 is repeated.

#include "core/network/operations/call.h"
#include "core/network/operations/strided_loop.h"

#include <algorithm>

namespace core {

/// The shape all inputs from `first` on broadcast to. Before opset 7, two operands follow attributes `broadcast` and `axis`.
Result<Shape> broadcastShape(const Call& call, std::size_t first = 0);

/// Operand `input`'s shape as it takes part in broadcasting: itself but for the attribute `axis` before opset 7.
Shape broadcastOperandShape(const Call& call, std::size_t input);

/// Strides of a contiguous tensor of `shape` along the axes of `target`; 0 where it is repeated.
Shape broadcastStrides(const Shape& shape, const Shape& target);

/// out[i] = f(a[i], b[i]) with broadcasting; the outputs' shape is broadcastShape's.
template <class In, class Other, class Out, class F>
void broadcastBinary(const Call& call, Outputs& outputs, F f)
{
    const Shape& shape = outputs.shape(0);
    const In* left = call.values<In>(0).data();
    const Other* right = call.values<Other>(1).data();
    Out* result = outputs.edit<Out>(0).data();
    const StridedLoop<3> loop(shape, {broadcastStrides(broadcastOperandShape(call, 0), shape),
                                      broadcastStrides(broadcastOperandShape(call, 1), shape), contiguousStrides(shape)});
    loop.forEachRun([&](const std::array<std::int64_t, 3>& offsets, std::int64_t count, const std::array<std::int64_t, 3>& steps) {
        const In* a = left + offsets[0];
        const Other* b = right + offsets[1];
        Out* out = result + offsets[2];
        // Of two operands at least one moves, and what moves innermost moves by single elements.
        if (steps[1] == 0)
            for (std::int64_t i = 0; i < count; ++i)
                out[i] = f(a[i], *b);
        else if (steps[0] == 0)
            for (std::int64_t i = 0; i < count; ++i)
                out[i] = f(*a, b[i]);
        else
            for (std::int64_t i = 0; i < count; ++i)
                out[i] = f(a[i], b[i]);
    });
}

/// out[i] = f(in[i]).
template <class In, class Out, class F>
void mapElements(const Call& call, Outputs& outputs, F f)
{
    const auto in = call.values<In>(0);
    std::transform(in.begin(), in.end(), outputs.edit<Out>(0).begin(), f);
}

}  // namespace core
