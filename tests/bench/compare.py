#!/usr/bin/python3
"""Compares mien with its peers, in turns: ours, theirs, ours, theirs, ... and the median of the pairs' ratios.

  compare.py step    --ferbench build/check/tests/bench/ferbench [--model paper|small] [--batch N] [--threads N]
  compare.py predict --ferbench ...                              [--model paper|small] [--batch N] [--threads N]
  compare.py csv     --ferbench ... --csv fer2013.csv

A machine with neighbours is fast one second and slow the next; only what was measured next to each other can be
compared. Needs PyTorch (Debian: python3-torch with libopenblas0-pthread) for step and predict, numpy and, where it is
there, pandas for csv. Exit code 2: these figures could not be honest here.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time

CRIPPLING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def refuse(why):
    print(f"compare: {why}", file=sys.stderr)
    sys.exit(2)


class Ours:
    """ferbench, started anew for each burst; its own warm-up rounds do not count."""

    def __init__(self, ferbench, arguments, runs):
        self.command = [ferbench, *arguments, "--runs", str(runs), "--json"]

    def burst(self):
        return json.loads(subprocess.run(self.command, check=True, capture_output=True, text=True).stdout)["median_ms"]


class Peer:
    """A process that says `ready`, then answers each line on its input with the milliseconds of one burst."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        if line != "ready":
            refuse(f"{command[1:]} does not start: {line or 'it ended'}")

    def burst(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


# ---- PyTorch, in a process of its own ----------------------------------------------------------------------


def paper_network(torch):
    nn = torch.nn
    # alpha is divided by the window's size here; ours, 0.001 / 9, is TensorFlow's and is not
    lrn = lambda: nn.LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0)
    pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, padding=2), nn.ReLU(), pool(), lrn(),
        nn.Conv2d(64, 128, 5, padding=2), nn.ReLU(), lrn(), pool(), nn.Flatten(),
        nn.Linear(128 * 12 * 12, 3072), nn.ReLU(), nn.Linear(3072, 1536), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(1536, 7))  # fmt: skip


def small_network(torch):
    nn = torch.nn
    layers, channels = [], 1
    for out in (32, 32, 64, 64, 128, 128):
        layers += [nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
        if out == channels:
            layers.append(nn.MaxPool2d(2, 2))
        channels = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 7))


def torch_worker(options):
    import torch

    torch.set_num_threads(options.threads)
    torch.randn(64, 64) @ torch.randn(64, 64)
    with open("/proc/self/maps") as maps:
        if "openblas" not in maps.read():
            print("PyTorch multiplies with a slow BLAS here; install libopenblas0-pthread", flush=True)
            return
    torch.manual_seed(0)
    network = {"paper": paper_network, "small": small_network}[options.model](torch)
    x = torch.randn(options.batch, 1, 48, 48)
    if options.what == "predict":
        network.eval()

        def once():
            with torch.inference_mode():
                torch.softmax(network(x), 1)

    else:
        y = torch.randint(0, 7, (options.batch,))
        optimizer = torch.optim.Adam(network.parameters(), 1e-4, foreach=options.foreach)
        loss = torch.nn.CrossEntropyLoss()

        def once():
            optimizer.zero_grad(set_to_none=True)
            loss(network(x), y).backward()
            optimizer.step()

    for _ in range(3):
        once()
    print("ready", flush=True)
    for _ in sys.stdin:
        times = []
        for _ in range(options.runs):
            start = time.perf_counter()
            once()
            times.append(1e3 * (time.perf_counter() - start))
        print(statistics.median(times), flush=True)


def start_torch(options, threads, foreach=False):
    command = [sys.executable, os.path.abspath(__file__), "torch-worker", options.what, "--model", options.model,
               "--batch", str(options.batch), "--threads", str(threads), "--runs", str(options.runs)]  # fmt: skip
    return Peer(command + (["--foreach"] if foreach else []))


