// SPDX-License-Identifier: Apache-2.0
#include "core/eval/score_figures.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

std::vector<double> softmax(std::vector<double> logits)
{
    const double top = *std::max_element(logits.begin(), logits.end());
    double mass = 0;
    for (double& logit : logits)
        mass += logit = std::exp(logit - top);
    for (double& p : logits)
        p /= mass;
    return logits;
}

double errorMass(const std::vector<double>& made, const std::vector<double>& exact)
{
    double sum = 0;
    for (std::size_t i = 0; i < made.size(); ++i)
        sum += std::abs(made[i] - exact[i]) / 2;
    return std::isnan(sum) ? 1 : sum;  // a logit left its format: nothing of the answer is right
}

/// Sums over the queries of one batch.
struct Part {
    std::int64_t logits = 0, high = 0, queries = 0;
    double mass = 0, lowMass = 0;
};

std::vector<double> scaled(const float* logits, std::int64_t count, double scale)
{
    std::vector<double> result(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = scale * static_cast<double>(logits[i]);
    return result;
}

std::vector<double> exactLogits(const ScoreMatrix& matrix, std::int64_t query, double scale)
{
    std::vector<double> logits(static_cast<std::size_t>(matrix.columns), 0.0);
    for (std::int64_t k = 0; k < matrix.width; ++k)
        for (std::int64_t c = 0; c < matrix.columns; ++c)
            logits[static_cast<std::size_t>(c)] += scale * static_cast<double>(matrix.queries[query * matrix.width + k]) *
                                                   static_cast<double>(matrix.keys[k * matrix.columns + c]);
    return logits;
}

Part look(const ScorePlan& plan, const ScoreStep::Orders& orders, const float* queries, const float* keys)
{
    ScorePlan allLow = plan;
    allLow.tolerance = std::numeric_limits<double>::max();
    ScoreScratch scratch;
    const auto count = static_cast<std::size_t>(orders.rows * orders.columns);
    std::vector<float> made(count), low(count);
    std::vector<std::uint8_t> chosen(count);
    Part part;
    for (std::int64_t m = 0; m < orders.matrices; ++m) {
        const ScoreMatrix matrix{queries + m * orders.rows * orders.width, keys + m * orders.width * orders.columns, orders.rows,
                                 orders.width, orders.columns};
        multiplyScores(plan, orders.scale, matrix, made.data(), scratch, chosen.data());
        multiplyScores(allLow, orders.scale, matrix, low.data(), scratch);
        part.logits += static_cast<std::int64_t>(count);
        part.high += std::count(chosen.begin(), chosen.end(), std::uint8_t{1});
        part.queries += orders.rows;
        for (std::int64_t query = 0; query < orders.rows; ++query) {
            const std::int64_t first = query * orders.columns;
            const std::vector<double> exact = softmax(exactLogits(matrix, query, orders.scale));
            part.mass += errorMass(softmax(scaled(made.data() + first, orders.columns, orders.scale)), exact);
            part.lowMass += errorMass(softmax(scaled(low.data() + first, orders.columns, orders.scale)), exact);
        }
    }
    return part;
}

}  // namespace

ScoreFigures scoreFigures(const ScorePlan& plan, double scale, const std::vector<Tensor>& queries, const std::vector<Tensor>& keys,
                          int threads)
{
    std::vector<Part> parts(queries.size());
    forEachChunk(queries.size(), 1, threads, [&](const Chunk& chunk) {
        const Tensor &left = queries[chunk.index], &right = keys[chunk.index];
        if (const auto orders = ScoreStep::Orders::of(plan, scale, left.shape(), right.shape()))
            parts[chunk.index] = look(plan, *orders, left.values<float>().data(), right.values<float>().data());
        return true;
    });
    Part all;
    for (const Part& part : parts) {
        all.logits += part.logits;
        all.high += part.high;
        all.queries += part.queries;
        all.mass += part.mass;
        all.lowMass += part.lowMass;
    }
    ScoreFigures figures;
    figures.logits = all.logits;
    if (all.logits == 0)
        return figures;
    figures.recomputedFraction = static_cast<double>(all.high) / static_cast<double>(all.logits);
    figures.errorMass = all.mass / static_cast<double>(all.queries);
    figures.lowErrorMass = all.lowMass / static_cast<double>(all.queries);
    return figures;
}

}  // namespace core
