// SPDX-License-Identifier: Apache-2.0
// Every widget of the instrument, filled with invented values, to look at:
//   widget_gallery [--widget NAME] [--picture FILE.png] [--dark] [--size WxH]

#include "app/views/gallery_values.h"

#include "app/views/knob_row.h"
#include "app/views/sample_picture.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QStyleFactory>
#include <QTabWidget>
#include <QTextStream>
#include <QTimer>
#include <QVBoxLayout>

#include <functional>
#include <memory>
#include <random>
#include <utility>

namespace {

using Make = std::function<QWidget*()>;

QWidget* makeAccuracy()
{
    auto* view = new app::AccuracyView;
    for (const app::AccuracyFigure& figure : test::convergingRun(10000, 10000, 0.973, 0.991))
        view->showEstimate(figure);
    view->beginRun();
    for (const app::AccuracyFigure& figure : test::convergingRun(1024, 10000, 0.962, 0.991))
        view->showEstimate(figure);
    return view;
}

QWidget* makeSettledAccuracy()
{
    auto* view = new app::AccuracyView;
    for (const app::AccuracyFigure& figure : test::convergingRun(10000, 10000, 0.984, 0.991))
        view->showEstimate(figure);
    return view;
}

QWidget* makeChips()
{
    auto* view = new app::AccuracyView;
    for (app::AccuracyFigure figure : test::convergingRun(10000, 10000, 0.962, 0.991)) {
        figure.chips = test::chipsAround(0.958, 0.011, 16);
        view->showEstimate(figure);
    }
    return view;
}

QWidget* makeHeatMap(app::HeatMap map)
{
    auto* view = new app::HeatMapView;
    view->showMap(std::move(map));
    view->select(1, 0);
    return view;
}

app::HeatMap wideMap()
{
    app::HeatMap map;
    map.title = QStringLiteral("Row errors by sample");
    map.rowTitle = QStringLiteral("row");
    map.columnTitle = QStringLiteral("sample");
    map.map = app::ColourMap::Cividis;
    map.values.resize(64, 2000);
    std::mt19937 random(2);
    std::normal_distribution<float> draw(0.0f, 1.0f);
    for (Eigen::Index r = 0; r < map.values.rows(); ++r)
        for (Eigen::Index c = 0; c < map.values.cols(); ++c)
            map.values(r, c) = std::abs(draw(random)) * static_cast<float>(1 + r % 9) * (c % 97 == 5 ? 3.0f : 1.0f);
    return map;
}

app::HeatMap confusionMap()
{
    app::HeatMap map;
    map.title = QStringLiteral("Confusion, difference to the reference");
    map.rowTitle = QStringLiteral("label");
    map.columnTitle = QStringLiteral("answer");
    map.map = app::ColourMap::Difference;
    map.decimals = 0;
    map.values = core::RowMatrix::Zero(10, 10);
    for (int i = 0; i < 10; ++i) {
        map.rowLabels << QString::number(i);
        map.columnLabels << QString::number(i);
        map.values(i, i) = static_cast<float>(-(i * 7 % 11));
        map.values(i, (i + 3) % 10) = static_cast<float>(i * 7 % 11);
    }
    return map;
}

QWidget* makeGraph(app::ColourBy colourBy)
{
    auto* view = new app::LayerGraphView;
    view->setColourBy(colourBy);
    view->showNetwork(test::residualCards(), test::residualEdges());
    view->setSelectedCards({2, 4});
    return view;
}

QWidget* makeEnergy()
{
    auto* view = new app::EnergyView;
    view->showBill(test::residualBill());
    view->setSelectedLayers({core::LayerIndex(2)});
    return view;
}

QWidget* makeNumberLine(const char* format)
{
    auto* view = new app::FormatNumberLine;
    view->showFormat(test::numberLine(format));
    return view;
}

QWidget* makeRank(double decay, double floorShare)
{
    auto* view = new app::RankDial;
    view->showFigure(test::rankFigure(6, 32, decay, floorShare));
    return view;
}

QWidget* makeKnobs()
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    const std::vector<app::KnobSpec> specs{
        {QStringLiteral("sigmaKnob"), QStringLiteral("Variation σ"), QStringLiteral("%"),
         QStringLiteral("Spread of a cell's conductance when a chip is made."), 0, 50, 0.1, 5, 2, app::KnobScale::Logarithmic, 0.05,
         QStringLiteral("off")},
        {QStringLiteral("adcKnob"), QStringLiteral("Converter"), QStringLiteral("bits"),
         QStringLiteral("Resolution of the column converter."), 0, 14, 1, 6, 0, app::KnobScale::Linear, 1, QStringLiteral("ideal")},
        {QStringLiteral("percentileKnob"),
         QStringLiteral("Clip percentile"),
         QStringLiteral("%"),
         QStringLiteral("Share of activations kept by the range."),
         90,
         100,
         0.1,
         99.9,
         1,
         app::KnobScale::Linear,
         1,
         {}},
        {QStringLiteral("driftKnob"), QStringLiteral("Drift time"), QStringLiteral("s"),
         QStringLiteral("Seconds since the array was written."), 0, 1e8, 1, 0, 0, app::KnobScale::Logarithmic, 1, QStringLiteral("fresh")}};
    for (const app::KnobSpec& spec : specs)
        layout->addWidget(new app::KnobRow(spec));
    auto* last = qobject_cast<app::KnobRow*>(layout->itemAt(1)->widget());
    last->setMixed(true);
    last->setProblem(QStringLiteral("conv2: 6 bits for sums of 7.2 bits; raise the converter or clip more"));
    layout->addStretch();
    return page;
}

