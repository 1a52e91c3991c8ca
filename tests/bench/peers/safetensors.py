"""What compare.py reads of the files that hold our networks."""

import json
import struct


def read_header(file):
    """The header of a file opened in binary, which then stands where the tensors begin."""
    (size,) = struct.unpack("<Q", file.read(8))
    return json.loads(file.read(size))


def read_spec(path):
    with open(path, "rb") as file:
        return read_header(file)["__metadata__"]["mien.spec"]
