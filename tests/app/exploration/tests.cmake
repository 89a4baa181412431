# SPDX-License-Identifier: Apache-2.0
app_test(tst_change_plan app_exploration)
app_test(tst_exploration app_exploration)
app_test(tst_job_runner app_exploration)
app_test(tst_kept_work app_exploration)
app_test(tst_measured_ranks app_exploration)
app_test(tst_palette_edit app_exploration)
app_test(tst_plan_edit app_exploration)
app_test(tst_script_log app_exploration)
