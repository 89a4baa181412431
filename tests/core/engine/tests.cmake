# SPDX-License-Identifier: Apache-2.0
core_test(tst_program core_io)
core_test(tst_patches core_engine)
core_test(tst_integer_product core_engine)
core_test(tst_surrogate_fit core_engine)
core_test(tst_layer_ledger core_engine)
core_test(tst_equalization core_engine)
core_test(tst_corrections core_engine)
core_test(tst_layer_sums core_engine)
