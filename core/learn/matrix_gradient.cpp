// SPDX-License-Identifier: Apache-2.0
// Products of two computed matrices, as attention has them: C = A B, dA = dC B^T, dB = A^T dC, for every matrix of a stack.

#include "core/learn/gradient_builder.h"
#include "core/network/operations/matrix.h"

#include <dnnl.h>

namespace core {

namespace {

class MatrixStep : public ReferenceForward {
public:
    MatrixProduct product;

    Result<void> forward(GradientFrame& frame) const override
    {
        float* const c = frame.value(outputs[0]);
        const float* const a = valuesOf(frame, 0);
        const float* const b = valuesOf(frame, 1);
        forEachProduct(product, [&](std::int64_t atA, std::int64_t atB, std::int64_t atC) {
            dnnl_sgemm('N', 'N', product.rows, product.columns, product.inner, 1.0f, a + atA, product.inner, b + atB, product.columns, 0.0f, c + atC, product.columns);
        });
        return success();
    }

    void backward(GradientFrame& frame) const override
    {
        const float* const dc = frame.gradient(outputs[0]);
        const float* const a = valuesOf(frame, 0);
        const float* const b = valuesOf(frame, 1);
        const auto [rows, inner, columns] = std::array{product.rows, product.inner, product.columns};
        // A matrix that is repeated over the stack gathers the gradients of all its products.
        if (inputs[0].isValid())
            deliver(frame, 0, [&](float* da) {
                std::fill_n(da, frame.form(inputs[0]).floats(), 0.0f);
                forEachProduct(product, [&](std::int64_t atA, std::int64_t atB, std::int64_t atC) {
                    dnnl_sgemm('N', 'T', rows, inner, columns, 1.0f, dc + atC, columns, b + atB, columns, 1.0f, da + atA, inner);
                });
            });
        if (inputs[1].isValid())
            deliver(frame, 1, [&](float* db) {
                std::fill_n(db, frame.form(inputs[1]).floats(), 0.0f);
                forEachProduct(product, [&](std::int64_t atA, std::int64_t atB, std::int64_t atC) {
                    dnnl_sgemm('T', 'N', inner, columns, rows, 1.0f, a + atA, inner, dc + atC, columns, 1.0f, db + atB, columns);
                });
            });
    }

private:
    const float* valuesOf(GradientFrame& frame, std::size_t operand) const
    {
        return operands[operand].form ? frame.value(*operands[operand].form) : operands[operand].constant->values<float>().data();
    }
};

Result<void> addMatMul(GradientBuilder& builder, const Node& node)
{
    auto step = std::make_unique<MatrixStep>();
    builder.fill(*step, node);
    CORE_TRY(step->product, builder.withCall(node, [](const Call& call) { return matrixProduct(call, 0, 1); }));
    builder.add(std::move(step));
    return success();
}

constexpr DifferentiableOperation kOperations[] = {{"MatMul", addMatMul}};

}  // namespace

std::span<const DifferentiableOperation> matrixGradients() { return kOperations; }

}  // namespace core
