# SPDX-License-Identifier: Apache-2.0
core_test(tst_price core_energy)
core_test(tst_bill core_energy)
core_test(tst_node_scaling core_energy)
core_test(tst_estimates core_energy)
core_test(tst_conventions core_energy)
