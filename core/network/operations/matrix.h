// SPDX-License-Identifier: Apache-2.0
#pragma once
// The matrix product that defines the meaning of all others: every sum is added in the order of its terms.

#include "core/network/operations/call.h"

#include <algorithm>
#include <functional>

namespace core {

/// c (rows x columns) = a (rows x inner) * b (inner x columns), all row-major. The innermost loop runs over columns, so it
/// is vectorised across sums, never along one.
template <class T>
void multiplyMatrices(const T* a, const T* b, T* c, std::int64_t rows, std::int64_t inner, std::int64_t columns)
{
    std::fill_n(c, rows * columns, T{0});
    for (std::int64_t row = 0; row < rows; ++row) {
        T* sums = c + row * columns;
        for (std::int64_t k = 0; k < inner; ++k) {
            const T factor = a[row * inner + k];
            const T* terms = b + k * columns;
            for (std::int64_t column = 0; column < columns; ++column)
                sums[column] = static_cast<T>(sums[column] + factor * terms[column]);
        }
    }
}

/// The sizes of a stack of products as NumPy's matmul has them: vectors are promoted, leading axes broadcast.
struct MatrixProduct {
    Shape outputShape;
    Shape stack;                        // leading axes of the result
    Shape stackStridesA, stackStridesB; // in matrices; 0 where repeated
    std::int64_t rows = 0, inner = 0, columns = 0;
};
/// Of operands `a` and `b` of the call.
Result<MatrixProduct> matrixProduct(const Call& call, std::size_t a, std::size_t b);

/// Calls multiply(offsetA, offsetB, offsetOutput), in elements, for every product of the stack.
void forEachProduct(const MatrixProduct& product, const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& multiply);

}  // namespace core
