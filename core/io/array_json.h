// SPDX-License-Identifier: Apache-2.0
#pragma once
// The "cim" part of a plan as JSON.

#include "core/cim/array_treatment.h"
#include "core/io/json_object.h"

namespace core {

/// Absent keys are as in `inherited`. Keys of effects that are not computed are accepted at the value that means none.
Result<ArrayTreatment> arrayTreatmentFrom(const JsonObject& object, const ArrayTreatment& inherited);

/// What differs from `inherited`, and always the array's size.
Json arrayTreatmentToJson(const ArrayTreatment& treatment, const ArrayTreatment& inherited);

}  // namespace core
