# SPDX-License-Identifier: Apache-2.0
core_test(tst_number_format core_formats)
core_test(tst_format_grammar core_formats)
core_test(tst_kernels core_formats hwy::hwy)
core_test(tst_treatment core_formats hwy::hwy)
core_test(tst_operand core_formats)
core_test(tst_integer_form core_formats hwy::hwy)
core_test(tst_codes core_formats hwy::hwy)
core_test(tst_packing core_formats hwy::hwy)
