// SPDX-License-Identifier: Apache-2.0
#pragma once
// A waterfall without an engine: one that a test can derive by hand, and a source whose measuring the test holds.

#include "app/exploration/fake_source.h"

namespace app::test {

inline core::PairedDifference fakeDifference(double difference, double halfWidth)
{
    core::PairedDifference made;
    made.chips = 4;
    made.samples = 1000;
    made.difference = difference;
    made.low = difference - halfWidth;
    made.high = difference + halfWidth;
    made.probability = made.low > 0 || made.high < 0 ? 0.001 : 0.5;
    return made;
}

/// Ideal 98 %; variation takes 6 points, the converter 2 more, which is not significant; no read noise in the plan.
inline core::NoiseWaterfall fakeWaterfall(std::size_t known = 3)
{
    core::NoiseWaterfall made;
    made.network = "small";
    made.plan = "noisy";
    made.samples = 1000;
    made.chips = 4;
    made.referenceTop1 = {990, 1000};
    made.ideal = {0.98, 40.0};
    made.full = {0.90, 12.0};
    made.total = fakeDifference(-0.08, 0.01);
    made.effects.push_back({"variation",
                            "cell variation",
                            "every cell exact",
                            true,
                            {0.92, 15.0},
                            {0.96, 20.0},
                            {0.92, 15.0},
                            fakeDifference(-0.06, 0.01),
                            fakeDifference(0.06, 0.01),
                            fakeDifference(-0.06, 0.01)});
    made.effects.push_back({"read_noise",
                            "read noise",
                            "every read the same",
                            false,
                            {0.98, 40.0},
                            {0.90, 12.0},
                            {0.92, 15.0},
                            fakeDifference(0, 0.001),
                            fakeDifference(0, 0.001),
                            fakeDifference(0, 0.001)});
    made.effects.push_back({"converter",
                            "converter",
                            "sums as they are",
                            true,
                            {0.97, 22.0},
                            {0.92, 15.0},
                            {0.90, 12.0},
                            fakeDifference(-0.01, 0.02),
                            fakeDifference(0.02, 0.03),
                            fakeDifference(-0.02, 0.03)});
    made.isPartial = known < made.effects.size();
    made.effects.resize(known);
    return made;
}

struct WaterfallPace {
    std::atomic<bool> hold{false};  // after the first effect, until it is let go or stopped
    std::atomic<bool> fails{false};
    std::atomic<int> begun{0}, ended{0}, chips{0};
    std::atomic<std::int64_t> samples{0};
};
using WaterfallPacePtr = std::shared_ptr<WaterfallPace>;

inline void addWaterfall(EvaluationSource& source, const WaterfallPacePtr& pace)
{
    source.waterfall = [pace](const core::WaterfallRequest& request, const core::RunControl& control,
                              const EvaluationSource::OnWaterfall& onStep) -> core::Result<core::NoiseWaterfall> {
        ++pace->begun;
        pace->chips = request.chips;
        pace->samples = request.samples;
        if (pace->fails) {
            ++pace->ended;
            return core::Problem{"converter", "it broke"};
        }
        onStep(fakeWaterfall(1));
        while (pace->hold && !control.stopped())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ++pace->ended;
        return fakeWaterfall(control.stopped() ? 1 : 3);
    };
}

inline Opener fakeWaterfallOpener(const PacePtr& pace, const WaterfallPacePtr& waterfall)
{
    return [open = fakeOpener(pace), waterfall](const OpenRequest& request, const core::RunControl& control) -> core::Result<Opened> {
        auto opened = open(request, control);
        if (opened && opened.value().source)
            addWaterfall(*opened.value().source, waterfall);
        return opened;
    };
}

inline core::PrecisionPlan fakeArrayPlan(double sigma = 0.1)
{
    core::PrecisionPlan plan;
    core::ArrayTreatment array;
    array.variation.sigma = sigma;
    plan.defaults.cim = core::Switchable<core::ArrayTreatment>{array};
    return plan;
}

}  // namespace app::test
