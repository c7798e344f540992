#!/bin/sh
# Installs the build $1 and builds, with the compiler $2, the project beside this file against it.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cmake --install "$1" --prefix "$place/installed" >/dev/null
cmake -S "$here" -B "$place/build" -DCMAKE_PREFIX_PATH="$place/installed" -DCMAKE_CXX_COMPILER="$2" >/dev/null
cmake --build "$place/build" >/dev/null
"$place/build/uses_straggle"
