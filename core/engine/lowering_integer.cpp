// SPDX-License-Identifier: Apache-2.0
// Lowering of main paths that are integers times scales: 8-bit products with 32-bit sums, one scale a row. The sums are
// exact, so neither the order of the columns nor the kernel's blocking can be seen in the result; a row's answer is
//   ((scale_0 * sum_0) + scale_1 * sum_1 + ...) + bias, then the activation, each operation rounded to float.

#include "core/engine/lowering.h"

#include <algorithm>
#include <numeric>

namespace core {

namespace {

using dnnl::memory;

memory::data_type typeOf(const ActivationCoding& coding) { return coding.isSigned ? memory::data_type::s8 : memory::data_type::u8; }

bool isReference(const char* implementation) { return std::string_view(implementation).find("ref") != std::string_view::npos; }

/// Codes of the chosen channels of channels-last floats.
class EncodeStep : public Step {
public:
    EncodeStep(const IntegerPart& part, std::size_t vectors, std::size_t channels, SlotIndex from, SlotIndex to)
        : m_quantizer(part.input), m_channels(part.channels), m_vectors(vectors), m_width(channels)
    {
        reads = {from};
        writes = {to};
    }

    Action bind(const FrameMemory& memory) const override
    {
        const float* const from = memory.floats(reads[0]);
        std::byte* const to = memory.at(writes[0]);
        if (m_channels.empty())
            return [this, from, to]() -> Result<void> {
                encode({from, m_vectors * m_width}, to);
                return success();
            };
        return [this, from, to, chosen = std::vector<float>(m_vectors * m_channels.size())]() mutable -> Result<void> {
            float* next = chosen.data();
            for (std::size_t vector = 0; vector < m_vectors; ++vector)
                for (const std::uint32_t channel : m_channels)
                    *next++ = from[vector * m_width + channel];
            encode(chosen, to);
            return success();
        };
    }

private:
    void encode(std::span<const float> from, std::byte* to) const
    {
        encodeBytes(m_quantizer, from, {reinterpret_cast<std::uint8_t*>(to), from.size()});
    }

