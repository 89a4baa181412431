#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing (Debian 12), builds, and runs every test. Arguments go to ctest: ./test.sh -R codebook
# With CI=true, warnings are errors.
set -euo pipefail
cd "$(dirname "$0")"

preset=release
[ "${CI:-}" = true ] && preset=ci

.ci/setup build run test
.ci/build "$preset"
exec ctest --test-dir build/release -j2 --output-on-failure "$@"
