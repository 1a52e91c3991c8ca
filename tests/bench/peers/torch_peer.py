"""PyTorch, in its fastest variant."""

import functools
import os
import sys

from peers.process import Peer, fastest

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_worker.py")


def start(options, threads, foreach):
    command = [sys.executable, WORKER, options.what, "--model", options.model, "--batch", str(options.batch),
               "--threads", str(threads)]
    description = f"PyTorch, fp32, {threads} of {options.threads} threads"
    if options.what == "step":
        description += f", foreach={foreach}"
    return Peer(description, command + (["--foreach"] if foreach else []), options.runs)


def start_fastest(options):
    foreach = (False, True) if options.what == "step" else (False,)
    return fastest([functools.partial(start, options, threads, each)
                    for threads in range(1, options.threads + 1) for each in foreach])
