// SPDX-License-Identifier: Apache-2.0
#include "core/learn/gradient_graph.h"

#include "core/base/parallel.h"
#include "core/engine/kernel_threads.h"
#include "core/learn/gradient_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace core {

namespace {

/// As many samples as keep all that the way back needs within a few megabytes, but enough for a matrix product to be worth it.
std::int64_t chooseBatch(const std::vector<TensorDescription>& values, const Network& network)
{
    constexpr std::int64_t kBytes = std::int64_t{16} << 20, kMost = 32;
    std::int64_t bytes = 1;
    for (std::size_t v = 0; v < values.size(); ++v)
        if (!network.values[v].constant && !values[v].constant)
            bytes += 2 * elementCount(values[v].shape) * static_cast<std::int64_t>(byteSize(values[v].type));
    std::int64_t batch = 1;
    while (batch < kMost && 2 * batch * bytes <= kBytes)
        batch *= 2;
    return batch;
}

/// Sums over chunks, added in the order of the chunks.
struct LayerSums {
    RowMatrixD weights, down, up;
    std::vector<double> bias;
};

using PreparedLayers = std::vector<std::shared_ptr<const PreparedLayer>>;

std::vector<LayerGradient> emptyGradients(const GradientRequest& request, const std::vector<WeightedLayer>& layers)
{
    std::vector<LayerGradient> gradients(layers.size());
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (request.ofWeights) {
            gradients[l].weights = RowMatrix::Zero(layers[l].rows, layers[l].columns);
            gradients[l].bias.assign(layers[l].bias.size(), 0.0f);
        }
        if (request.ofRecovery && !request.settings.empty() && request.settings[l].recovery) {
            gradients[l].down = RowMatrix::Zero(request.settings[l].recovery->down.rows(), request.settings[l].recovery->down.cols());
            gradients[l].up = RowMatrix::Zero(request.settings[l].recovery->up.rows(), request.settings[l].recovery->up.cols());
        }
    }
    return gradients;
}

void add(std::vector<LayerSums>& sums, const std::vector<LayerGradient>& part)
{
    const auto addTo = [](RowMatrixD& sum, const RowMatrix& term) {
        if (sum.size() == 0)
            sum = RowMatrixD::Zero(term.rows(), term.cols());
        sum += term.cast<double>();
    };
    for (std::size_t l = 0; l < part.size(); ++l) {
        addTo(sums[l].weights, part[l].weights);
        addTo(sums[l].down, part[l].down);
        addTo(sums[l].up, part[l].up);
        sums[l].bias.resize(part[l].bias.size(), 0.0);
        for (std::size_t row = 0; row < part[l].bias.size(); ++row)
            sums[l].bias[row] += static_cast<double>(part[l].bias[row]);
    }
}

LayerGradient mean(const LayerSums& sums, double samples)
{
    LayerGradient result;
    const auto divided = [samples](const RowMatrixD& sum) { return RowMatrix((sum / samples).cast<float>()); };
    result.weights = divided(sums.weights);
    result.down = divided(sums.down);
    result.up = divided(sums.up);
    for (const double sum : sums.bias)
        result.bias.push_back(static_cast<float>(sum / samples));
    return result;
}

}  // namespace

struct GradientGraph::State {
    std::shared_ptr<const EngineContext> context;
    std::vector<TensorDescription> values;
    std::vector<Form> forms;
    std::vector<std::unique_ptr<GradientStep>> steps;
    FormIndex input, output;
    std::vector<FormIndex> layerInputs, layerOutputs;
    std::size_t arenaBytes = 0, workspaces = 0;
    std::int64_t batch = 1;
    std::vector<LayerSetting> plainSettings;
    std::mutex guard;
    std::vector<std::unique_ptr<GradientFrame>> idle;

    const TensorDescription& inputDescription() const { return values[context->input().value()]; }
    const TensorDescription& outputDescription() const { return values[context->output().value()]; }
    std::size_t outputsOfSample() const { return static_cast<std::size_t>(elementCount(outputDescription().shape) / batch); }

