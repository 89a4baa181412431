// SPDX-License-Identifier: Apache-2.0
#include "core/learn/row_importance.h"

#include "core/base/hash.h"
#include "core/learn/sensitivity.h"

#include <algorithm>
#include <numeric>

namespace core {

LossTarget lossTargetOf(const Subject& subject)
{
    if (subject.task.kind == Task::Kind::Reconstruction)
        return LossTarget::OwnInput;
    return subject.calibration.labels.empty() ? LossTarget::OwnAnswers : LossTarget::Labels;
}

Result<RowImportance> rowImportance(const std::shared_ptr<const EngineContext>& context, const Subject& subject, const RunControl& control)
{
    CORE_TRY(const auto graph, GradientGraph::build(context));
    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min(kImportanceSamples, subject.calibration.samples())));
    std::iota(first.begin(), first.end(), 0);
    CORE_TRY(const OutputImportance measured, outputImportance(*graph, subject.calibration.pick(first), lossTargetOf(subject), 0, control));
    RowImportance importance;
    Hasher hasher;
    for (const LayerImportance& layer : measured.layers) {
        std::vector<float> rows;
        for (const double row : layer.rows)
            rows.push_back(static_cast<float>(row));
        hasher.all(std::span<const float>(rows));
        importance.layers.push_back(std::move(rows));
    }
    importance.hash = hasher.value();
    return importance;
}

}  // namespace core
