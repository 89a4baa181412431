// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The bench tab that asks what each imperfection of the arrays costs: a button, a waterfall, and words about how sure it is.

#include "app/exploration/waterfall_study.h"
#include "app/shell/bench_panels.h"

class QLabel;
class QSpinBox;
class QToolButton;

namespace app {

class WaterfallView;

class EffectsPanel : public BenchPanel {
    Q_OBJECT
public:
    explicit EffectsPanel(Exploration& exploration, QWidget* parent = nullptr);
    FigureView* figure() const override;
    WaterfallStudy& study() { return *m_study; }
    /// As the button does; nothing where it is disabled.
    void measure();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh(Changes changes) override;
    QString hint() const;
    QWidget* makeHeader();
    void showRequest();  // in the boxes
    QString note() const;
    QString verdict(const core::NoiseWaterfall& known) const;
    QString provenance(int chips, std::int64_t samples) const;
    QString absentText() const;

    WaterfallStudy* m_study = nullptr;
    WaterfallView* m_view = nullptr;
    QLabel* m_note = nullptr;
    QSpinBox *m_chips = nullptr, *m_samples = nullptr;
    QToolButton* m_measure = nullptr;
    QToolButton* m_stop = nullptr;
};

}  // namespace app
