// SPDX-License-Identifier: Apache-2.0
#pragma once
// We parallelise over samples ourselves, so every worker's oneDNN kernels run on that worker alone.

namespace core {

/// Call at the start of any work that builds or runs oneDNN primitives; cheap after the first time in a thread.
void useOneKernelThread();

}  // namespace core
