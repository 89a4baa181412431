// SPDX-License-Identifier: Apache-2.0
#include "app/views/gallery_values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace test {

QPalette lightPalette()
{
    QPalette palette(QColor(0xf3, 0xf3, 0xf3));
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::AlternateBase, QColor(0xf6, 0xf8, 0xfa));
    palette.setColor(QPalette::Highlight, QColor(0x1f, 0x6f, 0xc4));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    return palette;
}

QPalette darkPalette()
{
    QPalette palette(QColor(0x2b, 0x2d, 0x30));
    palette.setColor(QPalette::Window, QColor(0x2b, 0x2d, 0x30));
    palette.setColor(QPalette::Base, QColor(0x1e, 0x1f, 0x22));
    palette.setColor(QPalette::AlternateBase, QColor(0x26, 0x28, 0x2b));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
        palette.setColor(role, QColor(0xe6, 0xe6, 0xe6));
    palette.setColor(QPalette::PlaceholderText, QColor(0xa8, 0xa8, 0xa8));
    palette.setColor(QPalette::Button, QColor(0x3a, 0x3d, 0x41));
    palette.setColor(QPalette::ToolTipBase, QColor(0x3a, 0x3d, 0x41));
    palette.setColor(QPalette::Highlight, QColor(0x3d, 0x8b, 0xe0));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    return palette;
}

app::AccuracyFigure estimateAt(std::int64_t samples, std::int64_t requested, double accuracy, double reference)
{
    app::AccuracyFigure figure;
    figure.samples = samples;
    figure.requested = requested;
    figure.partial = samples < requested;
    figure.top1 = {std::llround(static_cast<double>(samples) * accuracy), samples};
    figure.reference = {std::llround(static_cast<double>(samples) * reference), samples};
    return figure;
}

std::vector<app::AccuracyFigure> convergingRun(std::int64_t samples, std::int64_t requested, double accuracy, double reference)
{
    std::mt19937 random(7);
    std::bernoulli_distribution right(accuracy), referenceRight(reference);
    std::vector<app::AccuracyFigure> run;
    std::int64_t hits = 0, referenceHits = 0;
    for (std::int64_t n = 1; n <= samples; ++n) {
        hits += right(random);
        referenceHits += referenceRight(random);
        if (n % 32 == 0 || n == samples) {
            app::AccuracyFigure figure;
            figure.samples = n;
            figure.requested = requested;
            figure.partial = n < requested;
            figure.top1 = {hits, n};
            figure.reference = {referenceHits, n};
            run.push_back(figure);
        }
    }
    return run;
}

core::ChipStatistics chipsAround(double mean, double spread, int count)
{
    std::mt19937 random(11);
    std::normal_distribution<double> draw(mean, spread);
    std::vector<double> top1;
    for (int i = 0; i < count; ++i)
        top1.push_back(std::clamp(draw(random), 0.0, 1.0));
    return core::chipStatistics(top1);
}

std::vector<app::LayerCard> residualCards()
{
    const auto layer = [](const char* name, const char* operation, int rows, int columns, const char* format, double local,
                          double propagated, double energy) {
        app::LayerCard card;
        card.name = QString::fromUtf8(name);
        card.operation = QString::fromUtf8(operation);
        card.weighted = true;
        card.rows = rows;
        card.columns = columns;
        card.formats = {QString::fromUtf8(format)};
        card.localSqnr = local;
        card.propagatedSqnr = propagated;
        card.energyShare = energy;
        card.sensitivity = std::clamp(1.2 - local / 50, 0.0, 1.0);
        return card;
    };
    const auto plain = [](const char* name, const char* operation) {
        app::LayerCard card;
        card.name = QString::fromUtf8(name);
        card.operation = QString::fromUtf8(operation);
        return card;
    };
    std::vector<app::LayerCard> cards{layer("stem", "Conv", 16, 27, "int8", 41.2, 41.2, 0.06),
                                      plain("stem_relu", "Relu"),
                                      layer("block1.conv1", "Conv", 16, 144, "nf4", 22.4, 21.9, 0.17),
                                      plain("block1.relu1", "Relu"),
                                      layer("block1.conv2", "Conv", 16, 144, "pot4", 17.8, 16.0, 0.17),
                                      plain("block1.add", "Add"),
                                      layer("block2.conv1", "Conv", 32, 144, "int4", 19.3, 15.2, 0.14),
                                      plain("block2.relu1", "Relu"),
                                      layer("block2.conv2", "Conv", 32, 288, "e4m3", 28.8, 17.1, 0.22),
                                      layer("block2.shortcut", "Conv", 32, 16, "odd4", 14.9, 13.8, 0.02),
                                      plain("block2.add", "Add"),
                                      plain("pool", "GlobalAveragePool"),
                                      layer("hidden", "Gemm", 64, 32, "int2", 8.4, 8.0, 0.05),
                                      layer("classifier", "Gemm", 10, 64, "fp32", std::numeric_limits<double>::infinity(), 12.0, 0.17)};
    cards[4].formats = QStringList{QStringLiteral("pot4"), QStringLiteral("int4"), QStringLiteral("int8")};
    cards[4].rowFormats = {0, 0, 0, 1, 0, 0, 2, 0, 1, 1, 0, 0, 0, 2, 0, 0};
    cards[4].rank = 8;
    cards[8].substrate = app::Substrate::Array;
    cards[12].problem = QStringLiteral("row 17: scale is 0; a row needs a positive scale");
    cards[12].localSqnr.reset();
    return cards;
}

