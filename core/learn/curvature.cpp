// SPDX-License-Identifier: Apache-2.0
#include "core/learn/curvature.h"

#include "core/base/noise.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

std::vector<LayerSetting> settingsFrom(const CurvatureSubject& subject)
{
    if (subject.settings.empty())
        return std::vector<LayerSetting>(subject.graph.layers().size());
    return {subject.settings.begin(), subject.settings.end()};
}

const RowMatrix& weightsAt(const CurvatureSubject& subject, LayerIndex layer)
{
    const std::size_t l = layer.value();
    return subject.settings.empty() || !subject.settings[l].weights ? subject.graph.layers()[l].weights : *subject.settings[l].weights;
}

double lengthOf(const RowMatrix& weights)
{
    const double length = weights.cast<double>().norm();
    return length > 0 ? length : 1.0;
}

/// Directions of several layers; an empty matrix leaves a layer where it is.
using Directions = std::vector<RowMatrixD>;

/// (g(W + d) - g(W - d)) / 2 of every layer.
Result<Directions> gradientDifference(const CurvatureSubject& subject, const Directions& moves, const RunControl& control)
{
    std::vector<LayerSetting> settings = settingsFrom(subject);
    std::array<Gradients, 2> sides;
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        for (std::size_t l = 0; l < moves.size(); ++l)
            if (moves[l].size() > 0)
                settings[l].weights = (weightsAt(subject, LayerIndex(l)).cast<double>() + (side == 0 ? 1.0 : -1.0) * moves[l]).cast<float>();
        CORE_TRY(sides[side], subject.graph.differentiate({.settings = settings, .inputs = subject.inputs, .objective = subject.objective, .ofRecovery = false, .threads = subject.threads}, control));
    }
    Directions result(moves.size());
    for (std::size_t l = 0; l < moves.size(); ++l)
        result[l] = (sides[0].layers[l].weights.cast<double>() - sides[1].layers[l].weights.cast<double>()) / 2;
    return result;
}

/// Random signs, a function of seed, probe, layer and place.
RowMatrixD signs(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed, std::uint32_t probe, std::size_t layer)
{
    const NoiseStream noise(seed, NoisePurpose::Initialization);
    RowMatrixD result(rows, columns);
    for (Eigen::Index i = 0; i < result.size(); ++i) {
        const auto place = static_cast<std::uint32_t>(i);
        const std::uint32_t word = noise.words({static_cast<std::uint32_t>(layer), probe, place / 128})[place / 32 % 4];
        result.data()[i] = (word >> (place % 32)) & 1u ? 1.0 : -1.0;
    }
    return result;
}

bool hasSettled(double before, double now, double tolerance) { return std::abs(now - before) <= tolerance * std::abs(now); }

}  // namespace

Result<RowMatrixD> hessianProduct(const CurvatureSubject& subject, LayerIndex layer, const RowMatrixD& v, const RunControl& control)
{
    const double length = v.norm();
    if (length == 0)
        return RowMatrixD(RowMatrixD::Zero(v.rows(), v.cols()));
    const double step = kRelativeStep * lengthOf(weightsAt(subject, layer)) / length;
    Directions moves(subject.graph.layers().size());
    moves[layer.value()] = step * v;
    CORE_TRY(const Directions difference, gradientDifference(subject, moves, control));
    return RowMatrixD(difference[layer.value()] / step);
}

Result<std::vector<LayerTrace>> hessianTraces(const CurvatureSubject& subject, const TraceRequest& request, std::span<const LayerIndex> layers, const RunControl& control)
{
    std::vector<LayerIndex> wanted(layers.begin(), layers.end());
    for (std::size_t l = 0; layers.empty() && l < subject.graph.layers().size(); ++l)
        wanted.emplace_back(l);
    std::vector<LayerTrace> traces(subject.graph.layers().size());
    std::vector<std::vector<double>> samples(traces.size());
    for (const LayerIndex layer : wanted)
        traces[layer.value()].rows.assign(static_cast<std::size_t>(subject.graph.layers()[layer.value()].rows), 0.0);

    // Together, layer l moves by step_l z_l; its part of the answer over step_l is (H z)_l and other layers' moves, whose mean
    // over random signs is zero.
    const std::size_t passes = request.probing == Probing::AllLayers ? 1 : wanted.size();
    for (std::size_t pass = 0; pass < passes; ++pass) {
        const std::vector<LayerIndex> moved = request.probing == Probing::AllLayers ? wanted : std::vector<LayerIndex>{wanted[pass]};
        for (int probe = 0; probe < request.probes; ++probe) {
            control.report((static_cast<double>(pass) + static_cast<double>(probe) / request.probes) / static_cast<double>(passes), "measuring curvature");
            Directions probes(traces.size()), moves(traces.size());
            std::vector<double> steps(traces.size(), 0.0);
            for (const LayerIndex layer : moved) {
                const RowMatrix& weights = weightsAt(subject, layer);
                const std::size_t l = layer.value();
                probes[l] = signs(weights.rows(), weights.cols(), request.seed, static_cast<std::uint32_t>(probe), l);
                steps[l] = kRelativeStep * lengthOf(weights) / probes[l].norm();
                moves[l] = steps[l] * probes[l];
            }
            CORE_TRY(const Directions difference, gradientDifference(subject, moves, control));
            for (const LayerIndex layer : moved) {
                const std::size_t l = layer.value();
                const Eigen::VectorXd rows = (probes[l].array() * difference[l].array()).rowwise().sum() / steps[l];
                for (Eigen::Index row = 0; row < rows.size(); ++row)
                    traces[l].rows[static_cast<std::size_t>(row)] += rows[row] / request.probes;
                samples[l].push_back(rows.sum());
            }
        }
    }
    for (const LayerIndex layer : wanted) {
        LayerTrace& trace = traces[layer.value()];
        const auto& drawn = samples[layer.value()];
        const auto count = static_cast<double>(drawn.size());
        for (const double one : drawn)
            trace.trace += one / count;
        double squares = 0;
        for (const double one : drawn)
            squares += (one - trace.trace) * (one - trace.trace);
        trace.standardError = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0.0;
    }
    return traces;
}

