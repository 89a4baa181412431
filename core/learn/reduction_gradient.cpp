// SPDX-License-Identifier: Apache-2.0
// Sums and means over axes: every term gets the gradient of its sum, divided by how many share a mean.

#include "core/learn/gradient_builder.h"
#include "core/network/operations/broadcast.h"

namespace core {

namespace {

class ReductionStep : public ReferenceForward {
public:
    Shape shape, kept;     // of the input; with reduced axes of size 1
    bool isMean = false;

    void backward(GradientFrame& frame) const override
    {
        const float* const dy = frame.gradient(outputs[0]);
        const float terms = isMean ? static_cast<float>(elementCount(shape) / std::max<std::int64_t>(elementCount(kept), 1)) : 1.0f;
        const StridedLoop<2> loop(shape, {contiguousStrides(shape), broadcastStrides(kept, shape)});
        deliver(frame, 0, [&](float* dx) {
            loop.forEachRun([&](const std::array<std::int64_t, 2>& offsets, std::int64_t count, const std::array<std::int64_t, 2>& steps) {
                for (std::int64_t i = 0; i < count; ++i)
                    dx[offsets[0] + i * steps[0]] = dy[offsets[1] + i * steps[1]] / terms;
            });
        });
    }
};

Result<void> addReduction(GradientBuilder& builder, const Node& node)
{
    const Shape& shape = builder.described(node.inputs.front()).shape;
    CORE_TRY(const Shape kept, builder.withCall(node, [&](const Call& call) -> Result<Shape> {
        std::vector<std::int64_t> list = call.attributes().integers("axes");
        if (call.has(1)) {
            CORE_TRY(list, call.integers(1));
        }
        if (list.empty())
            return call.attributes().integer("noop_with_empty_axes", 0) != 0 ? shape : Shape(shape.size(), 1);
        CORE_TRY(const std::vector<std::size_t> axes, call.axes(list, shape.size()));
        Shape result = shape;
        for (const std::size_t axis : axes)
            result[axis] = 1;
        return result;
    }));
    auto step = std::make_unique<ReductionStep>();
    builder.fill(*step, node);
    step->shape = shape;
    step->kept = kept;
    step->isMean = node.operation == "ReduceMean";
    builder.add(std::move(step));
    return success();
}

constexpr DifferentiableOperation kOperations[] = {{"ReduceMean", addReduction}, {"ReduceSum", addReduction}};

}  // namespace

std::span<const DifferentiableOperation> reductionGradients() { return kOperations; }

}  // namespace core
