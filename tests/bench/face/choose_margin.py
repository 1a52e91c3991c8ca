#!/usr/bin/python3
"""How much around a detected face a network should be given: the accuracy of a model on FER2013's PublicTest
pictures when each is cut by the box that OpenCV's cascade finds in it, for several margins.

    apt-get install opencv-data python3-opencv
    tests/bench/face/choose_margin.py fer2013.csv [--model best.safetensors] [--ferpredict build/check/apps/ferpredict]

Pictures are enlarged four times and given a border that repeats their edge, so that the cascade sees a whole face;
those in which it finds none are left out. The first line is the accuracy on the pictures as they are.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

import cv2
import numpy

EDGE, ENLARGED, BORDER = 48, 4, 96
CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv")
    parser.add_argument("--model", help="ferpredict's own otherwise")
    parser.add_argument("--ferpredict", default="build/check/apps/ferpredict")
    parser.add_argument("--cascade", default=CASCADE)
    parser.add_argument("--margins", type=float, nargs="+",
                        default=[-0.1, -0.05, -0.025, 0, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2])
    return parser.parse_args()


def read_public(path):
    """(label, picture) of each row."""
    with open(path, newline="") as file:
        return [(row["emotion"], numpy.array(row["pixels"].split(), numpy.uint8).reshape(EDGE, EDGE))
                for row in csv.DictReader(file) if row["Usage"].strip() == "PublicTest"]


def find_face(classifier, picture):
    """x, y, width of the largest face, in the picture's own pixels; None when there is none."""
    large = cv2.resize(picture, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, *[BORDER] * 4, cv2.BORDER_REPLICATE)
    least = EDGE * ENLARGED * 3 // 8
    faces = classifier.detectMultiScale(framed, 1.1, 3, minSize=(least, least))
    if len(faces) == 0:
        return None
    x, y, width, _ = max(faces, key=lambda face: face[2])
    return (x - BORDER) / ENLARGED, (y - BORDER) / ENLARGED, width / ENLARGED


def cut(picture, box, margin):
    x, y, width = box
    scale = width * (1 + 2 * margin) / EDGE
    # The center of output pixel o is at scale * (o + 1/2) from the cut's upper left corner.
    left, top = (corner + width / 2 - EDGE * scale / 2 + (scale - 1) / 2 for corner in (x, y))
    return cv2.warpAffine(picture, numpy.float32([[scale, 0, left], [0, scale, top]]), (EDGE, EDGE),
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)


def accuracy(options, folder, rows):
    path = os.path.join(folder, "rows.csv")
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for label, picture in rows:
            file.write(f"{label},{' '.join(map(str, picture.ravel()))},PublicTest\n")
    model = ["--model", options.model] if options.model else []
    out = subprocess.run([options.ferpredict, *model, "--csv", path, "--json"], check=True, capture_output=True)
    return 100 * json.loads(out.stdout)["accuracy"]


def main():
    options = parse()
    classifier = cv2.CascadeClassifier(options.cascade)
    if classifier.empty():
        sys.exit(f"{options.cascade}: no cascade that OpenCV reads")
    rows = read_public(options.csv)
    boxes = [find_face(classifier, picture) for _, picture in rows]
    found = [(label, picture, box) for (label, picture), box in zip(rows, boxes) if box]
    widths = [box[2] for *_, box in found]
    print(f"{len(found)} of {len(rows)} pictures with a face, {numpy.median(widths):.1f} pixels wide (median)")
    with tempfile.TemporaryDirectory() as folder:
        print(f"as they are    {accuracy(options, folder, [row[:2] for row in found]):.2f} %")
        for margin in options.margins:
            crops = [(label, cut(picture, box, margin)) for label, picture, box in found]
            print(f"margin {margin:6.3f}  {accuracy(options, folder, crops):.2f} %", flush=True)


if __name__ == "__main__":
    main()
