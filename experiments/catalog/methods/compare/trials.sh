#!/bin/sh
# Prints sweeps over outer rates and momenta as CSV, a row a trial; needs jq. Use: trials.sh SWEEP…, directories of
# "straggle sweep" whose zipped settings are called METHOD, its rate, and "METHOD, momentum", where it has one.
set -eu
echo sweep,method,momentum,rate,final_loss
for sweep; do
  jq -r 'def four: if . then . * 1e4 | round | . / 1e4 else "diverged" end;
    [.[] | [.sweep, .method, .values[.method + ", momentum"], .values[.method], (.final_loss.mean | four)]] | unique | .[] | @csv' "$sweep/summary.json"
done
