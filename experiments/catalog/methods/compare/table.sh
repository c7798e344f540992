#!/bin/sh
# Prints a comparison's results as a Markdown table; needs jq. Use: table.sh RESULTS, a directory of "straggle run".
# Means over seeds, ± half of the 95 % interval (Student's t); differences and speed-ups are paired by seed.
set -eu
baseline=$(jq -r .baseline "$1/experiment.json")
jq -s . "$1"/*/*/summary.json | jq -r --arg baseline "$baseline" --slurpfile experiment "$1/experiment.json" '
  def t: {"2": 12.706, "3": 4.303, "4": 3.182, "5": 2.776, "6": 2.571, "7": 2.447, "8": 2.365}[tostring];
  def mean: add / length;
  def half: (mean as $m | length as $n | if $n < 2 then 0
    else ($n | t) * ((map((. - $m) * (. - $m)) | add) / ($n - 1) / $n | sqrt) end);
  def digits($n): (if . < 0 then "−" else "" end) as $sign | (fabs * pow(10; $n) | round | tostring) as $whole
    | ("0" * ([$n + 1 - ($whole | length), 0] | max) // "") + $whole
    | $sign + if $n == 0 then . else .[:-$n] + "." + .[-$n:] end;
  def four: digits(4);
  def clock: round | if . >= 3600 then "\(. / 3600 | floor)h \(. % 3600 / 60 | floor)m" elif . >= 60
    then "\(. / 60 | floor)m \(. % 60)s" else "\(.)s" end;
  def bytes: if . >= 1e9 then "\(. / 1e9 | digits(1)) GB" elif . >= 1e7 then "\(. / 1e6 | round) MB"
    else "\(. / 1e6 | digits(1)) MB" end;
  map(. + {key: (.seed | tostring)}) as $runs
  | ($runs | map(select(.method == $baseline)) | map({(.key): .}) | add) as $base
  | "| method | rate | momentum | final loss | − \($baseline) | updates | time | time to its loss | speed-up | up | down |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ($experiment[0].methods[] | . as $setting | ($runs | map(select(.method == $setting.name))) as $own
    | ($own | map(.loss)) as $loss | ($own | map(.loss - $base[.key].loss)) as $gap
    | ($own | map(select(.time_to_target_seconds != null))) as $there
    | ($there | map(($base[.key].time_to_target_seconds / .time_to_target_seconds) | log)) as $faster
    | [.name, ((.region_servers.outer // .outer) | (.rate, (.momentum // "–")) | tostring), "\($loss | mean | four) ±\($loss | half | four)",
       (if .name == $baseline then "–"
        else "\($gap | mean | if . > 0 then "+" else "" end + four) ±\($gap | half | four)" end),
       ($own | map(.server_updates) | mean | round | tostring),
       ($own | map(.simulated_seconds) | mean | clock),
       (if ($there | length) == ($own | length) then $there | map(.time_to_target_seconds) | mean | clock
        else "\($there | length) of \($own | length) seeds" end),
       (if .name == $baseline then "baseline" elif ($there | length) < ($own | length) then "–"
        else $faster | [mean, mean - half, mean + half] | map(exp | digits(2)) | "\(.[0]) (\(.[1]) to \(.[2]))" end),
       ($own | map(.bytes_up) | mean | bytes), ($own | map(.bytes_down) | mean | bytes)]
    | "| " + join(" | ") + " |")'
