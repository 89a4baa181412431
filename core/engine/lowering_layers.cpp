// SPDX-License-Identifier: Apache-2.0
// Lowering of the weighted layers: main path, recovery path, bias and activation.

#include "core/engine/lowering.h"

#include <dnnl.hpp>

namespace core {

namespace {

using dnnl::memory;

/// Row-major floats copied into the layout a primitive chose for its weights.
memory packed(const memory::desc& plain, const memory::desc& wanted, const float* values)
{
    memory source(plain, kernelEngine());
    std::copy(values, values + plain.get_size() / sizeof(float), static_cast<float*>(source.get_data_handle()));
    if (plain == wanted)
        return source;
    memory target(wanted, kernelEngine());
    dnnl::reorder(source, target).execute(kernelStream(), source, target);
    kernelStream().wait();
    return target;
}

dnnl::primitive_attr attributes(bool accumulates, const std::optional<FusedActivation>& activation)
{
    dnnl::post_ops operations;
    if (accumulates)
        operations.append_sum(1.0f);
    if (activation)
        append(operations, *activation);
    dnnl::primitive_attr result;
    result.set_post_ops(operations);
    result.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return result;
}

std::optional<FusedActivation> activationOf(const Network& network, const NodeGroup& group)
{
    return group.nodes.size() > 1 ? fusedActivation(network, network.node(group.nodes.back())) : std::nullopt;
}

memory::desc anyLayout(const memory::dims& dims) { return {dims, memory::data_type::f32, memory::format_tag::any}; }

/// Main path with the recovery path merged into it where both read the same numbers.
RowMatrix mainWeights(const CompiledLayer& compiled)
{
    if (!compiled.recoveryMerges())
        return compiled.weights;
    return compiled.weights + compiled.recovery->up * compiled.recovery->down;
}

using Convolution = Lowering::Convolution;

Convolution makeConvolution(const RowMatrix& weights, int groups, const WindowGeometry& window, const memory::desc& source, const memory::desc& target,
                            const std::vector<float>& bias, const dnnl::primitive_attr& attribute)
{
    memory::dims dims{weights.rows(), weights.cols() / std::max<std::int64_t>(1, elementCount(window.kernel))};
    dims.insert(dims.end(), window.kernel.begin(), window.kernel.end());
    if (groups > 1) {
        dims[0] /= groups;
        dims.insert(dims.begin(), groups);
    }
    const memory::desc biasDesc = bias.empty() ? memory::desc() : plainDesc({static_cast<std::int64_t>(bias.size())});
    const dnnl::convolution_forward::desc wanted(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source, anyLayout(dims), biasDesc,
                                                 target, window.strides, window.dilations, window.padsBegin, window.padsEnd);
    Convolution kernel{{wanted, attribute, kernelEngine()}, {}, {}};
    kernel.weights = packed(plainDesc(dims), kernel.description.weights_desc(), weights.data());
    if (!bias.empty())
        kernel.bias = packed(biasDesc, biasDesc, bias.data());
    return kernel;
}

}  // namespace

void append(dnnl::post_ops& operations, const FusedActivation& activation)
{
    using Kind = FusedActivation::Kind;
    if (activation.kind == Kind::Clip)
        operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, activation.first, activation.second);
    else
        operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, activation.first, 0.0f);
}

void Lowering::weightedLayer(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled)
{
    const bool separateRecovery = compiled.recovery && !compiled.recoveryMerges();
    const auto activation = activationOf(m_request.network, group);
    const MainEnding ending{biasOf(m_request.network, group, compiled), separateRecovery ? std::nullopt : activation};
    std::optional<Written> written;
    if (compiled.array)
        written = arrayProduct(group, layer, compiled, ending);
    else if (compiled.sums)
        written = sumProduct(group, layer, compiled, ending);
    else if (!compiled.integers.empty() && !compiled.recoveryMerges())
        written = integerProduct(group, layer, compiled, ending);
    if (!written)
        written = layer.kind == LayerKind::Convolution ? convolution(group, layer, compiled, ending) : dense(group, layer, compiled, ending);
    if (separateRecovery && layer.kind == LayerKind::Convolution)
        recoverConvolution(group, layer, compiled, *written, activation);
    else if (separateRecovery)
        recoverDense(group, layer, compiled, *written, activation);
    define(outputOf(group), layer.kind == LayerKind::Dense ? plainDesc(described(outputOf(group)).shape) : written->desc, written->slot);
}

WindowGeometry Lowering::windowOf(const NodeGroup& group) const
{
    const Node& convolution = node(group.nodes.front());
    const Shape& weights = described(convolution.inputs[1]).shape;
    return windowGeometry(convolution, described(convolution.inputs.front()).shape, described(outputOf(group)).shape, Shape(weights.begin() + 2, weights.end()));
}

