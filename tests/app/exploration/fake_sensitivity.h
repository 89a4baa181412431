// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sensitivities without an engine: figures a test can derive by hand, given when the test lets go.

#include "app/exploration/fake_source.h"

namespace app::test {

struct SensitivityPace {
    std::atomic<bool> hold{false};
    std::atomic<int> begun{0}, curvatures{0};
};
using SensitivityPacePtr = std::shared_ptr<SensitivityPace>;

/// Metric 1 is 0.5, 1.0, 1.5 from the first layer on, metric 2 a hundredth of it, metric 3 minus a tenth, metric 4 ten times.
inline Opener fakeSensitivityOpener(const PacePtr& pace, const SensitivityPacePtr& sensitivity)
{
    return [open = fakeOpener(pace), sensitivity](const OpenRequest& request, const core::RunControl& control) -> core::Result<Opened> {
        CORE_TRY(Opened opened, open(request, control));
        if (!opened.source)
            return opened;
        opened.source->sensitivities =
            [sensitivity, count = opened.source->layers->size()](const core::PlanSensitivityRequest& asked,
                                                                 const core::RunControl& running) -> core::Result<core::Sensitivities> {
            ++sensitivity->begun;
            sensitivity->curvatures += asked.withCurvature ? 1 : 0;
            while (sensitivity->hold && !running.stopped())
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            core::Sensitivities result;
            result.samples = 128;
            for (std::size_t layer = 0; layer < count; ++layer) {
                core::LayerSensitivity one;
                one.taylor = 0.5 * static_cast<double>(layer + 1);
                one.fisherError = one.taylor / 100;
                one.probe = -one.taylor / 10;
                one.curvature = asked.withCurvature ? 10 * one.taylor : 0;
                result.layers.push_back(one);
            }
            return result;
        };
        return opened;
    };
}

}  // namespace app::test
