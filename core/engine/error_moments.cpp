// SPDX-License-Identifier: Apache-2.0
#include "core/engine/error_moments.h"

#include "core/base/parallel.h"
#include "core/engine/array_step.h"
#include "core/engine/kernel_threads.h"

#include <dnnl.h>

#include <algorithm>
#include <cmath>

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

/// Input vectors a fit looks at, at most: positions of one picture resemble one another, and more than a few per column
/// only make a dial slower.
std::int64_t fitVectors(std::int64_t columns) { return std::max<std::int64_t>(2048, 4 * columns); }

}  // namespace

ErrorMoments::ErrorMoments(Eigen::Index columns, Eigen::Index rows)
    : gram(RowMatrixD::Zero(columns, columns)), cross(RowMatrixD::Zero(columns, rows)), absolute(Eigen::VectorXd::Zero(columns))
{
}

void ErrorMoments::add(const RowMatrix& x, const RowMatrix& errors, const RowMatrix& reference)
{
    gram += transposedProduct(x, x).cast<double>();
    cross += transposedProduct(x, errors).cast<double>();
    absolute += x.cast<double>().cwiseAbs().colwise().sum().transpose();
    vectors += x.rows();
    errorEnergy += errors.cast<double>().squaredNorm();
    signalEnergy += reference.cast<double>().squaredNorm();
}

bool ErrorMoments::isFinite() const
{
    return gram.allFinite() && cross.allFinite() && std::isfinite(errorEnergy) && std::isfinite(signalEnergy);
}

ErrorMoments& ErrorMoments::operator+=(const ErrorMoments& other)
{
    gram += other.gram;
    cross += other.cross;
    absolute += other.absolute;
    vectors += other.vectors;
    errorEnergy += other.errorEnergy;
    signalEnergy += other.signalEnergy;
    return *this;
}

Result<ErrorMoments> measureErrors(const ErrorMeasurement& m, const RunControl& control)
{
    std::vector<CompiledLayerPtr> compiled = m.context.exact;
    compiled[m.layer.index.value()] = m.main;
    const std::vector<NodeGroup> alone{{{m.layer.node}, m.layer.index}};
    BatchedTensors inputs;
    for (const Tensor& tensor : m.degraded)
        inputs.push_back({tensor});
    // An array takes long for a vector: it is asked for those that count, one by one.
    const bool isArray = m.main->array.has_value();
    BatchedTensors outputs;
    if (!isArray) {
        CORE_TRY(outputs, runBatches(m.context, {compiled, alone, {m.context.inputOf(m.layer.index)}, {m.context.outputOf(m.layer.index)}, m.threads, 0}, inputs, control));
    }

    const bool readsRounded = m.input == SurrogateInput::Quantized;
    if (readsRounded &&
        !m.main->input.uniform())  // the range depends on where a value lies, so whole inputs are rounded before vectors are picked
        for (auto& batch : inputs) {
            const InputGeometry geometry = InputGeometry::of(m.layer, batch.front().shape());
            m.main->input.apply(geometry, batch.front().values<float>(), batch.front().edit<float>());
        }
    const Patches patches(*m.context.network, m.layer, m.degraded.front().shape(), m.reference.layerOutputs.front()[m.layer.index.value()].shape());
    const std::int64_t total = patches.vectors() * static_cast<std::int64_t>(m.degraded.size());
    const std::int64_t wantedVectors = fitVectors(patches.columns());
    const std::int64_t stride = total > wantedVectors ? ((total + wantedVectors - 1) / wantedVectors) | 1 : 1;
    // Few parts, whatever the number of threads: each is one product, and they are added in one order.
    constexpr std::size_t kParts = 4;
    const std::size_t batchesPerPart = (m.degraded.size() + kParts - 1) / kParts;
    std::vector<ErrorMoments> parts(kParts, ErrorMoments(0, 0));
    forEachChunk(m.degraded.size(), batchesPerPart, m.threads, [&](const Chunk& chunk) {
        const std::int64_t begin = static_cast<std::int64_t>(chunk.begin) * patches.vectors(),
                           end = static_cast<std::int64_t>(chunk.end) * patches.vectors();
        const std::int64_t first = (begin + stride - 1) / stride * stride;
        const Eigen::Index count = first < end ? (end - first + stride - 1) / stride : 0;
        RowMatrix x(count, patches.columns()), errors(count, m.layer.rows), target(count, m.layer.rows);
        for (Eigen::Index v = 0; v < count; ++v) {
            const auto batch = static_cast<std::size_t>((first + v * stride) / patches.vectors());
            const std::int64_t vector = (first + v * stride) % patches.vectors();
            const auto wanted = m.reference.layerOutputs[batch][m.layer.index.value()].values<float>();
            patches.gather(inputs[batch].front().values<float>().data(), vector, 0, 0.0f, x.row(v).data());
            for (Eigen::Index row = 0; row < m.layer.rows; ++row) {
                const auto at = static_cast<std::size_t>(patches.outputOffset(vector, row));
                target(v, row) = wanted[at];
                if (!isArray)
                    errors(v, row) = wanted[at] - outputs[batch].front().values<float>()[at];
            }
        }
        if (isArray)
            errors = target - arrayOutputs(*m.main, x, first / stride);
        if (const ActivationQuantizer* quantizer = m.main->input.uniform(); quantizer && readsRounded)
            quantizer->applyInPlace({x.data(), static_cast<std::size_t>(x.size())});
        parts[chunk.index] = ErrorMoments(patches.columns(), m.layer.rows);
        if (count > 0)
            parts[chunk.index].add(x, errors, target);
        return true;
    });
    ErrorMoments sum(patches.columns(), m.layer.rows);
    for (const ErrorMoments& part : parts)
        if (part.vectors > 0)
            sum += part;
    return sum;
}

}  // namespace core
