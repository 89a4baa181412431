// SPDX-License-Identifier: Apache-2.0
#include "core/eval/array_view.h"

#include "core/engine/layer_compiler.h"

#include <algorithm>

namespace core {

namespace {

constexpr std::size_t kBins = 96;

}  // namespace

double SumsOfSlice::quantile(double share) const
{
    double below = 0.0;
    for (std::size_t bin = 0; bin < shares.size(); ++bin) {
        below += shares[bin];
        if (below >= share)
            return least + (greatest - least) * (static_cast<double>(bin) + 1.0) / static_cast<double>(shares.size());
    }
    return greatest;
}

Result<ArrayView> arrayView(const Calibration& calibration, const PolarizedNetwork& network, LayerIndex index, std::int64_t tile)
{
    const WeightedLayer& layer = calibration.context().layers[index.value()];
    const CompiledLayer& compiled = *network.layers[index.value()];
    if (!compiled.array)
        return Problem{layer.name, "is computed digitally; wanted a layer in an array"};
    const ArrayLayer& array = compiled.array->arrays.front();
    const WeightPlanes& planes = array.planes();

    ArrayView view;
    view.layer = index;
    view.treatment = array.treatment();
    view.tiles = array.rowTiles();
    view.tile = std::clamp<std::int64_t>(tile, 0, view.tiles - 1);
    view.firstRow = view.tile * view.treatment.rows;
    view.rows = std::min<std::int64_t>(view.treatment.rows, array.columns() - view.firstRow);
    view.outputs = std::min<std::int64_t>(view.treatment.columns, array.rows());
    for (int side = 0; side < planes.sides; ++side)
        for (const WeightSlice& slice : planes.slices)
            view.planes.push_back({slice, side, std::vector<float>(static_cast<std::size_t>(view.rows * view.outputs))});
    for (std::int64_t row = 0; row < view.rows; ++row)
        for (std::int64_t output = 0; output < view.outputs; ++output) {
            const std::vector<float> cells = array.cells(output, view.firstRow + row);
            for (std::size_t plane = 0; plane < view.planes.size(); ++plane)
                view.planes[plane].conductances[static_cast<std::size_t>(row * view.outputs + output)] = cells[plane];
        }

    CORE_TRY(const ConverterInputs inputs, converterInputs(calibration, layer, *compiled.input.uniform(), 0));
    const std::vector<SumHistogram> histograms = array.columnSums(inputs.codes, inputs.vectors);
    for (std::size_t slice = 0; slice < histograms.size(); ++slice) {
        const SumHistogram& histogram = histograms[slice];
        SumsOfSlice sums{planes.slices[slice], histogram.least(), histogram.greatest(), histogram.counts(kBins), array.converters()[slice]};
        for (double& share : sums.shares)
            share /= std::max(histogram.total(), 1.0);
        if (!sums.converter.ideal)
            sums.clipped = histogram.shareOutside(sums.converter.value(sums.converter.lowCode) - sums.converter.step / 2.0,
                                                  sums.converter.value(sums.converter.highCode) + sums.converter.step / 2.0);
        view.sums.push_back(std::move(sums));
    }
    return view;
}

}  // namespace core
