// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One sample of a dataset as a picture a person recognises: an image, a spectrogram, a strip of letters, a table row as
// bars. Pure functions: tensor in, QImage out.

#include "app/views/colour_map.h"
#include "core/data/dataset.h"

#include <QPalette>

namespace app {

struct SamplePictureStyle {
    QSize size{84, 84};  // logical pixels; images keep their shape inside
    double pixelRatio = 1;
    QPalette palette;
    ColourMap spectrogramMap = ColourMap::Viridis;
    QString alphabet = "ACGT";  // letters of token numbers 0, 1, 2 ...; others show their number
};

/// `sample` as stored: without the axis that counts samples (uint8, int64 or float32). A shape the layout cannot read
/// gives a null image.
QImage samplePicture(const core::Tensor& sample, core::SampleKind kind, core::SampleLayout layout, const SamplePictureStyle& style);

/// The stored sample itself, one pixel an element: grey, RGB or (spectrogram) through the map. Null for other kinds.
QImage sampleImage(const core::Tensor& sample, core::SampleKind kind, core::SampleLayout layout, ColourMap spectrogramMap);

/// Sample `index` of a split as a tensor of its own.
core::Tensor sampleOf(const core::Tensor& inputs, std::int64_t index);

}  // namespace app
