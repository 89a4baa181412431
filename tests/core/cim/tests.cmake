# SPDX-License-Identifier: Apache-2.0
core_test(tst_array_layer core_cim hwy::hwy)
core_test(tst_array_treatment core_cim)
core_test(tst_column_converter core_cim)
core_test(tst_tile_kernel core_cim)
core_test(tst_weight_planes core_cim)
core_test(tst_cell_physics core_cim)
core_test(tst_wire_resistance core_cim)
core_test(tst_device core_cim)
