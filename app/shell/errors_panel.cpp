// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/errors_panel.h"

#include "app/models/number_text.h"
#include "app/models/sum_measures.h"
#include "app/models/weight_specimen.h"
#include "app/shell/sum_pages.h"
#include "app/views/heat_map_view.h"
#include "app/views/row_strip.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

constexpr int kMatrixSide = 512;  // a larger matrix is pooled: more cells than pixels show nothing

constexpr std::size_t kSamplesSideBySide = 16;  // of a layer with one position

QVBoxLayout* plainLayout(QWidget* parent)
{
    auto* layout = new QVBoxLayout(parent);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    return layout;
}

}  // namespace

ErrorsPanel::ErrorsPanel(Exploration& exploration, QWidget* parent)
    : BenchPanel(exploration, Plan | Report | Selected, QStringLiteral("errorsPanel"), parent),
      m_sums(new SumStudy(exploration, kSamplesSideBySide, this))
{
    m_model = new ErrorMapModel(this);
    m_map = new HeatMapView(this);
    m_map->setObjectName(QStringLiteral("errorMap"));
    m_map->setEmptyHint(tr("Open a network: each layer's error appears here, its own and what arrives from the layers before it."));
    auto* halves = new QSplitter(Qt::Vertical, this);
    halves->addWidget(m_map);
    halves->addWidget(makeDetail());
    halves->setStretchFactor(0, 3);
    halves->setStretchFactor(1, 2);
    halves->setChildrenCollapsible(false);
    plainLayout(this)->addWidget(halves);
    connect(m_map, &HeatMapView::cellSelected, this, [this](int row, int) { selectLayer(row); });
    connect(m_sums, &Study::changed, this, [this] {
        if (isVisible())
            showDetail();
    });
    connect(&m_computing, &JobRunner::failed, &exploration, &Exploration::tellProblem);
    connect(m_map, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
        exploration.tellProblem({"", text.toStdString()});
    });
}

FigureView* ErrorsPanel::figure() const { return m_map; }

void ErrorsPanel::showEvent(QShowEvent* event)
{
    BenchPanel::showEvent(event);
    watchSums();
}

void ErrorsPanel::hideEvent(QHideEvent* event)
{
    BenchPanel::hideEvent(event);
    m_sums->unwatch();
}

/// Sums are taken once more for who looks at them.
void ErrorsPanel::watchSums() { isOfSums(detail()) && isVisible() ? m_sums->watch() : m_sums->unwatch(); }

bool ErrorsPanel::showDetailNamed(const QString& name)
{
    static const QStringList names{QStringLiteral("rows"),      QStringLiteral("weight-error"), QStringLiteral("weights"),
                                   QStringLiteral("condition"), QStringLiteral("recomputed"),   QStringLiteral("overflow"),
                                   QStringLiteral("sum-error")};  // in the order of Detail
    const auto wanted = names.indexOf(name);
    if (wanted < 0)
        return false;
    m_picker->setCurrentIndex(m_picker->findData(static_cast<int>(wanted)));
    watchSums();
    showDetail();
    return true;
}

ErrorsPanel::Detail ErrorsPanel::detail() const { return static_cast<Detail>(m_picker->currentData().toInt()); }

