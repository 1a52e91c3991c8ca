"""compare.py refuses to print figures that could not be honest."""

import importlib.util
import json
import os
import struct
import subprocess
import sys
import tempfile
import types
import unittest

from compare import CRIPPLING
from peers import torch_peer

COMPARE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare.py")


def run(*arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in CRIPPLING}
    return subprocess.run([sys.executable, COMPARE, *arguments], env={**environment, **variables}, text=True,
                          capture_output=True)


def write_weights(path, spec):
    header = json.dumps({"__metadata__": {"mien.spec": spec}}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)


class Refusal(unittest.TestCase):
    def check(self, reason, *arguments, **variables):
        done = run(*arguments, "--ferbench", "/nowhere/ferbench", **variables)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(reason, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_variables_that_slow_a_peer_down(self):
        for name in CRIPPLING:
            for arguments in (("step",), ("predict",), ("csv", "--csv", "fer2013.csv")):
                with self.subTest(name=name, arguments=arguments):
                    self.check(name, *arguments, **{name: "1"})

    def test_fewer_than_nine_pairs(self):
        self.check("--quick", "step", "--pairs", "8")

    def test_onnxruntime_without_weights(self):
        self.check("--weights", "predict", "--peer", "onnxruntime")

    def test_pytorch_with_options_of_onnxruntime(self):
        for arguments in (("--ort", "ort"), ("--peer-without-lrn",)):
            with self.subTest(arguments=arguments):
                self.check("--peer onnxruntime", "predict", *arguments)

    def test_pytorch_with_weights_of_another_network(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "m.safetensors")
            write_weights(file, "input 1 48 48 | dense 7")
            self.check("not the network of --model paper", "predict", "--weights", file)
            write_weights(file, torch_peer.SPECS["paper"])
            self.check("not the network of --model small", "predict", "--weights", file, "--model", "small")
            with open(file, "wb") as broken:
                broken.write(b"short")
            self.check("cannot read its network", "predict", "--weights", file)
            self.check("cannot read its network", "predict", "--weights", os.path.join(folder, "none"))

    def test_wrong_usage(self):
        self.check("--batch", "step", "--batch", "0")
        self.check("--dtype", "predict", "--dtype", "f16")


class Acceptance(unittest.TestCase):
    def test_weights_of_the_same_network(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "m.safetensors")
            for model, spec in torch_peer.SPECS.items():
                with self.subTest(model=model):
                    write_weights(file, spec)
                    torch_peer.refuse_another_network(file, model)


@unittest.skipUnless(all(map(importlib.util.find_spec, ("numpy", "pandas"))), "needs numpy and pandas")
class CsvPeer(unittest.TestCase):
    def test_a_burst_is_as_many_runs_as_ours_after_one_more(self):
        from peers import csv_peers
        peer = csv_peers.CsvPeer(types.SimpleNamespace(peer="csv", pixels="split", csv="fer2013.csv", runs=5))
        reads = []
        peer.read = lambda path, parse: reads.append(path)
        self.assertGreaterEqual(peer.burst(), 0)
        self.assertEqual(reads, 6 * ["fer2013.csv"])


if __name__ == "__main__":
    unittest.main()
