// SPDX-License-Identifier: Apache-2.0
#include "core/engine/surrogate_fit.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace core {

namespace {

RowMatrix rounded(const RowMatrixD& exact, const NumberFormat& format)
{
    const RowMatrix narrow = exact.cast<float>();
    if (format.isFloat32() || narrow.size() == 0)
        return narrow;
    return quantizeWeights(narrow, {Treatment{format, {ScaleRule::Kind::Row, 0}, {}}}).values;
}

void begin(SurrogateReport& report, const ErrorMoments& moments, const Eigen::VectorXd& singularValues)
{
    report.vectors = moments.vectors;
    report.signalEnergy = moments.signalEnergy;
    report.residualEnergy = moments.errorEnergy;
    report.singularValues.assign(singularValues.data(), singularValues.data() + singularValues.size());
}

/// Orthonormal directions, the strongest first, with the root of what each is worth.
struct Directions {
    RowMatrixD vectors;  // m x full
    Eigen::VectorXd values;
};

Directions directionsOfGram(const RowMatrixD& gram, Eigen::Index full)
{
    const Eigen::SelfAdjointEigenSolver<RowMatrixD> eigen(0.5 * (gram + gram.transpose()));
    return {eigen.eigenvectors().rowwise().reverse().leftCols(full), eigen.eigenvalues().reverse().head(full).cwiseMax(0.0).cwiseSqrt()};
}

/// Of x^T x for x of n x m, through the smaller of x^T x and x x^T.
Directions directionsOfFactor(const RowMatrixD& x)
{
    if (x.rows() >= x.cols())
        return directionsOfGram(x.transpose() * x, x.cols());
    const Directions left = directionsOfGram(x * x.transpose(), x.rows());
    Directions result{x.transpose() * left.vectors, left.values};
    // Directions that hold nothing but rounding are no directions.
    const double least = 1e-7 * (left.values.size() > 0 ? left.values(0) : 0.0);
    for (Eigen::Index k = 0; k < result.values.size(); ++k)
        result.vectors.col(k) *= result.values(k) > least ? 1.0 / result.values(k) : 0.0;
    return result;
}

/// What each direction removes of the squared error beyond those before it, for any A and B:
/// |E - X A^T B^T|^2 = |E|^2 - 2 sum_k a_k C b_k + sum_jk (a_j G a_k)(b_j . b_k).
std::vector<double> energyRemoved(const RowMatrixD& down, const RowMatrixD& up, const ErrorMoments& moments)
{
    const RowMatrixD inputs = down * moments.gram * down.transpose(), outputs = up.transpose() * up, explained = down * moments.cross;
    std::vector<double> removed;
    for (Eigen::Index k = 0; k < down.rows(); ++k) {
        double energy = inputs(k, k) * outputs(k, k);
        for (Eigen::Index j = 0; j < k; ++j)
            energy += 2.0 * inputs(j, k) * outputs(j, k);
        removed.push_back(2.0 * explained.row(k).dot(up.col(k)) - energy);
    }
    return removed;
}

/// fitToActivations for errors whose cross moments and prior are given in some measure of their own.
SurrogateFit regression(const ErrorMoments& moments, const RowMatrixD& cross, const RowMatrixD& known, double priorVectors)
{
    const Eigen::Index columns = moments.gram.rows(), rows = cross.cols();
    const double squaredLength = moments.vectors > 0 ? moments.gram.trace() / static_cast<double>(moments.vectors) : 0.0;
    // Inputs that are all zero on the calibration data teach nothing: then any ridge leaves the known error alone.
    const double ridge = squaredLength > 0 ? priorVectors * squaredLength : 1.0;
    RowMatrixD regularized = moments.gram;
    regularized.diagonal().array() += ridge;
    const Eigen::LLT<RowMatrixD> root(regularized);
    const RowMatrixD solution = known + root.solve(cross - moments.gram * known);
    // (G + ridge I) M = C + ridge D^T saves another product with the large G.
    const RowMatrixD explained = solution.transpose() * cross;                     // M^T C: m x m
    const RowMatrixD spread = explained + ridge * (solution.transpose() * known);  // M^T (G + ridge I) M
    const RowMatrixD energy = spread - ridge * (solution.transpose() * solution);  // M^T G M
    const Directions found = columns < rows ? directionsOfFactor(root.matrixU() * solution) : directionsOfGram(spread, rows);

    SurrogateFit fit;
    fit.up = found.vectors;
    fit.down = (solution * found.vectors).transpose();
    begin(fit.report, moments, found.values);
    for (Eigen::Index k = 0; k < found.vectors.cols(); ++k) {
        const double gain = found.vectors.col(k).dot(explained * found.vectors.col(k));
        const double cost = std::max(found.vectors.col(k).dot(energy * found.vectors.col(k)), 0.0);
        const double strength = cost > 0 ? std::clamp(gain / cost, 0.0, 1.0) : 0.0;
        fit.down.row(k) *= strength;
        fit.report.gains.push_back(2.0 * strength * gain - strength * strength * cost);
    }
    return fit;
}

}  // namespace

