#!/usr/bin/python3
"""Compares mien with its peers, in turns: ours, theirs, ours, theirs, ... and the median of the pairs' ratios.

  compare.py step    --ferbench build/check/tests/bench/ferbench [--model paper|small] [--precision bf16]
  compare.py predict --ferbench ... [--dtype f32|bf16|int8] [--weights FILE.safetensors] [--images fer2013.csv]
  compare.py predict --ferbench ... --weights FILE.safetensors --peer onnxruntime --ort FOLDER [--peer-without-lrn]
  compare.py step|predict --ferbench ... --peer onednn [--peer-precision bf16] [--onednn PROGRAM]
  compare.py csv     --ferbench ... --csv fer2013.csv [--peer pandas|csv]
  compare.py ...     --save FOLDER    adds the result to the processor's file there
  compare.py table FOLDER             shows all that were saved

A machine with neighbors is fast one second and slow the next; only what was measured next to each other can be
compared. A peer runs in its fastest variant: any number of threads up to ours, for PyTorch's optimizer with and
without foreach, for oneDNN with either layout of the second convolution. PyTorch (Debian: python3-torch with
libopenblas0-pthread) and oneDNN (libdnnl-dev, and the CMake target onednn_peer) have random weights, on which their
time does not depend. ONNX Runtime has ours; onnx/README.md says how to install it. csv needs numpy and pandas.

Exit codes: 0 compared, 1 a program failed, 2 wrong usage or figures that could not be honest.
"""

import argparse
import json
import os
import statistics
import tempfile

import results
from peers import onednn_peer, onnxruntime_peer, torch_peer
from peers.process import Ours, refuse

CRIPPLING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT",
             "ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA")
LEAST_PAIRS = 9


def summary(times):
    return {"median_ms": statistics.median(times), "min_ms": min(times)}


def compare(options, ours, peer):
    pairs = [(ours.burst(), peer.burst()) for _ in range(options.pairs)]
    ratios = [b / a for a, b in pairs]
    result = {
        "pairs": len(pairs), "runs": options.runs, "quick": options.quick,
        "ours": {"what": ours.description, **summary([a for a, _ in pairs])},
        "peer": {"what": peer.description, **summary([b for _, b in pairs])},
        "median_ratio": statistics.median(ratios), "min_ratio": min(ratios), "max_ratio": max(ratios),
    }
    report(options, result)
    if options.save:
        results.save(options, result)


def report(options, result):
    if options.json:
        print(json.dumps(result))
        return
    for side in ("ours", "peer"):
        times = result[side]
        print(f"{side}  median {times['median_ms']:9.2f} ms, least {times['min_ms']:9.2f} ms  {times['what']}")
    print(f"peer / ours: median {result['median_ratio']:.2f} of {result['pairs']} pairs, "
          f"from {result['min_ratio']:.2f} to {result['max_ratio']:.2f}"
          + (" (quick: too few to rely on)" if options.quick else ""))


def run_step(options):
    refuse_what_the_peer_lacks(options)
    peer = {"torch": torch_peer, "onednn": onednn_peer}[options.peer].start_fastest(options)
    precision = ["--precision", options.precision, "--moments", options.moments]
    compare(options, Ours(options.ferbench, ["step", *network_arguments(options), *precision], options.runs), peer)
    peer.stop()


def run_predict(options):
    refuse_other_networks(options)
    refuse_what_the_peer_lacks(options)
    arguments = ["predict", *network_arguments(options, options.weights)]
    for name, value in (("--dtype", options.dtype), ("--csv", options.images)):
        if value:
            arguments += [name, value]
    with tempfile.TemporaryDirectory() as folder:
        peer = start_predicting_peer(options, folder)
        compare(options, Ours(options.ferbench, arguments, options.runs), peer)
        peer.stop()


def refuse_other_networks(options):
    if options.peer == "onnxruntime":
        if not options.weights or not options.ort:
            refuse("ONNX Runtime needs --weights FILE.safetensors and --ort FOLDER")
        return
    if options.ort or options.peer_without_lrn:
        refuse("--ort and --peer-without-lrn are for --peer onnxruntime")
    if options.weights:
        torch_peer.refuse_another_network(options.weights, options.model)


def refuse_what_the_peer_lacks(options):
    if options.peer == "onednn":
        onednn_peer.refuse_what_it_lacks(options)
    elif options.peer_precision != "f32":
        refuse("--peer-precision is for --peer onednn; the other peers compute in fp32")