QWidget* ErrorsPanel::makeDetail()
{
    auto* detail = new QWidget(this);
    m_detailTitle = new QLabel(detail);
    m_detailTitle->setObjectName(QStringLiteral("errorDetailTitle"));
    m_picker = new QComboBox(detail);
    m_picker->setObjectName(QStringLiteral("errorPicker"));
    m_picker->setAccessibleName(tr("Detail of the layer"));
    m_picker->addItem(tr("signal over error by row"), static_cast<int>(Detail::RowErrors));
    m_picker->addItem(tr("weight error, rows × columns"), static_cast<int>(Detail::WeightError));
    m_picker->addItem(tr("weights, rows × columns"), static_cast<int>(Detail::Weights));
    m_picker->insertSeparator(m_picker->count());
    m_picker->addItem(tr("sums: condition number"), static_cast<int>(Detail::Condition));
    m_picker->addItem(tr("sums: taken again"), static_cast<int>(Detail::Recomputed));
    m_picker->addItem(tr("sums: overflow"), static_cast<int>(Detail::Overflow));
    m_picker->addItem(tr("sums: accumulation error"), static_cast<int>(Detail::SumError));
    m_detailHint = new QLabel(detail);
    m_detailHint->setObjectName(QStringLiteral("errorDetailHint"));
    m_detailHint->setWordWrap(true);
    m_detailHint->setContentsMargins(8, 0, 8, 2);
    m_detailHint->hide();
    m_rows = new RowStrip(detail);
    m_rows->setEmptyHint(tr("The errors of this layer's rows appear when its first samples are scored."));
    m_matrix = new HeatMapView(detail);
    m_matrix->setObjectName(QStringLiteral("errorMatrix"));
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 2, 6, 2);
    head->addWidget(m_detailTitle, 1);
    head->addWidget(m_picker);
    auto* layout = plainLayout(detail);
    layout->addLayout(head);
    layout->addWidget(m_detailHint);
    layout->addWidget(m_rows, 1);
    layout->addWidget(m_matrix, 1);
    m_matrix->hide();
    connect(m_picker, &QComboBox::activated, this, [this] {
        watchSums();
        showDetail();
    });
    connect(m_matrix, &HeatMapView::cellSelected, this, &ErrorsPanel::pickWeight);
    connect(m_matrix, &HeatMapView::cellHovered, this, [this](int row, int column) { exploration().hoverWeight(weightAt(row, column)); });
    return detail;
}

/// The weight a cell of the map stands for: the largest one where a cell is a block of them.
std::optional<WeightPlace> ErrorsPanel::weightAt(int row, int column) const
{
    const core::LayerIndex current = exploration().currentLayer();
    const core::RowMatrix& cells = m_matrix->map().values;
    if (!current.isValid() || isOfSums(detail()) || row < 0 || column < 0 || row >= cells.rows() || column >= cells.cols())
        return {};
    const core::RowMatrix& weights = exploration().layers().at(current.value()).weights;
    const auto begin = [](Eigen::Index cell, Eigen::Index full, Eigen::Index shown) { return cell * full / shown; };  // as pooled()
    const Eigen::Index top = begin(row, weights.rows(), cells.rows()), bottom = begin(row + 1, weights.rows(), cells.rows());
    const Eigen::Index left = begin(column, weights.cols(), cells.cols()), right = begin(column + 1, weights.cols(), cells.cols());
    if (bottom <= top || right <= left)
        return {};
    Eigen::Index y = 0, x = 0;
    weights.block(top, left, bottom - top, right - left).cwiseAbs().maxCoeff(&y, &x);
    return WeightPlace{static_cast<int>(top + y), static_cast<int>(left + x)};
}

void ErrorsPanel::pickWeight(int row, int column)
{
    const std::optional<WeightPlace> place = weightAt(row, column);
    if (!place)
        return;
    Selection selection = exploration().selection();
    selection.current = exploration().currentLayer();
    selection.weight = place;
    exploration().setSelection(selection);
    emit weightPicked();
}

void ErrorsPanel::selectLayer(int row)
{
    if (row < 0 || row >= static_cast<int>(exploration().layers().size()))
        return;
    Selection selection = exploration().selection();
    selection.current = core::LayerIndex(static_cast<std::size_t>(row));
    selection.layers = {selection.current};
    exploration().setSelection(selection);
}

void ErrorsPanel::refresh(Changes changes)
{
    if (changes & (Subject | Report)) {
        m_model->show(exploration().report());
        showMap();
    }
    if (changes == Changes(Selected) && exploration().currentLayer() == m_detailed)
        return;  // another weight of the same layer
    m_detailed = exploration().currentLayer();
    showDetail();
}

void ErrorsPanel::showMap()
{
    if (m_model->rowCount() == 0) {
        m_map->clear();
        return;
    }
    HeatMap map;
    map.values = m_model->values();
    map.rowLabels = m_model->layerNames();
    // Without a recovery path there is no floor below it, and a column of nothing would take room from the others.
    if (map.values.col(ErrorMapModel::Floor).array().isNaN().all())
        map.values.conservativeResize(Eigen::NoChange, ErrorMapModel::Floor);
    for (int measure = 0; measure < map.values.cols(); ++measure)
        map.columnLabels << ErrorMapModel::measureName(static_cast<ErrorMapModel::Measure>(measure));
    map.title = tr("Signal over error");
    map.rowTitle = tr("layer");
    map.columnTitle = tr("measure");
    map.unit = QStringLiteral("dB");
    m_map->showMap(std::move(map));
}

