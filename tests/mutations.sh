#!/usr/bin/env bash
# Breaks the outer rules and the event queue in one place at a time; each time a test must fail. Works on a copy: tests/mutations.sh
# Ends with 1 if a mutation survives. It compiles only what these tests need, without asserts, as a release build is.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r sim models tests "$copy"
cd "$copy"
sources="models/outer/*.cpp models/train/inner_optimizer.cpp models/params.cpp models/dot.cpp models/large_blocks.cpp
sim/event_queue.cpp sim/radix_queue.cpp sim/random.cpp
tests/main.cpp tests/models/outer/*.cpp tests/sim/test_event_queue.cpp"
eigen=$(pkg-config --cflags eigen3)
object() { echo "${1//\//_}.o"; }
compile() { "${CXX:-g++}" -std=c++20 -O1 -DNDEBUG -DEIGEN_FAST_MATH=0 -w -I. $eigen -c "$1" -o "$(object "$1")"; }
for source in $sources; do compile "$source"; done
tests_pass() { "${CXX:-g++}" ./*.o -o tests_run && (timeout 60 ./tests_run) >/dev/null 2>&1; }
tests_pass || { echo "mutations: the tests fail as they are" >&2; exit 2; }

survived=0 count=0
mutate() {  # FILE WHAT SED
  cp "$1" before && cp "$(object "$1")" before.o_
  sed -i -E "$3" "$1"
  count=$((count + 1))
  if cmp -s "$1" before; then
    echo "mutations: \"$3\" changes nothing in $1" >&2
    exit 2
  fi
  compile "$1"
  if tests_pass; then result=SURVIVED survived=$((survived + 1)); else result=killed; fi
  printf '%-8s  %-34s %s\n' "$result" "$1" "$2"
  cp before "$1" && cp before.o_ "$(object "$1")"
}

rules=models/outer
mutate $rules/sgd.cpp 'steps along the gradient' '0,/at\(params\) -= /s//at(params) += /'
mutate $rules/sgd.cpp 'the step of momentum without the rate' 's/rate_ \* m;/m;/'
mutate $rules/nesterov.cpp 'drop β in front of m' 's/rate_ \* \(momentum_ \* m/rate_ * (m/'
mutate $rules/nesterov.cpp 'heavy ball: without the look ahead' 's/m \+ g\);/m);/'
mutate $rules/nesterov.cpp 'm forgets' 's/momentum_ \* m \+ g;/g;/'
mutate $rules/delayed_nesterov.cpp 'a period one too long' 's/\+\+count_ < period_/count_++ < period_/'
mutate $rules/delayed_nesterov.cpp 'the buffer misses the closing gradient' 's/\(buffer \+ g\)/buffer/'
mutate $rules/delayed_nesterov.cpp 'the buffer is not emptied' 's/buffer\.setZero\(\);//'
mutate $rules/delayed_nesterov.cpp 'sign of c in the closing factor' 's/c \* n \+ c\)/c * n - c)/'
mutate $rules/delayed_nesterov.cpp 'no momentum in between' 's/between_ \* at\(m_\) \+ //'
mutate $rules/delayed_nesterov.cpp 'c without β in between' 's/c \* config\.momentum/c/'
mutate $rules/delayed_nesterov.cpp 'no 1/N of the gradients' 's|1\.0 / n|1.0|'
mutate $rules/buffered.cpp 'a buffer of one more' 's/\+\+count_ < period_/count_++ < period_/'
mutate $rules/buffered.cpp 'the sum for the mean' 's/at\(buffer_\) \*= share/at(buffer_) *= 1.0f/'
mutate $rules/buffered.cpp 'the buffer is not emptied' 's/buffer_\.assign.*//'
mutate $rules/adam.cpp 'no correction of the first moment' 's|config_\.rate / .*\)\);|config_.rate);|'
mutate $rules/adam.cpp 'no correction of the second moment' 's|static_cast<float>\(1 / std::sqrt.*|1.0f;|'
mutate $rules/adam.cpp 'β₁ for β₂' 's/beta2 \* v /beta1 * v /'
mutate $rules/poly.cpp 'staleness off by one' 's/1\.0 \+ static/0.0 + static/'
mutate $rules/poly.cpp 'grows with staleness' 's/-exponent_/exponent_/'
mutate $rules/delay_compensation.cpp 'sign of the correction' 's/\+= lambda_/-= lambda_/'
mutate $rules/delay_compensation.cpp 'now and dispatched exchanged' 's/at\(update\.now\) - at\(update\.dispatched\)/at(update.dispatched) - at(update.now)/'
mutate $rules/server_optimizer.cpp 'the schedule one step ahead' 's/state_\.steps\)/state_.steps + 1)/'
mutate $rules/mla.cpp 'drop γ in front of m' 's/rate \* \(decay \* m/rate * (m/'
mutate $rules/mla.cpp 'a sum for the average' 's/\(1\.0f - decay\) \* g;/g;/'
mutate $rules/heloco.cpp 'the opposing part is doubled' 's/of_m = -part/of_m = part/'
mutate $rules/heloco.cpp 'no most of the subtraction' 's/, config\.most_subtracted\)/, 1e9)/'
mutate $rules/heloco.cpp 'a turn that lengthens' 's|\(1 - turn\) / length|1 / length|'
mutate $rules/heloco.cpp 'a turn that shortens' 's/2 \* turn \* \(1 - turn\) \* c\)/2 * turn * (1 - turn))/'
mutate $rules/heloco.cpp 'a turn past the momentum' 's/std::min\(config\.turn \* \(1 - near\) \* counts, 1\.0\)/config.turn * (1 - near) * counts/'
mutate $rules/heloco.cpp 'the forms exchanged' 's/== HelocoForm::paper/!= HelocoForm::paper/'
mutate $rules/heloco.cpp 'κ forgotten' 's/config\.kappa \* m/m/'
mutate $rules/heloco.cpp 'every tensor against the whole momentum' 's/heloco_correct\(config_, m, g\)/heloco_correct(config_, std::span(m_).first(g.size()), g)/'
mutate $rules/heloco.cpp 'the look-ahead without β' 's/config_\.rate \* config_\.momentum/config_.rate/'
mutate $rules/heloco.cpp 'the look-ahead backwards' 's/at\(ahead\) -= /at(ahead) += /'
mutate $rules/heloco.cpp 'always looks ahead' 's/!config_\.look_ahead \|\| //'
mutate $rules/nesterov_restart.cpp 'a period one too long' 's/\+\+count_ != period_/count_++ != period_/'
mutate $rules/nesterov_restart.cpp 'restarts once' 's/^    count_ = 0;$//'
mutate $rules/nesterov_restart.cpp 'keeps its momentum' 's/m_\.assign.*//'
mutate $rules/nesterov_restart.cpp 'heavy ball: without the look ahead' 's/momentum_ \* m \+ \(1\.0f - momentum_\) \* g\);/m);/'
mutate $rules/schedule_free.cpp 'z starts at 0' 's/params\.begin\(\), params\.end\(\)/params.size(), 0.0f/'
mutate $rules/schedule_free.cpp 'the mean one update ahead' 's/\+\+updates_\)/++updates_ + 1)/'
mutate $rules/schedule_free.cpp 'b the other way round' 's/\(1\.0f - interpolation_\) \* at\(between\) \+ interpolation_/interpolation_ * at(between) + (1.0f - interpolation_)/'
mutate sim/event_queue.cpp 'drop the tie rule' 's/a\.insertion < b\.insertion/false/'
mutate sim/event_queue.cpp 'last in first out among ties' 's/a\.insertion < b\.insertion/a.insertion > b.insertion/'
mutate sim/event_queue.cpp 'the latest first' 's/a\.event\.time < b/a.event.time > b/'
mutate sim/event_queue.cpp 'forget the last child' 's/std::min\(child \+ kChildren, heap_\.size\(\)\)/std::min(child + kChildren - 1, heap_.size())/'
mutate sim/event_queue.cpp 'a parent too far' 's/parent = \(hole - 1\)/parent = hole/'
mutate sim/event_queue.cpp 'back to the heap while the other holds events' 's/!radix_\.empty\(\)/radix_.size() > 100/'
mutate sim/radix_queue.cpp 'the highest bit off by one' 's/63 - std/62 - std/'
mutate sim/radix_queue.cpp 'the earliest of a bucket is its latest' 's/bucket\.earliest = std::min/bucket.earliest = std::max/'
mutate sim/radix_queue.cpp 'a bucket is not marked empty' 's/occupied_\[level\] &= .*//'
mutate sim/radix_queue.cpp 'a level is not marked empty' 's/if \(occupied_\[level\] == 0\).*//'
mutate sim/radix_queue.cpp 'the known earliest time is kept' 's/last_ : kUnknown/last_ : earliest_/'
mutate sim/radix_queue.cpp 'the position in a chunk is not reset' 's/^    position_ = 0;$//'
mutate sim/radix_queue.cpp 'chunks are not given back' 's/free_chunk\(std::exchange\(id, from\.next\)\)/id = from.next/'
echo "$((count - survived)) of $count mutations killed"
[ $survived = 0 ]
