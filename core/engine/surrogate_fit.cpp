// SPDX-License-Identifier: Apache-2.0
#include "core/engine/surrogate_fit.h"

#include "core/engine/kernel_threads.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <dnnl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace core {

namespace {

/// a^T b for row-major a (vectors x p) and b (vectors x q), at the machine's speed; Eigen's own product is built for
/// the oldest machine we run on.
RowMatrix transposedProduct(const RowMatrix& a, const RowMatrix& b)
{
    useOneKernelThread();
    RowMatrix result(a.cols(), b.cols());
    dnnl_sgemm('T', 'N', a.cols(), b.cols(), a.rows(), 1.0f, a.data(), a.cols(), b.data(), b.cols(), 0.0f, result.data(), b.cols());
    return result;
}

RowMatrix rounded(const RowMatrixD& exact, const NumberFormat& format)
{
    const RowMatrix narrow = exact.cast<float>();
    if (format.isFloat32() || narrow.size() == 0)
        return narrow;
    return quantizeWeights(narrow, {Treatment{format, {ScaleRule::Kind::Row, 0}, {}}}).values;
}

void begin(SurrogateReport& report, const ErrorMoments& moments, const Eigen::VectorXd& singularValues)
{
    report.signalEnergy = moments.signalEnergy;
    report.residualEnergy = moments.errorEnergy;
    report.singularValues.assign(singularValues.data(), singularValues.data() + singularValues.size());
}

}  // namespace

double SurrogateReport::floorEnergy() const
{
    return std::max(0.0, residualEnergy - std::accumulate(removedEnergy.begin(), removedEnergy.end(), 0.0));
}

double SurrogateReport::predictedSqnr(int wanted) const
{
    const auto count = std::min(static_cast<std::size_t>(std::max(wanted, 0)), removedEnergy.size());
    const double left = residualEnergy - std::accumulate(removedEnergy.begin(), removedEnergy.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
    // What is left of the signal below float precision is rounding of the sums, not error of the layer.
    if (left <= signalEnergy * 1e-14)
        return std::numeric_limits<double>::infinity();
    return 10.0 * std::log10(signalEnergy / left);
}

ErrorMoments::ErrorMoments(Eigen::Index columns, Eigen::Index rows) : gram(RowMatrixD::Zero(columns, columns)), cross(RowMatrixD::Zero(columns, rows)) {}

void ErrorMoments::add(const RowMatrix& x, const RowMatrix& errors, const RowMatrix& reference)
{
    gram += transposedProduct(x, x).cast<double>();
    cross += transposedProduct(x, errors).cast<double>();
    vectors += x.rows();
    errorEnergy += errors.cast<double>().squaredNorm();
    signalEnergy += reference.cast<double>().squaredNorm();
}

bool ErrorMoments::isFinite() const { return gram.allFinite() && cross.allFinite() && std::isfinite(errorEnergy) && std::isfinite(signalEnergy); }

ErrorMoments& ErrorMoments::operator+=(const ErrorMoments& other)
{
    gram += other.gram;
    cross += other.cross;
    vectors += other.vectors;
    errorEnergy += other.errorEnergy;
    signalEnergy += other.signalEnergy;
    return *this;
}

SurrogateFit fitToActivations(const ErrorMoments& moments, const RowMatrix& weightError, double priorVectors)
{
    const Eigen::Index columns = moments.gram.rows(), rows = moments.cross.cols();
    const double squaredLength = moments.vectors > 0 ? moments.gram.trace() / static_cast<double>(moments.vectors) : 0.0;
    // Inputs that are all zero on the calibration data teach nothing: then any ridge leaves the known error alone.
    const double ridge = squaredLength > 0 ? priorVectors * squaredLength : 1.0;
    const RowMatrixD known = weightError.transpose().cast<double>();                           // D^T: n x m
    RowMatrixD regularized = moments.gram;
    regularized.diagonal().array() += ridge;
    const RowMatrixD solution = known + regularized.llt().solve(moments.cross - moments.gram * known);
    // (G + ridge I) M = C + ridge D^T saves another product with the large G.
    const RowMatrixD explained = solution.transpose() * moments.cross;                         // M^T C: m x m
    const RowMatrixD spread = explained + ridge * (solution.transpose() * known);              // M^T (G + ridge I) M
    const RowMatrixD energy = spread - ridge * (solution.transpose() * solution);              // M^T G M
    const Eigen::SelfAdjointEigenSolver<RowMatrixD> eigen(0.5 * (spread + spread.transpose()));

    const Eigen::Index full = std::min(columns, rows);
    const RowMatrixD directions = eigen.eigenvectors().rowwise().reverse().leftCols(full);     // largest first
    SurrogateFit fit;
    fit.up = directions;
    fit.down = (solution * directions).transpose();
    begin(fit.report, moments, eigen.eigenvalues().reverse().head(full).cwiseMax(0.0).cwiseSqrt());
    for (Eigen::Index k = 0; k < full; ++k) {
        const double gain = directions.col(k).dot(explained * directions.col(k));
        const double cost = std::max(directions.col(k).dot(energy * directions.col(k)), 0.0);
        const double strength = cost > 0 ? std::clamp(gain / cost, 0.0, 1.0) : 0.0;
        fit.down.row(k) *= strength;
        fit.report.removedEnergy.push_back(2.0 * strength * gain - strength * strength * cost);
    }
    return fit;
}

SurrogateFit fitToWeights(const RowMatrix& weights, const RowMatrix& quantized, const ErrorMoments& moments)
{
    const Eigen::BDCSVD<Eigen::MatrixXd> svd((weights - quantized).cast<double>(), Eigen::ComputeThinU | Eigen::ComputeThinV);
    SurrogateFit fit;
    fit.up = svd.matrixU();
    fit.down = svd.singularValues().asDiagonal() * svd.matrixV().transpose();
    begin(fit.report, moments, svd.singularValues());
    // Error after rank k: |E|^2 - 2 <A C, B^T> + <A G A^T, B^T B>; B has orthonormal columns, so directions add up.
    const RowMatrixD reached = fit.down * moments.gram;
    for (Eigen::Index k = 0; k < fit.down.rows(); ++k)
        fit.report.removedEnergy.push_back(2.0 * fit.down.row(k).dot(moments.cross * fit.up.col(k)) - reached.row(k).dot(fit.down.row(k)));
    return fit;
}

RecoveryPath SurrogateFit::path(const SurrogatePlan& plan) const
{
    const Eigen::Index rank = std::min<Eigen::Index>(plan.rank, fullRank());
    // Each direction's strength is shared evenly between A and B, so that neither wastes a narrow format's range.
    RowMatrixD narrowDown = down.topRows(rank), narrowUp = up.leftCols(rank);
    for (Eigen::Index k = 0; k < rank; ++k) {
        const double balance = std::sqrt(narrowDown.row(k).norm());
        if (balance > 0) {
            narrowDown.row(k) /= balance;
            narrowUp.col(k) *= balance;
        }
    }
    return {rounded(narrowDown, plan.format), rounded(narrowUp, plan.format), plan.input};
}

}  // namespace core
