// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/bench_limits.h"

#include "core/engine/engine_context.h"
#include "core/engine/kernel_threads.h"
#include "core/engine/lowering.h"
#include "core/engine/step.h"
#include "core/io/library.h"

#include <dnnl.hpp>

#include <unordered_map>

namespace app {
namespace {

using dnnl::memory;

struct Types {
    memory::data_type source, weights, target;
};

Types typesOf(LimitNumbers numbers)
{
    using Type = memory::data_type;
    return numbers == LimitNumbers::Float32 ? Types{Type::f32, Type::f32, Type::f32} : Types{Type::u8, Type::s8, Type::u8};
}

struct BareProduct {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
};

memory filled(const memory::desc& desc, int byte)
{
    memory made(desc, core::kernelEngine());
    std::fill_n(static_cast<std::uint8_t*>(made.get_data_handle()), desc.get_size(), static_cast<std::uint8_t>(byte));
    return made;
}

template <class Primitive>
BareProduct bare(const typename Primitive::desc& wanted)
{
    const typename Primitive::primitive_desc description(wanted, core::kernelEngine());
    if (std::string_view(description.impl_info_str()).find("ref") != std::string_view::npos)
        throw dnnl::error(dnnl_unimplemented, "only the reference kernel");
    return {Primitive(description), // zeros: no kernel of the library is slower or quicker for them
            {{DNNL_ARG_SRC, filled(description.src_desc(), 0)},
             {DNNL_ARG_WEIGHTS, filled(description.weights_desc(), 0)},
             {DNNL_ARG_DST, filled(description.dst_desc(), 0)}}};
}

BareProduct bareConvolution(const core::EngineContext& context, const core::WeightedLayer& layer, const Types& types)
{
    const core::Node& node = context.network->node(layer.node);
    const core::Shape& in = context.values[context.inputOf(layer.index).value()].shape;
    const core::Shape& out = context.values[context.outputOf(layer.index).value()].shape;
    const core::Shape& kernel = context.values[node.inputs[1].value()].shape;
    const core::WindowGeometry window = core::windowGeometry(node, in, out, {kernel.begin() + 2, kernel.end()});
    memory::dims dims(kernel.begin(), kernel.end());
    if (layer.groups > 1) {
        dims[0] /= layer.groups;
        dims.insert(dims.begin(), layer.groups);
    }
    const auto any = [](const auto& shape, memory::data_type type) {
        return memory::desc(memory::dims(shape.begin(), shape.end()), type, memory::format_tag::any);
    };
    return bare<dnnl::convolution_forward>({dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any(in, types.source),
                                            any(dims, types.weights), any(out, types.target), window.strides, window.dilations,
                                            window.padsBegin, window.padsEnd});
}

BareProduct bareDense(const core::EngineContext& context, const core::WeightedLayer& layer, const Types& types)
{
    const std::int64_t vectors = core::elementCount(context.values[context.inputOf(layer.index).value()].shape) / layer.columns;
    const auto any = [](const memory::dims& dims, memory::data_type type) { return memory::desc(dims, type, memory::format_tag::any); };
    return bare<dnnl::inner_product_forward>({dnnl::prop_kind::forward_inference, any({vectors, layer.columns}, types.source),
                                              any({layer.rows, layer.columns}, types.weights), any({vectors, layer.rows}, types.target)});
}

}  // namespace

core::Result<Workload> bareProducts(const std::string& network, LimitNumbers numbers)
{
    CORE_TRY(const core::LoadedNetwork loaded, core::loadNetwork(network));
    CORE_TRY(const auto context, core::prepareEngine(loaded.network));
    core::useOneKernelThread();
    const auto products = std::make_shared<std::vector<BareProduct>>();
    Workload work;
    try {
        for (const core::WeightedLayer& layer : context->layers) {
            const bool isDense = layer.kind == core::LayerKind::Dense;
            products->push_back(isDense ? bareDense(*context, layer, typesOf(numbers)) : bareConvolution(*context, layer, typesOf(numbers)));
            work.macs += static_cast<double>(layer.macs() * context->batch);
        }
    } catch (const dnnl::error& error) {
        return core::Problem{network, std::string("oneDNN has no kernel for these numbers here: ") + error.what()};
    }
    work.run = [products] {
        for (const BareProduct& product : *products)
            product.primitive.execute(core::kernelStream(), product.arguments);
        core::kernelStream().wait();
    };
    return work;
}

}  // namespace app
