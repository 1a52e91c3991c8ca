#!/usr/bin/env python3
"""Exports small networks with random weights, and what they make of two images, for
tests/ops/onnx_golden_test.cpp; made with PyTorch 1.13:

    python3 make_onnx.py [NAME...]

NAME.onnx is what torch.onnx.export wrote; onnx.safetensors holds the images and what the networks make of them,
the latter computed in float64.
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from make_goldens import FOLDER, write_safetensors


class Plain(nn.Module):
    """As tutorials write them: view, Linear, Dropout, Softmax."""

    image, opset, fold = (1, 20, 20), 11, True

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Conv2d(8, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Dropout2d(0.3), nn.AvgPool2d(2, 1))
        self.hidden = nn.Linear(12 * 9, 24)
        self.classes = nn.Linear(24, 5)

    def forward(self, x):
        x = self.features(x / 255)
        x = x.view(x.size(0), -1)
        return torch.softmax(self.classes(F.dropout(F.relu(self.hidden(x)), 0.5, self.training)) / 1.5, 1)


class SqueezeExcite(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        y = F.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.up(F.relu(self.down(y))))


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        self.gate = SqueezeExcite(out, 4)
        self.past = nn.Sequential()
        if stride > 1 or channels != out:
            self.past = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return F.relu(self.gate(self.second(self.first(x))) + self.past(x))


class Residual(nn.Module):
    """A ResNet's blocks with squeeze-and-excite; strides of 2 begin beside the image, as PyTorch pads."""

    image, opset, fold = (1, 24, 24), 13, False

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
            Block(8, 8, 1), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 6))

    def forward(self, x):
        return self.layers(x)

class Inverted(nn.Module):
    def __init__(self, channels, wide, out, kernel, stride, activation):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), activation(),
            nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide, bias=False), nn.BatchNorm2d(wide),
            activation(), SqueezeExcite(wide, 4), nn.Conv2d(wide, out, 1, bias=False), nn.BatchNorm2d(out))
        self.adds = stride == 1 and channels == out

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


class Mobile(nn.Module):
    """A MobileNet's blocks: depthwise convolutions, hard swish."""

    image, opset, fold = (3, 24, 24), 14, True

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish(),
            Inverted(8, 16, 8, 3, 1, nn.ReLU), Inverted(8, 24, 12, 5, 2, nn.Hardswish),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 16), nn.Hardswish(), nn.Dropout(0.2),
            nn.Linear(16, 6))

    def forward(self, x):
        return self.layers(x)

class Pyramid(nn.Module):
    """Two scales joined again, as detectors have them, with the rest of the activations."""

    image, opset, fold = (2, 16, 16), 13, False

    def __init__(self):
        super().__init__()
        self.fine, self.coarse = nn.Conv2d(2, 6, 3, padding=1), nn.Conv2d(6, 8, 2, 2)
        self.slopes = nn.PReLU(6)
        self.wide, self.last = nn.Conv2d(14, 8, (1, 3), padding=(0, 1)), nn.Linear(8, 4)

    def forward(self, x):
        fine = self.slopes(self.fine(x))
        coarse = F.silu(self.coarse(fine))
        x = torch.cat([F.interpolate(coarse, scale_factor=2.0), F.leaky_relu(fine, 0.2)], 1)
        return self.last(F.hardswish(self.wide(x)).mean((2, 3)))

NETWORKS = {"plain": Plain, "residual": Residual, "mobile": Mobile, "pyramid": Pyramid}


def randomize(network):
    """As after training: images are told apart, batch normalization has seen something."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)


def make(name, out):
    torch.manual_seed(len(name))
    network = NETWORKS[name]().eval()
    randomize(network)
    images = torch.rand(2, *network.image) * (255 if name == "plain" else 1)
    # Unless told to preserve it, the exporter folds batch normalization into convolutions.
    training = torch.onnx.TrainingMode.EVAL if network.fold else torch.onnx.TrainingMode.PRESERVE
    torch.onnx.export(network, images, os.path.join(FOLDER, name + ".onnx"), opset_version=network.opset,
                      do_constant_folding=network.fold, training=training,
                      input_names=["image"], output_names=["scores"],
                      dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}})
    with torch.no_grad():
        scores = network.double()(images.double())
    out[name + ".images"], out[name + ".scores"] = images.numpy(), scores.numpy()


if __name__ == "__main__":
    tensors = {}
    for task in NETWORKS:
        make(task, tensors)
    write_safetensors("onnx.safetensors", tensors)
