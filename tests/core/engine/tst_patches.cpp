// SPDX-License-Identifier: Apache-2.0
// Windows read column by column must be those read vector by vector.

#include "core/engine/engine_context.h"
#include "core/engine/patches.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

using namespace core;

namespace {

using Integers = std::vector<std::int64_t>;

std::vector<std::uint8_t> codes(std::size_t count)
{
    const NoiseStream noise(9, NoisePurpose::Test);
    std::vector<std::uint8_t> result(count);
    for (std::size_t i = 0; i < count; ++i)
        result[i] = static_cast<std::uint8_t>(noise.words({static_cast<std::uint32_t>(i), 0, 0})[0]);
    return result;
}

/// Compares every column of every group, in chunks of an odd length so that runs begin and end anywhere.
void compare(const Network& network, std::int64_t samples)
{
    const auto context = prepareEngine(std::make_shared<Network>(network)).value();
    const WeightedLayer& layer = context->layers.front();
    Shape in = context->values[context->inputOf(layer.index).value()].shape,
          out = context->values[context->outputOf(layer.index).value()].shape;
    in.front() = out.front() = samples;
    const Patches patches(network, layer, in, out);
    const auto input = codes(static_cast<std::size_t>(elementCount(in)));
    const std::uint8_t padding = 7;
    std::vector<std::uint8_t> padded, vector(static_cast<std::size_t>(patches.columns()));
    patches.pad(input, padding, padded);
    constexpr std::int64_t kChunk = 37, kStride = 64;
    std::vector<std::uint8_t> columns(static_cast<std::size_t>(patches.columns() * kStride));
    for (int group = 0; group < layer.groups; ++group)
        for (std::int64_t first = 0; first < patches.vectors(); first += kChunk) {
            const std::int64_t count = std::min(kChunk, patches.vectors() - first);
            std::fill(columns.begin(), columns.end(), std::uint8_t{0});
            patches.gatherColumns(padded, first, count, group, kStride, columns.data());
            for (std::int64_t v = 0; v < kStride; ++v) {
                if (v < count)
                    patches.gather(input.data(), first + v, group, padding, vector.data());
                else
                    std::fill(vector.begin(), vector.end(), std::uint8_t{0});  // nothing is written beside the vectors asked for
                for (std::int64_t column = 0; column < patches.columns(); ++column)
                    QCOMPARE(columns[static_cast<std::size_t>(column * kStride + v)], vector[static_cast<std::size_t>(column)]);
            }
        }
}

}  // namespace

class tst_Patches : public QObject {
    Q_OBJECT
private slots:
    void columnsOfAConvolution_data();
    void columnsOfAConvolution();
    void columnsOfRows();
};

void tst_Patches::columnsOfAConvolution_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("kernel");
    QTest::addColumn<int>("stride");
    QTest::addColumn<int>("dilation");
    QTest::addColumn<int>("padding");
    QTest::addColumn<int>("groups");
    QTest::newRow("wide, padded") << 40 << 3 << 1 << 1 << 1 << 1;
    QTest::newRow("runs of eleven") << 11 << 3 << 1 << 1 << 1 << 1;
    QTest::newRow("runs of five") << 5 << 3 << 1 << 1 << 1 << 2;
    QTest::newRow("runs of three") << 5 << 3 << 1 << 1 << 0 << 1;
    QTest::newRow("stride 2") << 13 << 3 << 2 << 1 << 1 << 1;
    QTest::newRow("stride 3, places left over") << 15 << 2 << 3 << 1 << 0 << 4;
    QTest::newRow("dilated") << 12 << 3 << 1 << 2 << 2 << 1;
    QTest::newRow("mostly padding") << 2 << 3 << 1 << 1 << 3 << 1;
}

void tst_Patches::columnsOfAConvolution()
{
    QFETCH(int, width);
    QFETCH(int, kernel);
    QFETCH(int, stride);
    QFETCH(int, dilation);
    QFETCH(int, padding);
    QFETCH(int, groups);
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {4, width, width + 2});
    const ValueIndex y = builder.node("Conv", {x, builder.constant(seeded({8, 4 / groups, kernel, kernel}, 2))},
                                      {{"group", std::int64_t{groups}},
                                       {"strides", Integers{stride, stride}},
                                       {"dilations", Integers{dilation, dilation}},
                                       {"pads", Integers{padding, padding, padding, padding}}});
    compare(builder.finish(y), 3);
}

void tst_Patches::columnsOfRows()
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {45});
    compare(builder.finish(builder.node("MatMul", {x, builder.constant(seeded({45, 6}, 2))})), 50);
}

QTEST_APPLESS_MAIN(tst_Patches)
#include "tst_patches.moc"
