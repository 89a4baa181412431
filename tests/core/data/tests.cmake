# SPDX-License-Identifier: Apache-2.0
core_test(tst_dataset core_data)
core_test(tst_prepare core_data)
core_test(tst_stratify core_data)
