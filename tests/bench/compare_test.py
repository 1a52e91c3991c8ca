"""compare.py refuses to print figures that could not be honest, and keeps the others."""

import importlib.util
import json
import os
import stat
import struct
import subprocess
import sys
import tempfile
import types
import unittest

import results
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


def write_program(folder, name, lines):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("\n".join([f"#!{sys.executable}", "import sys", *lines, ""]))
    os.chmod(path, stat.S_IRWXU)
    return path


# Twice as fast as the peer's fastest variant, which is one of four.
FERBENCH = ["""print('{"median_ms": 2}')"""]
ONEDNN = [
    """if sys.argv[1] == "--version": sys.exit(print("oneDNN 0.1"))""",
    """fast = "blocked" in sys.argv and sys.argv[sys.argv.index("--threads") + 1] == "1" """,
    """print("ready", flush=True)""",
    """for line in sys.stdin: print('{"median_ms": %d}' % (4 if fast else 9), flush=True)""",
]


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

    def test_onednn_with_another_network(self):
        for command in ("step", "predict"):
            with self.subTest(command=command):
                self.check("--model paper alone", command, "--peer", "onednn", "--model", "small")

    def test_onednn_that_is_not_built(self):
        self.check("--target onednn_peer", "step", "--peer", "onednn", "--onednn", "/nowhere/onednn_peer")

    def test_a_precision_that_the_peer_does_not_have(self):
        onnxruntime = ("predict", "--peer", "onnxruntime", "--weights", "w", "--ort", "o")
        for arguments in (("step",), ("predict",), onnxruntime):
            with self.subTest(arguments=arguments):
                self.check("--peer onednn", *arguments, "--peer-precision", "bf16")

    def test_keeping_what_says_little(self):
        self.check("not with --quick", "step", "--quick", "--save", "/nowhere")

    def test_a_place_where_nothing_can_be_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            file = results.file_of(folder)
            for text in ("{", '[{"pairs": 9}]', "[1]"):
                with self.subTest(text=text):
                    with open(file, "w") as broken:
                        broken.write(text)
                    self.check("cannot be read", "step", "--save", folder)
            self.check("--save", "step", "--save", os.path.join(file, "below"))

    def test_a_table_of_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            for empty in (folder, os.path.join(folder, "none")):
                done = run("table", empty)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("no results there", done.stderr)

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


class Results(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "results")
        self.programs = ("--ferbench", write_program(folder.name, "ferbench", FERBENCH),
                         "--onednn", write_program(folder.name, "onednn_peer", ONEDNN))

    def compare(self, *arguments):
        done = run(*arguments, *self.programs, "--save", self.folder, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_the_fastest_variant_is_compared(self):
        result = self.compare("step", "--peer", "onednn", "--peer-precision", "bf16", "--threads", "2")
        self.assertEqual(result["median_ratio"], 2.0)
        self.assertEqual(result["peer"]["what"], "oneDNN 0.1, bf16, 1 of 2 threads, second convolution blocked")

    def test_every_result_is_kept_and_the_last_is_shown(self):
        first = self.compare("step", "--peer", "onednn", "--threads", "2")
        self.compare("predict", "--batch", "1", "--peer", "onednn", "--threads", "2")
        self.compare("step", "--threads", "2", "--peer", "onednn", "--pairs", "10")
        kept = results.read(results.file_of(self.folder))
        name, isa = results.processor()
        self.assertEqual([(one["processor"], one["isa"], one["pairs"]) for one in kept],
                         [(name, isa, 9), (name, isa, 9), (name, isa, 10)])
        self.assertEqual(kept[0], {**kept[0], **first})
        self.assertEqual(os.listdir(self.folder), [os.path.basename(results.file_of(self.folder))])
        table = run("table", self.folder).stdout.splitlines()
        self.assertEqual(table[0], f"| comparison | {name} ({isa}) |")
        self.assertEqual(len(table), 4, table)
        self.assertIn("predict --batch 1 --peer onednn", table[2])
        self.assertTrue(table[3].endswith("| 2.0 (2 and 4 ms, 2 threads) |"), table[3])

    def test_a_column_for_each_processor(self):
        os.mkdir(self.folder)
        for processor, command in (("a", "compare.py step"), ("b", "compare.py predict")):
            with open(os.path.join(self.folder, processor + ".json"), "w") as file:
                json.dump([{"command": command, "processor": processor, "isa": "amx", "threads": 1,
                            "median_ratio": 1.25, "ours": {"median_ms": 80}, "peer": {"median_ms": 100}}], file)
        self.assertEqual(run("table", self.folder).stdout.splitlines(), [
            "| comparison | a (amx) | b (amx) |", "| --- | --- | --- |",
            "| `compare.py predict` |  | 1.2 (80 and 100 ms, 1 thread) |",
            "| `compare.py step` | 1.2 (80 and 100 ms, 1 thread) |  |"])

    def test_files_have_the_names_of_the_readme(self):
        defaults = {"what": "predict", "weights": None, "batch": 50, "dtype": None, "peer_without_lrn": False}
        options = types.SimpleNamespace(what="predict", weights="/home/w", batch=1, dtype=None, runs=3,
                                        peer_without_lrn=True,
                                        command=types.SimpleNamespace(get_default=defaults.get))
        command = "compare.py predict --batch 1 --peer-without-lrn --weights $W"
        self.assertEqual(results.command_of(options), command)

    def test_processors(self):
        text = ("processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nflags\t\t: {}\n"
                "power management:\n\n")
        for flags, isa in (("sse2", "base"), ("avx avx2", "avx2"), ("avx2 avx512f", "avx512"),
                           ("avx2 avx512f amx_tile", "amx")):
            with self.subTest(isa=isa):
                processor = results.parse_processor(text.format(flags) * 2)
                self.assertEqual(processor, ("AMD EPYC, family 25, model 17", isa))


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
