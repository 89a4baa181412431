// SPDX-License-Identifier: Apache-2.0
#include "core/plan/accumulator_plan.h"

#include <fmt/format.h>

#include <cmath>

namespace core {

namespace {

class FlawFinder {
public:
    explicit FlawFinder(std::vector<Problem>& flaws) : m_flaws(flaws) {}

    void sumFormat(const char* place, const NumberFormat& format)
    {
        if (!isSumFormat(format))
            add(place, fmt::format("\"{}\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY", format.name()));
    }
    void range(const char* place, int value, int low, int high)
    {
        if (value < low || value > high)
            add(place, fmt::format("{}; wanted {} to {}", value, low, high));
    }
    void add(const char* place, std::string message) { m_flaws.push_back({place, std::move(message)}); }

private:
    std::vector<Problem>& m_flaws;
};

bool isTolerance(double value) { return std::isfinite(value) && value >= 0; }

void checkSum(const SumRule& sum, FlawFinder& flaws)
{
    flaws.range("block", sum.block, 0, kLargestSumBlock);
    if (sum.combine) {
        flaws.sumFormat("combine", *sum.combine);
        if (sum.block == 0)
            flaws.add("combine", fmt::format("\"{}\" without blocks to combine; wanted a block beside it", sum.combine->name()));
    }
    if (sum.order == SumOrder::Pairwise && sum.products == ProductRounding::Fused)
        flaws.add("product", "\"fused\" in a pairwise sum, which adds sums to sums; wanted rounded or fp32");
    if (sum.randomBits) {
        flaws.range("random_bits", *sum.randomBits, 1, kMostRandomBits);
        if (sum.format.isFloat32())
            flaws.add("rounding", "\"stochastic\" of fp32, whose steps have no finer bits here; wanted a narrower format");
    }
}

void checkMixed(const MixedSum& mixed, const NumberFormat& low, FlawFinder& flaws)
{
    flaws.sumFormat("mixed.high", mixed.high);
    if (isSumFormat(low) && isSumFormat(mixed.high) && unitRoundoff(mixed.high) > unitRoundoff(low))
        flaws.add("mixed.high",
                  fmt::format("\"{}\" is coarser than the low format {}; wanted one at least as fine", mixed.high.name(), low.name()));
    if (!isTolerance(mixed.tolerance))
        flaws.add("mixed.tolerance", fmt::format("{}; wanted a number of at least 0", mixed.tolerance));
    flaws.range("mixed.tile", mixed.tile, 1, kLargestSumTile);
    if (!(mixed.highRows >= 0 && mixed.highRows <= 1))
        flaws.add("mixed.static", fmt::format("{}; wanted a share of the rows, 0 to 1", mixed.highRows));
    if (!mixed.middle)
        return;
    flaws.sumFormat("mixed.middle.format", mixed.middle->format);
    if (!isTolerance(mixed.middle->tolerance) || !(mixed.middle->tolerance > mixed.tolerance))
        flaws.add("mixed.middle.tolerance",
                  fmt::format("{}; wanted more than the tolerance of {}", mixed.middle->tolerance, mixed.tolerance));
    if (mixed.isStatic())
        flaws.add("mixed.middle", "beside a static choice of rows, which knows two formats; wanted one of the two");
}

}  // namespace

std::vector<Problem> check(const AccumulatorPlan& accumulator)
{
    std::vector<Problem> flaws;
    FlawFinder finder(flaws);
    if (accumulator.integer) {
        finder.range("integer.bits", accumulator.integer->bits, kFewestSumBits, kMostSumBits);
        if (accumulator.mixed || accumulator.sum != SumRule{})
            finder.add("integer", "beside a floating-point sum; wanted one of the two");
        return flaws;
    }
    finder.sumFormat(accumulator.mixed ? "mixed.low" : "format", accumulator.sum.format);
    checkSum(accumulator.sum, finder);
    if (accumulator.mixed)
        checkMixed(*accumulator.mixed, accumulator.sum.format, finder);
    return flaws;
}

std::string text(const AccumulatorPlan& accumulator)
{
    if (accumulator.integer)
        return fmt::format("int{} {}", accumulator.integer->bits, integerOverflowName(accumulator.integer->overflow));
    const SumRule& sum = accumulator.sum;
    std::string words = sum.format.name();
    if (const auto& mixed = accumulator.mixed) {
        if (mixed->middle)
            words += fmt::format(" / {} above {:g}", mixed->middle->format.name(), mixed->tolerance);
        words += " / " + mixed->high.name();
        words += mixed->isStatic() ? fmt::format(" in {:g} % of the rows", 100 * mixed->highRows)
                                   : fmt::format(" above {:g}", mixed->middle ? mixed->middle->tolerance : mixed->tolerance);
        if (mixed->condition != MixedSum::Condition::Magnitude)
            words += fmt::format(" by the {} condition", mixedConditionName(mixed->condition));
        if (mixed->tile > 1)
            words += fmt::format(" in tiles of {}", mixed->tile);
        if (mixed->last != MixedSum::LastLayer::Identity)
            words += fmt::format(", last layer by {}", lastLayerName(mixed->last));
    }
    if (sum.products != accumulator.usualProducts())
        words += fmt::format(", products {}", productRoundingName(sum.products));
    if (sum.order != SumOrder::Sequential)
        words += fmt::format(" {}", sumOrderName(sum.order));
    if (sum.block > 0)
        words += fmt::format(" in blocks of {}", sum.block);
    if (sum.combine)
        words += fmt::format(" combined in {}", sum.combine->name());
    if (sum.randomBits)
        words += fmt::format(" by chance of {} bits", *sum.randomBits);
    return words;
}

}  // namespace core