    Result<void> check(const Tensor& inputs, std::span<const LayerSetting> settings) const;
    Result<PreparedLayers> prepare(std::span<const LayerSetting> settings) const;
    std::unique_ptr<GradientFrame> take();
    void giveBack(std::unique_ptr<GradientFrame> frame);
    Result<void> forward(GradientFrame& frame, const Tensor& inputs, const Chunk& chunk) const;
    void backward(GradientFrame& frame) const;
    Tensor copyOf(GradientFrame& frame, ValueIndex value, FormIndex form, const float* memory, std::int64_t count) const;
};

namespace {

/// What a visitor sees of a frame.
template <class Copy>
class FrameChunk : public GradientChunk {
public:
    explicit FrameChunk(Copy copy) : m_copy(std::move(copy)) {}
    Tensor layerInput(LayerIndex layer) const override { return m_copy(layer, 0); }
    Tensor layerOutput(LayerIndex layer) const override { return m_copy(layer, 1); }
    Tensor outputGradient(LayerIndex layer) const override { return m_copy(layer, 2); }

private:
    Copy m_copy;
};

}  // namespace

GradientGraph::GradientGraph(std::unique_ptr<State> state) : m_state(std::move(state)) {}
GradientGraph::~GradientGraph() = default;

std::int64_t GradientGraph::batch() const { return m_state->batch; }
const EngineContext& GradientGraph::context() const { return *m_state->context; }

Result<std::shared_ptr<const GradientGraph>> GradientGraph::build(std::shared_ptr<const EngineContext> context, std::int64_t batch)
{
    auto state = std::make_unique<State>();
    const Network& network = *context->network;
    CORE_TRY(const auto single, describeValues(network, 1));
    CORE_TRY(state->values, describeValues(network, batch > 0 ? batch : chooseBatch(single, network)));
    const Shape& in = state->values[context->input().value()].shape;
    state->batch = in.empty() ? 1 : in.front();
    GradientBuilder builder(*context, state->values);
    CORE_TRY(builder.run());
    state->context = std::move(context);
    const Shape& out = state->outputDescription().shape;
    if (out.empty() || out.front() != state->batch)
        return Problem{network.name, fmt::format("its output is {}; the first axis is to count the {} samples", shapeText(out), state->batch)};
    state->forms = std::move(builder.forms);
    state->steps = std::move(builder.steps);
    state->input = builder.input;
    state->output = builder.output;
    state->layerInputs = std::move(builder.layerInputs);
    state->layerOutputs = std::move(builder.layerOutputs);
    state->arenaBytes = builder.arenaBytes;
    state->workspaces = builder.workspaces;
    state->plainSettings.resize(state->context->layers.size());
    return std::shared_ptr<const GradientGraph>(new GradientGraph(std::move(state)));
}

Result<void> GradientGraph::State::check(const Tensor& inputs, std::span<const LayerSetting> settings) const
{
    const TensorDescription& wanted = inputDescription();
    const bool fits = inputs.type() == wanted.type && inputs.rank() == wanted.shape.size() && inputs.rank() > 0 && inputs.dimension(0) > 0 &&
                      std::equal(inputs.shape().begin() + 1, inputs.shape().end(), wanted.shape.begin() + 1);
    if (!fits)
        return Problem{context->network->name, fmt::format("the input is {} {}; wanted any number of samples of {} {}", dataTypeName(inputs.type()), shapeText(inputs.shape()),
                                                           dataTypeName(wanted.type), shapeText(Shape(wanted.shape.begin() + 1, wanted.shape.end())))};
    if (settings.size() != context->layers.size())
        return Problem{context->network->name, fmt::format("{} layer settings; the network has {} layers", settings.size(), context->layers.size())};
    for (const WeightedLayer& layer : context->layers) {
        const LayerSetting& setting = settings[layer.index.value()];
        if (setting.weights && (setting.weights->rows() != layer.rows || setting.weights->cols() != layer.columns))
            return Problem{layer.name, fmt::format("weights are {} x {}; {} x {} are wanted", setting.weights->rows(), setting.weights->cols(), layer.rows, layer.columns)};
        if (setting.bias && setting.bias->size() != layer.bias.size())
            return Problem{layer.name, fmt::format("a bias of {}; the layer has one of {}", setting.bias->size(), layer.bias.size())};
        if (!setting.recovery)
            continue;
        const RecoveryPath& path = *setting.recovery;
        if (layer.groups > 1)
            return Problem{layer.name, fmt::format("a recovery path beside a convolution of {} groups; a layer of one group is wanted", layer.groups)};
        if (path.down.cols() != layer.columns || path.up.rows() != layer.rows || path.up.cols() != path.down.rows())
            return Problem{layer.name, fmt::format("a recovery path of {} x {} and {} x {}; rank x {} and {} x rank are wanted", path.down.rows(), path.down.cols(), path.up.rows(),
                                                   path.up.cols(), layer.columns, layer.rows)};
    }
    return success();
}