    ActivationQuantizer m_quantizer;
    std::vector<std::uint32_t> m_channels;
    std::size_t m_vectors, m_width;
};

/// Scales, the sum of the parts before, bias and activation of one part, in that order.
struct PartEnding {
    dnnl::primitive_attr attributes;
    int biasOperation = -1;   // its place among the post-operations
};

PartEnding endingOf(const IntegerPart& part, bool accumulates, const memory::desc* bias, const std::optional<FusedActivation>& activation)
{
    PartEnding ending;
    dnnl::post_ops operations;
    if (accumulates)
        operations.append_sum(1.0f);
    if (bias) {
        ending.biasOperation = operations.len();
        operations.append_binary(dnnl::algorithm::binary_add, *bias);
    }
    if (activation)
        append(operations, *activation);
    constexpr int kRowAxis = 1 << 1;
    ending.attributes.set_post_ops(operations);
    ending.attributes.set_output_scales(kRowAxis, part.scales);
    if (part.coding.zeroPoint != 0)
        ending.attributes.set_zero_points(DNNL_ARG_SRC, 0, {part.coding.zeroPoint});
    ending.attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return ending;
}

memory constantBytes(const memory::desc& given, const memory::desc& wanted, const void* bytes)
{
    memory source(given, kernelEngine());
    std::copy_n(static_cast<const std::byte*>(bytes), given.get_size(), static_cast<std::byte*>(source.get_data_handle()));
    if (given == wanted)
        return source;
    memory target(wanted, kernelEngine());
    dnnl::reorder(source, target).execute(kernelStream(), source, target);
    kernelStream().wait();
    return target;
}

}  // namespace

bool hasExactByteProducts()
{
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx2_vnni || static_cast<int>(isa) >= static_cast<int>(dnnl::cpu_isa::avx512_core_vnni);
}

SlotIndex Lowering::codesOf(ValueIndex value, const WeightedLayer& layer, const IntegerPart& part)
{
    const Place& where = place(value);
    for (const CodedForm& form : where.codes)
        if (form.quantizer == part.input && form.channels == part.channels)
            return form.slot;
    const InputGeometry geometry = InputGeometry::of(layer, where.shape);
    const auto vectors = static_cast<std::size_t>(geometry.samples * geometry.positions), channels = static_cast<std::size_t>(geometry.channels);
    const SlotIndex from = geometry.isChannelLast ? plain(value) : as(value, channelsLast(where.shape));
    const SlotIndex to = newSlot(vectors * (part.channels.empty() ? channels : part.channels.size()));
    steps.push_back(std::make_unique<EncodeStep>(part, vectors, channels, from, to));
    place(value).codes.push_back({part.input, part.channels, to});
    return to;
}

std::optional<Lowering::Written> Lowering::integerProduct(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled,
                                                          const MainEnding& main)
{
    if (!hasExactByteProducts())
        return std::nullopt;
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    const bool isDense = layer.kind == LayerKind::Dense;
    const Shape& in = described(input).shape;
    const Shape& out = described(outputOf(group)).shape;
    const std::int64_t vectors = isDense ? elementCount(in) / layer.columns : 0;
    const memory::dims outDims = isDense ? memory::dims{vectors, layer.rows} : memory::dims(out.begin(), out.end());
    const memory::desc target = channelsLast(outDims);
    memory::dims biasDims(outDims.size(), 1);
    biasDims[1] = layer.rows;
    const memory::desc biasDesc = channelsLast(biasDims);

    struct Kernel { dnnl::primitive primitive; memory::desc source, scratchpad; memory weights; int biasOperation; };
    std::vector<Kernel> kernels;
    for (std::size_t p = 0; p < compiled.integers.size(); ++p) {
        const IntegerPart& part = compiled.integers[p];
        const bool isLast = p + 1 == compiled.integers.size();
        const PartEnding ending = endingOf(part, p > 0, isLast && !main.bias.empty() ? &biasDesc : nullptr, isLast ? main.activation : std::nullopt);
        const std::int64_t columns = static_cast<std::int64_t>(part.codes.size()) / layer.rows;
        const auto byte = memory::data_type::s8;
        try {
            if (isDense) {
                const memory::desc source({vectors, columns}, typeOf(part.coding), memory::dims{columns, 1});
                const memory::desc given({columns, layer.rows}, byte, memory::dims{1, columns});
                const dnnl::matmul::desc wanted(source, memory::desc({columns, layer.rows}, byte, memory::format_tag::any), target);
                const dnnl::matmul::primitive_desc description(wanted, ending.attributes, kernelEngine());
                if (isReference(description.impl_info_str()))
                    return std::nullopt;
                kernels.push_back({dnnl::matmul(description), source, description.scratchpad_desc(),
                                   constantBytes(given, description.weights_desc(), part.codes.data()), ending.biasOperation});
                continue;
            }
            const WindowGeometry window = windowOf(group);
            memory::dims sourceDims(in.begin(), in.end());
            if (!part.channels.empty())
                sourceDims[1] = static_cast<std::int64_t>(part.channels.size());
            memory::dims dims{layer.rows, columns / elementCount(window.kernel)};
            dims.insert(dims.end(), window.kernel.begin(), window.kernel.end());
            if (layer.groups > 1) {
                dims[0] /= layer.groups;
                dims.insert(dims.begin(), layer.groups);
            }
            memory::dims strides(dims.size(), 1);
            for (std::size_t axis = dims.size() - 1; axis > 0; --axis)
                strides[axis - 1] = strides[axis] * dims[axis];
            const memory::desc source = channelsLast(sourceDims, typeOf(part.coding));
            const dnnl::convolution_forward::desc wanted(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source,
                                                         memory::desc(dims, byte, memory::format_tag::any), target, window.strides,
                                                         window.dilations, window.padsBegin, window.padsEnd);
            const dnnl::convolution_forward::primitive_desc description(wanted, ending.attributes, kernelEngine());
            if (isReference(description.impl_info_str()))
                return std::nullopt;
            kernels.push_back({dnnl::convolution_forward(description), source, description.scratchpad_desc(),
                               constantBytes({dims, byte, strides}, description.weights_desc(), part.codes.data()), ending.biasOperation});
        } catch (const dnnl::error&) {
            return std::nullopt;   // the library has no kernel for this shape at all
        }
    }

    const SlotIndex written = newSlot(target.get_size());
    for (std::size_t p = 0; p < kernels.size(); ++p) {
        const Kernel& kernel = kernels[p];
        const SlotIndex codes = codesOf(input, layer, compiled.integers[p]);
        auto step = std::make_unique<PrimitiveStep>(kernel.primitive);
        step->read(DNNL_ARG_SRC, kernel.source, codes);
        step->constant(DNNL_ARG_WEIGHTS, kernel.weights);
        if (kernel.biasOperation >= 0)
            step->constant(DNNL_ARG_ATTR_MULTIPLE_POST_OP(kernel.biasOperation) | DNNL_ARG_SRC_1, constantBytes(biasDesc, biasDesc, main.bias.data()));
        if (p > 0)
            step->reads.push_back(written);
        step->write(DNNL_ARG_DST, target, written);
        scratchpad(*step, kernel.scratchpad);
        steps.push_back(std::move(step));
    }
    return Written{target, written};
}

}  // namespace core
