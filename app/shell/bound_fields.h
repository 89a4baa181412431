// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Knobs and choices bound to the parts of a value that layers have - an array, an accumulator. They show what the edited layers
// agree on, what the plan says is wrong in its place, and why a part does not apply.

#include "app/models/plan_problems.h"
#include "app/shell/choice_field.h"
#include "app/views/knob_row.h"

#include <algorithm>

namespace app {

template <class Value>
class BoundFields {
public:
    using Number = double (*)(const Value&);
    using Name = QString (*)(const Value&);
    using Hinder = QString (*)(const Value&);  // why it does not apply; empty: it does

    /// `field`: its place in a layer's plan.
    void add(KnobRow* knob, const std::string& field, Number read, Hinder hinder) { m_knobs.push_back({knob, field, read, hinder}); }
    void add(ChoiceField* choice, const std::string& field, Name read, Hinder hinder)
    {
        m_choices.push_back({choice, field, read, hinder});
    }

    /// `values`: of the edited layers; empty: none has one, and the usual one is shown. Problems are those of `layer`.
    void show(const std::vector<Value>& values, const PlanProblems& problems, const std::string& layer) const
    {
        const Value shown = values.empty() ? Value{} : values.front();
        const auto disagree = [&](auto read) {
            return std::ranges::any_of(values, [&](const Value& value) { return read(value) != read(shown); });
        };
        for (const auto& bound : m_knobs) {
            bound.widget->setValue(bound.read(shown));
            bound.widget->setMixed(disagree(bound.read));
            finish(bound, shown, problems, layer);
        }
        for (const auto& bound : m_choices) {
            if (disagree(bound.read))
                bound.widget->setMixed(ChoiceField::tr("mixed"));
            else
                bound.widget->setValue(bound.read(shown));
            finish(bound, shown, problems, layer);
        }
    }

private:
    template <class Widget, class Read>
    struct Bound {
        Widget* widget = nullptr;
        std::string field;
        Read read = nullptr;
        Hinder hinder = nullptr;
    };
    template <class B>
    static void finish(const B& bound, const Value& shown, const PlanProblems& problems, const std::string& layer)
    {
        bound.widget->setProblem(problems.ofField(layer, bound.field));
        bound.widget->setHindered(bound.hinder ? bound.hinder(shown) : QString());
    }

    std::vector<Bound<KnobRow, Number>> m_knobs;
    std::vector<Bound<ChoiceField, Name>> m_choices;
};

}  // namespace app