void ErrorsPanel::showDetail()
{
    const core::LayerIndex current = exploration().currentLayer();
    if (!current.isValid()) {
        m_rows->clear();
        m_matrix->clear();
        m_detailTitle->clear();
        m_detailHint->hide();
        return;
    }
    if (exploration().selection().contains(current) && m_map->selectedRow() != static_cast<int>(current.value()) &&
        m_model->rowCount() > static_cast<int>(current.value()))
        m_map->select(static_cast<int>(current.value()), std::max(0, m_map->selectedColumn()));
    const core::WeightedLayer& layer = exploration().layers().at(current.value());
    const Detail wanted = detail();
    const QString name = QString::fromStdString(layer.name);
    m_detailTitle->setText(isOfSums(wanted) ? tr("%1: the sums of %n rows", nullptr, layer.rows).arg(name)
                                            : tr("%1: %2 rows × %3 columns").arg(name).arg(layer.rows).arg(layer.columns));
    m_rows->setVisible(wanted == Detail::RowErrors);
    m_matrix->setVisible(wanted != Detail::RowErrors);
    m_matrix->setToolTip(isOfSums(wanted) ? QString() : tr("A click puts the weight under the microscope"));
    m_detailHint->hide();
    if (isOfSums(wanted))
        return showSums(wanted, current);
    if (wanted != Detail::RowErrors)
        return showMatrix(wanted, current);
    const core::ReportPtr report = exploration().report();
    if (!report || current.value() >= report->layers.size() || report->layers.at(current.value()).rowErrors.empty()) {
        m_rows->clear();
        return;
    }
    RowStripFigure figure;
    figure.layer = name;
    for (const float error : report->layers.at(current.value()).rowErrors)  // in the measure and the colours of the map above
        figure.values.push_back(std::isnan(error) ? error : static_cast<float>(decibelsOfRelativeError(error)));
    figure.range = finiteRange(m_model->values().data(), static_cast<std::size_t>(m_model->values().size()));
    figure.valueName = tr("signal over error");
    figure.unit = QStringLiteral("dB");
    m_rows->showRows(std::move(figure));
}

void ErrorsPanel::showMatrix(Detail detail, core::LayerIndex index)
{
    const core::LayerTreatment treatment = exploration().treatment(index);
    const bool isNearest = !treatment.correction && treatment.weights.flips.empty();
    const bool asksCompiled = detail == Detail::WeightError && !isNearest && exploration().flaws().empty();
    const auto compile = asksCompiled ? exploration().source().compiledLayer : nullptr;
    m_computing.start([this, detail, layers = exploration().source().layers, index, orders = treatment.weights, isNearest, compile,
                       plan = exploration().plan(),
                       seed = exploration().settings().seed](const core::RunControl& control, const JobRunner::Tell&) -> JobRunner::Answer {
        const core::WeightedLayer& layer = layers->at(index.value());
        HeatMap map;
        map.values = layer.weights;
        QString stored = tr("Stored minus trained weight");
        if (detail == Detail::WeightError) {
            // Corrected or with bits turned over, a layer holds what it was compiled to; else every weight its nearest level.
            const auto compiled = compile ? compile(plan, index, seed, control) : core::Result<core::CompiledLayerPtr>(core::Problem{});
            if (compiled)
                map.values = compiled.value()->weights - layer.weights;
            else
                map.values = core::quantizeWeights(layer.weights, orders.palette, choicesOf(layer, orders)).values - layer.weights;
            if (!compiled && !isNearest)
                stored = tr("Nearest level minus trained weight (corrections and turned bits not known)");
        }
        map.values = pooled(map.values, kMatrixSide, kMatrixSide);
        map.map = ColourMap::Difference;
        const ColourRange ends = finiteRange(map.values.data(), static_cast<std::size_t>(map.values.size()));
        map.range = symmetricRange(ends);
        map.title = detail == Detail::WeightError ? stored : tr("Trained weights");
        map.rowTitle = tr("row");
        map.columnTitle = tr("column");
        map.decimals = 4;
        return [this, map = std::move(map)] { m_matrix->showMap(map); };
    });
}

