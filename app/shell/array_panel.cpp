// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/array_panel.h"

#include "app/models/plan_problems.h"
#include "app/shell/array_pages.h"
#include "app/shell/page_switch.h"
#include "app/shell/plan_choices.h"
#include "app/views/chart_style.h"

#include "core/io/library.h"

#include <QCheckBox>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace app {
using core::ArrayTreatment;

ArrayPanel::ArrayPanel(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Selected | Settings, QStringLiteral("arrayPanel"), parent)
{
    m_where = new QLabel(this);
    m_where->setObjectName(QStringLiteral("arrayWhere"));
    QFont bold = m_where->font();
    bold.setBold(true);
    m_where->setFont(bold);
    m_switch = new QCheckBox(tr("Computed in an analog array"), this);
    m_switch->setObjectName(QStringLiteral("arraySwitch"));
    m_switch->setToolTip(
        tr("<p>Off: the main path is digital and exact up to its formats. On: weights are conductances of memory cells, inputs arrive bit "
           "by bit, and each column's current is converted by a small ADC.</p>"));
    connect(m_switch, &QCheckBox::clicked, this, [this](bool on) { switchArray(on); });

    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(makeKnobs());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 2, 6);
    layout->setSpacing(5);
    layout->addWidget(m_where);
    layout->addWidget(m_switch);
    layout->addWidget(makePages(scroll), 1);
}

QWidget* ArrayPanel::makePages(QWidget* knobs)
{
    auto* study = new ArrayStudy(exploration(), this);
    m_pages = new PageSwitch(tr("Pages of the array dock"), this);
    m_pages->addPage(QStringLiteral("knobs"), tr("Knobs"), tr("How the array is built, and what is not ideal about it"), knobs);
    m_pages->addPage(QStringLiteral("tile"), tr("Tile"), tr("What the cells of a tile conduct, plane by plane"),
                     new ArrayTilePage(exploration(), *study, this));
    m_pages->addPage(QStringLiteral("sums"), tr("Sums"), tr("The column sums that reach the converters, and their range"),
                     new ArraySumsPage(exploration(), *study, this));
    return m_pages;
}

void ArrayPanel::addKnob(QVBoxLayout& layout, const KnobSpec& spec, const std::string& field, double (*read)(const ArrayTreatment&),
                         void (*write)(ArrayTreatment&, double), QString (*hinder)(const ArrayTreatment&))
{
    auto* knob = new KnobRow(spec, m_body);
    followGestures(knob);
    connect(knob, &KnobRow::valueChanged, this, [this, spec, write](double value) {
        editArray(
            QStringLiteral("%1 %2 %3").arg(spec.name).arg(value, 0, 'f', spec.decimals).arg(spec.unit).trimmed(),
            [&](ArrayTreatment& array) { write(array, value); }, gesture());
    });
    layout.addWidget(knob);
    m_fields.add(knob, field, read, hinder);
}

void ArrayPanel::addChoice(QVBoxLayout& layout, ChoiceField* choice, const std::string& field, QString (*read)(const ArrayTreatment&),
                           void (*write)(ArrayTreatment&, const QString&))
{
    connect(choice, &ChoiceField::chosen, this, [this, write](const QString& value) {
        editArray(tr("array %1").arg(value), [&](ArrayTreatment& array) { write(array, value); });
    });
    layout.addWidget(choice);
    m_fields.add(choice, field, read, nullptr);
}

void ArrayPanel::editArray(const QString& words, const std::function<void(ArrayTreatment&)>& change, Gesture during)
{
    exploration().editLayers(
        words,
        [&](const core::WeightedLayer&, core::LayerTreatment& treatment) {
            if (treatment.cim)
                change(*treatment.cim);
        },
        during);
}

