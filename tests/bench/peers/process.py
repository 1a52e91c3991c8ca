"""Programs that are measured in bursts: the median of a few runs, one burst whenever asked."""

import json
import os
import statistics
import subprocess
import sys
import time


# glibc's malloc keeps what a peer frees, and in huge pages. By default it gives large blocks back, and a program that
# allocates them in each step pays for every page again: on some virtual machines PyTorch's step takes four times as
# long.
KEEPING_MEMORY = "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=100000000000:glibc.malloc.top_pad=2000000000" \
                 ":glibc.malloc.hugetlb=1"


def fail(why):
    print(f"compare: {why}", file=sys.stderr)
    sys.exit(1)


def refuse(why):
    print(f"compare: {why}", file=sys.stderr)
    sys.exit(2)


def output_of(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    except OSError as error:
        fail(f"cannot start {command[0]}: {error.strerror}")
    if done.returncode != 0:
        fail(f"`{' '.join(command)}` exits with {done.returncode}")
    return done.stdout


def median_ms(once, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        once()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


class Ours:
    """ferbench, started anew for each burst; its own warm-up runs do not count."""

    def __init__(self, ferbench, arguments, runs):
        self.description = " ".join(["ferbench", *arguments])
        self.command = [ferbench, *arguments, "--runs", str(runs), "--json"]

    def burst(self):
        return json.loads(output_of(self.command))["median_ms"]


class Peer:
    """A process that says `ready`, then answers each line `burst K` with the `median_ms` of K runs."""

    def __init__(self, description, command, runs):
        self.description = description
        self.runs = runs
        environment = {**os.environ, "GLIBC_TUNABLES": KEEPING_MEMORY}
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                            env=environment)
        except OSError as error:
            fail(f"cannot start {command[0]}: {error.strerror}")
        if self.process.stdout.readline() != "ready\n":
            fail(f"{description} does not start")

    def burst(self):
        self.process.stdin.write(f"burst {self.runs}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            fail(f"{self.description} has ended")
        return json.loads(answer)["median_ms"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def fastest(starters):
    """The variant of a peer with the fastest burst of three, running; each starter starts one."""
    trials = []
    for start in starters:
        peer = start()
        trials.append(min(peer.burst() for _ in range(3)))
        peer.stop()
    return starters[trials.index(min(trials))]()