std::vector<app::CardEdge> residualEdges()
{
    return {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {1, 5}, {5, 6}, {6, 7}, {7, 8}, {8, 10}, {5, 9}, {9, 10}, {10, 11}, {11, 12}, {12, 13}};
}

app::HeatMap layerErrorMap()
{
    app::HeatMap map;
    map.title = QStringLiteral("Signal over error at each layer's output");
    map.rowTitle = QStringLiteral("layer");
    map.columnTitle = QStringLiteral("measure");
    map.unit = QStringLiteral("dB");
    map.columnLabels = QStringList{QStringLiteral("local"), QStringLiteral("propagated"), QStringLiteral("recovered")};
    for (const app::LayerCard& card : residualCards())
        if (card.weighted)
            map.rowLabels << card.name;
    map.values.resize(map.rowLabels.size(), 3);
    int row = 0;
    for (const app::LayerCard& card : residualCards()) {
        if (!card.weighted)
            continue;
        map.values(row, 0) = static_cast<float>(card.localSqnr.value_or(std::nan("")));
        map.values(row, 1) = static_cast<float>(card.propagatedSqnr.value_or(std::nan("")));
        map.values(row, 2) = map.values(row, 1) + 3.5f;
        ++row;
    }
    return map;
}

app::EnergyFigure residualBill()
{
    app::EnergyFigure figure;
    figure.bill.technology = "45 nm, 0.9 V";
    std::size_t layer = 0;
    for (const app::LayerCard& card : residualCards()) {
        if (!card.weighted)
            continue;
        figure.layerNames << card.name;
        const double macs = 1024.0 * card.rows * card.columns / 8;
        figure.bill.macs += macs;
        const auto add = [&](core::LedgerPart part, core::LedgerOperation operation, double first, double second, double count,
                             double price) {
            core::BillLine line;
            line.entry = {core::LayerIndex(layer), part, operation, core::NumberKind::Integer, first, second, count};
            line.energy = core::Picojoules(count * price);
            line.provenance = "45 nm, 0.9 V (Horowitz, ISSCC 2014), scaled by operand widths";
            figure.bill.lines.push_back(line);
        };
        add(core::LedgerPart::MainMultiply, core::LedgerOperation::Multiply, 4, 8, macs, 0.1);
        add(core::LedgerPart::Accumulate, core::LedgerOperation::Add, 24, 0, macs, 0.06);
        if (card.substrate == app::Substrate::Array)
            add(core::LedgerPart::Converter, core::LedgerOperation::AdcConversion, 6, 0, macs / 128, 4.0);
        if (card.rank > 0)
            add(core::LedgerPart::Recovery, core::LedgerOperation::Multiply, 16, 16, macs / 10, 0.9);
        add(core::LedgerPart::Memory, core::LedgerOperation::SramBits, 32, 0, 8.0 * card.rows * card.columns, 0.08);
        ++layer;
    }
    figure.reference = figure.bill;
    for (core::BillLine& line : figure.reference->lines)
        line.energy = 4.1 * line.energy;
    return figure;
}

app::NumberLineFigure numberLine(const char* format)
{
    app::NumberLineFigure figure;
    figure.layer = QStringLiteral("block1.conv2");
    figure.format = core::NumberFormat::named(format).value();
    figure.scaleText = QStringLiteral("one scale per row");
    std::mt19937 random(3);
    std::normal_distribution<float> draw(0.0f, 1.0f);
    const float largest = figure.format.isFloat32() ? 1.0f : figure.format.largestLevel();
    for (int i = 0; i < 20000; ++i)
        figure.normalised.push_back(draw(random) * largest / 3.3f);
    return figure;
}

