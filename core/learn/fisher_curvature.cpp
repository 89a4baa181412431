// SPDX-License-Identifier: Apache-2.0
#include "core/learn/curvature.h"
#include "core/learn/layer_vectors.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr std::int64_t kMostVectors = 16384;    // of a layer, evenly spread: positions of one picture resemble one another

}  // namespace

Result<std::vector<double>> topFisherEigenvaluesOfRows(const CurvatureSubject& subject, LayerIndex layer, const EigenRequest& request, const RunControl& control)
{
    const EngineContext& context = subject.graph.context();
    const WeightedLayer& weighted = context.layers[layer.value()];
    const std::int64_t samples = subject.inputs.dimension(0), total = samples * weighted.positions;
    const std::int64_t stride = std::max<std::int64_t>(1, (total + kMostVectors - 1) / kMostVectors) | 1;
    const auto groups = static_cast<std::size_t>(weighted.groups);
    const std::size_t chunks = static_cast<std::size_t>((samples + subject.graph.batch() - 1) / subject.graph.batch());
    std::vector<std::vector<LayerVectors>> parts(chunks, std::vector<LayerVectors>(groups));
    const auto keep = [&](const GradientChunk& chunk) {
        forEachGroup(context, weighted, chunk, [&](int group, const LayerVectors& all) {
            const std::int64_t begin = chunk.first * all.positions, first = (begin + stride - 1) / stride * stride - begin;
            const Eigen::Index count = first < all.inputs.rows() ? (all.inputs.rows() - first + stride - 1) / stride : 0;
            LayerVectors& some = parts[chunk.index][static_cast<std::size_t>(group)];
            some = {RowMatrix(count, all.inputs.cols()), RowMatrix(count, all.gradients.cols()), all.positions};
            for (Eigen::Index v = 0; v < count; ++v) {
                some.inputs.row(v) = all.inputs.row(first + v * stride);
                some.gradients.row(v) = all.gradients.row(first + v * stride);
            }
        });
    };
    CORE_TRY(subject.graph.differentiate({.settings = subject.settings, .inputs = subject.inputs, .objective = subject.objective, .ofWeights = false, .ofRecovery = false,
                                          .threads = subject.threads, .visit = keep}, control));
    std::vector<double> values;
    for (std::size_t group = 0; group < groups; ++group) {
        Eigen::Index count = 0;
        for (const auto& part : parts)
            count += part[group].inputs.rows();
        RowMatrixD x(count, weighted.columns), weights(count, weighted.rows / weighted.groups);
        Eigen::Index at = 0;
        for (const auto& part : parts) {
            x.middleRows(at, part[group].inputs.rows()) = part[group].inputs.cast<double>();
            weights.middleRows(at, part[group].inputs.rows()) = part[group].gradients.cast<double>().array().square();
            at += part[group].inputs.rows();
        }
        const double scale = static_cast<double>(parts.front()[group].positions) / static_cast<double>(std::max<Eigen::Index>(count, 1));
        // H_r v_r = mean over vectors of g_r^2 x (x . v_r), for all rows at once; the start has no zero, so it meets every direction.
        RowMatrixD v = RowMatrixD::Constant(weights.cols(), x.cols(), 1.0);
        for (Eigen::Index i = 0; i < v.size(); ++i)
            v.data()[i] += 0.5 * std::sin(static_cast<double>(i + 1 + static_cast<Eigen::Index>(request.seed)));
        v.rowwise().normalize();
        Eigen::VectorXd top = Eigen::VectorXd::Zero(v.rows());
        for (int step = 0; step < request.mostSteps; ++step) {
            if (control.stopped())
                return stoppedProblem();
            const RowMatrixD reached = (x * v.transpose()).array() * weights.array();
            const RowMatrixD image = reached.transpose() * x * scale;
            bool allSettled = step > 0;
            for (Eigen::Index row = 0; row < v.rows(); ++row) {
                const double before = top[row], length = image.row(row).norm();
                top[row] = v.row(row).dot(image.row(row));
                allSettled = allSettled && std::abs(top[row] - before) <= request.tolerance * std::abs(top[row]);
                if (length > 0)
                    v.row(row) = image.row(row) / length;
            }
            if (allSettled)
                break;
        }
        values.insert(values.end(), top.data(), top.data() + top.size());
    }
    return values;
}

}  // namespace core
