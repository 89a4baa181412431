# SPDX-License-Identifier: Apache-2.0
app_test(tst_energy_table_model app_models)
app_test(tst_error_map_model app_models)
app_test(tst_number_text app_models)
app_test(tst_layer_table_model app_models)
app_test(tst_plan_problems app_models)
app_test(tst_sample_outcome_model app_models)
app_test(tst_stripe_measures app_models)
app_test(tst_weight_specimen app_models)
