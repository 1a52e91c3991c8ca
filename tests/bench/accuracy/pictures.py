#!/usr/bin/python3
r"""Whether fertrain learns pictures that are no faces as well as PyTorch does: the same network, preparation,
optimizer, batch and steps on the same rows, several seeds each, and the accuracy on pictures held out.

    apt-get install python3-sklearn python3-torch python3-pil
    tests/bench/accuracy/pictures.py digits --programs build/release/apps

    npm pack emoji-datasource-twitter@16 emoji-datasource-google@16       # 136 MB
    tests/bench/accuracy/pictures.py emoji --packages . --programs build/release/apps

digits: scikit-learn's 1,797 gray digits of 8 x 8 pixels, every fourth held out. emoji: pictures of 64 x 64 pixels in
color by two vendors, scaled to 32 x 32, whose classes are Unicode's groups (food and drink, flags, ...); both vendors'
pictures of one emoji are on the same side, and every fifth emoji is held out.

PyTorch reads the pictures by Pillow and does for itself what fertrain does to them.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import tarfile
import tempfile

import numpy
import PIL.Image
import torch

SETS = {
    "digits": {"spec": "input 1 8 8 | conv 16 3 same | relu | conv 32 3 same | relu | maxpool 2 2 | dense 64 | relu"
                       " | dense 10", "steps": 600, "size": 8},
    "emoji": {"spec": "input 3 32 32 | conv 16 3 same | relu | maxpool 2 2 | conv 32 3 same | relu | maxpool 2 2"
                      " | conv 64 3 same | relu | maxpool 2 2 | dense 128 | relu | dense 9", "steps": 1200, "size": 32},
}
BATCH, RATE = 50, 1e-3


def write_digits(folder):
    import sklearn.datasets

    digits = sklearn.datasets.load_digits()
    rows = []
    for i, (image, label) in enumerate(zip(digits.images, digits.target)):
        name = f"{i}.png"
        PIL.Image.fromarray((image * 255 / 16).round().astype(numpy.uint8)).save(folder / name)
        rows.append((name, str(label), "val" if i % 4 == 0 else "train"))
    return rows


def write_emoji(folder, packages):
    rows = []
    for vendor in ("google", "twitter"):
        with tarfile.open(next(packages.glob(f"emoji-datasource-{vendor}-*.tgz"))) as archive:
            emoji = json.load(archive.extractfile("package/emoji.json"))
            wanted = {}
            for place, one in enumerate(sorted(emoji, key=lambda one: one["unified"])):
                if one["category"] != "Component" and one[f"has_img_{vendor}"]:
                    wanted[f"package/img/{vendor}/64/{one['image']}"] = (one["category"], place % 5 == 0)
            for member in archive:
                if member.name not in wanted:
                    continue
                category, held_out = wanted[member.name]
                name = vendor + "-" + pathlib.PurePath(member.name).name
                (folder / name).write_bytes(archive.extractfile(member).read())
                rows.append((name, category, "val" if held_out else "train"))
    return rows


def read_picture(path, size):
    """Planes of bytes: transparent pixels over white, means of areas, rounded as fertrain rounds."""
    picture = PIL.Image.open(path)
    if picture.mode == "L":
        planes = numpy.asarray(picture, dtype=numpy.int64)[None]
    else:
        values = numpy.asarray(picture.convert("RGBA"), dtype=numpy.int64)
        alpha = values[..., 3:]
        planes = ((values[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).transpose(2, 0, 1)
    by = planes.shape[1] // size
    assert planes.shape[1:] == (size * by, size * by), path
    sums = planes.reshape(len(planes), size, by, size, by).sum(axis=(2, 4))
    return (sums + by * by // 2) // (by * by)


def prepare(pictures, training):
    """fertrain's --per-image norm100 --per-pixel on."""
    x = pictures.reshape(len(pictures), -1).astype(numpy.float64)
    x -= x.mean(axis=1, keepdims=True)
    norms = numpy.sqrt((x * x).sum(axis=1, keepdims=True))
    x = numpy.divide(100 * x, norms, out=numpy.zeros_like(x), where=norms > 0)
    variance = x[training].var(axis=0)
    deviation = numpy.maximum(numpy.sqrt(variance), 0.01 * numpy.sqrt(variance.mean()))
    x = (x - x[training].mean(axis=0)) / deviation
    return torch.tensor(x.reshape(pictures.shape), dtype=torch.float32)


