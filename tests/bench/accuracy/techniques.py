#!/usr/bin/python3
r"""What each technique gains: trains one network several times for the same number of epochs, plainly and with one
technique more (or less) each time, and writes a line of CSV for each: PublicTest accuracy in percent, the gain over
the plain run in points, and the validation loss, all of the last epoch's weights.

    tests/bench/accuracy/techniques.py fer2013.csv --out techniques.csv --programs build/release/apps

With --degraded, also the accuracies on PublicTest's rows degraded in four ways; --only chooses techniques:

    tests/bench/accuracy/techniques.py fer2013.csv --out degradations.csv --degraded \
        --only plain gamma blur "shrink to 20 pixels" noise JPEG "blur, shrink, noise, JPEG"

Lines that are there already are kept, so that an interrupted measurement goes on. One run each: differences below
the standard error, 0.8 points, say nothing. Short runs flatter what learns fast and wrong what keeps a network from
learning by heart, which pays in long ones.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PLAIN = {"--recipe": "best", "--mirror": 0, "--shift": 0, "--rotate": 0, "--scale": 0, "--crop": 0, "--brightness": 0,
         "--contrast": 0, "--gamma": 0, "--blur": 0, "--shrink": 0, "--noise": 0, "--jpeg": 0, "--erase": 0,
         "--label-smoothing": 0, "--average": 0, "--warmup": 400}
TECHNIQUES = {
    "plain": {},
    "mirror": {"--mirror": 0.5},
    "shift 8 %": {"--shift": 0.08},
    "rotate 12 degrees": {"--rotate": 12},
    "scale 15 %": {"--scale": 0.15},
    "crop 8 %": {"--crop": 0.08},
    "brightness, contrast": {"--brightness": 0.1, "--contrast": 0.2},
    "gamma": {"--gamma": 0.3},
    "blur": {"--blur": 1.5},
    "shrink to 20 pixels": {"--shrink": 20},
    "noise": {"--noise": 14},
    "JPEG": {"--jpeg": 30},
    "blur, shrink, noise, JPEG": {"--blur": 1.5, "--shrink": 20, "--noise": 14, "--jpeg": 30},
    "erase 25 %": {"--erase": 0.25},
    "mixup 0.2": {"--mixup": 0.2},
    "cutmix 1": {"--cutmix": 1},
    "mirror, shift, rotate, scale": {"--mirror": 0.5, "--shift": 0.08, "--rotate": 12, "--scale": 0.15},
    "label smoothing 0.1": {"--label-smoothing": 0.1},
    "class weights": {"--class-weights": "balanced"},
    "no dropout": {"--dropout": 0},
    "L2-SVM loss": {"--loss": "l2svm"},
    "no weight decay": {"--weight-decay": 0},
    "average of weights 0.999": {"--average": 0.999},
    "AdamW 1e-3": {"--optimizer": "adamw", "--lr": 1e-3, "--weight-decay": 0.05},
    "constant rate": {"--schedule": "constant"},
    "no warm-up": {"--warmup": 0},
    "images not centered or scaled": {"--per-image": "none"},
    "images centered only": {"--per-image": "center"},
    "pixels not standardized": {"--per-pixel": "off"},
}
DEGRADATIONS = {"noise 8": "noise=8", "JPEG 40": "jpeg=40", "blur 1.2": "blur=1.2", "24 pixels": "shrink=24"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv")
    parser.add_argument("--out", default="techniques.csv", type=pathlib.Path)
    parser.add_argument("--programs", default="build/release/apps", type=pathlib.Path, help="fertrain and ferpredict")
    parser.add_argument("--model", default="small")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--teacher", action="append", help="adds a line for learning from these, too")
    parser.add_argument("--degraded", action="store_true", help="measure on degraded rows as well")
    parser.add_argument("--only", nargs="+", metavar="TECHNIQUE", help="these alone, and the plain run")
    return parser.parse_args()


def words(changes):
    return [str(word) for option, value in changes.items() for word in (option, value)]


def arguments(changes):
    """Those of the plain run that are not given anew, and the changes."""
    return words({option: value for option, value in PLAIN.items() if option not in changes}) + changes


def run(*command):
    command = [str(word) for word in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def measure(options, extra, folder):
    """Accuracies in percent and the loss of the last epoch's weights: [that on the rows, the loss, those degraded]."""
    result = os.path.join(folder, "run")
    run(options.programs / "fertrain", "--csv", options.csv, "--model", options.model, "--epochs", options.epochs,
        "--threads", options.threads, "--out", result, "--quiet", *extra)
    with open(os.path.join(result, "metrics.csv"), newline="") as file:
        last = list(csv.DictReader(file))[-1]
    figures = [100 * float(last["validation_accuracy"]), float(last["validation_loss"])]
    for how in DEGRADATIONS.values() if options.degraded else ():
        report = run(options.programs / "ferpredict", "--model", os.path.join(result, "last.safetensors"), "--csv",
                     options.csv, "--usage", "PublicTest", "--degrade", how, "--threads", options.threads, "--json")
        figures.append(100 * json.loads(report)["accuracy"])
    return figures


def read_lines(path):
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def main():
    options = parse()
    teachers = [pathlib.Path(file) for file in options.teacher or []]
    techniques = {name: words(changes) for name, changes in TECHNIQUES.items()}
    if teachers:
        name = "learning from " + ", ".join(file.stem for file in teachers)
        techniques[name] = [word for file in teachers for word in ("--teacher", str(file))]
    unknown = [name for name in options.only or [] if name not in techniques]
    if unknown:
        sys.exit(f"no technique is called {', '.join(unknown)}; there are {', '.join(techniques)}")
    degraded = list(DEGRADATIONS) if options.degraded else []
    columns = ["technique", "options", "accuracy", "gain", "loss", *degraded, "model", "epochs"]
    lines = read_lines(options.out)
    same = {"model": options.model, "epochs": str(options.epochs)}
    if any({key: line.get(key) for key in same} != same or list(line) != columns for line in lines):
        sys.exit(f"{options.out} holds measurements with another model, number of epochs or columns; "
                 "name another --out")
    for name in ["plain", *options.only] if options.only else techniques:
        if any(line["technique"] == name for line in lines):
            continue
        with tempfile.TemporaryDirectory() as folder:
            accuracy, loss, *others = measure(options, arguments(techniques[name]), folder)
        plain = float(lines[0]["accuracy"]) if lines else accuracy
        shown = " ".join(os.path.basename(word) for word in techniques[name])
        measured = (name, shown, f"{accuracy:.2f}", f"{accuracy - plain:+.2f}", f"{loss:.4f}",
                    *(f"{other:.2f}" for other in others))
        lines.append(dict(zip(columns, measured)) | same)
        print(*lines[-1].values(), sep="  ", flush=True)
        with open(options.out, "w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(lines)


if __name__ == "__main__":
    main()