void Lowering::emit(const Convolution& kernel, SlotIndex source, const Written& target, bool accumulates)
{
    auto step = std::make_unique<PrimitiveStep>(dnnl::convolution_forward(kernel.description));
    step->read(DNNL_ARG_SRC, kernel.description.src_desc(), source);
    step->constant(DNNL_ARG_WEIGHTS, kernel.weights);
    if (kernel.bias)
        step->constant(DNNL_ARG_BIAS, kernel.bias);
    if (accumulates)
        step->reads.push_back(target.slot);
    step->write(DNNL_ARG_DST, target.desc, target.slot);
    scratchpad(*step, kernel.description.scratchpad_desc());
    steps.push_back(std::move(step));
}

Lowering::Written Lowering::convolution(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending)
{
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    const Convolution kernel = makeConvolution(mainWeights(compiled), layer.groups, windowOf(group), anyLayout(described(input).shape),
                                               anyLayout(described(outputOf(group)).shape), ending.bias, attributes(false, ending.activation));
    const SlotIndex source = mainInput(input, kernel.description.src_desc(), layer, compiled);
    const Written written{kernel.description.dst_desc(), newSlot(kernel.description.dst_desc().get_size())};
    emit(kernel, source, written, false);
    return written;
}

/// A is a convolution with `rank` filters and the layer's own window, B a 1 x 1 convolution that adds to the main path.
void Lowering::recoverConvolution(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const Written& main,
                                  const std::optional<FusedActivation>& activation)
{
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    Shape narrow = described(outputOf(group)).shape;
    narrow[1] = compiled.recovery->rank();
    const Convolution down = makeConvolution(compiled.recovery->down, 1, windowOf(group), anyLayout(described(input).shape), anyLayout(narrow), {}, attributes(false, {}));
    const memory::dims one(narrow.size() - 2, 1), zero(narrow.size() - 2, 0);
    const Convolution up = makeConvolution(compiled.recovery->up, 1, {one, one, zero, zero, zero}, down.description.dst_desc(), main.desc, {}, attributes(true, activation));
    const Written coefficients{down.description.dst_desc(), newSlot(down.description.dst_desc().get_size())};
    emit(down, recoveryInput(input, down.description.src_desc(), layer, compiled), coefficients, false);
    emit(up, coefficients.slot, main, true);
}

void Lowering::emitDense(const RowMatrix& weights, std::int64_t vectors, const MainEnding& ending, SlotIndex from, SlotIndex to, bool accumulates)
{
    const memory::desc source = plainDesc({vectors, weights.cols()}), target = plainDesc({vectors, weights.rows()});
    const memory::dims dims{weights.rows(), weights.cols()};
    const memory::desc biasDesc = ending.bias.empty() ? memory::desc() : plainDesc({static_cast<std::int64_t>(ending.bias.size())});
    const dnnl::inner_product_forward::desc wanted(dnnl::prop_kind::forward_inference, source, anyLayout(dims), biasDesc, target);
    const dnnl::inner_product_forward::primitive_desc description(wanted, attributes(accumulates, ending.activation), kernelEngine());
    auto step = std::make_unique<PrimitiveStep>(dnnl::inner_product_forward(description));
    step->read(DNNL_ARG_SRC, source, from);
    step->constant(DNNL_ARG_WEIGHTS, packed(plainDesc(dims), description.weights_desc(), weights.data()));
    if (!ending.bias.empty())
        step->constant(DNNL_ARG_BIAS, packed(biasDesc, biasDesc, ending.bias.data()));
    if (accumulates)
        step->reads.push_back(to);
    step->write(DNNL_ARG_DST, target, to);
    scratchpad(*step, description.scratchpad_desc());
    steps.push_back(std::move(step));
}

Lowering::Written Lowering::dense(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending)
{
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    const std::int64_t vectors = elementCount(described(input).shape) / layer.columns;
    const SlotIndex source = mainInput(input, plainDesc(described(input).shape), layer, compiled);
    const Written written{plainDesc({vectors, layer.rows}), newSlot(static_cast<std::size_t>(vectors * layer.rows) * sizeof(float))};
    emitDense(mainWeights(compiled), vectors, ending, source, written.slot, false);
    return written;
}

void Lowering::recoverDense(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const Written& main,
                            const std::optional<FusedActivation>& activation)
{
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    const std::int64_t vectors = elementCount(described(input).shape) / layer.columns;
    const SlotIndex coefficients = newSlot(static_cast<std::size_t>(vectors * compiled.recovery->rank()) * sizeof(float));
    emitDense(compiled.recovery->down, vectors, {}, recoveryInput(input, plainDesc(described(input).shape), layer, compiled), coefficients, false);
    emitDense(compiled.recovery->up, vectors, {{}, activation}, coefficients, main.slot, true);
}

