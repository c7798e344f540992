#!/bin/sh
# Prints sweeps over outer rates as CSV, a row a trial; needs jq. Use: trials.sh SWEEP…, directories of "straggle sweep"
# whose zipped settings have the methods' names.
set -eu
echo sweep,method,rate,final_loss
for sweep; do
  jq -r 'def four: if . then . * 1e4 | round | . / 1e4 else "diverged" end;
    [.[] | [.sweep, .method, .values[.method], (.final_loss.mean | four)]] | unique | .[] | @csv' "$sweep/summary.json"
done
