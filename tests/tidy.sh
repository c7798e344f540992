#!/usr/bin/env bash
# The checks of .clang-tidy over sim/, models/ and experiments/, or over the files named: tests/tidy.sh [FILE…]
# Takes the compile commands and the precompiled headers of BUILD=DIR, a build with clang (build/fuzz).
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/fuzz}
[ -f "$build/straggle_tests" ] || { cmake --preset fuzz && cmake --build --preset fuzz --target straggle_tests; } >/dev/null
files=${*:-$(find sim models experiments -name '*.cpp' | sort)}
printf '%s\n' $files | xargs -P "$(nproc)" -n 4 "${CLANG_TIDY:-clang-tidy-14}" --quiet -p "$build" 2>&1 | { grep -v 'warnings\? generated' || true; }
