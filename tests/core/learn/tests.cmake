# SPDX-License-Identifier: Apache-2.0
core_test(tst_gradient_graph core_io)