def start_predicting_peer(options, folder):
    if options.peer == "onnxruntime":
        return onnxruntime_peer.start_fastest(options, folder)
    return {"torch": torch_peer, "onednn": onednn_peer}[options.peer].start_fastest(options)


def run_csv(options):
    try:
        from peers.csv_peers import CsvPeer
    except ImportError as error:
        refuse(f"csv needs numpy and pandas: {error}")
    arguments = ["csv", options.csv, "--threads", str(options.threads)]
    compare(options, Ours(options.ferbench, arguments, options.runs), CsvPeer(options))


def network_arguments(options, weights=None):
    network = ["--weights", weights] if weights else ["--model", options.model]
    return [*network, "--batch", str(options.batch), "--threads", str(options.threads)]


def positive(text):
    if int(text) < 1:
        raise ValueError
    return int(text)


def add_command(commands, name, run, runs):
    command = commands.add_parser(name)
    command.set_defaults(run=run, what=name, command=command)
    command.add_argument("--ferbench", default="build/check/tests/bench/ferbench")
    command.add_argument("--threads", type=positive, default=len(os.sched_getaffinity(0)))
    command.add_argument("--pairs", type=positive, default=LEAST_PAIRS, help="bursts of either side")
    command.add_argument("--runs", type=positive, default=runs,
                         help=f"timed runs of a burst, of which the median counts; {runs} if not given")
    command.add_argument("--quick", action="store_true", help="allow fewer than 9 pairs, for a first look")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--save", metavar="FOLDER", help="add the result to the processor's file there")
    return command


def add_network(command, peers):
    command.add_argument("--model", default="paper", choices=("paper", "small"))
    command.add_argument("--batch", type=positive, default=50)
    command.add_argument("--peer", default="torch", choices=peers)
    command.add_argument("--peer-precision", default="f32", choices=("f32", "bf16"), help="of oneDNN")
    command.add_argument("--onednn", default="build/check/tests/bench/onednn_peer", help="the program for oneDNN")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    step = add_command(commands, "step", run_step, runs=5)
    add_network(step, ("torch", "onednn"))
    step.add_argument("--precision", default="f32", choices=("f32", "bf16"), help="of our dense layers' products")
    step.add_argument("--moments", default="f32", choices=("f32", "bf16"), help="of our Adam; the peer's stay fp32")
    predict = add_command(commands, "predict", run_predict, runs=20)
    add_network(predict, ("torch", "onnxruntime", "onednn"))
    predict.add_argument("--dtype", choices=("f32", "bf16", "int8"), help="of our weights, not of the peer's")
    predict.add_argument("--weights", help="a trained network, FILE.safetensors; of --model but for ONNX Runtime")
    predict.add_argument("--images", help="a FER2013 file that our images come from; otherwise they are random")
    predict.add_argument("--ort", help="the folder that holds node_modules/onnxruntime-node")
    predict.add_argument("--peer-without-lrn", action="store_true",
                         help="give ONNX Runtime, whose LRN is slow, the network without; ours keeps it")
    predict.add_argument("--ferpredict", default="build/check/apps/ferpredict", help="exports the network")
    csv = add_command(commands, "csv", run_csv, runs=3)
    csv.add_argument("--csv", required=True)
    csv.add_argument("--peer", default="pandas", choices=("pandas", "csv"))
    csv.add_argument("--pixels", default="fromstring", choices=("fromstring", "split"),
                     help="numpy.fromstring, or numpy.array of str.split, which is more common and slower")
    table = commands.add_parser("table")
    table.set_defaults(run=lambda options: print(results.table(options.folder)), what="table")
    table.add_argument("folder")
    return parser.parse_args()


def refuse_dishonest_figures(options):
    for name in CRIPPLING:
        if name in os.environ:
            refuse(f"{name} is set and may slow the peer down; unset it")
    if options.pairs < LEAST_PAIRS and not options.quick:
        refuse(f"--pairs {options.pairs}: fewer than {LEAST_PAIRS} say little; --quick allows them")
    if options.save:
        if options.quick:
            refuse("--save keeps what can be relied on, so not with --quick")
        results.refuse_where_nothing_can_be_kept(options.save)


def main():
    options = parse()
    if options.what != "table":
        refuse_dishonest_figures(options)
    options.run(options)


if __name__ == "__main__":
    main()