double SurrogateReport::floorEnergy() const
{
    return std::max(0.0, residualEnergy - std::accumulate(removedEnergy.begin(), removedEnergy.end(), 0.0));
}

double SurrogateReport::predictedSqnr(int wanted) const
{
    const auto count = std::min(static_cast<std::size_t>(std::max(wanted, 0)), removedEnergy.size());
    const double left =
        residualEnergy - std::accumulate(removedEnergy.begin(), removedEnergy.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
    // What is left of the signal below float precision is rounding of the sums, not error of the layer.
    if (left <= signalEnergy * 1e-14)
        return std::numeric_limits<double>::infinity();
    return 10.0 * std::log10(signalEnergy / left);
}

SurrogateFit fitToActivations(const ErrorMoments& moments, const RowMatrix& weightError, double priorVectors)
{
    SurrogateFit fit = regression(moments, moments.cross, weightError.transpose().cast<double>(), priorVectors);
    fit.report.removedEnergy = fit.report.gains;
    return fit;
}

SurrogateFit fitToLoss(const ErrorMoments& moments, const RowMatrix& weightError, std::span<const float> importance, double priorVectors)
{
    Eigen::VectorXd weight =
        Eigen::Map<const Eigen::VectorXf>(importance.data(), static_cast<Eigen::Index>(importance.size())).cast<double>();
    // A layer that no loss depends on is fitted as if all its rows were equal.
    const double mean = weight.mean();
    weight = mean > 0 ? weight.cwiseMax(kLeastImportance * mean).cwiseSqrt().eval() : Eigen::VectorXd::Ones(weight.size()).eval();
    SurrogateFit fit = regression(moments, moments.cross * weight.asDiagonal(),
                                  weightError.transpose().cast<double>() * weight.asDiagonal(), priorVectors);
    fit.up = weight.cwiseInverse().asDiagonal() * fit.up;
    fit.report.removedEnergy = energyRemoved(fit.down, fit.up, moments);
    return fit;
}

SurrogateFit fitToWeightError(const ErrorMoments& moments, const RowMatrix& weightError, InputMetric metric)
{
    const RowMatrixD known = weightError.transpose().cast<double>();  // D^T: n x m
    const Eigen::Index columns = known.rows(), rows = known.cols();
    Directions found;
    if (metric == InputMetric::Moments && columns >= rows) {
        found = directionsOfGram(known.transpose() * (moments.gram * known), rows);
    } else if (metric == InputMetric::Moments) {
        RowMatrixD regularized = moments.gram;  // only so that it has a root
        regularized.diagonal().array() += 1e-9 * std::max(moments.gram.trace() / static_cast<double>(columns), 1e-30);
        const Eigen::LLT<RowMatrixD> root(regularized);
        found = directionsOfFactor(root.matrixU() * known);
    } else {
        Eigen::VectorXd magnitude = Eigen::VectorXd::Ones(columns);
        if (metric == InputMetric::Magnitudes && moments.absolute.maxCoeff() > 0)
            magnitude = moments.absolute.cwiseMax(1e-6 * moments.absolute.maxCoeff());
        found = directionsOfFactor(magnitude.asDiagonal() * known);
    }
    SurrogateFit fit;
    fit.up = found.vectors;
    fit.down = found.vectors.transpose() * known.transpose();
    begin(fit.report, moments, found.values);
    fit.report.removedEnergy = fit.report.gains = energyRemoved(fit.down, fit.up, moments);
    return fit;
}

SurrogateFit fitFromStored(const StoredPath& path, const ErrorMoments& moments)
{
    SurrogateFit fit;
    fit.down = path.down.cast<double>();
    fit.up = path.up.cast<double>();
    fit.isStored = true;
    begin(fit.report, moments, (fit.down.rowwise().norm().array() * fit.up.colwise().norm().transpose().array()).matrix());
    fit.report.removedEnergy = fit.report.gains = energyRemoved(fit.down, fit.up, moments);
    return fit;
}

RecoveryPath SurrogateFit::path(const SurrogatePlan& plan) const
{
    const Eigen::Index rank = std::min<Eigen::Index>(plan.rank, fullRank());
    // Each direction's strength is shared evenly between A and B, so that neither wastes a narrow format's range.
    RowMatrixD narrowDown = down.topRows(rank), narrowUp = up.leftCols(rank);
    for (Eigen::Index k = 0; k < rank && !isStored; ++k) {
        const double balance = std::sqrt(narrowDown.row(k).norm());
        if (balance > 0) {
            narrowDown.row(k) /= balance;
            narrowUp.col(k) *= balance;
        }
    }
    return {rounded(narrowDown, plan.format), rounded(narrowUp, plan.format), plan.input};
}

}  // namespace core
