// SPDX-License-Identifier: Apache-2.0
#pragma once
// The loop over epochs that trainers share. Used inside this room alone.

#include "core/learn/training.h"

namespace core {

/// The samples of one training: what to learn from, what to be judged by, and the answers that count as right.
class TrainingSamples {
public:
    static Result<TrainingSamples> split(const GradientGraph& reference, const SampleSet& samples, const TrainingOrders& orders, const RunControl& control);

    struct Batch { Tensor inputs; Objective objective; std::vector<std::int32_t> answers; };
    Batch pick(const std::vector<std::int64_t>& indices) const;
    /// The training samples of an epoch in an order of its own, step by step.
    std::vector<std::vector<std::int64_t>> steps(int epoch) const;
    const Batch& validation() const { return m_validation; }
    std::int64_t trainCount() const { return static_cast<std::int64_t>(m_train.size()); }
    const std::string& remark() const { return m_remark; }

    /// How many outputs have their largest value at the answer; none without answers.
    static std::optional<std::int64_t> rightOf(const Tensor& outputs, const std::vector<std::int32_t>& answers);

private:
    SampleSet m_samples;
    Objective m_objective;
    std::vector<std::int32_t> m_answers;    // by sample; empty where the loss is no classification's
    std::vector<std::int64_t> m_train;
    Batch m_validation;
    std::string m_remark;
    TrainingOrders m_orders;
};

/// What is trained.
class Learner {
public:
    virtual ~Learner() = default;
    virtual Result<void> beginEpoch(const RunControl&) { return success(); }
    virtual const std::vector<LayerSetting>& settings() = 0;    // as the layers compute now
    virtual void learn(const Gradients& gradients, double rateScale) = 0;
    virtual void keepBest() = 0;          // what is now is the best so far
    virtual void keepEpoch() = 0;         // an epoch has ended: where a stopped run goes on
    bool ofWeights = false, ofRecovery = false;
};

enum class TrainingEnd { Finished, Stopped };
/// Goes on from `progress` to the last epoch. A stop ends within a step; what the unfinished epoch did is forgotten.
Result<TrainingEnd> runEpochs(const GradientGraph& graph, const TrainingSamples& samples, const TrainingOrders& orders, Learner& learner, TrainingProgress& progress,
                              const RunControl& control, const EpochListener& tell);

}  // namespace core
