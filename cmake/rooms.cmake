# SPDX-License-Identifier: Apache-2.0
# A room is a folder and a library. It may use only the rooms it names; tests/law proves it from the include lines.

# moc 6.4 cannot parse what <compare> includes (GCC 12); it needs none of it.
set(CMAKE_AUTOMOC_MOC_OPTIONS -D_COMPARE)

# core_room(engine ROOMS plan LIBRARIES DNNL::dnnl): every .cpp of core/engine and its sub-folders.
function(core_room name)
    cmake_parse_arguments(room "" "" "ROOMS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
    set(target core_${name})
    list(TRANSFORM room_ROOMS PREPEND core_)
    if(NOT sources)
        add_library(${target} INTERFACE)
        target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
        target_link_libraries(${target} INTERFACE ${room_ROOMS} ${room_LIBRARIES})
        return()
    endif()
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${room_ROOMS} ${room_LIBRARIES} exact_math
                                    PRIVATE strict_warnings ${room_PRIVATE_LIBRARIES})
endfunction()

# app_room(views ROOMS models LIBRARIES Qt6::Charts)
function(app_room name)
    cmake_parse_arguments(room "" "" "ROOMS;LIBRARIES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.h
         ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.qrc)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    set(target app_${name})
    list(TRANSFORM room_ROOMS PREPEND app_)
    if(NOT sources MATCHES "\\.cpp")
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${room_ROOMS} ${room_LIBRARIES} core)
        return()
    endif()
    add_library(${target} STATIC ${sources})
    set_target_properties(${target} PROPERTIES AUTOMOC ON AUTORCC ON)
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC core ${room_ROOMS} ${room_LIBRARIES} PRIVATE strict_warnings)
endfunction()

# core_test(tst_codebook core_formats): label core, no display. The source is found under tests/ by its name.
function(core_test name)
    polarizer_test(${name} core ${ARGN})
endfunction()

# app_test(tst_layer_table_model app_models): label app, offscreen.
function(app_test name)
    polarizer_test(${name} app Qt6::Widgets ${ARGN})
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
        "QT_QPA_PLATFORM=offscreen;POLARIZER_ROOT=${CMAKE_SOURCE_DIR};POLARIZER_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()

function(polarizer_test name label)
    file(GLOB_RECURSE source ${CMAKE_SOURCE_DIR}/tests/*/${name}.cpp)
    add_executable(${name} ${source})
    set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE Qt6::Test strict_warnings ${ARGN})
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600 ENVIRONMENT
        "POLARIZER_ROOT=${CMAKE_SOURCE_DIR};POLARIZER_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()
