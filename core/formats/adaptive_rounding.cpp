// SPDX-License-Identifier: Apache-2.0
#include "core/formats/adaptive_rounding.h"

#include "core/base/parallel.h"
#include "core/formats/codes.h"
#include "core/formats/weight_parts.h"

#include <algorithm>
#include <cassert>

namespace core {

namespace {

constexpr std::size_t kRowsPerChunk = 8;

/// The levels of a format, to find those on both sides of a weight.
class Neighbours {
public:
    explicit Neighbours(const NumberFormat& format) : m_levels(format.levels()) {}

    /// The value on the other side of `weight` than `value`, which it was rounded to; `value` itself where there is none.
    float otherThan(float value, float weight, CodeGrid grid) const
    {
        const float position = weight / grid.scale + grid.zeroPoint;
        const auto upper = std::lower_bound(m_levels.begin(), m_levels.end(), position);
        if (upper == m_levels.begin() || upper == m_levels.end())   // beyond the ends, or not a number
            return value;
        const float above = valueOf(*upper, grid), below = valueOf(*(upper - 1), grid);
        if (*upper == position)
            return value;
        return value == above ? below : value == below ? above : value;
    }

private:
    static float valueOf(float level, CodeGrid grid) { return grid.zeroPoint == 0 ? grid.scale * level : grid.scale * (level - grid.zeroPoint); }

    std::vector<float> m_levels;
};

std::size_t lastPointOf(const Treatment& treatment) { return static_cast<std::size_t>(std::max(1, treatment.points)) - 1; }

RowMatrix& pointOf(QuantizedMatrix& matrix, std::size_t point) { return matrix.points.empty() ? matrix.values : matrix.points[point]; }

/// By how much each weight may move: to its other neighbour, or not at all.
RowMatrixD stepsOf(const RowMatrix& weights, QuantizedMatrix& quantized, const std::vector<Treatment>& palette, const WeightParts& layout)
{
    std::vector<Neighbours> neighbours;
    for (const Treatment& treatment : palette)
        neighbours.emplace_back(treatment.format);
    RowMatrixD steps = RowMatrixD::Zero(weights.rows(), weights.cols());
    for (const WeightPart& part : layout.parts) {
        const RowMatrix& values = pointOf(quantized, part.point);
        for (std::size_t r = 0; r < part.rows.size(); ++r) {
            if (lastPointOf(palette[part.entries[r]]) != part.point)
                continue;
            const Eigen::Index row = part.rows[r];
            for (std::size_t c = 0; c < part.columns.size(); ++c) {
                const Eigen::Index column = part.columns[c];
                const std::size_t s = part.scaleOf(palette, r, c);
                const CodeGrid grid{quantized.scales[s], quantized.zeroPoints.empty() ? 0.0f : quantized.zeroPoints[s]};
                float rest = weights(row, column);
                for (std::size_t point = 0; point < part.point; ++point)
                    rest -= quantized.points[point](row, column);
                const float value = values(row, column), other = neighbours[part.entries[r]].otherThan(value, rest, grid);
                steps(row, column) = static_cast<double>(other) - static_cast<double>(value);
            }
        }
    }
    return steps;
}

/// One row's search: of all weights the one whose move gains most, then, where no single one gains, the pair of which one is
/// among the kPartners that lose least alone. `steps` and `slopes` are used up; a moved weight's step has changed its sign.
class RowSearch {
public:
    RowSearch(Eigen::Ref<Eigen::RowVectorXd> steps, Eigen::Ref<Eigen::RowVectorXd> slopes, const RowMatrixD& gram)
        : m_steps(steps), m_slopes(slopes), m_gram(gram), m_squares(steps.array().square() * gram.diagonal().transpose().array())
    {
        for (Eigen::Index column = 0; column < steps.size(); ++column)
            if (steps[column] != 0)
                m_movable.push_back(column);
        m_enough = 1e-13 * m_squares.sum();   // what is less is rounding of these sums, and might come and go for ever
    }

    /// How much squared error is gone.
    double run()
    {
        double removed = 0;
        for (double gained = gain(); gained > 0; gained = gain())
            removed += gained;
        return removed;
    }

private:
    double gain()
    {
        m_changes = m_squares.array() - 2.0 * m_steps.array() * m_slopes.array();
        const double change = m_changes.minCoeff();
        if (change < -m_enough) {
            move(firstOf(m_changes, change));
            return -change;
        }
        return gainByPair();
    }

