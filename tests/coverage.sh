#!/usr/bin/env bash
# Line coverage of sim/ and models/ under the whole test suite but its slowest test: tests/coverage.sh   (Debian: apt-get install gcovr)
# COVERAGE_LINES=N makes less than N % an error.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build --preset coverage
find build/coverage -name '*.gcda' -delete
ctest --preset coverage
gcovr --root . --filter sim/ --filter models/ --fail-under-line "${COVERAGE_LINES:-0}" --sort-percentage build/coverage
