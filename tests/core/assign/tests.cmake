# SPDX-License-Identifier: Apache-2.0
core_test(tst_rank_allocation core_io)
core_test(tst_equal_cost core_io)
