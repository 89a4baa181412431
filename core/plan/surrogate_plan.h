// SPDX-License-Identifier: Apache-2.0
#pragma once
// The orders for one layer's recovery path: a small exact correction B (A x) beside the main path.

#include "core/base/matrix.h"
#include "core/formats/number_format.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace core {

enum class SurrogateMethod {
    Svd,          // truncated SVD of the weight error (LoftQ, ZeroQuant-V2)
    Activation,   // reduced-rank regression of the output error on the inputs the layer really reads
    Fisher,       // the same, each output weighted by its mean squared loss gradient
    Lqer,         // SVD of the weight error scaled by each input's mean magnitude (LQER, arXiv 2402.02446)
    Qera,         // SVD of the weight error scaled by the root of the inputs' moments (QERA-exact, arXiv 2410.06040)
    Trained,      // A and B from a file
};

inline constexpr std::array kSurrogateMethods{SurrogateMethod::Svd,  SurrogateMethod::Activation, SurrogateMethod::Fisher,
                                              SurrogateMethod::Lqer, SurrogateMethod::Qera,       SurrogateMethod::Trained};
std::string_view surrogateMethodName(SurrogateMethod method);     // as plans write it: "svd", "activation" ...

enum class SurrogateInput { Exact, Quantized };

/// Whose errors a path is fitted to, where chips differ from one another (layers in arrays).
struct FitDevice {
    // Own: the chip it will run on (chip in the loop). Mean: a chip without variation. Average: `number` chips of a series of
    // their own, their errors taken together. Chip: chip `number` of the seed, whichever chip it then runs on.
    enum class Kind { Own, Mean, Average, Chip };
    Kind kind = Kind::Own;
    int number = 1;
    auto operator<=>(const FitDevice&) const = default;
    std::string text() const;                      // "own", "mean", "average:16", "chip:1"
    static Result<FitDevice> parse(std::string_view text);
};
inline constexpr int kMostFitChips = 64;

/// A: rank x columns, B: rows x rank; direction k is row k of A and column k of B, the strongest first.
struct StoredPath {
    RowMatrix down, up;
};

/// Trained paths of a network's layers, by name, as a file holds them. Compared by what they say, not by where they lie.
class StoredPaths {
public:
    StoredPaths() = default;
    StoredPaths(std::string file, std::map<std::string, StoredPath> paths);
    bool isEmpty() const { return !m_contents; }
    const std::string& file() const;               // as the plan writes it
    const StoredPath* find(const std::string& layer) const;
    const std::map<std::string, StoredPath>& all() const;
    std::uint64_t hash() const;
    bool operator==(const StoredPaths& other) const { return hash() == other.hash() && file() == other.file(); }

private:
    struct Contents;
    std::shared_ptr<const Contents> m_contents;
};

struct SurrogatePlan {
    int rank = 8;
    NumberFormat format;                           // of A and B
    SurrogateMethod method = SurrogateMethod::Activation;
    SurrogateInput input = SurrogateInput::Exact;
    int calibrationSamples = 64;
    FitDevice fitOn{};
    StoredPaths paths{};                           // of Trained
    bool operator==(const SurrogatePlan&) const = default;
};

}  // namespace core
