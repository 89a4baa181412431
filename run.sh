#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing (Debian 12), builds, and opens the window. Arguments are files to open: a network, a dataset,
# a plan. Without a display it explores the same network without a window and writes a report.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

"$here/.ci/setup" build run
"$here/.ci/build" release polarizer polar
bin=$here/build/release/bin

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    exec "$bin/polarizer" "$@"
fi

network=lenet5-mnist
dataset=mnist
plan=npp-nf4-rank8
for argument in "$@"; do
    case $argument in
    *.plan.json) plan=$argument ;;
    *.onnx) network=$argument ;;
    *) if [ -e "$argument/network.json" ]; then network=$argument; else dataset=$argument; fi ;;
    esac
done
report=$here/build/report.json
page=$here/build/report.html

echo "There is no display here, so no window: exploring $network on $dataset with the plan $plan instead."
"$bin/polar" evaluate "$network" "$dataset" --plan "$plan" --output "$report"
"$bin/polar" report "$report" -o "$page"
echo
echo "Next: $bin/polar --help"
