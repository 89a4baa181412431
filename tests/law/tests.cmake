# SPDX-License-Identifier: Apache-2.0
polarizer_test(tst_rooms law)
polarizer_test(tst_sources law)
