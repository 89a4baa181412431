// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a long computation is watched and stopped. The engine owns no thread policy: it looks at the token between
// batches and says how far it is. A stopped run is a shorter, true run.

#include <functional>
#include <stop_token>
#include <string>

namespace core {

struct Progress {
    double fraction = 0.0;   // 0 ... 1
    std::string stage;       // "calibrating", "evaluating"
};

struct RunControl {
    std::stop_token stop;
    std::function<void(const Progress&)> tell;

    bool stopped() const { return stop.stop_requested(); }
    void report(double fraction, const char* stage) const
    {
        if (tell)
            tell({fraction, stage});
    }
};

}  // namespace core
