// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/microscope_view.h"

#include "app/models/number_text.h"
#include "app/views/specimen_canvas.h"

namespace app {

MicroscopeView::MicroscopeView(QWidget* parent)
    : FigureView(QStringLiteral("microscopeView"), tr("One stored weight, its bits and the levels around it"), parent),
      m_canvas(new SpecimenCanvas)
{
    setPicture(m_canvas);
    setEmptyHint(tr("No weight is picked. Give its row and column above, or click it in the Errors map, rows × columns."));
    connect(m_canvas, &SpecimenCanvas::bitToggled, this, &MicroscopeView::bitToggled);
}

void MicroscopeView::showSpecimen(const QString& layer, WeightSpecimen specimen, int point)
{
    m_layer = layer;
    m_canvas->showSpecimen(std::move(specimen), point);
    const WeightSpecimen& shown = m_canvas->specimen();
    numbersChanged(!m_canvas->code(), tr("%1, row %2, column %3: trained %4, stored %5")
                                          .arg(layer)
                                          .arg(shown.row)
                                          .arg(shown.column)
                                          .arg(shortNumberText(shown.trained), shortNumberText(shown.stored)));
}

void MicroscopeView::clear() { showSpecimen({}, {}, 0); }

QString MicroscopeView::bitText(int bit) const { return m_canvas->bitText(bit); }

NumberTable MicroscopeView::numbers() const
{
    NumberTable table;
    table.header = {tr("quantity"), tr("value")};
    const SpecimenCode* code = m_canvas->code();
    if (!code)
        return table;
    const WeightSpecimen& weight = m_canvas->specimen();
    const auto add = [&](const QString& name, double value) { table.rows.push_back({name, QString::number(value, 'g', 9)}); };
    table.rows.push_back({tr("layer"), m_layer});
    table.rows.push_back({tr("row"), QString::number(weight.row)});
    table.rows.push_back({tr("column"), QString::number(weight.column)});
    table.rows.push_back({tr("format"), QString::fromStdString(weight.treatment.format.name())});
    add(tr("trained"), weight.trained);
    if (weight.codes.size() > 1) {
        table.rows.push_back({tr("point"), tr("%1 of %2").arg(m_canvas->point() + 1).arg(weight.codes.size())});
        add(tr("what this point represents"), code->target);
    }
    add(tr("scale"), code->scale);
    if (code->zeroPoint != 0)
        add(tr("zero point"), code->zeroPoint);
    add(tr("in units of the scale"), code->target / code->scale + code->zeroPoint);
    table.rows.push_back({tr("code"), QStringLiteral("%1").arg(code->asStored, weight.bitsPerCode, 2, QLatin1Char('0'))});
    add(tr("level"), code->levelAsStored);
    add(tr("rounded to"), code->quantized);
    add(tr("level below"), code->below);
    add(tr("threshold below"), code->thresholdBelow);
    add(tr("threshold above"), code->thresholdAbove);
    add(tr("level above"), code->above);
    add(tr("stored"), weight.stored);
    add(tr("error of what is stored"), weight.stored - weight.trained);
    for (int bit = weight.bitsPerCode - 1; bit >= 0; --bit)
        table.rows.push_back({tr("bit %1").arg(bit), m_canvas->bitText(bit)});
    return table;
}

}  // namespace app
