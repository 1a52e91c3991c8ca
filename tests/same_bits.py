#!/usr/bin/env python3
"""What tests/same_bits.sh compares files by:

    same_bits.py OLD NEW FILE...

reads each FILE in the folders OLD and NEW: of .safetensors every tensor byte for byte, of .json every value but times.
Prints one line, which begins with `same` where nothing differs.
"""
import array
import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench"))
from peers.safetensors import read_header  # noqa: E402

CODES = {"F64": "d", "F32": "f", "I8": "b", "U8": "B", "I64": "q", "U64": "Q", "U32": "I", "I32": "i"}


def numbers(dtype, data):
    if dtype == "BF16":  # the upper halves of floats
        data = array.array("I", (half << 16 for half in array.array("H", data))).tobytes()
        dtype = "F32"
    return array.array(CODES.get(dtype, "B"), data)


def gap(a, b):
    """How far two numbers are apart: NaN is as far from a number as can be."""
    if a == b or (a != a and b != b):
        return 0.0
    distance = abs(a - b)
    return distance if distance == distance else float("inf")


class Findings:
    def __init__(self):
        self.compared = 0
        self.different = 0
        self.largest = 0.0
        self.place = ""

    def add(self, place, same, distance=lambda: 0.0):
        self.compared += 1
        if same:
            return
        self.different += 1
        how_far = distance()
        if how_far > self.largest or not self.place:
            self.largest, self.place = how_far, place

    def line(self, what):
        if not self.different:
            return f"same ({self.compared} {what})"
        return (f"DIFFERENT: {self.different} of {self.compared} {what}, the largest difference {self.largest:.3g} "
                f"in {self.place}")


def compare_tensors(findings, name, old_path, new_path):
    with open(old_path, "rb") as old, open(new_path, "rb") as new:
        headers = [read_header(file) for file in (old, new)]
        starts = [file.tell() for file in (old, new)]
        for header in headers:
            header.pop("__metadata__", None)
        for tensor in sorted(set(headers[0]) | set(headers[1])):
            place = f"{name}: {tensor}"
            entries = [header.get(tensor) for header in headers]
            kinds = [entry and (entry["dtype"], entry["shape"]) for entry in entries]
            if kinds[0] != kinds[1]:
                findings.add(f"{place} ({kinds[0]} and {kinds[1]})", False, lambda: float("inf"))
                continue
            data = []
            for file, start, entry in zip((old, new), starts, entries):
                begin, end = entry["data_offsets"]
                file.seek(start + begin)
                data.append(file.read(end - begin))
            findings.add(place, data[0] == data[1],
                         lambda: max(map(gap, *(numbers(kinds[0][0], bytes_) for bytes_ in data))))


def compare_values(findings, place, old, new):
    if isinstance(old, dict) and isinstance(new, dict):
        separator = ": " if place.endswith(".json") else "."
        for key in dict.fromkeys([*old, *new]):
            if key != "ms":
                compare_values(findings, f"{place}{separator}{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new)):
            compare_values(findings, f"{place}[{i}]", *pair)
    else:
        numeric = all(isinstance(value, (int, float)) for value in (old, new))
        findings.add(place, old == new, lambda: gap(old, new) if numeric else float("inf"))


def main(old, new, *names):
    findings = Findings()
    for name in names:
        paths = [os.path.join(folder, name) for folder in (old, new)]
        if name.endswith(".json"):
            values = []
            for path in paths:
                with open(path, encoding="utf-8") as file:
                    values.append(json.load(file))
            compare_values(findings, name, *values)
        else:
            compare_tensors(findings, name, *paths)
    print(findings.line("values" if names[0].endswith(".json") else "tensors"))


if __name__ == "__main__":
    main(*sys.argv[1:])
