# SPDX-License-Identifier: Apache-2.0
core_test(tst_network core_network)
core_test(tst_operation core_network)
core_test(tst_folding core_network)
core_test(tst_weighted_layer core_network)
