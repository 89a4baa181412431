// SPDX-License-Identifier: Apache-2.0
#include "core/engine/corrections.h"

#include "core/base/parallel.h"
#include "core/engine/kernel_threads.h"
#include "core/engine/patches.h"
#include "core/engine/surrogate_fit.h"

#include <dnnl.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr std::size_t kParts = 4;   // few, whatever the number of threads: each is one product, and they are added in one order

/// Vectors a correction looks at, at most: as for a recovery fit, positions of one picture resemble one another.
std::int64_t wantedVectors(std::int64_t columns) { return std::max<std::int64_t>(4096, 8 * columns); }

/// x W^T: what vectors (one a row) give at these rows of weights.
RowMatrix product(const RowMatrix& x, const Eigen::Ref<const RowMatrix>& weights)
{
    useOneKernelThread();
    RowMatrix result(x.rows(), weights.rows());
    dnnl_sgemm('N', 'T', x.rows(), weights.rows(), x.cols(), 1.0f, x.data(), x.cols(), weights.data(), weights.cols(), 0.0f, result.data(), weights.rows());
    return result;
}

/// The vectors of some batches, evenly spread over all of them.
class VectorChoice {
public:
    VectorChoice(const Patches& patches, std::size_t batches) : m_perBatch(patches.vectors())
    {
        const std::int64_t total = m_perBatch * static_cast<std::int64_t>(batches), wanted = wantedVectors(patches.columns());
        m_stride = total > wanted ? ((total + wanted - 1) / wanted) | 1 : 1;   // odd: does not lock onto a row of pixels
    }

    struct Place { std::size_t batch; std::int64_t vector; };
    std::vector<Place> within(const Chunk& batches) const
    {
        std::vector<Place> places;
        const std::int64_t begin = static_cast<std::int64_t>(batches.begin) * m_perBatch, end = static_cast<std::int64_t>(batches.end) * m_perBatch;
        for (std::int64_t at = (begin + m_stride - 1) / m_stride * m_stride; at < end; at += m_stride)
            places.push_back({static_cast<std::size_t>(at / m_perBatch), at % m_perBatch});
        return places;
    }

private:
    std::int64_t m_perBatch, m_stride = 1;
};

/// Inputs with a last column of ones, which stands for the bias, and the errors before the weights are rounded.
struct Measured { RowMatrix x, errors; };

Measured measuredAt(const CorrectionCase& at, const std::vector<Tensor>& inputs, const Patches& patches, std::span<const VectorChoice::Place> places, int group)
{
    const WeightedLayer& layer = at.layer;
    const Eigen::Index count = std::ssize(places), columns = layer.columns, rows = layer.rows / layer.groups, firstRow = group * rows;
    RowMatrix x(count, columns), target(count, rows);
    for (Eigen::Index v = 0; v < count; ++v) {
        const auto [batch, vector] = places[static_cast<std::size_t>(v)];
        patches.gather(inputs[batch].values<float>().data(), vector, group, 0.0f, x.row(v).data());
        const auto wanted = at.reference.layerOutputs[batch][layer.index.value()].values<float>();
        for (Eigen::Index row = 0; row < rows; ++row) {
            const float bias = layer.bias.empty() ? 0.0f : layer.bias[static_cast<std::size_t>(firstRow + row)];
            target(v, row) = wanted[static_cast<std::size_t>(patches.outputOffset(vector, firstRow + row))] - bias;
        }
    }
    Measured measured{RowMatrix(count, columns + 1), target - product(x, layer.weights.middleRows(firstRow, rows))};
    measured.x.leftCols(columns) = x;
    measured.x.col(columns).setOnes();
    return measured;
}

/// The moments of one group from those with a column of ones; about the means where the bias is free to follow.
void takeMoments(const ErrorMoments& sum, bool hasFreeBias, RowMatrixD& gram, Eigen::Ref<RowMatrixD> cross)
{
    const Eigen::Index columns = sum.gram.rows() - 1;
    gram = sum.gram.topLeftCorner(columns, columns);
    cross = sum.cross.topRows(columns).transpose();
    if (!hasFreeBias || sum.vectors == 0)
        return;
    const Eigen::VectorXd mean = sum.gram.col(columns).head(columns) / static_cast<double>(sum.vectors);
    gram -= static_cast<double>(sum.vectors) * mean * mean.transpose();
    cross -= sum.cross.row(columns).transpose() * mean.transpose();
}

}  // namespace

const ChannelScales& CorrectionOrders::scalesOf(LayerIndex layer) const
{
    static const ChannelScales kNone;
    const auto found = equalization.scales.find(layer);
    return found == equalization.scales.end() ? kNone : found->second;
}

CorrectionOrders correctionOrders(const EngineContext& context, const std::vector<LayerTreatment>& treatments)
{
    CorrectionOrders orders;
    std::vector<bool> asks;
    for (const LayerTreatment& treatment : treatments) {
        asks.push_back(treatment.correction && treatment.correction->equalize);
        if (treatment.correction && treatment.correction->needsSamples())
            orders.samples = std::max<std::int64_t>(orders.samples, treatment.correction->calibrationSamples);
    }
    orders.equalization = equalizedChannels(context, asks);
    return orders;
}

bool InputMoments::isFinite() const
{
    return cross.allFinite() && std::all_of(grams.begin(), grams.end(), [](const RowMatrixD& gram) { return gram.allFinite(); });
}