QWidget* makeRows(int count)
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    auto* formats = new app::RowStrip;
    formats->showRows(test::rowFormats(count));
    auto* values = new app::RowStrip;
    app::RowStripFigure figure = test::rowFormats(count);
    figure.rowFormats.clear();
    figure.order.clear();
    values->showRows(figure);
    layout->addWidget(formats);
    layout->addWidget(values);
    layout->addStretch();
    return page;
}

QWidget* makeSamples(core::SampleKind kind)
{
    auto* view = new app::SampleGrid;
    const QPalette palette = QApplication::palette();
    view->showSamples(test::sampleCards(10000), [kind, palette](std::int32_t sample, QSize size, double ratio) {
        app::SamplePictureStyle style;
        style.size = size;
        style.pixelRatio = ratio;
        style.palette = palette;
        if (kind == core::SampleKind::Sequence) {
            std::vector<std::int64_t> tokens;
            for (int i = 0; i < 60; ++i)
                tokens.push_back((sample * 7 + i * i * 3 + i) % 4);
            return app::samplePicture(core::Tensor::of(core::Shape{60}, tokens), kind, core::SampleLayout::Sequence, style);
        }
        if (kind == core::SampleKind::Table) {
            std::vector<float> row;
            for (int i = 0; i < 16; ++i)
                row.push_back(static_cast<float>((sample * 5 + i * i * 7) % 16 - 3));
            return app::samplePicture(core::Tensor::of(core::Shape{16}, row), kind, core::SampleLayout::Features, style);
        }
        return app::samplePicture(test::strokeSample(sample), kind, core::SampleLayout::HeightWidth, style);
    });
    view->setCurrentIndex(view->model()->index(3, 0));
    return view;
}

const std::vector<std::pair<QString, Make>>& pages()
{
    static const std::vector<std::pair<QString, Make>> all{
        {QStringLiteral("accuracy"), makeAccuracy},
        {QStringLiteral("accuracy-settled"), makeSettledAccuracy},
        {QStringLiteral("accuracy-chips"), makeChips},
        {QStringLiteral("accuracy-empty"), [] { return new app::AccuracyView; }},
        {QStringLiteral("heat-layers"), [] { return makeHeatMap(test::layerErrorMap()); }},
        {QStringLiteral("heat-rows"), [] { return makeHeatMap(wideMap()); }},
        {QStringLiteral("heat-confusion"), [] { return makeHeatMap(confusionMap()); }},
        {QStringLiteral("graph"), [] { return makeGraph(app::ColourBy::Format); }},
        {QStringLiteral("graph-error"), [] { return makeGraph(app::ColourBy::LocalError); }},
        {QStringLiteral("graph-empty"), [] { return new app::LayerGraphView; }},
        {QStringLiteral("energy"), makeEnergy},
        {QStringLiteral("line-nf4"), [] { return makeNumberLine("nf4"); }},
        {QStringLiteral("line-int8"), [] { return makeNumberLine("int8"); }},
        {QStringLiteral("line-e4m3"), [] { return makeNumberLine("e4m3"); }},
        {QStringLiteral("line-fp16"), [] { return makeNumberLine("fp16"); }},
        {QStringLiteral("line-ternary"), [] { return makeNumberLine("ternary"); }},
        {QStringLiteral("rank"), [] { return makeRank(0.9, 0.2); }},
        {QStringLiteral("rank-helpless"), [] { return makeRank(0.95, 0.9); }},
        {QStringLiteral("knobs"), makeKnobs},
        {QStringLiteral("rows-64"), [] { return makeRows(64); }},
        {QStringLiteral("rows-2000"), [] { return makeRows(2000); }},
        {QStringLiteral("samples"), [] { return makeSamples(core::SampleKind::Image); }},
        {QStringLiteral("samples-spectrogram"), [] { return makeSamples(core::SampleKind::Spectrogram); }},
        {QStringLiteral("samples-dna"), [] { return makeSamples(core::SampleKind::Sequence); }},
        {QStringLiteral("samples-table"), [] { return makeSamples(core::SampleKind::Table); }},
    };
    return all;
}

QWidget* makeWindow(const QString& name)
{
    for (const auto& [title, make] : pages())
        if (title == name)
            return make();
    auto* tabs = new QTabWidget;
    for (const auto& [title, make] : pages())
        tabs->addTab(make(), title);
    return tabs;
}

QSize sizeFrom(const QString& text)
{
    const QStringList parts = text.split(u'x');
    return parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
}

}  // namespace

int main(int count, char** words)
{
    QApplication application(count, words);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption widget(QStringLiteral("widget"), QStringLiteral("Show this one only."), QStringLiteral("name"));
    const QCommandLineOption picture(QStringLiteral("picture"), QStringLiteral("Save a picture and leave."), QStringLiteral("file"));
    const QCommandLineOption dark(QStringLiteral("dark"), QStringLiteral("Light on dark."));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window."), QStringLiteral("WxH"),
                                  QStringLiteral("1280x720"));
    parser.addOptions({widget, picture, dark, size});
    parser.process(application);

    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(parser.isSet(dark) ? test::darkPalette() : test::lightPalette());
    const QSize wanted = sizeFrom(parser.value(size));
    if (wanted.isEmpty()) {
        QTextStream(stderr) << "widget_gallery: --size is '" << parser.value(size) << "'; write it as 1280x720\n";
        return 2;
    }
    const std::unique_ptr<QWidget> window(makeWindow(parser.value(widget)));
    window->setWindowTitle(QStringLiteral("Widgets"));
    window->resize(wanted);
    window->show();
    if (parser.isSet(picture))
        QTimer::singleShot(300, &application, [&] { QApplication::exit(window->grab().save(parser.value(picture)) ? 0 : 1); });
    return QApplication::exec();
}
