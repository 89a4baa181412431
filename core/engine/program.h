// SPDX-License-Identifier: Apache-2.0
#pragma once
// A stretch of a network made ready to run on a fixed number of samples: primitives built, layouts chosen, memory
// planned. A Program is immutable and shared; each worker runs it in a Frame of its own.

#include "core/engine/compiled_layer.h"
#include "core/engine/node_groups.h"

#include <memory>
#include <span>

namespace core {

struct ProgramRequest {
    const Network& network;
    const std::vector<WeightedLayer>& layers;
    const std::vector<TensorDescription>& values;       // describeValues(network, batch)
    std::span<const CompiledLayerPtr> compiled;         // by LayerIndex
    std::span<const NodeGroup> groups;                  // what to run, in order
    std::vector<ValueIndex> inputs, outputs;            // what is given and what is asked for
};

class Program {
public:
    class Frame;
    struct Plan;

    static Result<std::shared_ptr<const Program>> build(const ProgramRequest& request);
    ~Program();

    /// A worker's own memory for one run at a time. Keeps the program alive.
    static std::unique_ptr<Frame> makeFrame(std::shared_ptr<const Program> program);

    std::size_t inputBytes(std::size_t input) const;
    std::size_t outputBytes(std::size_t output) const;

private:
    explicit Program(std::unique_ptr<const Plan> plan);
    std::unique_ptr<const Plan> m_plan;
};

class Program::Frame {
public:
    ~Frame();
    std::span<std::byte> input(std::size_t index);          // row-major, as the ONNX shape says
    std::span<const std::byte> output(std::size_t index) const;
    Result<void> run(std::uint64_t read = 0);               // `read` numbers the read of a noisy array

private:
    friend class Program;
    struct State;
    explicit Frame(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace core