Result<Eigenpair> topEigenvalue(const CurvatureSubject& subject, LayerIndex layer, const EigenRequest& request, const RunControl& control)
{
    const RowMatrix& weights = weightsAt(subject, layer);
    Eigenpair pair{0, signs(weights.rows(), weights.cols(), request.seed, 0, layer.value()), 0};
    pair.vector.normalize();
    for (; pair.steps < request.mostSteps; ++pair.steps) {
        CORE_TRY(RowMatrixD image, hessianProduct(subject, layer, pair.vector, control));
        const double before = pair.value, length = image.norm();
        pair.value = (pair.vector.array() * image.array()).sum();
        if (length == 0 || (pair.steps > 0 && hasSettled(before, pair.value, request.tolerance)))
            break;
        pair.vector = image / length;
    }
    return pair;
}

namespace {

/// Power iterations of all rows at once. `multiply` gives every row's block times that row of v.
template <class Multiply>
Result<std::vector<double>> iterateRows(RowMatrixD v, const EigenRequest& request, Multiply&& multiply)
{
    v.rowwise().normalize();
    Eigen::VectorXd values = Eigen::VectorXd::Zero(v.rows());
    for (int step = 0; step < request.mostSteps; ++step) {
        CORE_TRY(const RowMatrixD image, multiply(v));
        bool allSettled = step > 0;
        for (Eigen::Index row = 0; row < v.rows(); ++row) {
            const double before = values[row], length = image.row(row).norm();
            values[row] = v.row(row).dot(image.row(row));
            allSettled = allSettled && hasSettled(before, values[row], request.tolerance);
            if (length > 0)
                v.row(row) = image.row(row) / length;
        }
        if (allSettled)
            break;
    }
    return std::vector<double>(values.data(), values.data() + values.size());
}

}  // namespace

Result<std::vector<double>> topEigenvaluesOfRows(const CurvatureSubject& subject, LayerIndex layer, RowCoupling coupling, const EigenRequest& request, const RunControl& control)
{
    const RowMatrix& weights = weightsAt(subject, layer);
    const RowMatrixD start = signs(weights.rows(), weights.cols(), request.seed, 0, layer.value());
    if (coupling == RowCoupling::Neglected)
        return iterateRows(start, request, [&](const RowMatrixD& v) -> Result<RowMatrixD> {
            // Every row moves by the same share of its own length.
            Eigen::VectorXd steps(v.rows());
            for (Eigen::Index row = 0; row < v.rows(); ++row)
                steps[row] = kRelativeStep * lengthOf(weights.row(row));
            Directions moves(subject.graph.layers().size());
            moves[layer.value()] = steps.asDiagonal() * v;
            CORE_TRY(const Directions difference, gradientDifference(subject, moves, control));
            return RowMatrixD(steps.cwiseInverse().asDiagonal() * difference[layer.value()]);
        });
    std::vector<double> values;
    for (Eigen::Index row = 0; row < weights.rows(); ++row) {
        control.report(static_cast<double>(row) / static_cast<double>(weights.rows()), "measuring curvature");
        const double step = kRelativeStep * lengthOf(weights.row(row));
        CORE_TRY(const std::vector<double> value, iterateRows(start.row(row), request, [&](const RowMatrixD& v) -> Result<RowMatrixD> {
            Directions moves(subject.graph.layers().size());
            moves[layer.value()] = RowMatrixD::Zero(weights.rows(), weights.cols());
            moves[layer.value()].row(row) = step * v.row(0);
            CORE_TRY(const Directions difference, gradientDifference(subject, moves, control));
            return RowMatrixD(difference[layer.value()].row(row) / step);
        }));
        values.push_back(value.front());
    }
    return values;
}

}  // namespace core
