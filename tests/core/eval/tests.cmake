# SPDX-License-Identifier: Apache-2.0
core_test(tst_evaluator core_io)
core_test(tst_proportion core_eval)
core_test(tst_recovery_devices core_io)
core_test(tst_real_arrays core_io)
core_test(tst_sum_measurement core_io)