def best_torch(options):
    """The fastest of PyTorch's variants in a trial of two bursts each."""
    variants = [(threads, foreach) for threads in range(1, options.threads + 1)
                for foreach in ((False, True) if options.what == "step" else (False,))]  # fmt: skip
    trials = []
    for threads, foreach in variants:
        peer = start_torch(options, threads, foreach)
        trials.append((min(peer.burst() for _ in range(2)), threads, foreach))
        peer.stop()
    _, threads, foreach = min(trials)
    print(f"PyTorch's best variant: {threads} threads" + (f", foreach={foreach}" if options.what == "step" else ""))
    return start_torch(options, threads, foreach)


# ---- comparisons ---------------------------------------------------------------------------------------------


def pairs(ours, peer, count):
    return [(ours.burst(), peer.burst()) for _ in range(count)]


def conclude(options, name, measured, unit="ms"):
    ours, theirs = zip(*measured)
    ratios = [b / a for a, b in measured]
    result = {
        "what": name, "pairs": len(measured), "ours_median": statistics.median(ours), "ours_min": min(ours),
        "peer_median": statistics.median(theirs), "peer_min": min(theirs),
        "median_ratio": statistics.median(ratios), "lowest_ratio": min(ratios), "highest_ratio": max(ratios),
    }  # fmt: skip
    print(f"{name}, {len(measured)} pairs\n"
          f"  ours  median {result['ours_median']:.2f} {unit}, least {result['ours_min']:.2f}\n"
          f"  peer  median {result['peer_median']:.2f} {unit}, least {result['peer_min']:.2f}\n"
          f"  median ratio {result['median_ratio']:.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip
    if options.json:
        print(json.dumps(result))


def compare_with_torch(options):
    arguments = [options.what, "--model", options.model, "--batch", str(options.batch), "--threads",
                 str(options.threads)]  # fmt: skip
    ours = Ours(options.ferbench, arguments, options.runs)
    peer = best_torch(options) if options.threads > 1 or options.what == "step" else start_torch(options, 1)
    name = f"{options.what}, {options.model}, batch {options.batch}, {options.threads} threads: PyTorch / mien"
    conclude(options, name, pairs(ours, peer, options.pairs))
    peer.stop()


class PythonCsv:
    """Reading the CSV into an array of bytes, as scripts do it."""

    def __init__(self, path, with_pandas):
        self.path, self.with_pandas = path, with_pandas

    def burst(self):
        import numpy

        start = time.perf_counter()
        if self.with_pandas:
            import pandas

            frame = pandas.read_csv(self.path)
            numpy.stack([numpy.array(row.split(), dtype=numpy.uint8) for row in frame["pixels"]])
        else:
            with open(self.path, newline="") as file:
                rows = csv.reader(file)
                column = next(rows).index("pixels")
                numpy.stack([numpy.array(row[column].split(), dtype=numpy.uint8) for row in rows])
        return 1e3 * (time.perf_counter() - start)


def compare_csv(options):
    ours = Ours(options.ferbench, ["csv", options.csv, "--threads", str(options.threads)], 3)
    for with_pandas in (True, False):
        try:
            __import__("pandas" if with_pandas else "numpy")
        except ImportError:
            continue
        name = f"csv: {'pandas' if with_pandas else 'csv and numpy'} / mien"
        conclude(options, name, pairs(ours, PythonCsv(options.csv, with_pandas), min(options.pairs, 3)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("step", "predict", "csv", "torch-worker"))
    parser.add_argument("worker_does", nargs="?", choices=("step", "predict"), help=argparse.SUPPRESS)
    parser.add_argument("--ferbench", default="build/check/tests/bench/ferbench")
    parser.add_argument("--model", default="paper", choices=("paper", "small"))
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--runs", type=int, default=5, help="timed rounds of a burst")
    parser.add_argument("--csv")
    parser.add_argument("--foreach", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for name in CRIPPLING:
        if name in os.environ:
            refuse(f"{name} is set and would slow PyTorch down; unset it")
    if options.what == "torch-worker":
        options.what = options.worker_does
        torch_worker(options)
    elif options.what == "csv":
        if not options.csv:
            refuse("--csv FILE is missing")
        compare_csv(options)
    else:
        compare_with_torch(options)


if __name__ == "__main__":
    main()
