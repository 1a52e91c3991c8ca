"""ONNX Runtime on the same weights, through ferpredict's export."""

import functools
import json
import os
import struct

from peers.process import Peer, fastest, output_of, refuse
from peers.safetensors import read_header

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "onnx", "ort_check.mjs")


def write_without_lrn(source, target):
    """Copies a safetensors file, less its network's LRN layers and the sample output that these have part in."""
    with open(source, "rb") as file:
        header, data = read_header(file), file.read()
    # The digests are those of another header; a file without any is not verified.
    metadata = {key: value for key, value in header.pop("__metadata__").items() if not key.startswith("mien.crc32")}
    layers = metadata["mien.spec"].split("|")
    metadata["mien.spec"] = "|".join(layer for layer in layers if layer.split()[0] != "lrn")
    at, pieces, kept = 0, [], {"__metadata__": metadata}
    for name, entry in header.items():
        if name.startswith("sample."):
            continue
        begin, end = entry["data_offsets"]
        pieces.append(data[begin:end])
        kept[name] = {**entry, "data_offsets": [at, at + end - begin]}
        at += end - begin
    text = json.dumps(kept).encode()
    text += b" " * (-len(text) % 8)
    with open(target, "wb") as file:
        file.writelines([struct.pack("<Q", len(text)), text, *pieces])


def export(options, folder):
    weights = options.weights
    if options.peer_without_lrn:
        weights = os.path.join(folder, "without_lrn.safetensors")
        write_without_lrn(options.weights, weights)
    target = os.path.join(folder, "model.onnx")
    output_of([options.ferpredict, "--model", weights, "--export-onnx", target])
    return target


def version(ort):
    try:
        with open(os.path.join(ort, "node_modules/onnxruntime-node/package.json")) as file:
            return json.load(file)["version"]
    except OSError as error:
        refuse(f"--ort {ort}: no onnxruntime-node there ({error.strerror}); see tests/bench/onnx/README.md")


def start(options, model, threads):
    network = "without its LRN layers" if options.peer_without_lrn else "the whole network"
    description = (f"ONNX Runtime {version(options.ort)}, fp32, {threads} of {options.threads} threads, {network}, "
                   "preparation of the images included")
    command = ["node", SERVER, "bench", "--ort", options.ort, "--model", model, "--batch", str(options.batch),
               "--threads", str(threads), "--serve"]
    return Peer(description, command, options.runs)


def start_fastest(options, folder):
    model = export(options, folder)
    return fastest([functools.partial(start, options, model, threads)
                    for threads in range(1, options.threads + 1)])
