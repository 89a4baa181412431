// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The array dock: whether the edited layers are computed in a compute-in-memory array, how the array is built, how its
// converters read it, and what is not ideal about it.

#include "app/shell/bound_fields.h"
#include "app/shell/panel.h"

#include "core/cim/device.h"

#include <vector>

class QCheckBox;
class QLabel;
class QVBoxLayout;

namespace app {

class PageSwitch;

class ArrayPanel : public Panel {
    Q_OBJECT
public:
    explicit ArrayPanel(Exploration& exploration, QWidget* parent = nullptr);

signals:
    /// Somebody asks what each effect of the arrays costs.
    void effectsWanted();

private:
    void refresh(Changes changes) override;
    QWidget* makePages(QWidget* knobs);
    QWidget* makeKnobs();  // array_panel_layout.cpp, with what it calls
    void addCells(QVBoxLayout& layout);
    void addTime(QVBoxLayout& layout);
    void addConverter(QVBoxLayout& layout);
    void addTile(QVBoxLayout& layout);
    void addChips(QVBoxLayout& layout);
    void takeDevice(const QString& name);
    void fitDeviceFrom(const QString& file);
    void showDevice(const std::vector<core::ArrayTreatment>& arrays);
    static QString ageText(double seconds);
    void addKnob(QVBoxLayout& layout, const KnobSpec& spec, const std::string& field, double (*read)(const core::ArrayTreatment&),
                 void (*write)(core::ArrayTreatment&, double), QString (*hinder)(const core::ArrayTreatment&) = nullptr);
    void addChoice(QVBoxLayout& layout, ChoiceField* choice, const std::string& field, QString (*read)(const core::ArrayTreatment&),
                   void (*write)(core::ArrayTreatment&, const QString&));
    void editArray(const QString& words, const std::function<void(core::ArrayTreatment&)>& change, Gesture gesture = {});
    void switchArray(bool on);

    QLabel* m_where = nullptr;
    QCheckBox* m_switch = nullptr;
    QWidget* m_body = nullptr;
    KnobRow* m_chips = nullptr;
    PageSwitch* m_pages = nullptr;
    std::vector<core::Device> m_devices;
    ChoiceField* m_device = nullptr;
    QLabel *m_deviceSource = nullptr, *m_age = nullptr;
    BoundFields<core::ArrayTreatment> m_fields;
};

} // namespace app
