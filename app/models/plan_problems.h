// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The flaws of a plan sorted by where they are, so that a card, a table cell or a field can ask for its own.

#include "core/plan/check.h"

#include <QString>

#include <vector>

namespace app {

class PlanProblems {
public:
    PlanProblems() = default;
    explicit PlanProblems(std::vector<core::PlanFlaw> flaws) : m_flaws(std::move(flaws)) {}

    bool isEmpty() const { return m_flaws.empty(); }
    std::size_t count() const { return m_flaws.size(); }
    /// Everything wrong with one layer, a line each; empty: nothing.
    QString ofLayer(const std::string& layer) const;
    /// What is wrong with a field of a layer, or with that field in the defaults: "weights" covers "weights.scale".
    QString ofField(const std::string& layer, const std::string& field) const;
    /// The first flaw in full, and how many more there are: for the message strip.
    QString summary() const;

private:
    std::vector<core::PlanFlaw> m_flaws;
};

} // namespace app
