# SPDX-License-Identifier: Apache-2.0
# Measuring programs: built with everything else, run by hand. run.sh configures without the packages of tests only.
find_package(benchmark QUIET)
if(NOT benchmark_FOUND)
    message(STATUS "libbenchmark-dev is missing; bench_cim, bench_engine, bench_learn and bench_live are left out")
    return()
endif()

add_executable(bench_cim ${CMAKE_CURRENT_LIST_DIR}/bench_cim.cpp)
target_include_directories(bench_cim PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(bench_cim PRIVATE benchmark::benchmark DNNL::dnnl core_cim strict_warnings)

foreach(bench IN ITEMS bench_engine bench_learn bench_live)
    add_executable(${bench} ${CMAKE_CURRENT_LIST_DIR}/${bench}.cpp)
    target_include_directories(${bench} PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${bench} PRIVATE benchmark::benchmark core strict_warnings)
endforeach()
