// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/strided_loop.h"

#include "core/network/operations/call.h"

#include <algorithm>

namespace core {

void copyStrided(const Tensor& from, const StridedSide& source, Tensor& to, const StridedSide& target, const Shape& extents)
{
    const StridedLoop<2> loop(extents, {source.strides, target.strides});
    visitBits(from.type(), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(from) + source.offset;
        Bits* out = editBitsOf<Bits>(to) + target.offset;
        loop.forEachRun([&](const std::array<std::int64_t, 2>& offsets, std::int64_t count, const std::array<std::int64_t, 2>& steps) {
            const Bits* a = in + offsets[0];
            Bits* b = out + offsets[1];
            if (steps == std::array<std::int64_t, 2>{1, 1})
                std::copy_n(a, count, b);
            else if (steps == std::array<std::int64_t, 2>{0, 1})
                std::fill_n(b, count, *a);
            else
                for (std::int64_t i = 0; i < count; ++i)
                    b[i * steps[1]] = a[i * steps[0]];
        });
    });
}

}  // namespace core
