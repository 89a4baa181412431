// SPDX-License-Identifier: Apache-2.0
#include "core/formats/codebooks.h"
#include "core/formats/number_format.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace core {

namespace {

constexpr const char* kGrammar =
    "fp32, fp16, bf16, tf32; e4m3, e5m2, e3m2, e2m3, e2m1 (OCP) or any eXmY with X 1 ... 8, Y 1 ... 14 in at most 16 bits, eXmYieee; "
    "int1 ... int16, uint2 ... uint16, ternary, pot2 ... pot8, sp2-4, apot4, odd1 ... odd8, nf4";

/// "int4" after "int" gives 4; nothing where the rest is not a plain number.
std::optional<int> numberAfter(std::string_view name, std::string_view prefix)
{
    if (!name.starts_with(prefix) || name.size() == prefix.size() || name.size() > prefix.size() + 2)
        return std::nullopt;
    int number = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, number);
    if (error != std::errc{} || stop != end || name[prefix.size()] == '0' || number < 1)
        return std::nullopt;
    return number;
}

bool isWithin(std::optional<int> number, int low, int high) { return number && *number >= low && *number <= high; }

NumberFormat codebook(std::string_view name, std::vector<float> levels, double bits)
{
    return NumberFormat(std::string(name), CodebookFormat{std::move(levels)}, bits);
}

std::optional<NumberFormat> codebookNamed(std::string_view name)
{
    if (name == "int1")
        return codebook(name, binaryLevels(), 1);
    if (name == "ternary")
        return codebook(name, ternaryLevels(), 2);
    if (name == "nf4")
        return codebook(name, nf4Levels(), 4);
    if (name == "sp2-4")
        return codebook(name, sumOfTwoPowersLevels(), 4);
    if (name == "apot4")
        return codebook(name, additivePowersOfTwoLevels(), 4);
    if (const auto bits = numberAfter(name, "pot"); isWithin(bits, 2, 8))
        return codebook(name, powerOfTwoLevels(*bits), *bits);
    if (const auto bits = numberAfter(name, "odd"); isWithin(bits, 1, 8))
        return codebook(name, oddMultipleLevels(*bits), *bits);
    return std::nullopt;
}

std::optional<NumberFormat> integerNamed(std::string_view name)
{
    if (const auto bits = numberAfter(name, "int"); isWithin(bits, 2, 16))
        return NumberFormat(std::string(name), IntegerFormat{*bits, true}, *bits);
    if (const auto bits = numberAfter(name, "uint"); isWithin(bits, 2, 16))
        return NumberFormat(std::string(name), IntegerFormat{*bits, false}, *bits);
    return std::nullopt;
}

/// The formats of the OCP specifications (OFP8 2023, MX 1.0 2023): e4m3 keeps one NaN and no infinity; the 6- and 4-bit
/// ones keep neither; e5m2 is IEEE-like.
Specials specialsOf(int exponentBits, int mantissaBits)
{
    if (exponentBits == 4 && mantissaBits == 3)
        return Specials::Ocp;
    const bool isSmall = (exponentBits == 3 && mantissaBits == 2) || (exponentBits == 2 && (mantissaBits == 3 || mantissaBits == 1));
    return isSmall ? Specials::None : Specials::Ieee;
}

MinifloatFormat ieeeLike(int exponentBits, int mantissaBits, Specials specials = Specials::Ieee)
{
    return {exponentBits, mantissaBits, (1 << (exponentBits - 1)) - 1, specials};
}

std::optional<NumberFormat> minifloatNamed(std::string_view name)
{
    if (name == "fp16")
        return NumberFormat("fp16", ieeeLike(5, 10), 16);
    if (name == "bf16")
        return NumberFormat("bf16", ieeeLike(8, 7), 16);
    if (name == "tf32")
        return NumberFormat("tf32", ieeeLike(8, 10), 19);

    constexpr std::string_view kIeee = "ieee";
    const bool wantsIeee = name.ends_with(kIeee);
    const std::string_view body = wantsIeee ? name.substr(0, name.size() - kIeee.size()) : name;
    const std::size_t middle = body.find('m');
    if (middle == std::string_view::npos)
        return std::nullopt;
    const auto exponentBits = numberAfter(body.substr(0, middle), "e");
    const auto mantissaBits = numberAfter(body.substr(middle), "m");
    if (!isWithin(exponentBits, 1, 8) || !isWithin(mantissaBits, 1, 14) || 1 + *exponentBits + *mantissaBits > 16)
        return std::nullopt;
    const Specials specials = wantsIeee ? Specials::Ieee : specialsOf(*exponentBits, *mantissaBits);
    return NumberFormat(std::string(name), ieeeLike(*exponentBits, *mantissaBits, specials), 1 + *exponentBits + *mantissaBits);
}

}  // namespace

