# SPDX-License-Identifier: Apache-2.0
add_library(gallery_values STATIC ${CMAKE_CURRENT_LIST_DIR}/gallery_values.cpp)
target_include_directories(gallery_values PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(gallery_values PUBLIC app_views PRIVATE strict_warnings)

# To look at, not to run: every widget with invented values, as a window or as a picture.
add_executable(widget_gallery ${CMAKE_CURRENT_LIST_DIR}/widget_gallery.cpp)
set_target_properties(widget_gallery PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(widget_gallery PRIVATE gallery_values strict_warnings)

app_test(tst_accuracy_view app_views gallery_values)
app_test(tst_chart_style app_views gallery_values)
app_test(tst_efficiency_view app_views)
app_test(tst_energy_view app_views gallery_values)
app_test(tst_format_number_line app_views gallery_values)
app_test(tst_heat_map_view app_views gallery_values)
app_test(tst_knob_row app_views gallery_values)
app_test(tst_layer_graph_view app_views gallery_values)
app_test(tst_polarized_strips app_views)
app_test(tst_rank_dial app_views gallery_values)
app_test(tst_row_strip app_views gallery_values)
app_test(tst_samples app_views gallery_values)
app_test(tst_sum_views app_views)
app_test(tst_training_chart app_views gallery_values)
