// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/recovery_correct_page.h"

#include "app/models/number_text.h"
#include "app/models/plan_problems.h"
#include "app/shell/choice_field.h"
#include "app/shell/plan_choices.h"
#include "app/shell/recovery_edit.h"
#include "app/views/knob_row.h"

#include <QLabel>
#include <QVBoxLayout>

#include <cmath>

namespace app {
namespace {

const QString kOff = QStringLiteral("off"), kOn = QStringLiteral("on");
const QString kNearest = QStringLiteral("nearest"), kAdaptive = QStringLiteral("adaptive");

core::CorrectionPlan correctionOf(const core::LayerTreatment& treatment) { return treatment.correction.value_or(core::CorrectionPlan{}); }

QLabel* wordsLabel(const char* objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(QString::fromLatin1(objectName));
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

}  // namespace

RecoveryCorrectPage::RecoveryCorrectPage(Exploration& exploration, QWidget* parent)
    : Panel(exploration, Plan | Report | Selected, QStringLiteral("recoveryCorrectPage"), parent)
{
    m_where = pageHeading(QStringLiteral("correctWhere"), this);
    m_order = wordsLabel("correctOrder", this);
    m_order->setText(tr("These correct the layer itself and cost nothing when it runs. They are made in this order, from calibration "
                        "samples; a recovery path is fitted to what they leave."));
    m_order->setForegroundRole(QPalette::PlaceholderText);
    m_figures = wordsLabel("correctFigures", this);
    m_remarks = wordsLabel("correctRemarks", this);
    makeFields();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(6);
    layout->addWidget(m_where);
    layout->addWidget(m_order);
    layout->addWidget(m_equalize);
    layout->addWidget(m_rounding);
    layout->addWidget(m_bias);
    layout->addWidget(m_samples);
    layout->addSpacing(6);
    layout->addWidget(m_figures);
    layout->addWidget(m_remarks);
    layout->addStretch(1);
    followGestures(m_samples);
}

void RecoveryCorrectPage::makeFields()
{
    m_equalize = new ChoiceField(
        {QStringLiteral("correctEqualize"),
         tr("Ranges"),
         tr("Whether a channel's scale is moved between this layer and the one in front until both have the same range, so that one "
            "scale fits all rows better. Changes nothing in FP32 (data-free quantization, arXiv 1906.04721)."),
         {{kOff, tr("as trained"), tr("Every channel keeps the range it was trained with")},
          {kOn, tr("equalized"), tr("Channels between two layers share one range (cross-layer equalization, arXiv 1906.04721)")}},
         kOff},
        this);
    m_rounding = new ChoiceField(
        {QStringLiteral("correctRounding"),
         tr("Rounding"),
         tr("Which level a weight goes to: the nearest, or the neighbour with which the layer's output errs least on calibration samples "
            "(the aim of AdaRound, arXiv 2004.10568, solved by moves between two neighbours)."),
         {{kNearest, tr("nearest level"), tr("Every weight by itself")},
          {kAdaptive, tr("adaptive"), tr("To the neighbour that makes the layer's output error least on the calibration samples")}},
         kNearest},
        this);
    m_bias = new ChoiceField(
        {QStringLiteral("correctBias"),
         tr("Bias"),
         tr("Whether the mean output error of each row on calibration samples is taken off its bias (arXiv 1906.04721, 1810.05723)."),
         {{kOff, tr("as trained"), tr("The bias stays")},
          {kOn, tr("corrected"), tr("The rows' mean output errors are made up for by the bias")}},
         kOff},
        this);
    KnobSpec samples;
    samples.objectName = QStringLiteral("correctSamples");
    samples.name = tr("Samples");
    samples.tip = tr("How many training samples rounding and bias are corrected from. The scored samples are never among them.");
    samples.minimum = 8;
    samples.maximum = 256;
    samples.step = 8;
    samples.decimals = 0;
    samples.defaultValue = core::CorrectionPlan{}.calibrationSamples;
    m_samples = new KnobRow(samples, this);

    connect(m_equalize, &ChoiceField::chosen, this, [this](const QString& value) {
        edit(value == kOn ? tr("ranges equalized") : tr("ranges as trained"),
             [&](core::CorrectionPlan& plan) { plan.equalize = value == kOn; });
    });
    connect(m_rounding, &ChoiceField::chosen, this, [this](const QString& value) {
        edit(tr("rounding %1").arg(value), [&](core::CorrectionPlan& plan) {
            plan.rounding = value == kAdaptive ? core::WeightRounding::Adaptive : core::WeightRounding::Nearest;
        });
    });
    connect(m_bias, &ChoiceField::chosen, this, [this](const QString& value) {
        edit(value == kOn ? tr("bias corrected") : tr("bias as trained"), [&](core::CorrectionPlan& plan) { plan.bias = value == kOn; });
    });
    connect(m_samples, &KnobRow::valueChanged, this, [this](double value) {
        const int count = static_cast<int>(std::lround(value));
        edit(
            tr("corrected from %1 samples").arg(count), [&](core::CorrectionPlan& plan) { plan.calibrationSamples = count; }, gesture());
    });
}

void RecoveryCorrectPage::edit(const QString& words, const std::function<void(core::CorrectionPlan&)>& change, Gesture during)
{
    exploration().editLayers(
        words,
        [&](const core::WeightedLayer&, core::LayerTreatment& treatment) {
            core::CorrectionPlan plan = correctionOf(treatment);
            change(plan);
            treatment.correction = plan.isOff() ? std::nullopt : std::optional(plan);
        },
        during);
}

void RecoveryCorrectPage::refresh(Changes)
{
    m_where->setText(editedLayersText());
    setEnabled(exploration().isOpen());
    showFields();
    showProblems();
    const core::LayerIndex current = exploration().currentLayer();
    const core::ReportPtr report = exploration().report();
    if (!current.isValid()) {
        m_figures->setText(tr("Open a network to correct its layers."));
    } else if (exploration().treatment(current).weights.palette.front().format.isFloat32() && !exploration().treatment(current).cim) {
        m_figures->setText(tr("The weights of %1 are FP32: there is nothing to correct. Choose a format in Precision.")
                               .arg(QString::fromStdString(exploration().layers().at(current.value()).name)));
    } else if (report && current.value() < report->layers.size() && report->layers[current.value()].sqnrDecibels) {
        const core::LayerReport& layer = report->layers[current.value()];
        m_figures->setText(tr("%1 errs by %2 (local), %3 arrives%4")
                               .arg(QString::fromStdString(layer.name), decibelText(layer.sqnrDecibels),
                                    decibelText(layer.propagatedSqnrDecibels),
                                    exploration().isReportCurrent() ? QString() : tr("; being measured anew …")));
    } else {
        m_figures->clear();
    }
}

void RecoveryCorrectPage::showFields()
{
    const auto show = [this](ChoiceField* field, const auto& read) {
        const std::optional<QString> common =
            commonValue(exploration(), [&](const core::LayerTreatment& t) { return QString(read(correctionOf(t))); });
        if (common)
            field->setValue(*common);
        else
            field->setMixed(tr("mixed"));
    };
    show(m_equalize, [](const core::CorrectionPlan& plan) { return plan.equalize ? kOn : kOff; });
    show(m_rounding,
         [](const core::CorrectionPlan& plan) { return plan.rounding == core::WeightRounding::Adaptive ? kAdaptive : kNearest; });
    show(m_bias, [](const core::CorrectionPlan& plan) { return plan.bias ? kOn : kOff; });
    const auto samples = commonValue(exploration(), [](const core::LayerTreatment& t) { return correctionOf(t).calibrationSamples; });
    if (samples)
        m_samples->setValue(*samples);
    m_samples->setMixed(!samples);
    bool needsSamples = false;
    for (const core::LayerIndex layer : exploration().editedLayers())
        needsSamples |= correctionOf(exploration().treatment(layer)).needsSamples();
    m_samples->setEnabled(needsSamples);
}

void RecoveryCorrectPage::showProblems()
{
    const core::LayerIndex current = exploration().currentLayer();
    const std::string layer = current.isValid() ? exploration().layers().at(current.value()).name : std::string();
    const PlanProblems problems(exploration().flaws());
    m_equalize->setProblem(problems.ofField(layer, "correction.equalize"));
    m_rounding->setProblem(problems.ofField(layer, "correction.rounding"));
    m_bias->setProblem(problems.ofField(layer, "correction.bias"));
    const QString remarks = this->remarks();
    m_remarks->setText(remarks);
    m_remarks->setVisible(!remarks.isEmpty());
}

/// What the compiler says of the edited layers' corrections, where it could not make one.
QString RecoveryCorrectPage::remarks() const
{
    const core::ReportPtr report = exploration().report();
    if (!report || !exploration().isReportCurrent())
        return {};
    QStringList lines;
    for (const core::LayerIndex index : exploration().editedLayers()) {
        if (!exploration().treatment(index).correction)
            continue;
        const std::string& name = exploration().layers().at(index.value()).name;
        for (const std::string& remark : report->remarks)
            if (remark.starts_with(name + ":"))
                lines << QStringLiteral("⚠ ") + QString::fromStdString(remark);
    }
    lines.removeDuplicates();
    return lines.join(u'\n');
}

}  // namespace app