Result<PreparedLayers> GradientGraph::State::prepare(std::span<const LayerSetting> settings) const
{
    useOneKernelThread();
    PreparedLayers prepared(settings.size());
    for (const auto& step : steps)
        if (const auto* weighted = dynamic_cast<const WeightedStep*>(step.get())) {
            CORE_TRY(prepared[weighted->layer.value()], weighted->prepare(settings[weighted->layer.value()]));
        }
    return prepared;
}

std::unique_ptr<GradientFrame> GradientGraph::State::take()
{
    {
        const std::lock_guard lock(guard);
        if (!idle.empty()) {
            auto frame = std::move(idle.back());
            idle.pop_back();
            return frame;
        }
    }
    auto frame = std::make_unique<GradientFrame>(forms, arenaBytes, context->layers.size());
    frame->workspaces.resize(workspaces);
    return frame;
}

void GradientGraph::State::giveBack(std::unique_ptr<GradientFrame> frame)
{
    const std::lock_guard lock(guard);
    idle.push_back(std::move(frame));
}

Result<void> GradientGraph::State::forward(GradientFrame& frame, const Tensor& inputs, const Chunk& chunk) const
{
    useOneKernelThread();
    frame.read = chunk.index;
    const std::size_t sampleBytes = inputs.byteCount() / static_cast<std::size_t>(inputs.dimension(0));
    const std::size_t count = chunk.end - chunk.begin;
    std::memcpy(frame.bytes(input), inputs.bytes().data() + chunk.begin * sampleBytes, count * sampleBytes);
    for (std::size_t filler = count; filler < static_cast<std::size_t>(batch); ++filler)   // counts for nothing: its gradient is zero
        std::memcpy(frame.bytes(input) + filler * sampleBytes, inputs.bytes().data() + chunk.begin * sampleBytes, sampleBytes);
    for (const auto& step : steps)
        CORE_TRY(step->forward(frame));
    return success();
}

void GradientGraph::State::backward(GradientFrame& frame) const
{
    const auto wanted = [&](FormIndex form) { return form.isValid() && frame.wants(form); };
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        const GradientStep& one = **step;
        if (!one.isReached || std::none_of(one.outputs.begin(), one.outputs.end(), wanted))
            continue;
        for (const FormIndex form : one.unreached)
            std::fill_n(frame.gradient(form), forms[form.value()].floats(), 0.0f);
        one.backward(frame);
    }
}

Tensor GradientGraph::State::copyOf(GradientFrame& frame, ValueIndex value, FormIndex form, const float* memory, std::int64_t count) const
{
    Shape shape = values[value.value()].shape;
    Tensor all = Tensor::uninitialized(DataType::Float32, shape);
    const dnnl::memory::desc own = frame.form(form).desc, plain = plainDesc(shape);
    if (own.get_size() == all.byteCount() && own == plainDesc(Shape(own.dims()))) {
        std::memcpy(all.editBytes().data(), memory, all.byteCount());
    } else {
        dnnl::memory from(own, kernelEngine(), const_cast<float*>(memory)), to(plain, kernelEngine(), all.editBytes().data());   // only read
        dnnl::reorder(from, to).execute(kernelStream(), from, to);
    }
    shape.front() = shape.front() / batch * count;
    Tensor some = Tensor::uninitialized(DataType::Float32, shape);
    std::memcpy(some.editBytes().data(), all.bytes().data(), some.byteCount());
    return some;
}