    double gainByPair()
    {
        const auto count = std::min(kPartners, std::ssize(m_movable));
        std::vector<Eigen::Index> partners = m_movable;
        std::partial_sort(partners.begin(), partners.begin() + count, partners.end(), [this](Eigen::Index a, Eigen::Index b) {
            return m_changes[a] < m_changes[b] || (m_changes[a] == m_changes[b] && a < b);
        });
        double best = -m_enough;
        Eigen::Index first = -1, second = -1;
        for (const Eigen::Index partner : std::span(partners).first(static_cast<std::size_t>(count))) {
            m_together = m_changes.array() + 2.0 * m_steps[partner] * m_steps.array() * m_gram.row(partner).array();
            m_together[partner] = 0;
            const double least = m_together.minCoeff();
            if (m_changes[partner] + least < best) {
                best = m_changes[partner] + least;
                first = partner;
                second = firstOf(m_together, least);
            }
        }
        if (first < 0)
            return 0;
        move(first);
        move(second);
        return -best;
    }

    void move(Eigen::Index column)
    {
        m_slopes -= m_steps[column] * m_gram.row(column);
        m_steps[column] = -m_steps[column];
    }

    static Eigen::Index firstOf(const Eigen::RowVectorXd& values, double value) { return std::find(values.data(), values.data() + values.size(), value) - values.data(); }

    static constexpr std::ptrdiff_t kPartners = 32;

    Eigen::Ref<Eigen::RowVectorXd> m_steps, m_slopes;
    const RowMatrixD& m_gram;
    Eigen::RowVectorXd m_squares, m_changes, m_together;   // m_squares: step^2 G, which a sign does not change
    std::vector<Eigen::Index> m_movable;
    double m_enough = 0;
};

}  // namespace

OutputErrors OutputErrors::ofWeights(const RowMatrix& weights, const RowMatrix& quantized, std::vector<RowMatrixD> grams)
{
    OutputErrors errors{std::move(grams), RowMatrixD(weights.rows(), weights.cols())};
    const RowMatrixD lost = weights.cast<double>() - quantized.cast<double>();
    const Eigen::Index rows = weights.rows() / static_cast<Eigen::Index>(errors.grams.size());
    for (std::size_t group = 0; group < errors.grams.size(); ++group) {
        const Eigen::Index first = static_cast<Eigen::Index>(group) * rows;
        errors.slopes.middleRows(first, rows).noalias() = lost.middleRows(first, rows) * errors.grams[group];
    }
    return errors;
}

AdaptiveRounding roundAdaptively(const RowMatrix& weights, QuantizedMatrix quantized, const std::vector<Treatment>& palette, const PaletteChoices& choices,
                                 const OutputErrors& errors, int threads)
{
    assert(errors.slopes.rows() == weights.rows() && errors.slopes.cols() == weights.cols());
    const WeightParts layout = weightParts(palette, choices, weights.rows(), weights.cols());
    const RowMatrixD before = stepsOf(weights, quantized, palette, layout);
    RowMatrixD after = before, slopes = errors.slopes;
    AdaptiveRounding result;
    result.removed.resize(static_cast<std::size_t>(weights.rows()));
    forEachChunk(result.removed.size(), kRowsPerChunk, threads, [&](const Chunk& chunk) {
        for (std::size_t row = chunk.begin; row < chunk.end; ++row) {
            const auto r = static_cast<Eigen::Index>(row);
            result.removed[row] = RowSearch(after.row(r), slopes.row(r), errors.gramOf(r)).run();
        }
        return true;
    });
    for (const WeightPart& part : layout.parts) {
        RowMatrix& values = pointOf(quantized, part.point);
        for (std::size_t r = 0; r < part.rows.size(); ++r)
            for (const Eigen::Index column : part.columns)
                if (const Eigen::Index row = part.rows[r]; lastPointOf(palette[part.entries[r]]) == part.point && after(row, column) != before(row, column)) {
                    // The sum of a level and the way to its neighbour is that neighbour: both are floats, and the way was taken in double.
                    values(row, column) = static_cast<float>(static_cast<double>(values(row, column)) + before(row, column));
                    ++result.moved;
                }
    }
    for (std::size_t point = 0; point < quantized.points.size(); ++point)
        quantized.values = point == 0 ? quantized.points[point] : RowMatrix(quantized.values + quantized.points[point]);
    result.matrix = std::move(quantized);
    return result;
}

}  // namespace core
