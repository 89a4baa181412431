# SPDX-License-Identifier: Apache-2.0
# Every library the project uses, found once and given a target that says what it is for.

find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(dnnl REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)   # only to hold the kernels of oneDNN to one thread a worker
find_package(hwy REQUIRED CONFIG)
find_package(Boost REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
find_package(Protobuf REQUIRED)
find_package(ONNX REQUIRED)
find_package(OpenCV 4.5 REQUIRED COMPONENTS core imgproc imgcodecs)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)

add_library(random123 INTERFACE)
target_include_directories(random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE})

add_library(onnx_format INTERFACE)
target_compile_definitions(onnx_format INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
target_link_libraries(onnx_format INTERFACE onnx onnx_proto protobuf::libprotobuf)

find_package(Qt6 6.4 REQUIRED COMPONENTS Core Test)
find_package(Qt6 6.4 REQUIRED COMPONENTS Gui Widgets Charts Svg SvgWidgets Concurrent PrintSupport)