Result<NumberFormat> NumberFormat::named(std::string_view name)
{
    if (name == "fp32")
        return NumberFormat();
    for (const auto& find : {minifloatNamed, integerNamed, codebookNamed})
        if (std::optional<NumberFormat> found = find(name))
            return *std::move(found);
    if (name.starts_with("codebook:"))
        return Problem{{}, fmt::format("format \"{}\" is in a file, and only what reads plans opens files; wanted a format known by name: {}", name, kGrammar)};
    return Problem{{}, fmt::format("format \"{}\" is unknown; wanted one of {}", name.substr(0, 40), kGrammar)};
}

const std::vector<CatalogueEntry>& formatCatalogue()
{
    static const std::vector<CatalogueEntry> catalogue = [] {
        struct Line { const char *name, *title, *source; };
        constexpr Line kLines[] = {
            {"fp32", "Single precision, the reference", "IEEE 754-2019 binary32"},
            {"tf32", "8-bit exponent, 10-bit mantissa", "NVIDIA A100 whitepaper, 2020"},
            {"fp16", "Half precision", "IEEE 754-2019 binary16"},
            {"bf16", "The upper half of a float", "Kalamkar et al., 2019 (arXiv 1905.12322)"},
            {"e4m3", "8-bit float, largest 448, no infinity", "OCP 8-bit Floating Point Specification, 2023"},
            {"e4m3ieee", "8-bit float, largest 240", "IEEE-like; the emulator of arXiv 2503.15568"},
            {"e5m2", "8-bit float, largest 57344", "OCP 8-bit Floating Point Specification, 2023"},
            {"e3m2", "6-bit float, largest 28", "OCP Microscaling Formats 1.0, 2023"},
            {"e2m3", "6-bit float, largest 7.5", "OCP Microscaling Formats 1.0, 2023"},
            {"e2m1", "4-bit float, largest 6", "OCP Microscaling Formats 1.0, 2023"},
            {"int16", "Symmetric integer, 65535 levels", "uniform quantization"},
            {"int8", "Symmetric integer, 255 levels", "uniform quantization; Jacob et al., CVPR 2018"},
            {"int6", "Symmetric integer, 63 levels", "uniform quantization"},
            {"int5", "Symmetric integer, 31 levels", "uniform quantization"},
            {"int4", "Symmetric integer, 15 levels", "uniform quantization; Fixed-W4 of RMSMP (arXiv 2111.00153)"},
            {"int3", "Symmetric integer, 7 levels", "uniform quantization"},
            {"int2", "Symmetric integer, -1, 0, 1", "uniform quantization"},
            {"uint8", "Integer with zero point, 256 levels", "Jacob et al., CVPR 2018"},
            {"uint4", "Integer with zero point, 16 levels", "uniform quantization"},
            {"uint2", "Integer with zero point, 4 levels", "uniform quantization"},
            {"ternary", "-1, 0, 1 with ties outwards", "Li and Liu, 2016 (arXiv 1605.04711)"},
            {"int1", "-1 and 1: no zero", "Rastegari et al., ECCV 2016"},
            {"nf4", "Quantiles of a Gaussian", "QLoRA: Dettmers et al., 2023 (arXiv 2305.14314)"},
            {"pot4", "Zero and powers of two, 1/64 ... 1", "RMSMP (arXiv 2111.00153); Miyashita et al., 2016"},
            {"pot3", "Zero and powers of two, 1/4 ... 1", "Miyashita et al., 2016 (arXiv 1603.01025)"},
            {"sp2-4", "Sums of two powers of two, 13 levels", "MSQ: Chang et al., HPCA 2021"},
            {"apot4", "Additive powers of two, 15 levels", "APoT: Li, Dong and Wang, ICLR 2020"},
            {"odd4", "Odd multiples of 1/8: no zero", "SMOL and SySMOL (arXiv 2311.14114)"},
            {"odd2", "Odd multiples of 1/2: no zero", "SMOL and SySMOL (arXiv 2311.14114)"},
            {"odd1", "-1 and 1: no zero", "SMOL and SySMOL (arXiv 2311.14114)"},
        };
        std::vector<CatalogueEntry> entries;
        for (const Line& line : kLines)
            entries.push_back({line.name, line.title, line.source, NumberFormat::named(line.name).value()});
        return entries;
    }();
    return catalogue;
}

}  // namespace core
