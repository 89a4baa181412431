# SPDX-License-Identifier: Apache-2.0
core_test(tst_price core_energy)
core_test(tst_bill core_energy)
