// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many bits of the inputs one read of an array sees together.

#include "core/cim/array_treatment.h"

namespace core {

/// `dac_bits`; 1 where nothing can tell a level of several bits from its bits on their own: an ideal converter without noise.
int levelBits(const ArrayTreatment& treatment);

}  // namespace core
