// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What `polar bench` measures: pieces of work with their logical multiply-accumulates, and turns of a knob. A new figure
// is one entry in one of the two lists.

#include "core/base/problem.h"
#include "core/base/run_control.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace app {

/// Work for one thread that can be repeated.
struct Workload {
    double macs = 0; // logical: of the weights, however many planes or steps each takes
    std::function<void()> run;
};

/// A rate that is told as a share of one-thread sgemm's.
struct RateFigure {
    std::string name;
    std::function<core::Result<Workload>()> prepare;
    std::function<core::Result<Workload>()> limit = {}; // the same products with nothing around them; empty: nothing tells
};
const std::vector<RateFigure>& rateFigures();

/// One-thread oneDNN sgemm, 512 cubed, row-major: what this machine can do.
Workload sgemm();

/// How long a person waits after turning one knob.
struct LiveFigure {
    std::string network, dataset;
};
const std::vector<LiveFigure>& liveFigures();

struct Waiting {
    double firstEstimateMilliseconds = 0, settledMilliseconds = 0;
}; // of the slowest knob
/// Turns the weight format of every layer in turn, each against the plan npp-nf4-rank8, on all samples and all cores.
core::Result<Waiting> turnKnobs(const LiveFigure& figure, const core::RunControl& control);

}  // namespace app
