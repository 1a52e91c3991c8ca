"""oneDNN, in its fastest variant; onednn_network.cpp holds what it computes."""

import functools
import os

from peers.process import Peer, fastest, output_of, refuse

LAYOUTS = ("nhwc", "blocked")


def refuse_what_it_lacks(options):
    if options.model != "paper":
        refuse("--peer onednn knows the network of --model paper alone")
    if not os.access(options.onednn, os.X_OK):
        refuse(f"--onednn {options.onednn}: no program there; `apt-get install libdnnl-dev`, then "
               "`cmake --preset check && cmake --build build/check --target onednn_peer`")


def start(options, version, threads, layout):
    command = [options.onednn, options.what, "--batch", str(options.batch), "--threads", str(threads),
               "--precision", options.peer_precision, "--conv2", layout]
    description = (f"{version}, {options.peer_precision}, {threads} of {options.threads} threads, "
                   f"second convolution {layout}")
    return Peer(description, command, options.runs)


def start_fastest(options):
    version = output_of([options.onednn, "--version"]).strip()
    return fastest([functools.partial(start, options, version, threads, layout)
                    for threads in range(1, options.threads + 1) for layout in LAYOUTS])
