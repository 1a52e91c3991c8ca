#!/usr/bin/python3
"""Finds the same faces as OpenCV, and how fast: on photos made from the pictures that scikit-image comes with.

    apt-get install opencv-data python3-opencv python3-skimage
    tests/bench/face/compare_opencv.py --detect build/check/tests/bench/detect_faces [--threads 2]

  tests/bench/face/compare_opencv.py --networks data/models [--min-face 0]      # times of the networks, too

For each cascade it prints the share of OpenCV's detections that ours has too (intersection over union above 0.5),
what ours has beside them, and the median over pairs of bursts, theirs and ours in turns, of the ratio of times.
Exit code 1 when fewer than 98 % are matched, more than 2 % are extra, or ours is slower. With --networks it takes
nothing but times instead: of OpenCV's cascade, ours and the networks, in turns, on one photo of two faces at two sizes.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

import cv2
import numpy
import skimage.data

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from process import Peer, median_ms, output_of, refuse  # noqa: E402

PICTURES = pathlib.Path(skimage.data.__file__).parent
CASCADES = ("haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt2.xml")
NEGATIVES = ("brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "hubble_deep_field.jpg",
             "motorcycle_left.png", "page.png", "rocket.jpg")
LEAST_MATCHED, MOST_EXTRA, LEAST_RATIO = 0.98, 0.02, 1.0


def picture(name):
    gray = cv2.imread(str(PICTURES / name), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        refuse(f"no {name} in {PICTURES}")
    return gray


def scaled(gray, factor):
    return cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def rotated(gray, degrees):
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(gray, turn, (width, height), borderMode=cv2.BORDER_REFLECT)


def noisy(gray, sigma, seed):
    noise = numpy.random.default_rng(seed).normal(0, sigma, gray.shape)
    return numpy.clip(gray + noise, 0, 255).astype(numpy.uint8)


def brightened(gray, gain, offset):
    return cv2.convertScaleAbs(gray, alpha=gain, beta=offset)


def side_by_side(pictures, height):
    """Cut off below, or continued with their last row, where they have another height."""
    columns = []
    for gray in pictures:
        missing = max(0, height - gray.shape[0])
        columns.append(cv2.copyMakeBorder(gray[:height], 0, missing, 0, 0, cv2.BORDER_REPLICATE))
    return cv2.hconcat(columns)


def small_faces():
    """A hundred people, 25 x 25 pixels each."""
    faces = numpy.load(PICTURES / "lfw_subset.npy")[:100]
    return [numpy.clip(255 * face, 0, 255).astype(numpy.uint8) for face in faces]


def crowd(background, faces, edges, seed):
    """Faces laid onto a background in a loose grid, each with one of those edges."""
    random = numpy.random.default_rng(seed)
    canvas = background.copy()
    cell = max(edges) + 12
    places = [(y, x) for y in range(0, canvas.shape[0] - cell + 1, cell)
              for x in range(0, canvas.shape[1] - cell + 1, cell)]
    for (y, x), face in zip(places, faces):
        edge = int(random.choice(edges))
        top, left = y + random.integers(0, cell - edge + 1), x + random.integers(0, cell - edge + 1)
        canvas[top:top + edge, left:left + edge] = cv2.resize(face, (edge, edge), interpolation=cv2.INTER_CUBIC)
    return canvas


def make_photos():
    one = picture("astronaut.png")
    faces = small_faces()
    wall = cv2.resize(picture("brick.png"), (1280, 960), interpolation=cv2.INTER_CUBIC)
    photos = {
        "plain": one,
        "half": scaled(one, 0.5),
        "double": scaled(one, 2),
        "odd": scaled(one, 1.37)[13:, 7:],
        "left": rotated(one, 8),
        "right": rotated(one, -8),
        "mirrored": cv2.flip(one, 1),
        "bright": brightened(one, 1.3, 40),
        "dark": brightened(one, 0.35, 0),
        "noise": noisy(one, 12, 1),
        "blurred": cv2.GaussianBlur(one, (0, 0), 2),
        "three": side_by_side([one, scaled(one, 0.6), cv2.flip(scaled(one, 1.4), 1)], 720),
        "five": side_by_side([scaled(rotated(one, angle), size)
                              for angle, size in ((3, 0.8), (-4, 0.5), (0, 1.1), (5, 0.7), (-2, 0.9))], 560),
        "crowd": crowd(wall, faces, (60, 80, 100), 2),
        "crowd_noise": noisy(crowd(wall, faces[50:], (90, 120, 150), 3), 8, 4),
        "crowd_small": crowd(scaled(picture("grass.png"), 1.5), faces, (40, 50), 5),
        "crowd_dark": brightened(crowd(wall, faces[20:], (50, 90, 140), 6), 0.5, 10),
        "among_coins": crowd(scaled(picture("coins.png"), 2), faces[30:], (70, 110), 7),
    }
    photos.update({name.split(".")[0]: picture(name) for name in NEGATIVES})
    return photos


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def matched(wanted, found):
    """How many of `wanted` have a partner of their own among `found`, the best pairs first."""
    pairs = sorted(((overlap(a, b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)), reverse=True)
    used_wanted, used_found = set(), set()
    for share, i, j in pairs:
        if share > 0.5 and i not in used_wanted and j not in used_found:
            used_wanted.add(i)
            used_found.add(j)
    return len(used_wanted)


class Comparison:
    def __init__(self, options, folder, cascade, photos):
        self.options = options
        self.photos = photos
        self.classifier = cv2.CascadeClassifier(str(cascade))
        if self.classifier.empty():
            refuse(f"OpenCV cannot read {cascade}")
        self.paths = [str(folder / f"{name}.pgm") for name in photos]
        self.command = [options.detect, "--cascade", str(cascade), "--threads", str(options.threads),
                        "--scale-factor", str(options.scale_factor), "--min-neighbors", str(options.min_neighbors)]

    def theirs(self, gray):
        return self.classifier.detectMultiScale(gray, self.options.scale_factor, self.options.min_neighbors)

    def all_of_theirs(self):
        for gray in self.photos.values():
            self.theirs(gray)

    def compare_boxes(self):
        lines = [json.loads(line) for line in output_of([*self.command, *self.paths]).splitlines()]
        totals = {"theirs": 0, "ours": 0, "matched": 0, "identical": 0}
        for (name, gray), line in zip(self.photos.items(), lines):
            wanted = [tuple(int(v) for v in box) for box in self.theirs(gray)]
            found = [tuple(box[:4]) for box in line["faces"]]
            row = {"theirs": len(wanted), "ours": len(found), "matched": matched(wanted, found),
                   "identical": len(set(wanted) & set(found))}
            if not self.options.quiet:
                print(f"  {name:20s} {gray.shape[1]:5d} x {gray.shape[0]:<5d}", *(f"{k} {v:3d} " for k, v in row.items()))
            for key, value in row.items():
                totals[key] += value
        return totals

    def time_ratio(self):
        runs = self.options.runs
        ours = Peer(self.options.detect, [*self.command, "--serve", *self.paths], runs)
        self.all_of_theirs()
        pairs = [(median_ms(self.all_of_theirs, runs), ours.burst()) for _ in range(self.options.pairs)]
        ours.stop()
        ratios = sorted(a / b for a, b in pairs)
        return {"theirs_ms": statistics.median(a for a, _ in pairs), "ours_ms": statistics.median(b for _, b in pairs),
                "ratio": statistics.median(ratios), "ratio_least": ratios[0], "ratio_most": ratios[-1]}


def photo_of_two(width, height):
    """The astronaut, and her mirror image, smaller."""
    one = picture("astronaut.png")
    row = side_by_side([one, cv2.flip(scaled(one, 0.6), 1)], 460)
    return cv2.resize(row, (width, height), interpolation=cv2.INTER_CUBIC)


def compare_times(options, folder):
    """OpenCV's cascade, ours and the networks, in turns."""
    cascade = options.cascades / (options.cascade or CASCADES[1:])[0]
    classifier = cv2.CascadeClassifier(str(cascade))
    for width, height in ((640, 480), (1920, 1080)):
        gray = photo_of_two(width, height)
        path = str(folder / f"{width}.pgm")
        cv2.imwrite(path, gray)
        common = ["--threads", str(options.threads), "--min-face", str(options.min_face)]
        finder, closer = options.networks / "faces.safetensors", options.networks / "points.safetensors"
        ours = {name: [options.detect, *which, *common]
                for name, which in (("our cascade", ["--cascade", str(cascade)]),
                                    ("networks", ["--finder", str(finder), "--closer", str(closer)]))}
        found = {name: len(json.loads(output_of([*command, path]))["faces"]) for name, command in ours.items()}
        least = (options.min_face, options.min_face)

        def theirs():
            return classifier.detectMultiScale(gray, options.scale_factor, options.min_neighbors, minSize=least)

        found["OpenCV"] = len(theirs())
        peers = {name: Peer(name, [*command, "--serve", path], options.runs) for name, command in ours.items()}
        times = {name: [] for name in ("OpenCV", *peers)}
        for _ in range(options.pairs):
            times["OpenCV"].append(median_ms(theirs, options.runs))
            for name, peer in peers.items():
                times[name].append(peer.burst())
        for peer in peers.values():
            peer.stop()
        print(f"{width} x {height}, {options.threads} threads: " +
              ", ".join(f"{name} {statistics.median(each):.1f} ms ({found[name]} faces)" for name, each in times.items()))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detect", default="build/check/tests/bench/detect_faces")
    parser.add_argument("--cascades", default="/usr/share/opencv4/haarcascades", type=pathlib.Path)
    parser.add_argument("--cascade", action="append", help="a file's name; both frontal ones otherwise")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--runs", type=int, default=3, help="of all photos, a burst")
    parser.add_argument("--scale-factor", type=float, default=1.1)
    parser.add_argument("--min-neighbors", type=int, default=3)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--networks", metavar="FOLDER", type=pathlib.Path, help="compare times with theirs, too")
    parser.add_argument("--min-face", type=int, default=0, help="pixels, for --networks; 0: the least of each")
    return parser.parse_args()