Result<Gradients> GradientGraph::differentiate(const GradientRequest& request, const RunControl& control) const
{
    State& state = *m_state;
    const std::span<const LayerSetting> settings = request.settings.empty() ? state.plainSettings : request.settings;
    CORE_TRY(state.check(request.inputs, settings));
    const std::int64_t samples = request.inputs.dimension(0);
    const std::size_t width = state.outputsOfSample();
    CORE_TRY(request.objective.check(samples, static_cast<std::int64_t>(width)));
    if (request.ofInput && state.inputDescription().type != DataType::Float32)
        return Problem{state.context->network->name, fmt::format("its input is {}; only a float32 one has a gradient", dataTypeName(state.inputDescription().type))};
    CORE_TRY(const PreparedLayers prepared, state.prepare(settings));
    GradientRequest asked = request;
    asked.settings = settings;

    Gradients result;
    result.losses.resize(static_cast<std::size_t>(samples));
    Shape outputShape = state.outputDescription().shape;
    outputShape.front() = samples;
    result.outputs = Tensor(DataType::Float32, outputShape);
    const std::span<float> outputs = result.outputs.edit<float>();
    if (request.ofInput)
        result.input = Tensor(DataType::Float32, request.inputs.shape());
    const std::span<float> inputGradients = request.ofInput ? result.input.edit<float>() : std::span<float>();
    const std::size_t inputWidth = static_cast<std::size_t>(request.inputs.size() / samples);
    const bool goesBack = request.ofWeights || request.ofRecovery || request.ofInput || request.visit;

    std::vector<LayerSums> sums(settings.size());
    std::map<std::size_t, std::vector<LayerGradient>> waiting;    // by chunk, until those before it have come
    std::vector<std::vector<LayerGradient>> spare;
    std::size_t nextChunk = 0;
    std::mutex guard;
    std::optional<Problem> problem;
    forEachChunk(static_cast<std::size_t>(samples), static_cast<std::size_t>(state.batch), request.threads, [&](const Chunk& chunk) {
        if (control.stopped())
            return false;
        auto frame = state.take();
        frame->prepared = prepared;
        frame->ofWeights = request.ofWeights;
        frame->ofRecovery = request.ofRecovery;
        frame->ofInput = request.ofInput;
        std::vector<LayerGradient> gradients;
        {
            const std::lock_guard lock(guard);
            if (!spare.empty()) {
                gradients = std::move(spare.back());
                spare.pop_back();
            }
        }
        if (gradients.empty())
            gradients = emptyGradients(asked, state.context->layers);
        frame->gradients = &gradients;
        if (const auto ran = state.forward(*frame, request.inputs, chunk); !ran) {
            const std::lock_guard lock(guard);
            problem = ran.error();
            return false;
        }
        const std::span<const float> made(frame->value(state.output), width * static_cast<std::size_t>(state.batch));
        std::copy_n(made.begin(), (chunk.end - chunk.begin) * width, outputs.begin() + static_cast<std::ptrdiff_t>(chunk.begin * width));
        const std::span<float> slope(frame->gradient(state.output), made.size());
        std::fill(slope.begin(), slope.end(), 0.0f);
        for (std::size_t sample = chunk.begin; sample < chunk.end; ++sample) {
            const std::size_t at = (sample - chunk.begin) * width;
            result.losses[sample] = request.objective.ofSample(static_cast<std::int64_t>(sample), made.subspan(at, width), goesBack ? slope.subspan(at, width) : std::span<float>());
        }
        if (goesBack)
            state.backward(*frame);
        if (request.ofInput)
            std::copy_n(frame->gradient(state.input), (chunk.end - chunk.begin) * inputWidth, inputGradients.begin() + static_cast<std::ptrdiff_t>(chunk.begin * inputWidth));
        if (request.visit) {
            const auto count = static_cast<std::int64_t>(chunk.end - chunk.begin);
            const auto copy = [&](LayerIndex layer, int which) {
                const FormIndex form = which == 0 ? state.layerInputs[layer.value()] : state.layerOutputs[layer.value()];
                const ValueIndex value = which == 0 ? state.context->inputOf(layer) : state.context->outputOf(layer);
                return state.copyOf(*frame, value, form, which == 2 ? frame->gradient(form) : frame->value(form), count);
            };
            FrameChunk view(copy);
            view.index = chunk.index;
            view.first = static_cast<std::int64_t>(chunk.begin);
            view.count = count;
            request.visit(view);
        }
        state.giveBack(std::move(frame));
        const std::lock_guard lock(guard);
        waiting.emplace(chunk.index, std::move(gradients));
        for (auto next = waiting.find(nextChunk); next != waiting.end(); next = waiting.find(nextChunk)) {
            add(sums, next->second);
            spare.push_back(std::move(next->second));
            waiting.erase(next);
            ++nextChunk;
        }
        return true;
    });
    if (problem)
        return *problem;
    if (control.stopped())
        return stoppedProblem();
    for (const double loss : result.losses)
        result.loss += loss;
    result.loss /= static_cast<double>(samples);
    for (const LayerSums& layer : sums)
        result.layers.push_back(mean(layer, static_cast<double>(samples)));
    return result;
}

