// SPDX-License-Identifier: Apache-2.0
#include "core/cim/input_levels.h"

namespace core {

int levelBits(const ArrayTreatment& treatment)
{
    const bool isExact =
        treatment.adc.bits == 0 && !treatment.adc.isComparator && !treatment.conversionNoise.isOn() && !treatment.readNoise.isOn();
    return isExact ? 1 : treatment.dacBits;
}

}  // namespace core
