"""Reading fer2013.csv into an array of bytes and one of labels, as scripts do it."""

import csv

import numpy
import pandas

from peers.process import median_ms


def from_split(pixels):
    return numpy.array(pixels.split(), dtype=numpy.uint8)


def from_text(pixels):
    return numpy.fromstring(pixels, dtype=numpy.uint8, sep=" ")


def read_with_csv(path, parse):
    with open(path, newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        emotion, pixels = header.index("emotion"), header.index("pixels")
        labels, images = zip(*((int(row[emotion]), parse(row[pixels])) for row in rows))
    return numpy.stack(images), numpy.array(labels)


def read_with_pandas(path, parse):
    frame = pandas.read_csv(path)
    return numpy.stack([parse(row) for row in frame["pixels"]]), frame["emotion"].to_numpy()


READERS = {"pandas": read_with_pandas, "csv": read_with_csv}
PARSERS = {"fromstring": from_text, "split": from_split}


class CsvPeer:
    def __init__(self, options):
        self.description = f"{options.peer}, pixels by numpy and {options.pixels}"
        self.read, self.parse = READERS[options.peer], PARSERS[options.pixels]
        self.path, self.runs = options.csv, options.runs

    def once(self):
        self.read(self.path, self.parse)

    def burst(self):
        self.once()  # warm-up, as ferbench does before each burst
        return median_ms(self.once, self.runs)
