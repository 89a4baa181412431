// SPDX-License-Identifier: Apache-2.0
#pragma once
// The orders for one layer computed in a compute-in-memory array: geometry, bit planes, converter, what is not ideal.

#include "core/base/problem.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace core {

enum class CellMapping { Differential, Offset };
enum class PlaneScheme { Input, InputAndWeight };   // one conversion per input plane, or per pair of planes

struct ConverterRange {
    enum class Kind { Full, Max, Percentile, Mse };
    Kind kind = Kind::Percentile;
    double percentile = 99.9;
    bool operator==(const ConverterRange&) const = default;
    std::string text() const;
    static Result<ConverterRange> parse(std::string_view text);
};

struct Converter {
    int bits = 6;                 // 0: ideal
    ConverterRange range;
    bool operator==(const Converter&) const = default;
};

struct Variation {
    enum class Model { Proportional, Independent };   // sigma in parts of the cell's own, or of the largest conductance
    Model model = Model::Proportional;
    double sigma = 0.1;
    bool operator==(const Variation&) const = default;
};

struct ArrayTreatment {
    int rows = 64, columns = 128;    // of one tile; rows share a conversion
    int inputBits = 8, weightBits = 4, bitsPerCell = 1;
    CellMapping mapping = CellMapping::Differential;
    PlaneScheme planes = PlaneScheme::InputAndWeight;
    Converter adc;
    Variation variation;
    Variation readNoise{Variation::Model::Proportional, 0.0};
    std::uint64_t chipSeed = 1;
    bool operator==(const ArrayTreatment&) const = default;
};

/// Everything no array can be built from, each with its key as the place: {"cim.array.rows", "0; wanted 1 to 4096"}.
Problems check(const ArrayTreatment& treatment);

}  // namespace core
