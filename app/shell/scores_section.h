// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The part of the sum dock for networks that attend: the logits in front of a softmax, in a low format and a high one.

#include "app/shell/bound_fields.h"
#include "app/shell/panel.h"

class QCheckBox;
class QLabel;

namespace app {

class ScoresSection : public Panel {
    Q_OBJECT
public:
    explicit ScoresSection(Exploration& exploration, QWidget* parent = nullptr);

private:
    void refresh(Changes changes) override;
    /// Of the edited layers those whose outputs are an attention's queries.
    std::vector<core::LayerIndex> editedQueries() const;
    void edit(const QString& words, const std::function<void(std::optional<core::ScorePlan>&)>& change, Gesture gesture = {});
    void addFormat(const ChoiceField::Spec& spec, const std::string& field, QString (*read)(const core::ScorePlan&),
                   void (*write)(core::ScorePlan&, const core::NumberFormat&));
    void showFigures(const std::vector<core::LayerIndex>& queries);

    std::vector<core::LayerIndex> m_queries;  // of the network on show
    QWidget* m_content = nullptr;             // hidden where there is no attention; a hidden panel would not hear of the next network
    QCheckBox* m_switch = nullptr;
    QWidget* m_body = nullptr;
    QLabel* m_figures = nullptr;
    BoundFields<core::ScorePlan> m_fields;
};

}  // namespace app
