# SPDX-License-Identifier: Apache-2.0
core_test(tst_gradient_graph core_io)
core_test(tst_layer_settings core_io)
core_test(tst_loss core_learn)
core_test(tst_optimizer core_learn)
core_test(tst_curvature core_learn)
core_test(tst_sensitivity core_io)