app::RankFigure rankFigure(int rank, int maximumRank, double decay, double floorShare)
{
    app::RankFigure figure;
    figure.layer = QStringLiteral("block1.conv2");
    figure.rank = rank;
    figure.defaultRank = 8;
    figure.maximumRank = maximumRank;
    core::SurrogateReport report;
    report.rank = rank;
    report.signalEnergy = 1000;
    report.residualEnergy = 20;
    double sum = 0;
    for (int k = 0; k < maximumRank; ++k)
        sum += std::pow(decay, 2 * k);
    for (int k = 0; k < maximumRank; ++k) {
        const double removed = (1 - floorShare) * report.residualEnergy * std::pow(decay, 2 * k) / sum;
        report.removedEnergy.push_back(removed);
        report.singularValues.push_back(std::sqrt(removed));
    }
    for (const int measured : {0, 2, 4, 8})
        if (measured <= maximumRank)
            figure.measured.push_back({measured, report.predictedSqnr(measured) - 0.05 * measured});
    figure.surrogate = report;
    return figure;
}

app::RowStripFigure rowFormats(int rows)
{
    app::RowStripFigure figure;
    figure.layer = QStringLiteral("block1.conv2");
    figure.formats = QStringList{QStringLiteral("pot4"), QStringLiteral("int4"), QStringLiteral("int8")};
    figure.valueName = QStringLiteral("error");
    std::mt19937 random(5);
    std::gamma_distribution<float> draw(2.0f, 0.05f);
    for (int row = 0; row < rows; ++row)
        figure.values.push_back(draw(random));
    figure.order.resize(static_cast<std::size_t>(rows));
    std::iota(figure.order.begin(), figure.order.end(), 0);
    std::stable_sort(figure.order.begin(), figure.order.end(),
                     [&](int a, int b) { return figure.values[static_cast<std::size_t>(a)] < figure.values[static_cast<std::size_t>(b)]; });
    figure.rowFormats.resize(static_cast<std::size_t>(rows));
    for (int place = 0; place < rows; ++place)
        figure.rowFormats[static_cast<std::size_t>(figure.order[static_cast<std::size_t>(place)])] =
            static_cast<std::uint8_t>(place < 65 * rows / 100   ? 0
                                      : place < 95 * rows / 100 ? 1
                                                                : 2);
    if (rows > 4)
        figure.protectedRows = {figure.order.back()};
    return figure;
}

std::vector<app::SampleCard> sampleCards(int count)
{
    std::mt19937 random(9);
    std::uniform_int_distribution<int> digit(0, 9);
    std::exponential_distribution<double> margin(0.25);
    std::vector<app::SampleCard> cards;
    for (int i = 0; i < count; ++i) {
        app::SampleCard card;
        const int label = digit(random);
        const int answer = i % 7 == 3 ? (label + 3) % 10 : label;
        const int reference = i % 21 == 10 ? answer : label;
        card.sample = i;
        card.label = QString::number(label);
        card.answer = QString::number(answer);
        card.referenceAnswer = QString::number(reference);
        card.margin = margin(random);
        card.referenceMargin = card.margin + 0.3 * margin(random);
        card.wrong = answer != label;
        card.flipped = answer != reference;
        if (card.flipped)
            card.pushedBy = QStringLiteral("block1.conv2");
        cards.push_back(card);
    }
    return cards;
}

core::Tensor strokeSample(int sample)
{
    constexpr int kSide = 28;
    core::Tensor tensor(core::DataType::UInt8, core::Shape{kSide, kSide});
    const auto pixels = tensor.edit<std::uint8_t>();
    for (int t = 0; t <= 200; ++t) {
        const double angle = 0.03 * t * (1 + sample % 3), reach = 3 + 0.035 * t;
        const int x = static_cast<int>(14 + reach * std::cos(angle + sample)),
                  y = static_cast<int>(14 + reach * std::sin(angle * (1 + sample % 2)));
        for (int dy = 0; dy <= 1; ++dy)
            for (int dx = 0; dx <= 1; ++dx)
                pixels[static_cast<std::size_t>(std::clamp(y + dy, 0, kSide - 1) * kSide + std::clamp(x + dx, 0, kSide - 1))] = 230;
    }
    return tensor;
}

}  // namespace test