def network_of(spec, seed):
    torch.manual_seed(seed)
    shape, layers = None, []
    for text in spec.split("|"):
        word, *numbers = text.split()
        if word == "input":
            shape = [int(n) for n in numbers]
        elif word == "conv":
            layers.append(torch.nn.Conv2d(shape[0], int(numbers[0]), int(numbers[1]), padding="same"))
            shape[0] = int(numbers[0])
        elif word == "maxpool":
            layers.append(torch.nn.MaxPool2d(int(numbers[0]), int(numbers[1])))
            shape = [shape[0], shape[1] // 2, shape[2] // 2]
        elif word == "relu":
            layers.append(torch.nn.ReLU())
        elif word == "dense":
            if len(shape) == 3:
                layers.append(torch.nn.Flatten())
            inputs = int(numpy.prod(shape))
            layers.append(torch.nn.Linear(inputs, int(numbers[0])))
            shape = [int(numbers[0])]
    for layer in layers:
        if hasattr(layer, "weight"):
            torch.nn.init.xavier_uniform_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
    return torch.nn.Sequential(*layers)


def torch_accuracy(spec, steps, x, labels, training, seed):
    network = network_of(spec, seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    rows, step = torch.tensor(numpy.flatnonzero(training)), 0
    while step < steps:
        order = rows[torch.randperm(len(rows))]
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            if step == steps:
                break
            batch = order[begin:begin + BATCH]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(x[batch]), labels[batch]).backward()
            optimizer.step()
            step += 1
    with torch.no_grad():
        held = torch.tensor(numpy.flatnonzero(~training))
        return (network(x[held]).argmax(dim=1) == labels[held]).double().mean().item()


def fertrain_accuracy(programs, folder, spec, steps, size, seed):
    out = folder / f"run{seed}"
    (folder / "net.spec").write_text(spec)
    subprocess.run([programs / "fertrain", "--data", folder / "pictures.csv", "--size", str(size), "--model",
                    folder / "net.spec", "--out", out, "--steps", str(steps), "--eval-every", str(steps), "--batch",
                    str(BATCH), "--lr", str(RATE), "--seed", str(seed), "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(out / "metrics.csv", newline="") as file:
        return float(list(csv.DictReader(file))[-1]["validation_accuracy"])


def shown(name, accuracies):
    error = statistics.stdev(accuracies) / len(accuracies) ** 0.5 if len(accuracies) > 1 else float("nan")
    print(f"{name:9} {100 * statistics.mean(accuracies):6.2f} % +- {100 * error:.2f}   "
          + " ".join(f"{100 * a:.2f}" for a in accuracies), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--packages", type=pathlib.Path, default=".", help="where npm pack has put the emoji")
    parser.add_argument("--programs", type=pathlib.Path, default="build/release/apps")
    parser.add_argument("--seeds", type=int, default=5)
    a = parser.parse_args()
    chosen = SETS[a.set]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = write_digits(folder) if a.set == "digits" else write_emoji(folder, a.packages)
        with open(folder / "pictures.csv", "w", newline="") as file:
            csv.writer(file).writerows([("file", "label", "split"), *rows])
        classes = sorted({row[1] for row in rows})
        pictures = numpy.stack([read_picture(folder / row[0], chosen["size"]) for row in rows])
        training = numpy.array([row[2] == "train" for row in rows])
        labels = torch.tensor([classes.index(row[1]) for row in rows])
        print(f"{training.sum()} pictures to learn from, {(~training).sum()} held out, {len(classes)} classes", flush=True)
        x = prepare(pictures, training)
        seeds = range(a.seeds)
        shown("fertrain", [fertrain_accuracy(a.programs, folder, chosen["spec"], chosen["steps"], chosen["size"], seed)
                           for seed in seeds])
        shown("PyTorch", [torch_accuracy(chosen["spec"], chosen["steps"], x, labels, training, seed) for seed in seeds])


if __name__ == "__main__":
    main()