def report(totals, times, photos, options):
    theirs = max(1, totals["theirs"])
    share, extra = totals["matched"] / theirs, (totals["ours"] - totals["matched"]) / theirs
    print(f"  {len(photos)} photos, OpenCV {cv2.__version__} finds {totals['theirs']}: {100 * share:.1f} % matched "
          f"({100 * totals['identical'] / theirs:.1f} % to the pixel), {100 * extra:.1f} % extra")
    print(f"  {options.threads} threads: OpenCV {times['theirs_ms']:.0f} ms, ours {times['ours_ms']:.0f} ms, "
          f"{times['ratio']:.2f} times as fast (pairs from {times['ratio_least']:.2f} to {times['ratio_most']:.2f})")
    return share >= LEAST_MATCHED and extra <= MOST_EXTRA and times["ratio"] >= LEAST_RATIO


def main():
    options = parse()
    cv2.setNumThreads(options.threads)
    if options.networks:
        with tempfile.TemporaryDirectory() as folder:
            compare_times(options, pathlib.Path(folder))
        return
    photos = make_photos()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, gray in photos.items():
            cv2.imwrite(os.path.join(folder, f"{name}.pgm"), gray)
        for name in options.cascade or CASCADES:
            print(name)
            comparison = Comparison(options, pathlib.Path(folder), options.cascades / name, photos)
            totals = comparison.compare_boxes()
            good = report(totals, comparison.time_ratio(), photos, options) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
