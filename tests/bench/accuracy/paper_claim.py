#!/usr/bin/python3
"""Where the paper's 66 % may come from. Draws the accuracies of several runs of fertrain side by side, and writes a
line of CSV for each: what it reached on all of PublicTest, and what a program that tries 50 images now and then would
have shown meanwhile.

    tests/bench/accuracy/paper_claim.py literal=literal/metrics.csv paper=paper/metrics.csv --out paper-claim

Writes paper-claim.svg and paper-claim.csv. An accuracy over 50 images is a number of right ones, binomially
distributed about the network's accuracy: its steps are 2 points and its standard deviation 7.
"""

import argparse
import csv
import math
import pathlib
import sys
from xml.sax.saxutils import escape

IMAGES = 50
PANEL, HEIGHT, TOP, LEFT = 250, 300, 46, 44  # pixels
COLORS = {"train_accuracy": "#b8b8b8", "validation_accuracy": "#1f5fa8"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="NAME=METRICS.csv")
    parser.add_argument("--out", default="paper-claim", help="where to write, without .svg and .csv")
    parser.add_argument("--claim", type=float, default=0.66)
    parser.add_argument("--every", type=int, default=100, help="steps from one trial of 50 images to the next")
    return parser.parse_args()


def read_run(argument):
    name, _, path = argument.partition("=")
    if not path:
        sys.exit(f"expected NAME=METRICS.csv, got `{argument}`")
    with open(path, newline="") as file:
        rows = [{key: float(row[key]) for key in ("step", "epoch", *COLORS)} for row in csv.DictReader(file)
                if all(row[key] for key in COLORS)]  # cells are empty where nothing was measured
    if not rows:
        sys.exit(f"{path}: no row has both accuracies")
    return name, rows


def chance_of_at_least(right, accuracy):
    """That `right` or more of IMAGES are right."""
    return sum(math.comb(IMAGES, k) * accuracy ** k * (1 - accuracy) ** (IMAGES - k) for k in range(right, IMAGES + 1))


def trials(rows, every, claim):
    """How often trials of 50 images would have shown the claim or more: the expected number, and the chance of one
    at least. The accuracy between two epochs' ends is taken to be that of the later one."""
    right = math.ceil(claim * IMAGES - 1e-9)
    expected, none = 0.0, 1.0
    step, epoch = every, iter(rows)
    row = next(epoch)
    while step <= rows[-1]["step"]:
        while row["step"] < step:
            row = next(epoch)
        chance = chance_of_at_least(right, row["validation_accuracy"])
        expected, none, step = expected + chance, none * (1 - chance), step + every
    return expected, 1 - none


def summary(name, rows, options):
    best = max(rows, key=lambda row: row["validation_accuracy"])
    expected, once = trials(rows, options.every, options.claim)
    batches = next((row for row in rows if row["train_accuracy"] >= options.claim), None)
    return {
        "run": name,
        "steps": int(rows[-1]["step"]),
        "best_accuracy": f"{best['validation_accuracy']:.4f}",
        "best_epoch": int(best["epoch"]),
        "last_accuracy": f"{rows[-1]['validation_accuracy']:.4f}",
        "last_train_accuracy": f"{rows[-1]['train_accuracy']:.4f}",
        "trials_at_claim": f"{expected:.1f}",
        "chance_of_one": f"{once:.4f}",
        "train_reaches_claim_in_epoch": int(batches["epoch"]) if batches else "",
    }


def text(x, y, words, size=11, anchor="start", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" {extra}>{escape(words)}</text>'


def panel(left, name, rows, claim):
    epochs = rows[-1]["epoch"]

    def place(epoch, accuracy):
        return left + (PANEL - 20) * epoch / epochs, TOP + HEIGHT * (1 - accuracy)

    parts = [text(left + (PANEL - 20) / 2, TOP - 12, name, 13, "middle", 'font-weight="bold"')]
    for tenth in range(0, 11, 2):
        y = place(0, tenth / 10)[1]
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + PANEL - 20}" y2="{y:.1f}" stroke="#e4e4e4"/>')
        parts.append(text(left - 5, y + 4, f"{tenth * 10}", 10, "end"))
    y = place(0, claim)[1]
    parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + PANEL - 20}" y2="{y:.1f}" stroke="#c03030" '
                 'stroke-dasharray="4 3"/>')
    for key, color in COLORS.items():
        points = " ".join("{:.1f},{:.1f}".format(*place(row["epoch"], row[key])) for row in rows)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
    parts.append(text(left, TOP + HEIGHT + 16, "0", 10, "middle"))
    parts.append(text(left + PANEL - 20, TOP + HEIGHT + 16, f"{epochs:.0f}", 10, "middle"))
    return parts


def drawing(runs, claim):
    width = LEFT + len(runs) * (PANEL + LEFT - 20)
    height = TOP + HEIGHT + 60
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" fill="#222222">',
             f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for i, (name, rows) in enumerate(runs):
        parts += panel(LEFT + i * (PANEL + LEFT - 20), name, rows, claim)
    parts.append(text(LEFT, height - 24, "accuracy in percent over epochs"))
    parts.append(text(LEFT, height - 8,
                      f"blue: PublicTest; gray: Training, as learned from; dashed: {claim * 100:.0f} %"))
    return "\n".join(parts + ["</svg>", ""])


def main():
    options = parse()
    runs = [read_run(argument) for argument in options.runs]
    pathlib.Path(f"{options.out}.svg").write_text(drawing(runs, options.claim))
    lines = [summary(name, rows, options) for name, rows in runs]
    with open(f"{options.out}.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)
    for line in lines:
        print("  ".join(f"{key} {value}" for key, value in line.items()))


if __name__ == "__main__":
    main()
