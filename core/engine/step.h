// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a Program is made of. A slot is a piece of a frame's memory that lives from the step that writes it to the last
// that reads it; a step, bound to a frame's memory, is an action to run.

#include "core/base/index.h"
#include "core/base/tensor.h"
#include "core/engine/compiled_layer.h"
#include "core/network/network.h"

#include <dnnl.hpp>

#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace core {

using SlotIndex = Index<struct SlotTag>;

/// Addresses of a frame's slots, and what changes from run to run.
class FrameMemory {
public:
    FrameMemory(std::byte* arena, const std::vector<std::size_t>& offsets, const std::uint64_t& read) : m_arena(arena), m_offsets(offsets), m_read(read) {}
    std::byte* at(SlotIndex slot) const { return m_arena + m_offsets[slot.value()]; }
    float* floats(SlotIndex slot) const { return reinterpret_cast<float*>(at(slot)); }
    const std::uint64_t& read() const { return m_read; }

private:
    std::byte* m_arena;
    const std::vector<std::size_t>& m_offsets;
    const std::uint64_t& m_read;
};

/// Fails only where the data ask for the impossible (a token number past the table of an embedding).
using Action = std::function<Result<void>()>;

class Step {
public:
    virtual ~Step() = default;
    virtual Action bind(const FrameMemory& memory) const = 0;
    std::vector<SlotIndex> reads, writes;    // for the memory plan
};

/// A oneDNN primitive with its arguments: slots, or constants shared by all frames.
class PrimitiveStep : public Step {
public:
    struct SlotArgument { int argument; dnnl::memory::desc desc; SlotIndex slot; };
    struct ConstantArgument { int argument; dnnl::memory memory; };

    explicit PrimitiveStep(dnnl::primitive primitive) : m_primitive(std::move(primitive)) {}
    void read(int argument, const dnnl::memory::desc& desc, SlotIndex slot);
    void write(int argument, const dnnl::memory::desc& desc, SlotIndex slot);
    void constant(int argument, dnnl::memory memory) { m_constants.push_back({argument, std::move(memory)}); }
    Action bind(const FrameMemory& memory) const override;

private:
    dnnl::primitive m_primitive;
    std::vector<SlotArgument> m_slots;
    std::vector<ConstantArgument> m_constants;
};

/// Rounds `count` floats to the levels of a quantizer.
class QuantizeStep : public Step {
public:
    QuantizeStep(ActivationQuantizer quantizer, SlotIndex from, SlotIndex to, std::size_t count);
    Action bind(const FrameMemory& memory) const override;

private:
    ActivationQuantizer m_quantizer;
    std::size_t m_count;
};

/// Rounds a row-major input as a layer's treatment says where one quantizer for all does not.
class InputStep : public Step {
public:
    InputStep(InputTreatment treatment, InputGeometry geometry, SlotIndex from, SlotIndex to);
    Action bind(const FrameMemory& memory) const override;

private:
    InputTreatment m_treatment;
    InputGeometry m_geometry;
};

/// Any operation by its scalar reference, on row-major slots and constants.
class ReferenceStep : public Step {
public:
    struct SlotTensor { DataType type; Shape shape; SlotIndex slot; };
    using Input = std::variant<std::monostate, SlotTensor, Tensor>;   // omitted, from memory, constant

    ReferenceStep(Node node, int opset, std::vector<Input> inputs, std::vector<std::variant<std::monostate, SlotTensor>> outputs);
    Action bind(const FrameMemory& memory) const override;

private:
    Node m_node;
    int m_opset;
    std::vector<Input> m_inputs;
    std::vector<std::variant<std::monostate, SlotTensor>> m_outputs;
};

/// Whether this machine sums four 8-bit products in 32 bits at once. Kernels without that instruction would saturate on the
/// way, so there integer layers run on dequantized values, exact but for the rounding of float sums.
bool hasExactByteProducts();

dnnl::engine& kernelEngine();
dnnl::stream& kernelStream();    // of the calling thread

/// A row-major float description of a shape; a scalar is one element.
dnnl::memory::desc plainDesc(const Shape& shape);

/// Dimensions in their usual order, in memory with the channels (axis 1) last.
dnnl::memory::desc channelsLast(const Shape& shape, dnnl::memory::data_type type = dnnl::memory::data_type::f32);

}  // namespace core