void ArrayPanel::switchArray(bool on)
{
    exploration().editLayers(on ? tr("in an analog array") : tr("digital"),
                             [on](const core::WeightedLayer&, core::LayerTreatment& treatment) {
                                 if (!on)
                                     treatment.cim.reset();
                                 else if (!treatment.cim)
                                     treatment.cim = ArrayTreatment{};
                             });
}

QString ArrayPanel::ageText(double seconds)
{
    if (seconds <= 0)
        return tr("as programmed: nothing has drifted");
    constexpr double kMinute = 60, kHour = 3600, kDay = 86400, kYear = 365.25 * kDay;
    const auto words = [](double value, const QString& unit) { return tr("%1 %2 after programming").arg(value, 0, 'g', 3).arg(unit); };
    if (seconds < kMinute)
        return words(seconds, tr("s"));
    if (seconds < kHour)
        return words(seconds / kMinute, tr("min"));
    if (seconds < kDay)
        return words(seconds / kHour, tr("h"));
    return seconds < kYear ? words(seconds / kDay, tr("d")) : words(seconds / kYear, tr("years"));
}

void ArrayPanel::takeDevice(const QString& name)
{
    const auto device = std::ranges::find_if(m_devices, [&](const core::Device& one) { return QString::fromStdString(one.name) == name; });
    if (device == m_devices.end())
        return;
    editArray(tr("cells: %1").arg(name), [&](ArrayTreatment& array) { array = core::withDevice(array, *device); });
}

void ArrayPanel::fitDeviceFrom(const QString& file)
{
    const auto device = core::loadDevice(file.toStdString());
    if (!device) {
        exploration().tellProblem(device.error());
        return;
    }
    const auto same = std::ranges::find_if(m_devices, [&](const core::Device& one) { return one.name == device.value().name; });
    if (same == m_devices.end())
        m_devices.push_back(device.value());
    else
        *same = device.value();
    takeDevice(QString::fromStdString(device.value().name));
}

void ArrayPanel::showDevice(const std::vector<ArrayTreatment>& arrays)
{
    // The device all arrays are built of, if there is one: building them of it again would change nothing.
    const auto isBuiltOf = [&](const core::Device& device) {
        return std::ranges::all_of(arrays, [&](const ArrayTreatment& array) { return core::withDevice(array, device) == array; });
    };
    const auto device = std::ranges::find_if(m_devices, isBuiltOf);
    if (arrays.empty() || device == m_devices.end())
        m_device->setMixed(tr("as set below"));
    else
        m_device->setValue(QString::fromStdString(device->name));
    m_deviceSource->setText(arrays.empty() || device == m_devices.end() ? QString() : QString::fromStdString(device->source));
    m_deviceSource->setVisible(!m_deviceSource->text().isEmpty());
}

void ArrayPanel::refresh(Changes)
{
    m_where->setText(editedLayersText());
    setEnabled(exploration().isOpen());
    QPalette outlined = palette();  // an empty box must be seen on dark ground too
    outlined.setColor(QPalette::Base, mixed(outlined.color(QPalette::Base), outlined.color(QPalette::Text), isDark(outlined) ? 0.3 : 0.0));
    m_switch->setPalette(outlined);
    std::vector<ArrayTreatment> arrays;  // of the edited layers that have one: they are what the knobs edit
    const auto edited = exploration().editedLayers();
    for (const core::LayerIndex layer : edited)
        if (const auto array = exploration().treatment(layer).cim)
            arrays.push_back(*array);
    const bool some = !arrays.empty();
    m_switch->setCheckState(!some ? Qt::Unchecked : arrays.size() == edited.size() ? Qt::Checked : Qt::PartiallyChecked);
    m_body->setEnabled(some);

    const ArrayTreatment shown = some ? arrays.front() : ArrayTreatment{};
    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    m_fields.show(arrays, PlanProblems(exploration().flaws()), layer);
    m_chips->setValue(exploration().settings().chips);
    showDevice(arrays);
    m_age->setText(ageText(shown.drift.seconds));
}

}  // namespace app
