// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The samples dock: what the networks were shown and what they answered, filtered to the ones worth looking at.

#include "app/models/sample_outcome_model.h"
#include "app/shell/panel.h"

class QButtonGroup;
class QDoubleSpinBox;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace app {

class SampleGrid;

class SamplesPanel : public Panel {
    Q_OBJECT
public:
    explicit SamplesPanel(Exploration& exploration, QWidget* parent = nullptr);

    SampleFilter::Show filter() const { return m_filter->show(); }
    void setFilter(SampleFilter::Show what);

private:
    void refresh(Changes changes) override;
    QWidget* makeHeader();
    void showCards();
    void showCount();

    SampleOutcomeModel* m_model = nullptr;
    SampleFilter* m_filter = nullptr;
    QButtonGroup* m_filters = nullptr;
    QDoubleSpinBox* m_margin = nullptr;
    QLabel* m_count = nullptr;
    QToolButton* m_tableButton = nullptr;
    QStackedWidget* m_pages = nullptr;
    SampleGrid* m_grid = nullptr;
    QTableView* m_table = nullptr;
    core::ReportPtr m_shown;
};

/// One test sample with its preprocessing undone, as it was stored (brightness 0 ... 255, features in their own units),
/// and the layout it then has. Flat samples whose size is a square are taken for grey pictures.
struct StoredSample {
    core::Tensor tensor;
    core::SampleLayout layout = core::SampleLayout::Features;
};
StoredSample storedSample(const core::Subject& subject, core::SampleKind kind, std::int64_t index);

} // namespace app