QString ErrorsPanel::sumsHint() const
{
    if (const QString none = ownSumsHint(exploration()); !none.isEmpty())
        return none;
    if (!exploration().flaws().empty())
        return tr("The plan has a flaw; mend it to look at the sums.");
    switch (m_sums->found().state) {
    case StudyState::Failed: return m_sums->found().problem;
    case StudyState::Done: return {};
    case StudyState::Nothing:
    case StudyState::Waiting:
    case StudyState::Running:
    case StudyState::Stopped: break;
    }
    return m_sums->found().answer ? tr("Of the plan before; the sums are taken anew as soon as the evaluation has settled.")
                                  : tr("The sums are looked at as soon as the evaluation has settled.");
}

/// Which figure of the sums a detail shows, and how.
SumMeasure ErrorsPanel::measureOf(Detail detail, HeatMap& map)
{
    switch (detail) {
    case Detail::Condition:
        map.title = tr("Condition number of each sum, log10 κ");
        map.pooling = Pooling::Largest;
        return SumMeasure::Condition;
    case Detail::Recomputed:
        map.title = tr("Taken again in a higher format");
        map.steps = {{0, tr("low format")}, {0.5F, tr("third")}, {1, tr("high")}};
        map.map = ColourMap::Cividis;
        map.range = ColourRange{0, 1};
        map.pooling = Pooling::Largest;
        return SumMeasure::Recomputed;
    case Detail::Overflow:
        map.title = tr("Sums that left the accumulator");
        map.steps = {{0, tr("within")}, {1, tr("overflow")}};
        map.map = ColourMap::Cividis;
        map.range = ColourRange{0, 1};
        map.pooling = Pooling::Largest;
        return SumMeasure::Overflow;
    case Detail::RowErrors:
    case Detail::WeightError:
    case Detail::Weights:
    case Detail::SumError: break;
    }
    map.title = tr("Accumulation error: computed minus exact sum");
    map.map = ColourMap::Difference;
    map.decimals = 4;
    return SumMeasure::Error;
}

/// How the sums that are shown stand to those of all samples scored.
QString ErrorsPanel::sumsRemark(Detail detail, const core::RowMatrix& shown, core::LayerIndex index) const
{
    const core::ReportPtr report = exploration().report();
    const core::LayerReport* layer = report && index.value() < report->layers.size() ? &report->layers[index.value()] : nullptr;
    const bool isOverflow = detail == Detail::Overflow;
    if (!layer || !layer->sums || (!isOverflow && detail != Detail::Recomputed))
        return {};
    const auto count = (shown.array() > 0).count();
    const QString words = isOverflow ? tr("%1 of the %2 sums shown overflow; of those of all samples measured %3 %.")
                                     : tr("%1 of the %2 sums shown are taken again; of those of all samples measured %3 %.");
    return words.arg(count)
        .arg(shown.size())
        .arg(shortNumberText(100 * (isOverflow ? layer->sums->overflowRate : layer->sums->recomputedFraction)));
}

/// Rows by positions of the chosen sample, or by samples where the layer has one position; hatched where nobody watches.
void ErrorsPanel::showSums(Detail detail, core::LayerIndex index)
{
    m_computing.start([](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer { return {}; });  // no older map comes
    const core::WeightedLayer& layer = exploration().layers().at(index.value());
    const SumsFound& found = m_sums->found();
    HeatMap map;
    map.rowTitle = tr("row");
    map.columnTitle = tr("sample");
    const SumMeasure measure = measureOf(detail, map);
    QString hint = sumsHint();
    if (found.answer && found.answer->layer == index) {
        map.values = sumMatrix(found.answer->sums, measure);
        if (found.answer->sums.front().positions > 1) {
            map.columnTitle = tr("position");
            map.title += tr(", sample %1").arg(found.answer->samples.front());
        } else {
            for (const std::int64_t sample : found.answer->samples)
                map.columnLabels << QString::number(sample);
        }
        if (!(map.values.array() == 0.5F).any())
            std::erase_if(map.steps, [](const HeatMap::Step& step) { return step.value == 0.5F; });
        if (hint.isEmpty())
            hint = sumsRemark(detail, map.values, index);
    } else {
        map.values = core::RowMatrix::Constant(std::min(layer.rows, kMatrixSide), 1, std::numeric_limits<float>::quiet_NaN());
        map.columnLabels << QStringLiteral("–");
    }
    m_detailHint->setText(hint);
    m_detailHint->setVisible(!hint.isEmpty());
    if (detail == Detail::SumError)
        map.range = symmetricRange(finiteRange(map.values.data(), static_cast<std::size_t>(map.values.size())));
    m_matrix->showMap(std::move(map));
}

}  // namespace app
