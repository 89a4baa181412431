// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bundled networks on their bundled data, ready to be evaluated.

#include "core/eval/evaluator.h"
#include "core/io/library.h"

#include <QtGlobal>

namespace core {

inline std::shared_ptr<Evaluator> evaluatorOf(const std::string& network, const std::string& dataset, std::int64_t calibration = 64)
{
    const auto subject = openSubject(network, dataset, calibration);
    if (!subject)
        qFatal("%s", subject.error().text().c_str());
    const auto evaluator = Evaluator::create(subject.value());
    if (!evaluator)
        qFatal("%s", evaluator.error().text().c_str());
    return evaluator.value();
}

}  // namespace core