Result<Tensor> GradientGraph::run(const Tensor& inputs, std::span<const LayerSetting> settings, int threads, const RunControl& control) const
{
    State& state = *m_state;
    const std::span<const LayerSetting> chosen = settings.empty() ? state.plainSettings : settings;
    CORE_TRY(state.check(inputs, chosen));
    CORE_TRY(const PreparedLayers prepared, state.prepare(chosen));
    const std::size_t width = state.outputsOfSample();
    Shape shape = state.outputDescription().shape;
    shape.front() = inputs.dimension(0);
    Tensor result(DataType::Float32, shape);
    const std::span<float> outputs = result.edit<float>();
    std::mutex guard;
    std::optional<Problem> problem;
    forEachChunk(static_cast<std::size_t>(inputs.dimension(0)), static_cast<std::size_t>(state.batch), threads, [&](const Chunk& chunk) {
        if (control.stopped())
            return false;
        auto frame = state.take();
        frame->prepared = prepared;
        if (const auto ran = state.forward(*frame, inputs, chunk); !ran) {
            const std::lock_guard lock(guard);
            problem = ran.error();
            return false;
        }
        std::copy_n(frame->value(state.output), (chunk.end - chunk.begin) * width, outputs.begin() + static_cast<std::ptrdiff_t>(chunk.begin * width));
        state.giveBack(std::move(frame));
        return true;
    });
    if (problem)
        return *problem;
    if (control.stopped())
        return stoppedProblem();
    return result;
}

Result<std::vector<LayerSetting>> settingsOf(const EngineContext& context, std::span<const CompiledLayerPtr> compiled)
{
    std::vector<LayerSetting> settings;
    for (const WeightedLayer& layer : context.layers) {
        const CompiledLayer& one = *compiled[layer.index.value()];
        LayerSetting setting{one.weights, std::nullopt, one.input, one.recovery, nullptr};
        if (one.array) {
            // The arrays alone; the recovery path beside them is the graph's to run.
            auto bare = std::make_shared<CompiledLayer>(one);
            bare->recovery.reset();
            std::vector<CompiledLayerPtr> alone(compiled.begin(), compiled.end());
            alone[layer.index.value()] = bare;
            const std::vector<NodeGroup> group{{{layer.node}, layer.index}};
            CORE_TRY(setting.measured, Program::build({*context.network, context.layers, context.values, alone, group, {context.inputOf(layer.index)}, {context.outputOf(layer.index)}}));
        }
        settings.push_back(std::move(setting));
    }
    return settings;
}

}  // namespace core
