#!/usr/bin/env bash
# Fuzzes each target for some seconds, from tests/fuzz/corpus on: tests/fuzz/run.sh [SECONDS [TARGET…]]
# BUILD=DIR is a build with STRAGGLE_FUZZ=ON (build/fuzz). FOUND=DIR keeps the inputs found, those that break something among them.
# Ends with 1 if a target broke: a crash, a sanitizer's finding, a leak, an input of more than 10 s or 2 GB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
build=$(cd "${BUILD:-$root/build/fuzz}" && pwd)
seconds=${1:-600}
shift || true
targets=${*:-experiment sweep setting weights json_lines gzip traces results checkpoint reproduction}
found=${FOUND:-$(mktemp -d)}
mkdir -p "$found"
# Every key and kind of an experiment file, as libFuzzer's dictionary wants them.
grep -ohE '"[$a-z_-]+"' "$root/experiments/experiment.schema.json" | sort -u | sed 's/"\(.*\)"/"\\"\1\\""/' >"$found/keys.dict"
status=0
for target in $targets; do
  mkdir -p "$found/$target"
  dictionary=$here/$target.dict
  case $target in experiment | sweep | setting) dictionary=$found/keys.dict ;; esac
  options="-max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$found/$target-"
  [ -f "$dictionary" ] && options="$options -dict=$dictionary"
  if ! "$build/fuzz_$target" $options "$found/$target" "$here/corpus/$target" >"$found/$target.log" 2>&1; then
    status=1
    echo "fuzz: $target broke; its input lies in $found" >&2
    tail -n 60 "$found/$target.log" >&2
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$target.log")
  memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$found/$target.log")
  reached=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$found/$target.log" | tail -n 1 || true)
  printf '%-12s %4s s %9s executions  %s  %s MB\n' "$target" "$seconds" "${executions:-?}" "$reached" "${memory:-?}"
done
exit $status
