// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and RNN, step by step as ONNX defines them; every gate sums input, then state, then biases.
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace core {

namespace {

/// A gate's function with its two parameters.
struct Activation {
    enum class Kind { Affine, Elu, HardSigmoid, LeakyRelu, Relu, ScaledTanh, Sigmoid, Softplus, Softsign, Tanh, ThresholdedRelu } kind = Kind::Tanh;
    double alpha = 0.0, beta = 0.0;

    template <class T>
    T operator()(T x) const
    {
        const auto a = static_cast<T>(alpha), b = static_cast<T>(beta);
        switch (kind) {
        case Kind::Affine: return a * x + b;
        case Kind::Elu: return x < T{0} ? a * std::expm1(x) : x;
        case Kind::HardSigmoid: return std::max(T{0}, std::min(T{1}, a * x + b));
        case Kind::LeakyRelu: return x < T{0} ? a * x : x;
        case Kind::Relu: return std::max(T{0}, x);
        case Kind::ScaledTanh: return a * std::tanh(b * x);
        case Kind::Sigmoid: return T{1} / (T{1} + std::exp(-x));
        case Kind::Softplus: return x > T{0} ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
        case Kind::Softsign: return x / (T{1} + std::abs(x));
        case Kind::Tanh: return std::tanh(x);
        case Kind::ThresholdedRelu: return x > a ? x : T{0};
        }
        return x;
    }
};

struct ActivationName {
    std::string_view name;
    Activation standard;
    int parameters;   // how many it takes from activation_alpha and activation_beta
};

using Kind = Activation::Kind;
constexpr ActivationName kActivations[] = {
    {"affine", {Kind::Affine, 1.0, 0.0}, 2},          {"elu", {Kind::Elu, 1.0, 0.0}, 1},         {"hardsigmoid", {Kind::HardSigmoid, 0.2, 0.5}, 2},
    {"leakyrelu", {Kind::LeakyRelu, 0.01, 0.0}, 1},   {"relu", {Kind::Relu, 0.0, 0.0}, 0},       {"scaledtanh", {Kind::ScaledTanh, 1.0, 1.0}, 2},
    {"sigmoid", {Kind::Sigmoid, 0.0, 0.0}, 0},        {"softplus", {Kind::Softplus, 0.0, 0.0}, 0}, {"softsign", {Kind::Softsign, 0.0, 0.0}, 0},
    {"tanh", {Kind::Tanh, 0.0, 0.0}, 0},              {"thresholdedrelu", {Kind::ThresholdedRelu, 1.0, 0.0}, 1},
};

/// Everything but the numbers. Sizes: X is times x batch x inputs (batch first with layout 1).
struct Recurrence {
    std::int64_t times = 0, batch = 0, inputs = 0, hidden = 0, directions = 1, gates = 1;
    bool isBatchFirst = false, isReverse = false;   // isReverse: the first direction runs backward
    std::vector<Activation> activations;            // per direction, as many as the operation has functions
    double clip = 0.0;                              // of what enters an activation; 0 for none
};

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

Result<std::vector<Activation>> activationsOf(const Call& call, std::size_t directions, const std::vector<std::string>& standard)
{
    std::vector<std::string> names = call.attributes().texts("activations");
    if (names.empty())
        for (std::size_t direction = 0; direction < directions; ++direction)
            names.insert(names.end(), standard.begin(), standard.end());
    if (names.size() != directions * standard.size())
        return call.problem(fmt::format("activations lists {} functions; {} are wanted", names.size(), directions * standard.size()));
    const std::vector<float> alphas = call.attributes().reals("activation_alpha"), betas = call.attributes().reals("activation_beta");
    std::size_t nextAlpha = 0, nextBeta = 0;
    std::vector<Activation> result;
    for (const std::string& name : names) {
        const auto found = std::find_if(std::begin(kActivations), std::end(kActivations), [&](const ActivationName& one) { return one.name == lowered(name); });
        if (found == std::end(kActivations))
            return call.problem(fmt::format("activation '{}' is not known", name));
        Activation one = found->standard;
        if (found->parameters > 0 && nextAlpha < alphas.size())
            one.alpha = static_cast<double>(alphas[nextAlpha++]);
        if (found->parameters > 1 && nextBeta < betas.size())
            one.beta = static_cast<double>(betas[nextBeta++]);
        result.push_back(one);
    }
    return result;
}

Result<void> checkShape(const Call& call, std::size_t input, const Shape& wanted)
{
    if (call.has(input) && call.shape(input) != wanted)
        return call.problem(fmt::format("{}; {} is wanted", call.inputText(input), shapeText(wanted)));
    return success();
}

Shape stateShape(const Recurrence& r)
{
    return r.isBatchFirst ? Shape{r.batch, r.directions, r.hidden} : Shape{r.directions, r.batch, r.hidden};
}

Result<Recurrence> recurrenceOf(const Call& call, std::int64_t gates, const std::vector<std::string>& activations)
{
    Recurrence r;
    r.gates = gates;
    const std::string direction = lowered(call.attributes().text("direction", "forward"));
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
        return call.problem(fmt::format("direction is '{}'; forward, reverse or bidirectional is wanted", direction));
    r.directions = direction == "bidirectional" ? 2 : 1;
    r.isReverse = direction == "reverse";
    r.isBatchFirst = call.attributes().integer("layout", 0) != 0;
    r.clip = static_cast<double>(call.attributes().real("clip", 0.0f));
    if (call.rank(0) != 3 || call.rank(1) != 3 || call.rank(2) != 3)
        return call.problem(fmt::format("{}, {} and {}; three axes each are wanted", call.inputText(0), call.inputText(1), call.inputText(2)));
    r.times = call.shape(0)[r.isBatchFirst ? 1 : 0];
    r.batch = call.shape(0)[r.isBatchFirst ? 0 : 1];
    r.inputs = call.shape(0)[2];
    r.hidden = call.shape(2)[2];
    CORE_TRY(checkShape(call, 1, {r.directions, gates * r.hidden, r.inputs}));
    CORE_TRY(checkShape(call, 2, {r.directions, gates * r.hidden, r.hidden}));
    CORE_TRY(checkShape(call, 3, {r.directions, 2 * gates * r.hidden}));
    CORE_TRY(checkShape(call, 4, {r.batch}));
    CORE_TRY(checkShape(call, 5, stateShape(r)));
    CORE_TRY(checkShape(call, 6, stateShape(r)));
    CORE_TRY(checkShape(call, 7, {r.directions, 3 * r.hidden}));
    if (call.attributes().integer("hidden_size", r.hidden) != r.hidden)
        return call.problem(fmt::format("hidden_size is {}; {}", call.attributes().integer("hidden_size", 0), call.inputText(2)));
    CORE_TRY(r.activations, activationsOf(call, static_cast<std::size_t>(r.directions), activations));
    return r;
}

Descriptions recurrentOutputs(const Call& call, const Recurrence& r)
{
    const Shape sequence = r.isBatchFirst ? Shape{r.batch, r.times, r.directions, r.hidden} : Shape{r.times, r.directions, r.batch, r.hidden};
    return {{call.type(0), sequence, std::nullopt}, {call.type(0), stateShape(r), std::nullopt}, {call.type(0), stateShape(r), std::nullopt}};
}

/// The numbers of one direction, weights transposed so that sums run over rows of memory.
template <class T>
struct DirectionWeights {
    std::vector<T> input, state;             // inputs x gates*hidden, hidden x gates*hidden
    std::vector<T> inputBias, stateBias;     // gates*hidden
    std::vector<T> peepholes;                // 3*hidden or empty
};

template <class T>
std::vector<T> transposedSlice(std::span<const T> values, std::int64_t slice, std::int64_t rows, std::int64_t columns)
{
    const auto part = values.subspan(static_cast<std::size_t>(slice * rows * columns), static_cast<std::size_t>(rows * columns));
    std::vector<T> result(part.size());
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            result[static_cast<std::size_t>(column * rows + row)] = part[static_cast<std::size_t>(row * columns + column)];
    return result;
}

template <class T>
DirectionWeights<T> weightsOf(const Call& call, const Recurrence& r, std::int64_t direction)
{
    const std::int64_t width = r.gates * r.hidden;
    DirectionWeights<T> weights{transposedSlice(call.values<T>(1), direction, width, r.inputs), transposedSlice(call.values<T>(2), direction, width, r.hidden),
                                std::vector<T>(static_cast<std::size_t>(width), T{0}), std::vector<T>(static_cast<std::size_t>(width), T{0}), {}};
    if (call.has(3)) {
        const auto bias = call.values<T>(3).subspan(static_cast<std::size_t>(direction * 2 * width), static_cast<std::size_t>(2 * width));
        std::copy_n(bias.begin(), width, weights.inputBias.begin());
        std::copy_n(bias.begin() + width, width, weights.stateBias.begin());
    }
    if (call.has(7)) {
        const auto peepholes = call.values<T>(7).subspan(static_cast<std::size_t>(direction * 3 * r.hidden), static_cast<std::size_t>(3 * r.hidden));
        weights.peepholes.assign(peepholes.begin(), peepholes.end());
    }
    return weights;
}

/// sums[j] += vector[i] * matrix[i][j], columns [begin, end), terms in order of i.
template <class T>
void addProduct(const T* vector, const std::vector<T>& matrix, std::int64_t length, std::int64_t width, std::int64_t begin, std::int64_t end, T* sums)
{
    for (std::int64_t i = 0; i < length; ++i)
        for (std::int64_t j = begin; j < end; ++j)
            sums[j] += vector[i] * matrix[static_cast<std::size_t>(i * width + j)];
}

template <class T>
struct StepContext {
    const Recurrence& r;
    const DirectionWeights<T>& weights;
    const Activation* activations;
    const Call& call;

    T clipped(T x) const { return r.clip > 0 ? std::clamp(x, static_cast<T>(-r.clip), static_cast<T>(r.clip)) : x; }
    T activate(std::size_t function, T x) const { return activations[function](clipped(x)); }
    T peephole(std::int64_t gate, std::int64_t unit) const
    {
        return weights.peepholes.empty() ? T{0} : weights.peepholes[static_cast<std::size_t>(gate * r.hidden + unit)];
    }
};

/// The gates' sums of one sample at one time: input, then state and its bias for the first `stateColumns` columns.
template <class T>
std::vector<T> gateSums(const StepContext<T>& context, const T* x, const T* h, std::int64_t stateColumns)
{
    const std::int64_t width = context.r.gates * context.r.hidden;
    std::vector<T> sums(static_cast<std::size_t>(width), T{0});
    addProduct(x, context.weights.input, context.r.inputs, width, 0, width, sums.data());
    addProduct(h, context.weights.state, context.r.hidden, width, 0, stateColumns, sums.data());
    for (std::size_t j = 0; j < sums.size(); ++j)
        sums[j] += context.weights.inputBias[j] + (static_cast<std::int64_t>(j) < stateColumns ? context.weights.stateBias[j] : T{0});
    return sums;
}

/// Gates i, o, f, c. Functions f, g, h.
template <class T>
void stepLstm(const StepContext<T>& context, const T* x, T* h, T* c)
{
    const std::int64_t hidden = context.r.hidden;
    const std::vector<T> sums = gateSums(context, x, h, 4 * hidden);
    const bool couples = context.call.attributes().integer("input_forget", 0) != 0;
    for (std::int64_t k = 0; k < hidden; ++k) {
        const auto sum = [&](std::int64_t gate) { return sums[static_cast<std::size_t>(gate * hidden + k)]; };
        const T input = context.activate(0, sum(0) + context.peephole(0, k) * c[k]);
        const T forget = couples ? T{1} - input : context.activate(0, sum(2) + context.peephole(2, k) * c[k]);
        c[k] = forget * c[k] + input * context.activate(1, sum(3));
        const T output = context.activate(0, sum(1) + context.peephole(1, k) * c[k]);
        h[k] = output * context.activations[2](c[k]);
    }
}

/// Gates z, r, h. Functions f, g. linear_before_reset multiplies the state before the reset gate does.
template <class T>
void stepGru(const StepContext<T>& context, const T* x, T* h, T*)
{
    const std::int64_t hidden = context.r.hidden, width = 3 * hidden;
    std::vector<T> sums = gateSums(context, x, h, 2 * hidden);
    std::vector<T> update(static_cast<std::size_t>(hidden)), reset(static_cast<std::size_t>(hidden)), state(h, h + hidden);
    for (std::int64_t k = 0; k < hidden; ++k) {
        update[static_cast<std::size_t>(k)] = context.activate(0, sums[static_cast<std::size_t>(k)]);
        reset[static_cast<std::size_t>(k)] = context.activate(0, sums[static_cast<std::size_t>(hidden + k)]);
    }
    const bool isLinearFirst = context.call.attributes().integer("linear_before_reset", 0) != 0;
    std::vector<T> hiddenSums(static_cast<std::size_t>(width), T{0});
    if (!isLinearFirst)
        for (std::size_t k = 0; k < state.size(); ++k)
            state[k] *= reset[k];
    addProduct(state.data(), context.weights.state, hidden, width, 2 * hidden, width, hiddenSums.data());
    for (std::int64_t k = 0; k < hidden; ++k) {
        const auto unit = static_cast<std::size_t>(k), column = static_cast<std::size_t>(2 * hidden + k);
        const T fromState = hiddenSums[column] + context.weights.stateBias[column];
        const T candidate = context.activate(1, sums[column] + (isLinearFirst ? reset[unit] * fromState : fromState));
        h[k] = (T{1} - update[unit]) * candidate + update[unit] * h[k];
    }
}

/// One gate, function f.
template <class T>
void stepRnn(const StepContext<T>& context, const T* x, T* h, T*)
{
    const std::vector<T> sums = gateSums(context, x, h, context.r.hidden);
    for (std::size_t k = 0; k < sums.size(); ++k)
        h[k] = context.activate(0, sums[k]);
}

Result<std::vector<std::int64_t>> lengthsOf(const Call& call, const Recurrence& r)
{
    if (!call.has(4))
        return std::vector<std::int64_t>(static_cast<std::size_t>(r.batch), r.times);
    CORE_TRY(std::vector<std::int64_t> lengths, call.integers(4));
    for (const std::int64_t length : lengths)
        if (length < 0 || length > r.times)
            return call.problem(fmt::format("a sequence has length {}; 0 to {} is wanted", length, r.times));
    return lengths;
}

/// Where a sample's state of one direction lies in Y_h, Y_c, initial_h and initial_c.
std::int64_t stateOffset(const Recurrence& r, std::int64_t direction, std::int64_t sample)
{
    return (r.isBatchFirst ? sample * r.directions + direction : direction * r.batch + sample) * r.hidden;
}

template <class T, class Step>
void runDirections(const Call& call, const Recurrence& r, const std::vector<std::int64_t>& lengths, Outputs& outputs, Step step)
{
    T* y = call.wantsOutput(0) ? outputs.edit<T>(0).data() : nullptr;
    if (y)
        std::fill_n(y, outputs.tensor(0).size(), T{0});   // past a sequence's end
    const std::size_t functions = r.activations.size() / static_cast<std::size_t>(r.directions);
    for (std::int64_t direction = 0; direction < r.directions; ++direction) {
        const DirectionWeights<T> weights = weightsOf<T>(call, r, direction);
        const StepContext<T> context{r, weights, r.activations.data() + static_cast<std::size_t>(direction) * functions, call};
        const bool isBackward = direction == 1 || r.isReverse;
        for (std::int64_t sample = 0; sample < r.batch; ++sample) {
            const std::int64_t offset = stateOffset(r, direction, sample), length = lengths[static_cast<std::size_t>(sample)];
            std::vector<T> h(static_cast<std::size_t>(r.hidden), T{0}), c = h;
            if (call.has(5))
                std::copy_n(call.values<T>(5).begin() + offset, r.hidden, h.begin());
            if (call.has(6))
                std::copy_n(call.values<T>(6).begin() + offset, r.hidden, c.begin());
            for (std::int64_t i = 0; i < length; ++i) {
                const std::int64_t time = isBackward ? length - 1 - i : i;
                const std::int64_t row = r.isBatchFirst ? sample * r.times + time : time * r.batch + sample;
                step(context, call.values<T>(0).data() + row * r.inputs, h.data(), c.data());
                const std::int64_t place = r.isBatchFirst ? row * r.directions + direction : (time * r.directions + direction) * r.batch + sample;
                if (y)
                    std::copy(h.begin(), h.end(), y + place * r.hidden);
            }
            if (call.wantsOutput(1))
                std::copy(h.begin(), h.end(), outputs.edit<T>(1).begin() + offset);
            if (call.wantsOutput(2))
                std::copy(c.begin(), c.end(), outputs.edit<T>(2).begin() + offset);
        }
    }
}

template <class Step>
Result<void> runRecurrence(const Call& call, const Recurrence& r, Outputs& outputs, Step step)
{
    CORE_TRY(const std::vector<std::int64_t> lengths, lengthsOf(call, r));
    visitFloat(call.type(0), [&]<class T>() { runDirections<T>(call, r, lengths, outputs, step); });
    return success();
}

Result<Recurrence> lstm(const Call& call) { return recurrenceOf(call, 4, {"Sigmoid", "Tanh", "Tanh"}); }
Result<Recurrence> gru(const Call& call) { return recurrenceOf(call, 3, {"Sigmoid", "Tanh"}); }
Result<Recurrence> rnn(const Call& call) { return recurrenceOf(call, 1, {"Tanh"}); }

Result<Descriptions> describeLstm(const Call& call)
{
    CORE_TRY(const Recurrence r, lstm(call));
    return recurrentOutputs(call, r);
}

Result<Descriptions> describeGru(const Call& call)
{
    CORE_TRY(const Recurrence r, gru(call));
    Descriptions outputs = recurrentOutputs(call, r);
    outputs.pop_back();
    return outputs;
}

Result<Descriptions> describeRnn(const Call& call)
{
    CORE_TRY(const Recurrence r, rnn(call));
    Descriptions outputs = recurrentOutputs(call, r);
    outputs.pop_back();
    return outputs;
}

Result<void> runLstm(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Recurrence r, lstm(call));
    return runRecurrence(call, r, outputs, []<class T>(const StepContext<T>& context, const T* x, T* h, T* c) { stepLstm(context, x, h, c); });
}

Result<void> runGru(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Recurrence r, gru(call));
    return runRecurrence(call, r, outputs, []<class T>(const StepContext<T>& context, const T* x, T* h, T* c) { stepGru(context, x, h, c); });
}

Result<void> runRnn(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Recurrence r, rnn(call));
    return runRecurrence(call, r, outputs, []<class T>(const StepContext<T>& context, const T* x, T* h, T* c) { stepRnn(context, x, h, c); });
}

constexpr Operation kOperations[] = {
    {"GRU", "X:F W:F R:F B:F? sequence_lens:i? initial_h:F?", Nature::Computes, describeGru, runGru},
    {"LSTM", "X:F W:F R:F B:F? sequence_lens:i? initial_h:F? initial_c:F? P:F?", Nature::Computes, describeLstm, runLstm},
    {"RNN", "X:F W:F R:F B:F? sequence_lens:i? initial_h:F?", Nature::Computes, describeRnn, runRnn},
};

}  // namespace

std::span<const Operation> recurrentOperations() { return kOperations; }

}  // namespace core
