# SPDX-License-Identifier: Apache-2.0
core_test(tst_precision_plan core_plan)
core_test(tst_check core_plan)
core_test(tst_diff core_plan)
core_test(tst_plan_text core_plan)
core_test(tst_presets core_plan)
core_test(tst_mixtures core_plan)
core_test(tst_storage core_plan)
