"""Steps or predictions of the networks that ferbench knows, in PyTorch; see Peer in process.py."""

import argparse
import json
import sys

import torch
from process import median_ms
from torch import nn


def paper_network():
    # alpha is divided by the window's size here; ours, 0.001 / 9, is TensorFlow's and is not
    lrn = lambda: nn.LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0)
    pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, padding=2), nn.ReLU(), pool(), lrn(),
        nn.Conv2d(64, 128, 5, padding=2), nn.ReLU(), lrn(), pool(), nn.Flatten(),
        nn.Linear(128 * 12 * 12, 3072), nn.ReLU(), nn.Linear(3072, 1536), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(1536, 7))


def small_network():
    layers, channels = [], 1
    for out in (32, 32, 64, 64, 128, 128):
        layers += [nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
        if out == channels:
            layers.append(nn.MaxPool2d(2, 2))
        channels = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 7))


def prediction(network, x):
    network.eval()

    def once():
        with torch.inference_mode():
            torch.softmax(network(x), 1)

    return once


def training_step(network, x, foreach):
    labels = torch.randint(0, 7, (len(x),))
    optimizer = torch.optim.Adam(network.parameters(), 1e-4, foreach=foreach)
    loss = nn.CrossEntropyLoss()

    def once():
        optimizer.zero_grad(set_to_none=True)
        loss(network(x), labels).backward()
        optimizer.step()

    return once


def has_openblas():
    torch.randn(64, 64) @ torch.randn(64, 64)
    with open("/proc/self/maps") as maps:
        return "openblas" in maps.read()


def serve(once):
    for _ in range(3):
        once()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps({"median_ms": median_ms(once, int(line.removeprefix("burst ")))}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("step", "predict"))
    parser.add_argument("--model", required=True, choices=("paper", "small"))
    parser.add_argument("--batch", required=True, type=int)
    parser.add_argument("--threads", required=True, type=int)
    parser.add_argument("--foreach", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not has_openblas():
        sys.exit("PyTorch multiplies with a slow BLAS here; install libopenblas0-pthread")
    torch.manual_seed(0)
    network = {"paper": paper_network, "small": small_network}[options.model]()
    x = torch.randn(options.batch, 1, 48, 48)
    if options.what == "predict":
        serve(prediction(network, x))
    else:
        serve(training_step(network, x, options.foreach))


if __name__ == "__main__":
    main()
