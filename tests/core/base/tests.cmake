# SPDX-License-Identifier: Apache-2.0
core_test(tst_tensor core_base)
core_test(tst_noise core_base)
core_test(tst_parallel core_base)
core_test(tst_base_values core_base)
