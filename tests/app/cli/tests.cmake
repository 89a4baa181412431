# SPDX-License-Identifier: Apache-2.0
foreach(test IN ITEMS tst_polar tst_polar_plans tst_polar_recover tst_polar_energy tst_polar_examples tst_polar_stop)
    polarizer_test(${test} cli)
    add_dependencies(${test} polar)
endforeach()
polarizer_test(tst_polar_refusals cli onnx_format ZLIB::ZLIB PkgConfig::libzip)
add_dependencies(tst_polar_refusals polar)
