// SPDX-License-Identifier: Apache-2.0
#pragma once
// The orders for one layer computed in a compute-in-memory array: geometry, bit planes, converter, what is not ideal.

#include "core/base/problem.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace core {

/// Differential: a pair of cells, one of which holds the weight's magnitude. Offset: one cell holds the weight moved up to be
/// positive. OneSided: one side holds the weight's two's complement, whose top bit has a cell of its own and counts negative.
enum class CellMapping { Differential, Offset, OneSided };
enum class PlaneScheme { Input, InputAndWeight };  // one conversion per input plane, or per pair of planes

struct ConverterRange {
    enum class Kind { Full, Max, Percentile, Mse };
    Kind kind = Kind::Percentile;
    double percentile = 99.9;
    bool operator==(const ConverterRange&) const = default;
    std::string text() const;
    static Result<ConverterRange> parse(std::string_view text);
};

struct Converter {
    int bits = 6;  // 0: ideal
    ConverterRange range;
    // Errors that are fixed when a chip is made, one draw per column of a tile: standard deviations over converters.
    double offsetLsb = 0.0;  // of the offset, in steps
    double gainSigma = 0.0;  // of the gain, relative
    double inlLsb = 0.0;     // of the peak of a quadratic bow over the range (integral non-linearity), in steps
    /// No converter but a comparator: one bit, whether the sum is above the middle, read as the middle plus or minus the mean
    /// distance from it (arXiv 2309.01771 builds arrays so). `bits` and `range` then say nothing.
    bool isComparator = false;
    bool hasColumnErrors() const { return offsetLsb > 0.0 || gainSigma > 0.0 || inlLsb > 0.0; }
    bool operator==(const Converter&) const = default;
};

/// Errors of cells, drawn once when a chip is made (variation) or anew at every read (read noise).
struct Variation {
    enum class Model {
        Proportional,  // deviation sigma times the cell's own conductance
        Independent,   // sigma times the largest conductance, of every cell
        LogNormal,     // the conductance times exp(sigma z - sigma^2 / 2): its mean is kept (variation only)
        Capacitor,     // a capacitor's mismatch: 0.0664 / sqrt(femtofarads) of itself (28 nm fit; arXiv 2507.09776; variation only)
        Polynomial,    // (c0 + c1 r + c2 r^2) times the largest conductance, r the cell's share of it, never under 0
        Flicker,       // of reads: 1/f noise of phase-change cells (read noise only); grows with the time since programming
    };
    Model model = Model::Proportional;
    double sigma = 0.1;                           // of the first three models
    double femtofarads = 1.0;                     // of Capacitor
    std::array<double, 3> coefficients{0, 0, 0};  // of Polynomial
    bool isOn() const;
    bool operator==(const Variation&) const = default;
};

/// What conductances lose with time: g(t) = g (1 + t / t0)^-nu, t0 = 20 s after programming.
struct Drift {
    enum class Model {
        Constant,     // nu of every cell is nu + nu_sigma z, never under 0
        PhaseChange,  // mean and deviation of nu depend on the conductance (aihwkit's fit, Nandakumar et al. 2019)
    };
    enum class Compensation { None, Global, Column };  // one digital factor for all outputs, or one each, from a read with every row on
    static constexpr double kReferenceSeconds = 20.0;
    Model model = Model::Constant;
    double seconds = 0.0;
    double nu = 0.05, nuSigma = 0.01;
    Compensation compensation = Compensation::None;
    bool isOn() const { return seconds > 0.0; }
    bool operator==(const Drift&) const = default;
};

/// Cells that hold their largest or smallest conductance whatever was written: probabilities of a cell.
struct StuckCells {
    double on = 0.0, off = 0.0;
    bool isOn() const { return on > 0.0 || off > 0.0; }
    bool operator==(const StuckCells&) const = default;
};

/// Noise of every conversion, in parts of full scale (all rows on): deviation thermal, and nonlinear / sqrt(n + 1) where
/// n is the sum in cells that are fully on (ASiM, arXiv 2411.11022).
struct ConversionNoise {
    double thermal = 0.0, nonlinear = 0.0;
    bool isOn() const { return thermal > 0.0 || nonlinear > 0.0; }
    bool operator==(const ConversionNoise&) const = default;
};

struct ArrayTreatment {
    int rows = 64, columns = 128;  // of one tile; rows share a conversion
    int inputBits = 8, weightBits = 4, bitsPerCell = 1;
    CellMapping mapping = CellMapping::Differential;
    PlaneScheme planes = PlaneScheme::InputAndWeight;
    Converter adc;
    Variation variation;
    Variation readNoise{Variation::Model::Proportional, 0.0};
    std::uint64_t chipSeed = 1;
    int dacBits = 1;  // of an input plane: 1, 2, 4 or 8 bits are applied as one level
    Drift drift = {};
    StuckCells stuck = {};
    double onOffRatio = 0.0;       // largest over smallest conductance; 0: cells switch off entirely
    double wireOhms = 0.0;         // of a wire between two neighbouring cells, rows' and columns' alike
    double onMicrosiemens = 25.0;  // a cell's largest conductance; matters to wires only
    ConversionNoise conversionNoise = {};
    int hybridLevels = 0;  // diagonals of the most significant pairs of planes that are computed digitally
    bool operator==(const ArrayTreatment&) const = default;

    int inputPlanes() const { return (inputBits + dacBits - 1) / dacBits; }
};

/// The array that a mean device would make: nothing is drawn any more, what happens to every cell alike stays.
ArrayTreatment meanDevice(ArrayTreatment treatment);
/// Does anything differ from chip to chip, from read to read?
bool hasChipNoise(const ArrayTreatment& treatment);
bool hasReadNoise(const ArrayTreatment& treatment);

/// Of all that is in it.
std::uint64_t hashOf(const ArrayTreatment& treatment);

/// Everything no array can be built from, each with its key as the place: {"cim.array.rows", "0; wanted 1 to 4096"}.
Problems check(const ArrayTreatment& treatment);

}  // namespace core
