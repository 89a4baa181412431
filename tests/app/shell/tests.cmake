# SPDX-License-Identifier: Apache-2.0
app_test(tst_choice_field app_shell)
app_test(tst_command_line app_shell)
app_test(tst_main_window app_shell)
app_test(tst_panels app_shell)
app_test(tst_settings app_shell)
app_test(tst_stored_sample app_shell)
app_test(tst_polarizer)
add_dependencies(tst_polarizer polarizer)
