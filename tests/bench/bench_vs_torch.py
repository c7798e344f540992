#!/usr/bin/python3
"""Training throughput of train_work beside PyTorch's, run in turn so that both meet the same machine.

  bench_vs_torch.py build/train_work --works A,B --cores 1,2 --repeats 5

Our side trains one independent worker a core; PyTorch trains one model on that many threads. Both are pinned to that many cores. Prints, for every work and number of
cores, the median (least, most) of both and of the ratio of each pair. The ratio of processor time is given too: it is what remains
of a measurement on a machine that runs other things as well.

OpenBLAS chooses its kernels by a list of known CPUs; on one it does not know it falls back to slow ones. So that PyTorch is
compared at its best, --openblas-core names the kernels (SkylakeX for any CPU with AVX-512, Haswell with AVX2), and --blas-path a
directory that holds OpenBLAS's libblas.so.3 where the system's is another.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys


def run(command, **environment):
    result = subprocess.run([str(c) for c in command], env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE)
    return json.loads(result.stdout)


def summary(values, unit=""):
    digits = 2 if max(values) < 100 else 0
    middle, least, most = (f"{v:,.{digits}f}{unit}" for v in (statistics.median(values), min(values), max(values)))
    return f"{middle} ({least}–{most})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train_work", type=pathlib.Path)
    parser.add_argument("--works", default="A,B,quick")
    parser.add_argument("--cores", default="1,2")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--python", default="/usr/bin/python3", help="an interpreter with PyTorch")
    parser.add_argument("--openblas-core", default="")
    parser.add_argument("--blas-path", default="")
    args = parser.parse_args()
    torch_work = pathlib.Path(__file__).parent / "torch_work.py"
    environment = {}
    if args.openblas_core:
        environment["OPENBLAS_CORETYPE"] = args.openblas_core
    if args.blas_path:
        environment["LD_LIBRARY_PATH"] = args.blas_path

    print("| work, cores | PyTorch tokens/s | ours | ratio | ratio of processor time | share of peak |")
    print("| --- | --- | --- | --- | --- | --- |")
    for work in args.works.split(","):
        for cores in args.cores.split(","):
            peers, ours = [], []
            for repeat in range(args.repeats):
                pin = ["taskset", "-c", f"0-{int(cores) - 1}"]

                def peer():
                    # PyTorch's own threads and OpenBLAS's can stand in each other's way: the better of both ways to split the work counts.
                    threads = {**environment, "OPENBLAS_NUM_THREADS": cores}
                    tries = [run([*pin, args.python, torch_work, work, n, args.seconds], **threads) for n in sorted({"1", cores})]
                    return max(tries, key=lambda r: r["tokens_per_second"])

                pair = [lambda: peers.append(peer()), lambda: ours.append(run([*pin, args.train_work, work, cores, args.seconds]))]
                for one in pair if repeat % 2 == 0 else reversed(pair):
                    one()
            tokens = lambda runs, key="tokens_per_second": [r[key] for r in runs]
            ratios = [o / p for o, p in zip(tokens(ours), tokens(peers))]
            cpu = [o / p for o, p in zip(tokens(ours, "tokens_per_cpu_second"), tokens(peers, "tokens_per_cpu_second"))]
            share = [100 * o["share_of_peak"] for o in ours]
            print(f"| {work}, {cores} | {summary(tokens(peers))} | {summary(tokens(ours))} | {summary(ratios)} | {summary(cpu)} | "
                  f"{summary(share, ' %')} |", flush=True)
    print(f"\nours: {ours[0]['backend']}; peer: {peers[0]['backend']}", file=sys.stderr)


if __name__ == "__main__":
    main()
