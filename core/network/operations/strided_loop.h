// SPDX-License-Identifier: Apache-2.0
#pragma once
// Several tensors walked together, each with its own stride along every axis: one mechanism for broadcasting,
// transposing, slicing, tiling and reducing. Axes that run on are merged, so the innermost run is as long as can be.

#include "core/base/tensor.h"

#include <array>
#include <utility>
#include <vector>

namespace core {

template <std::size_t N>
class StridedLoop {
public:
    using Offsets = std::array<std::int64_t, N>;

    /// extents: outermost axis first. strides[k]: elements tensor k moves by along each axis; 0 stands still.
    StridedLoop(const Shape& extents, const std::array<Shape, N>& strides)
    {
        for (std::size_t axis = 0; axis < extents.size(); ++axis) {
            m_isEmpty = m_isEmpty || extents[axis] == 0;
            if (extents[axis] == 1)
                continue;
            Axis next{extents[axis], {}};
            for (std::size_t k = 0; k < N; ++k)
                next.steps[k] = strides[k][axis];
            if (!m_axes.empty() && runsOn(m_axes.back(), next))
                m_axes.back() = {m_axes.back().extent * next.extent, next.steps};
            else
                m_axes.push_back(next);
        }
        if (m_axes.empty())
            m_axes.push_back({1, {}});
    }

    /// Calls body(offsets, count, steps) for every innermost run, in row-major order of the extents.
    template <class Body>
    void forEachRun(Body&& body) const
    {
        if (m_isEmpty)
            return;
        const Axis inner = m_axes.back();
        const std::size_t outerAxes = m_axes.size() - 1;
        std::vector<std::int64_t> position(outerAxes, 0);
        Offsets offsets{};
        while (true) {
            body(std::as_const(offsets), inner.extent, inner.steps);
            std::size_t axis = outerAxes;
            while (axis-- > 0) {
                const Axis& outer = m_axes[axis];
                for (std::size_t k = 0; k < N; ++k)
                    offsets[k] += outer.steps[k];
                if (++position[axis] < outer.extent)
                    break;
                for (std::size_t k = 0; k < N; ++k)
                    offsets[k] -= outer.steps[k] * outer.extent;
                position[axis] = 0;
            }
            if (axis == static_cast<std::size_t>(-1))
                return;
        }
    }

private:
    struct Axis {
        std::int64_t extent;
        Offsets steps;
    };

    static bool runsOn(const Axis& outer, const Axis& inner)
    {
        for (std::size_t k = 0; k < N; ++k)
            if (outer.steps[k] != inner.steps[k] * inner.extent)
                return false;
        return true;
    }

    std::vector<Axis> m_axes;
    bool m_isEmpty = false;
};

/// Copies elements from one strided walk to another; offsets in elements. Types must be equally wide.
struct StridedSide {
    std::int64_t offset = 0;
    Shape strides;
};
void copyStrided(const Tensor& from, const StridedSide& source, Tensor& to, const StridedSide& target, const Shape& extents);

}  // namespace core