bool Lowering::pooling(const Node& pool)
{
    const bool global = pool.operation == "GlobalAveragePool" || pool.operation == "GlobalMaxPool";
    if (!global && pool.operation != "MaxPool" && pool.operation != "AveragePool")
        return false;
    const bool takesMaximum = pool.operation == "MaxPool" || pool.operation == "GlobalMaxPool";
    const ValueIndex input = pool.inputs.front(), output = pool.outputs.front();
    const Shape& in = described(input).shape;
    const Shape& out = described(output).shape;
    const auto dilations = pool.attributes.integers("dilations");
    const bool dilated = std::any_of(dilations.begin(), dilations.end(), [](std::int64_t d) { return d != 1; });
    const bool withIndices = pool.outputs.size() > 1 && pool.outputs[1].isValid();
    if (described(input).type != DataType::Float32 || in.size() < 3 || in.size() > 5 || dilated || withIndices || pool.attributes.integer("ceil_mode", 0) != 0)
        return false;

    const Shape spatial(in.begin() + 2, in.end());
    const WindowGeometry window = windowGeometry(pool, in, out, global ? spatial : pool.attributes.integers("kernel_shape"));
    const auto algorithm = takesMaximum                                            ? dnnl::algorithm::pooling_max
                           : pool.attributes.integer("count_include_pad", 0) != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                                                                   : dnnl::algorithm::pooling_avg_exclude_padding;
    const dnnl::memory::desc source = native(input).desc;
    const dnnl::pooling_forward::desc wanted(dnnl::prop_kind::forward_inference, algorithm, source, anyLayout(out), window.strides,
                                             window.kernel, window.padsBegin, window.padsEnd);
    const dnnl::pooling_forward::primitive_desc description(wanted, attributes(false, {}), kernelEngine());
    auto step = std::make_unique<PrimitiveStep>(dnnl::pooling_forward(description));
    const SlotIndex target = newSlot(description.dst_desc().get_size());
    step->read(DNNL_ARG_SRC, source, native(input).slot);
    step->write(DNNL_ARG_DST, description.dst_desc(), target);
    scratchpad(*step, description.scratchpad_desc());
    steps.push_back(std::move(step));
    define(output, description.dst_desc(), target);
    return true;
}

bool Lowering::addition(const NodeGroup& group)
{
    const Node& add = node(group.nodes.front());
    if (add.operation != "Add")
        return false;
    const auto isVariable = [&](ValueIndex value) { return !m_request.network.constant(value) && !described(value).constant; };
    const ValueIndex first = add.inputs[0], second = add.inputs[1];
    if (!isVariable(first) || !isVariable(second) || described(first).type != DataType::Float32 || described(first).shape != described(second).shape)
        return false;
    const dnnl::memory::desc desc = native(first).desc;
    const SlotIndex other = as(second, desc);
    const dnnl::binary::desc wanted(dnnl::algorithm::binary_add, desc, desc, desc);
    const dnnl::binary::primitive_desc description(wanted, attributes(false, activationOf(m_request.network, group)), kernelEngine());
    auto step = std::make_unique<PrimitiveStep>(dnnl::binary(description));
    const SlotIndex target = newSlot(desc.get_size());
    step->read(DNNL_ARG_SRC_0, desc, native(first).slot);
    step->read(DNNL_ARG_SRC_1, desc, other);
    step->write(DNNL_ARG_DST, desc, target);
    scratchpad(*step, description.scratchpad_desc());
    steps.push_back(std::move(step));
    define(outputOf(group), desc, target);
    return true;
}

bool Lowering::activation(const Node& single)
{
    const auto function = fusedActivation(m_request.network, single);
    if (!function || m_request.network.constant(single.inputs[0]) || described(single.inputs[0]).constant || described(single.inputs[0]).type != DataType::Float32)
        return false;
    const Form from = native(single.inputs.front());
    dnnl::eltwise_forward::desc wanted(dnnl::prop_kind::forward_inference,
                                       function->kind == FusedActivation::Kind::Clip ? dnnl::algorithm::eltwise_clip : dnnl::algorithm::eltwise_relu,
                                       from.desc, function->first, function->second);
    const dnnl::eltwise_forward::primitive_desc description(wanted, attributes(false, {}), kernelEngine());
    auto step = std::make_unique<PrimitiveStep>(dnnl::eltwise_forward(description));
    const SlotIndex target = newSlot(from.desc.get_size());
    step->read(DNNL_ARG_SRC, from.desc, from.slot);
    step->write(DNNL_ARG_DST, from.desc, target);
    scratchpad(*step, description.scratchpad_desc());
    steps.push_back(std::move(step));
    define(single.outputs.front(), from.desc, target);
    return true;
}

}  // namespace core
