"""compare.py refuses to print figures that could not be honest."""

import os
import subprocess
import sys
import unittest

COMPARE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare.py")
CRIPPLING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def run(*arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in CRIPPLING}
    return subprocess.run([sys.executable, COMPARE, *arguments], env={**environment, **variables}, text=True,
                          capture_output=True)


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

    def test_wrong_usage(self):
        self.check("--batch", "step", "--batch", "0")
        self.check("--dtype", "predict", "--dtype", "f16")


if __name__ == "__main__":
    unittest.main()
