// SPDX-License-Identifier: Apache-2.0
#pragma once
// Prices of one node and supply seen from another: polynomials in the supply fitted to simulated CMOS inverters
// (Stillmaker and Baas, Integration 58, 2017). A model, and an optimistic one below 20 nm: from 45 nm at 0.9 V to 7 nm at
// 0.75 V it gives a fifteenth, where published 8-bit multipliers went down to a third (Horowitz 2014, Jouppi et al. 2021).

#include "core/energy/bill.h"

namespace core {

struct ProcessPoint {
    double nanometres = 45;   // 7 ... 130
    double voltage = 0.9;     // 0.5 ... 1.3
    bool operator==(const ProcessPoint&) const = default;
};

/// Energy of the same logic at `to` over that at `from`; between listed nodes linear in the node. A problem names what is
/// out of the fit's range.
Result<double> energyScale(const ProcessPoint& from, const ProcessPoint& to);
/// The same for area, which does not depend on the supply; between listed nodes linear in the logarithms.
Result<double> areaScale(double fromNanometres, double toNanometres);

/// The table at another node and supply: every price but DRAM's times energyScale, marked a model. Its range goes from half
/// to twice the scaled price, and up to what the price was before: from 45 to 7 nm a memory of 8 KB became a quarter cheaper
/// (10 to 7.5 pJ, Horowitz 2014, Jouppi et al. 2021), where the fit says fifteen times. Neither end is nearer than the price's own. A
/// device's digital areas times areaScale, its clock as it was. Named "45nm@22nm,0.8V".
Result<PriceTable> scaledTo(const PriceTable& table, const ProcessPoint& point);

}  // namespace core
