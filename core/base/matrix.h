// SPDX-License-Identifier: Apache-2.0
#pragma once
// The matrix types the engine speaks. A row is the unit of precision, so weights are row-major.

#include <Eigen/Core>

namespace core {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMatrixD = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMatrixRef = Eigen::Ref<const RowMatrix>;

}  // namespace core
