// SPDX-License-Identifier: Apache-2.0
#include "core/energy/conventions.h"

#include <fmt/format.h>

namespace core {

namespace {

Result<void> check(const EfficiencyConvention& convention)
{
    if (convention.operationsPerMac != 1 && convention.operationsPerMac != 2)
        return Problem{"operations per MAC", fmt::format("found {}; wanted 1 or 2", convention.operationsPerMac)};
    for (const double bits : {convention.weightBits, convention.activationBits})
        if (!(bits >= 1 && bits <= 64))
            return Problem{"bits", fmt::format("found {:g}; wanted 1 to 64", bits)};
    return success();
}

}  // namespace

std::string EfficiencyConvention::text() const
{
    return fmt::format("{} a MAC, {:g}b x {:g}b, {} memory", operationsPerMac == 1 ? "1 operation" : "2 operations", weightBits,
                       activationBits, includesMemory ? "with" : "without");
}

Result<EfficiencyFigure> converted(const EfficiencyFigure& figure, const EfficiencyConvention& to, std::optional<double> memoryShare)
{
    const EfficiencyConvention& from = figure.convention;
    if (!(figure.topsPerWatt > 0 && figure.topsPerWatt <= 1e12))
        return Problem{"TOPS/W", fmt::format("found {:g}; wanted a positive number", figure.topsPerWatt)};
    CORE_TRY(check(from));
    CORE_TRY(check(to));
    if (memoryShare && !(*memoryShare >= 0 && *memoryShare < 1))
        return Problem{"memory share", fmt::format("found {:g}; wanted a share of the energy from 0 to below 1", *memoryShare)};
    if (from.includesMemory != to.includesMemory && !memoryShare)
        return Problem{"memory share",
                       fmt::format("is not given; a figure {} memory becomes one {} only where memory's share of the energy is known",
                                   from.includesMemory ? "with" : "without", to.includesMemory ? "with" : "without")};
    double value = figure.topsPerWatt * to.operationsPerMac / from.operationsPerMac;
    value *= from.weightBits * from.activationBits / (to.weightBits * to.activationBits);
    if (from.includesMemory && !to.includesMemory)
        value /= 1 - *memoryShare;
    if (!from.includesMemory && to.includesMemory)
        value *= 1 - *memoryShare;
    return EfficiencyFigure{value, to};
}

}  // namespace core
