// SPDX-License-Identifier: Apache-2.0
// Classification losses: the negative log-likelihood of the labelled class, weighted, summed or averaged.
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// Scores are samples x classes x places, labels samples x places.
struct LossSizes {
    std::int64_t samples, classes, places;
    std::string reduction;
};

Result<LossSizes> lossSizes(const Call& call)
{
    const Shape& scores = call.shape(0);
    Shape labels = scores;
    if (scores.size() >= 2)
        labels.erase(labels.begin() + 1);
    if (scores.size() < 2 || call.shape(1) != labels)
        return call.problem(fmt::format("{} and {}; samples x classes x places and a label for each place are wanted", call.inputText(0), call.inputText(1)));
    if (call.has(2) && call.shape(2) != Shape{scores[1]})
        return call.problem(fmt::format("{}; a weight for each of {} classes is wanted", call.inputText(2), scores[1]));
    const std::string reduction = call.attributes().text("reduction", "mean");
    if (reduction != "none" && reduction != "mean" && reduction != "sum")
        return call.problem(fmt::format("reduction is '{}'; none, mean or sum is wanted", reduction));
    return LossSizes{scores[0], scores[1], product(std::span(scores).subspan(2)), reduction};
}

Result<Descriptions> describeLoss(const Call& call)
{
    CORE_TRY(const LossSizes sizes, lossSizes(call));
    return Descriptions{{call.type(0), sizes.reduction == "none" ? call.shape(1) : Shape{}, std::nullopt}};
}

Result<Descriptions> describeCrossEntropy(const Call& call)
{
    CORE_TRY(Descriptions outputs, describeLoss(call));
    outputs.push_back({call.type(0), call.shape(0), std::nullopt});
    return outputs;
}

/// -log p of each label times its class's weight. An ignored label counts 0 and weighs 0; the mean is over the weights.
template <class T>
Result<void> reduceLoss(const Call& call, const LossSizes& sizes, std::span<const T> logarithms, Outputs& outputs)
{
    CORE_TRY(const std::vector<std::int64_t> labels, call.integers(1));
    const bool ignores = call.attributes().has("ignore_index");
    const std::int64_t ignored = call.attributes().integer("ignore_index", 0);
    const auto weights = call.has(2) ? call.values<T>(2) : std::span<const T>();
    T sum = 0, weightSum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        T loss = 0, weight = 0;
        if (!ignores || labels[i] != ignored) {
            const std::int64_t label = labels[i] < 0 ? labels[i] + sizes.classes : labels[i];
            if (label < 0 || label >= sizes.classes)
                return call.problem(fmt::format("label {} is {}; there are {} classes", i, labels[i], sizes.classes));
            const auto sample = static_cast<std::int64_t>(i) / sizes.places, place = static_cast<std::int64_t>(i) % sizes.places;
            weight = weights.empty() ? T{1} : weights[static_cast<std::size_t>(label)];
            loss = -logarithms[static_cast<std::size_t>((sample * sizes.classes + label) * sizes.places + place)] * weight;
        }
        if (sizes.reduction == "none")
            outputs.edit<T>(0)[i] = loss;
        sum += loss;
        weightSum += weight;
    }
    if (sizes.reduction == "sum")
        outputs.edit<T>(0)[0] = sum;
    else if (sizes.reduction == "mean")
        outputs.edit<T>(0)[0] = sum / weightSum;
    else
        outputs.tensor(0);   // even without any label there is a (then empty) result
    return success();
}

Result<void> runNegativeLogLikelihood(const Call& call, Outputs& outputs)
{
    CORE_TRY(const LossSizes sizes, lossSizes(call));
    return visitFloat(call.type(0), [&]<class T>() { return reduceLoss<T>(call, sizes, call.values<T>(0), outputs); });
}

template <class T>
std::vector<T> logSoftmax(const LossSizes& sizes, std::span<const T> scores)
{
    std::vector<T> result(scores.begin(), scores.end());
    for (std::int64_t sample = 0; sample < sizes.samples && sizes.classes > 0; ++sample)
        for (std::int64_t place = 0; place < sizes.places; ++place) {
            const auto at = [&](std::int64_t k) -> T& { return result[static_cast<std::size_t>((sample * sizes.classes + k) * sizes.places + place)]; };
            T top = at(0), sum = 0;
            for (std::int64_t k = 1; k < sizes.classes; ++k)
                top = std::max(top, at(k));
            for (std::int64_t k = 0; k < sizes.classes; ++k)
                sum += std::exp(at(k) - top);
            const T logarithm = std::log(sum);
            for (std::int64_t k = 0; k < sizes.classes; ++k)
                at(k) = at(k) - top - logarithm;
        }
    return result;
}

Result<void> runCrossEntropy(const Call& call, Outputs& outputs)
{
    CORE_TRY(const LossSizes sizes, lossSizes(call));
    return visitFloat(call.type(0), [&]<class T>() -> Result<void> {
        const std::vector<T> logarithms = logSoftmax<T>(sizes, call.values<T>(0));
        CORE_TRY(reduceLoss<T>(call, sizes, logarithms, outputs));
        if (call.wantsOutput(1))
            std::copy(logarithms.begin(), logarithms.end(), outputs.edit<T>(1).begin());
        return success();
    });
}

constexpr Operation kOperations[] = {
    {"NegativeLogLikelihoodLoss", "input:F target:i weight:F?", Nature::Computes, describeLoss, runNegativeLogLikelihood},
    {"SoftmaxCrossEntropyLoss", "scores:F labels:i weights:F?", Nature::Computes, describeCrossEntropy, runCrossEntropy},
};

}  // namespace

std::span<const Operation> lossOperations() { return kOperations; }

}  // namespace core