OutputErrors InputMoments::errorsOf(const RowMatrix& weights, const RowMatrix& quantized, double prior) const
{
    std::vector<RowMatrixD> steady = grams;
    for (RowMatrixD& gram : steady)
        gram.diagonal().array() += vectors > 0 ? prior * gram.trace() / static_cast<double>(vectors) : 1.0;
    OutputErrors errors = OutputErrors::ofWeights(weights, quantized, std::move(steady));
    errors.slopes += cross;
    return errors;
}

void InputMoments::scaleBy(const ChannelScales& scales, const WeightedLayer& layer)
{
    if (!scales.rows.empty())
        for (Eigen::Index row = 0; row < cross.rows(); ++row)
            cross.row(row) /= static_cast<double>(scales.rows[static_cast<std::size_t>(row)]);
    if (scales.inputs.empty())
        return;
    const Eigen::Index rows = layer.rows / layer.groups;
    for (int group = 0; group < layer.groups; ++group)
        for (Eigen::Index column = 0; column < layer.columns; ++column) {
            const double scale = static_cast<double>(scales.inputs[static_cast<std::size_t>(group * layer.channels() + column / layer.columnsPerChannel)]);
            RowMatrixD& gram = grams[static_cast<std::size_t>(group)];
            gram.row(column) /= scale;
            gram.col(column) /= scale;
            cross.col(column).segment(group * rows, rows) /= scale;
        }
}

Result<InputMoments> measureInputs(const CorrectionCase& at, const InputTreatment& input, bool hasFreeBias, const RunControl& control)
{
    const WeightedLayer& layer = at.layer;
    std::vector<Tensor> inputs = at.degraded;
    forEachChunk(inputs.size(), 1, at.threads, [&](const Chunk& chunk) {
        Tensor& tensor = inputs[chunk.index];
        if (!input.isExact()) {
            const InputGeometry geometry = InputGeometry::of(layer, tensor.shape());
            const std::span<float> values = tensor.edit<float>();
            input.apply(geometry, values, values);
        }
        return !control.stopped();
    });
    const Patches patches(*at.context.network, layer, inputs.front().shape(), at.context.values[at.context.outputOf(layer.index).value()].shape);
    const VectorChoice choice(patches, inputs.size());
    InputMoments moments{{}, RowMatrixD(layer.rows, layer.columns), 0};
    moments.grams.resize(static_cast<std::size_t>(layer.groups));
    const Eigen::Index rows = layer.rows / layer.groups;
    for (int group = 0; group < layer.groups && !control.stopped(); ++group) {
        std::vector<ErrorMoments> parts(kParts, ErrorMoments(0, 0));
        forEachChunk(inputs.size(), (inputs.size() + kParts - 1) / kParts, at.threads, [&](const Chunk& chunk) {
            const auto places = choice.within(chunk);
            const Measured measured = measuredAt(at, inputs, patches, places, group);
            parts[chunk.index] = ErrorMoments(layer.columns + 1, rows);
            if (!places.empty())
                parts[chunk.index].add(measured.x, measured.errors, measured.errors);
            return true;
        });
        ErrorMoments sum(layer.columns + 1, rows);
        for (const ErrorMoments& part : parts)
            if (part.vectors > 0)
                sum += part;
        takeMoments(sum, hasFreeBias, moments.grams[static_cast<std::size_t>(group)], moments.cross.middleRows(group * rows, rows));
        moments.vectors = sum.vectors;
    }
    if (control.stopped())
        return stoppedProblem();
    return moments;
}

Result<std::optional<std::vector<float>>> meanErrors(const CorrectionCase& at, const CompiledLayerPtr& main, const RunControl& control)
{
    const WeightedLayer& layer = at.layer;
    const ValueIndex input = at.context.inputOf(layer.index), output = at.context.outputOf(layer.index);
    std::vector<CompiledLayerPtr> compiled = at.context.exact;
    compiled[layer.index.value()] = main;
    const std::vector<NodeGroup> alone{{{layer.node}, layer.index}};
    BatchedTensors inputs;
    for (const Tensor& tensor : at.degraded)
        inputs.push_back({tensor});
    CORE_TRY(const auto outputs, runBatches(at.context, {compiled, alone, {input}, {output}, at.threads, 0}, inputs, control));

    const Patches patches(*at.context.network, layer, at.degraded.front().shape(), outputs.front().front().shape());
    RowMatrixD sums = RowMatrixD::Zero(std::ssize(outputs), layer.rows);   // of each batch, added up in one order
    forEachChunk(outputs.size(), 1, at.threads, [&](const Chunk& chunk) {
        const auto wanted = at.reference.layerOutputs[chunk.index][layer.index.value()].values<float>(), got = outputs[chunk.index].front().values<float>();
        for (std::int64_t vector = 0; vector < patches.vectors(); ++vector)
            for (Eigen::Index row = 0; row < layer.rows; ++row) {
                const auto place = static_cast<std::size_t>(patches.outputOffset(vector, row));
                sums(static_cast<Eigen::Index>(chunk.index), row) += static_cast<double>(wanted[place]) - static_cast<double>(got[place]);
            }
        return true;
    });
    const Eigen::RowVectorXd means = sums.colwise().sum() / static_cast<double>(patches.vectors() * std::ssize(outputs));
    if (!means.allFinite())
        return std::optional<std::vector<float>>();
    std::vector<float> result(static_cast<std::size_t>(layer.rows));
    std::transform(means.data(), means.data() + means.size(), result.begin(), [](double mean) { return static_cast<float>(mean); });
    return std::optional(std::move(result));
}

}  // namespace core
