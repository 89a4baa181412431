# SPDX-License-Identifier: Apache-2.0
add_library(fuzz_readers STATIC ${CMAKE_SOURCE_DIR}/tests/fuzz/readers.cpp)
target_link_libraries(fuzz_readers PUBLIC core_io PRIVATE strict_warnings)
core_test(tst_reader_mutations fuzz_readers onnx_format opencv_imgcodecs ZLIB::ZLIB PkgConfig::libzip)

# One libFuzzer program a reader: -DPOLARIZER_FUZZ=ON with clang.
option(POLARIZER_FUZZ "Build the libFuzzer programs (clang only)" OFF)
if(POLARIZER_FUZZ AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    foreach(reader onnx plan network dataset idx csv npz cifar images)
        add_executable(fuzz_${reader} ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_reader.cpp)
        target_compile_definitions(fuzz_${reader} PRIVATE FUZZ_READER="${reader}")
        target_link_options(fuzz_${reader} PRIVATE -fsanitize=fuzzer)
        target_link_libraries(fuzz_${reader} PRIVATE fuzz_readers strict_warnings)
    endforeach()
elseif(POLARIZER_FUZZ)
    message(WARNING "POLARIZER_FUZZ needs clang; the libFuzzer programs are left out")
endif()
