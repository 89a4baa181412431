// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/sum_study.h"

namespace app {

bool hasOwnSums(const core::LayerTreatment& treatment) { return !treatment.cim && !treatment.accumulator.isEngineSum(); }

std::optional<SumQuestion> SumStudy::question() const
{
    const core::LayerIndex layer = exploration().currentLayer();
    const std::vector<std::int64_t> samples = exploration().currentSamples(m_samples);
    if (!exploration().isOpen() || !layer.isValid() || samples.empty() || !hasOwnSums(exploration().treatment(layer)))
        return {};
    return SumQuestion{exploration().source().layers, layer, samples, exploration().settings().seed, exploration().treatmentsUpTo(layer)};
}

SumStudy::Ask SumStudy::asking(const SumQuestion& question) const
{
    const auto ask = exploration().source().sumsAt;
    if (!ask)
        return {};
    return [ask, question, plan = exploration().plan()](const core::RunControl& control) -> core::Result<SampleSums> {
        SampleSums found{question.layer, {}, {}};
        for (const std::int64_t sample : question.samples) {
            CORE_TRY(core::SumSample sums, ask(plan, question.layer, sample, question.seed, control));
            found.samples.push_back(sample);
            found.sums.push_back(std::move(sums));
            if (found.sums.front().positions > 1 || control.stopped())
                break;
        }
        return found;
    };
}

}  // namespace app
