"""PyTorch, in its fastest variant."""

import functools
import os
import struct
import sys

from peers.process import Peer, fastest, refuse
from peers.safetensors import read_spec

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_worker.py")


def small_spec():
    layers = []
    for channels in (32, 64, 128):
        layers += 2 * [f"conv {channels} 3 same nobias", "batchnorm 1e-05 0.1", "relu"] + ["maxpool 2 2 valid"]
    return " | ".join(["input 1 48 48", *layers, "globalpool", "dense 7"])


# Of the networks in torch_worker.py, as files have them.
SPECS = {
    "paper": "input 1 48 48 | conv 64 5 same | relu | maxpool 3 2 same | lrn 4 1 0.000111 0.75"
             " | conv 128 5 same | relu | lrn 4 1 0.000111 0.75 | maxpool 3 2 same"
             " | dense 3072 | relu | dense 1536 | relu | dropout 0.5 | dense 7",
    "small": small_spec(),
}


def refuse_another_network(weights, model):
    try:
        same = read_spec(weights) == SPECS[model]
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        refuse(f"--weights {weights}: cannot read its network ({error})")
    if not same:
        refuse(f"--weights {weights}: not the network of --model {model}, which the peer would compute")


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
