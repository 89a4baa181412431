# SPDX-License-Identifier: Apache-2.0
# Options are interface targets: link one to get it.

option(POLARIZER_WERROR "Treat warnings as errors" OFF)
set(POLARIZER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")

add_library(strict_warnings INTERFACE)
target_compile_options(strict_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    -Wno-restrict  # GCC 12 sees overlaps in std::string that are not there (GCC bug 105651)
    $<$<BOOL:${POLARIZER_WERROR}>:-Werror>)

# The same sums on every machine: no contraction of a*b+c into an FMA the source does not ask for.
add_library(exact_math INTERFACE)
target_compile_options(exact_math INTERFACE -ffp-contract=off -fno-fast-math)

if(POLARIZER_SANITIZE)
    add_compile_options(-fsanitize=${POLARIZER_SANITIZE} -fno-omit-frame-pointer -g1)
    add_link_options(-fsanitize=${POLARIZER_SANITIZE})
endif()
