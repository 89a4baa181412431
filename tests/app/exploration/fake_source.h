// SPDX-License-Identifier: Apache-2.0
#pragma once
// An evaluation source without an engine: three small layers, and an evaluation whose pace the test sets.

#include "app/exploration/evaluation_source.h"
#include "core/network/network.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace app::test {

/// What the fake's worker and the test tell each other.
struct Pace {
    std::atomic<int> chunks{4}; // of 100 samples each
    std::atomic<int> microsecondsPerChunk{0};
    std::atomic<bool> endless{false}; // goes on until it is stopped
    std::atomic<int> begun{0}, ended{0};
};
using PacePtr = std::shared_ptr<Pace>;

inline core::WeightedLayer fakeLayer(std::size_t index, const std::string& name, int rows, int columns)
{
    core::WeightedLayer layer;
    layer.index = core::LayerIndex(index);
    layer.node = core::NodeIndex(index);
    layer.name = name;
    layer.operation = "Gemm";
    layer.rows = rows;
    layer.columns = columns;
    layer.weights = core::RowMatrix::Constant(rows, columns, 0.5F);
    layer.weights(0, 0) = -1.0F;
    return layer;
}

inline core::ReportPtr fakeReport(const EvaluationSource& source, const core::EvaluationRequest& request, int chunk, int chunks,
                                  bool partial)
{
    auto report = std::make_shared<core::Report>();
    report->network = source.subject->networkName;
    report->dataset = source.subject->datasetName;
    report->plan = request.plan.name;
    report->samples = 100 * chunk;
    report->requested = 100 * chunks;
    report->partial = partial;
    report->top1 = {97 * chunk, 100 * chunk};
    report->referenceTop1 = {99 * chunk, 100 * chunk};
    for (const core::WeightedLayer& layer : *source.layers) {
        core::LayerReport figures;
        figures.index = layer.index;
        figures.name = layer.name;
        figures.operation = layer.operation;
        figures.rows = layer.rows;
        figures.columns = layer.columns;
        figures.sqnrDecibels = 20.0 + static_cast<double>(layer.index.value());
        figures.propagatedSqnrDecibels = 15.0;
        figures.rowErrors.assign(static_cast<std::size_t>(layer.rows), 0.1F);
        figures.energy = core::Picojoules(100.0);
        report->layers.push_back(figures);
        core::BillLine line;
        line.entry = {layer.index, core::LedgerPart::MainMultiply, core::LedgerOperation::Multiply, core::NumberKind::Integer, 8, 8, 1000};
        line.energy = core::Picojoules(100.0);
        line.provenance = "a made-up price";
        report->energy.lines.push_back(line);
    }
    report->energy.macs = 1000;
    if (chunk == chunks || partial)
        for (std::int32_t sample = 0; sample < 6; ++sample) {
            core::SampleOutcome outcome;
            outcome.sample = sample;
            outcome.label = sample % 2;
            outcome.referencePredicted = sample % 2;
            outcome.predicted = sample == 3 ? 0 : sample % 2; // sample 3 flips to wrong
            outcome.margin = static_cast<float>(sample);
            outcome.referenceMargin = 4.0F;
            report->outcomes.push_back(outcome);
        }
    return report;
}

inline EvaluationSource fakeSource(const PacePtr& pace, const std::string& networkName = "small", const std::string& datasetName = "digits")
{
    auto network = std::make_shared<core::Network>();
    network->name = networkName;
    network->hash = "xxh3:" + networkName;
    network->values.resize(4);
    network->inputs = {core::ValueIndex(0)};
    network->outputs = {core::ValueIndex(3)};
    auto layers = std::make_shared<std::vector<core::WeightedLayer>>();
    const std::array<std::pair<const char*, int>, 3> shapes{{{"first", 16}, {"second", 8}, {"third", 4}}};
    for (std::size_t index = 0; index < shapes.size(); ++index) {
        core::Node node;
        node.name = shapes.at(index).first;
        node.operation = "Gemm";
        node.inputs = {core::ValueIndex(index)};
        node.outputs = {core::ValueIndex(index + 1)};
        network->nodes.push_back(node);
        layers->push_back(fakeLayer(index, node.name, shapes.at(index).second, 16));
    }
    auto subject = std::make_shared<core::Subject>();
    subject->networkName = networkName;
    subject->datasetName = datasetName;
    subject->split = "test";
    subject->network = network;
    subject->test.inputs = core::Tensor(core::DataType::Float32, {6, 16});
    subject->test.labels = {0, 1, 0, 1, 0, 1};
    subject->classes = {"nought", "one"};

    EvaluationSource source;
    source.network = networkName;
    source.dataset = datasetName;
    source.subject = subject;
    source.layers = layers;
    source.technologies = {core::PriceTable{"45nm", "45 nm", 45, 0.9, {}}, core::PriceTable{"7nm", "7 nm", 7, 0.7, {}}};
    source.evaluate = [pace, subject, layers](const core::EvaluationRequest& request, const core::RunControl& control,
                                              const OnEstimate& onEstimate) -> core::Result<core::ReportPtr> {
        ++pace->begun;
        EvaluationSource own;
        own.subject = subject;
        own.layers = layers;
        const int chunks = pace->chunks;
        int done = 0;
        while (pace->endless ? !control.stopped() : done < chunks && !control.stopped()) {
            done = std::min(done + 1, chunks);
            control.report(static_cast<double>(done) / chunks, "evaluating");
            onEstimate(fakeReport(own, request, done, chunks, done < chunks));
            std::this_thread::sleep_for(std::chrono::microseconds(pace->microsecondsPerChunk));
        }
        ++pace->ended;
        return fakeReport(own, request, done, chunks, done < chunks || pace->endless);
    };
    return source;
}

/// Opens any name but "broken..."; "x.plan.json" is an INT4 plan; anything else is a network.
inline Opener fakeOpener(const PacePtr& pace)
{
    return [pace](const OpenRequest& request, const core::RunControl&) -> core::Result<Opened> {
        Opened opened;
        opened.plan = request.plan;
        if (request.plan && request.plan->name == "odd") {
            opened.refusedPlan = RefusedPlan{{}, {"odd", "no layer is called that"}};
            opened.plan.reset();
        }
        for (const std::string& thing : request.things) {
            if (thing.starts_with("broken"))
                return core::Problem{thing, "the file ends after 12 bytes"};
            if (thing == "odd.plan.json") {
                opened.refusedPlan = RefusedPlan{thing, {thing, "no layer is called that"}};
            } else if (thing.ends_with(".plan.json")) {
                core::PrecisionPlan plan;
                plan.name = "int4 everywhere";
                core::WeightPlan weights;
                weights.palette.front().format = core::NumberFormat::named("int4").value();
                plan.defaults.weights = weights;
                opened.plan = plan;
                opened.planOrigin = thing;
            } else if (thing != "digits") {
                opened.source = fakeSource(pace, thing);
            }
        }
        return opened;
    };
}

} // namespace app::test
