#!/bin/bash
# A sweep through a real one-node Slurm of its own: job arrays, the collecting job, and the same results as without.
# usage: slurm_check.sh STRAGGLE CORPUS. Exits 77 (skipped) where Slurm is not installed or is already in use.
set -eu

skip() { echo "skipped: $1"; exit 77; }
straggle=$1 corpus=$2
for program in slurmctld slurmd sbatch squeue sinfo scontrol munged; do
  command -v "$program" >/dev/null || skip "no $program here (Debian packages slurm-wlm and munge)"
done
[ "$(id -u)" = 0 ] || skip "starting Slurm's daemons takes root"
[ -z "${SLURM_CONF:-}" ] && [ ! -e /etc/slurm/slurm.conf ] || skip "this machine has a Slurm configuration of its own"
for daemon in slurmctld slurmd; do
  pgrep -x "$daemon" >/dev/null && skip "a $daemon is running here already"
done

place=$(mktemp -d)
chmod 755 "$place"
export SLURM_CONF=$place/slurm.conf
daemons=""

finish() {
  status=$?
  trap - EXIT
  if [ $status != 0 ]; then
    tail -n 15 "$place"/*.log "$place"/sweep/slurm/*.log 2>/dev/null || true
  fi
  timeout 10 scontrol shutdown >/dev/null 2>&1 || true
  for pid in $daemons; do
    for _ in $(seq 30); do kill -0 "$pid" 2>/dev/null || break; kill "$pid" 2>/dev/null || true; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
  rm -rf "$place"
  exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM

# Waits up to $1 seconds for a command to succeed.
wait_for() {
  local seconds=$1
  shift
  for _ in $(seq $((seconds * 5))); do "$@" >/dev/null 2>&1 && return 0; sleep 0.2; done
  echo "gave up after $seconds s: $*"
  return 1
}

free_port() {
  local port
  for port in $(shuf -i 20000-32000 -n 50); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }; done
}

# Its own munge, with its own key and socket: nothing of the system's is touched.
dd if=/dev/urandom of="$place/munge.key" bs=128 count=1 2>/dev/null
chmod 400 "$place/munge.key"
munged --foreground --force --key-file="$place/munge.key" --socket="$place/munge.socket" --pid-file="$place/munged.pid" \
  --log-file="$place/munged.log" --seed-file="$place/munge.seed" >"$place/munged.out.log" 2>&1 &
daemons="$! $daemons"
wait_for 10 munge --no-input --socket="$place/munge.socket"

node=$(hostname -s)
# Arrays of at most three tasks, so that the sweep needs several.
cat >"$SLURM_CONF" <<CONF
ClusterName=straggle
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
AuthType=auth/munge
AuthInfo=socket=$place/munge.socket
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
MaxArraySize=3
SchedulerParameters=sched_interval=2,batch_sched_delay=0
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=check Nodes=$node Default=YES MaxTime=5 State=UP
CONF
mkdir "$place/state" "$place/spool"
slurmctld -D -c >"$place/slurmctld.out.log" 2>&1 &
daemons="$! $daemons"
slurmd -D -N "$node" >"$place/slurmd.out.log" 2>&1 &
daemons="$! $daemons"
idle() { sinfo --noheader --format=%T | grep -q '^idle'; }
wait_for 40 idle

cat >"$place/sweep.json" <<JSON
{"name": "check", "seeds": [1, 2], "baseline": "Sync",
 "data": {"corpus": "$corpus", "shards": {"count": 2}},
 "model": {"preset": "tiny", "layers": 1, "width": 16, "heads": 2, "context": 16},
 "workers": [{"speed": {"seconds_per_step": 1}}, {"speed": {"seconds_per_step": 3}}],
 "local": {"batch_size": 2, "learning_rate": {"peak": 3e-3}}, "stop": {"local_steps": 80},
 "evaluation": {"every": {"local_steps": 20}, "windows": 2},
 "policy": {"kind": "barrier"}, "outer": {"kind": "nesterov", "rate": 0.7},
 "methods": [{"name": "Sync"}, {"name": "Async", "policy": {"kind": "grace-window"}}],
 "sweep": {"axes": [{"name": "H", "pointer": "/local_steps/steps", "values": [5, 10]}]}}
JSON

started=$(date +%s)
"$straggle" sweep "$place/sweep.json" --out "$place/sweep" --slurm --partition check --time 2 --per-task 2
ls "$place/sweep/slurm/"
test "$(ls "$place/sweep/slurm/" | grep -c 'check-[0-9]*\.sh')" = 2  # four tasks, at most three in an array
collected() { [ -f "$place/sweep/summary.csv" ] && [ -z "$(squeue --noheader)" ]; }
wait_for 90 collected
echo "the arrays and the collecting job took $(($(date +%s) - started)) s"

"$straggle" sweep "$place/sweep.json" --out "$place/local" --quiet >/dev/null
diff -r --exclude=host.json --exclude=files.json --exclude=.lock --exclude=slurm "$place/local" "$place/sweep"
test "$(ls "$place/sweep/runs" | wc -l)" = 8
"$straggle" sweep "$place/sweep.json" --out "$place/sweep" --slurm | grep 'nothing is left to run'
echo "a sweep through Slurm leaves what it leaves without"
