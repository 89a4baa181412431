// SPDX-License-Identifier: Apache-2.0
#include "core/engine/kernel_threads.h"

#include <omp.h>

namespace core {

void useOneKernelThread()
{
    // The OpenMP thread count is a setting of the calling thread. More than one spins and, on busy cores, costs
    // a factor of seven.
    static thread_local const bool done = [] {
        omp_set_num_threads(1);
        return true;
    }();
    static_cast<void>(done);
}

}  // namespace core
