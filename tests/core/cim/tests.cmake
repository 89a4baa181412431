# SPDX-License-Identifier: Apache-2.0
core_test(tst_array_layer core_cim)
