// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The sum dock: what the edited layers add up in - a format, an order, blocks, chance, integers of few bits - and the
// componentwise rule that takes ill-conditioned sums again in a high format, with what it does beside it.

#include "app/shell/bound_fields.h"
#include "app/shell/panel.h"

class QCheckBox;
class QLabel;
class QVBoxLayout;

namespace app {

struct KnobSpec;

class SumPanel : public Panel {
    Q_OBJECT
public:
    explicit SumPanel(Exploration& exploration, QWidget* parent = nullptr);

private:
    using Accumulator = core::AccumulatorPlan;
    using Hinder = BoundFields<Accumulator>::Hinder;

    void refresh(Changes changes) override;
    QWidget* makeKnobsPage();
    QWidget* makeKnobs();  // sum_panel_layout.cpp, with what it calls
    void addFormat(QVBoxLayout& layout);
    void addSteps(QVBoxLayout& layout);
    void addIntegers(QVBoxLayout& layout);
    void addRule(QVBoxLayout& layout);
    void addKnob(QVBoxLayout& layout, const KnobSpec& spec, const std::string& field, double (*read)(const Accumulator&),
                 void (*write)(Accumulator&, double), Hinder hinder);
    void addChoice(QVBoxLayout& layout, const ChoiceField::Spec& spec, const std::string& field, QString (*read)(const Accumulator&),
                   void (*write)(Accumulator&, const QString&), Hinder hinder);
    void editSums(const QString& words, const std::function<void(Accumulator&, const core::WeightedLayer&)>& change, Gesture gesture = {});
    void switchRule(bool on);
    void showFigures();
    QString figuresHint() const;
    QString figuresHead(const QString& layer) const;

    QLabel* m_where = nullptr;
    QLabel* m_array = nullptr;  // where an array adds up
    QWidget* m_body = nullptr;
    QCheckBox* m_rule = nullptr;
    QLabel *m_figures = nullptr, *m_verdict = nullptr;
    BoundFields<Accumulator> m_fields;
};

}  // namespace app
