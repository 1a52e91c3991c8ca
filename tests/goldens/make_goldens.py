#!/usr/bin/env python3
"""Computes the goldens of golden_test.cpp and golden_graph_test.cpp in tests/ops with PyTorch (made with 1.13) and
NumPy:

    python3 make_goldens.py [paper] [small] [resnet] [mobilenet] [loss]

Everything is computed in float64 from float32 inputs. Weights, images and labels come from a formula that
the test computes too (the function `values`), so that the files hold results only. Parameters have mien's
layout: convolutions [out][in][k][k], dense layers [in][out].
"""
import json
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

FOLDER = os.path.dirname(os.path.abspath(__file__))
DTYPES = {np.dtype("float64"): "F64", np.dtype("float32"): "F32"}
STEPS = 5


def single(value):
    """A float32 constant of mien."""
    return float(np.float32(value))


BETAS = (single(0.9), single(0.999))

def write_safetensors(name, tensors):
    header, offset = {}, 0
    for key, array in tensors.items():
        header[key] = {"dtype": DTYPES[array.dtype], "shape": list(array.shape),
                       "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 8)
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def hashes(count, seed):
    """The lowbias32 integer hash (Chris Wellons) of 0 .. count-1."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed * 0x85EBCA77 & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def values(shape, seed, exponent):
    """Uniform in [-2^exponent, 2^exponent), exact in float32."""
    x = (hashes(int(np.prod(shape)), seed) >> np.uint32(8)).astype(np.float64) - 2.0**23
    return torch.from_numpy((x * 2.0**(exponent - 23)).reshape(shape))


def labels(count, classes, seed):
    return torch.from_numpy((hashes(count, seed) % np.uint32(classes)).astype(np.int64))


def sampled(array):
    """At most 64 elements of a tensor."""
    flat = array.detach().reshape(-1)
    if flat.numel() <= 64:
        return flat.numpy().copy()
    return flat[torch.from_numpy((hashes(64, 9999) % np.uint32(flat.numel())).astype(np.int64))].numpy()


def summary(tensor):
    """Sum, L2 norm, samples."""
    flat = tensor.detach().double()
    return np.concatenate([[flat.sum().item(), flat.pow(2).sum().sqrt().item()], sampled(flat)])


def parameters(table):
    """From (name, shape, exponent); an exponent of None means the constant 1."""
    result = {}
    for seed, (name, shape, exponent) in enumerate(table, 1):
        value = torch.ones(shape, dtype=torch.float64) if exponent is None else values(shape, seed, exponent)
        result[name] = value.requires_grad_(True)
    return result


def lrn(x):
    """The network's `lrn 4 1 0.000111 0.75`; PyTorch divides alpha by the window of 9."""
    return F.local_response_norm(x, size=9, alpha=9 * single(0.000111), beta=0.75, k=1.0)


def same_pads(height, width, kernel, stride):
    """TensorFlow's SAME as F.pad takes it: left, right, top, bottom."""
    pads = []
    for extent in (width, height):
        total = max(0, (-(-extent // stride) - 1) * stride + kernel - extent)
        pads += [total // 2, total - total // 2]
    return pads


# ---- the paper's network -------------------------------------------------------------------------

PAPER = [("conv1.weight", (64, 1, 5, 5), -1), ("conv1.bias", (64,), 0),
         ("conv2.weight", (128, 64, 5, 5), -5), ("conv2.bias", (128,), 0),
         ("dense1.weight", (18432, 3072), -6), ("dense1.bias", (3072,), 0),
         ("dense2.weight", (3072, 1536), -5), ("dense2.bias", (1536,), 0),
         ("dense3.weight", (1536, 7), -10), ("dense3.bias", (7,), -1)]


def paper_logits(p, x):
    pool = lambda y: F.max_pool2d(y, 3, 2, ceil_mode=True)  # 48 and 24 are even: SAME pads below and right
    x = lrn(pool(F.relu(F.conv2d(x, p["conv1.weight"], p["conv1.bias"], padding=2))))
    x = pool(lrn(F.relu(F.conv2d(x, p["conv2.weight"], p["conv2.bias"], padding=2))))
    x = F.relu(x.flatten(1) @ p["dense1.weight"] + p["dense1.bias"])
    x = F.relu(x @ p["dense2.weight"] + p["dense2.bias"])
    return x @ p["dense3.weight"] + p["dense3.bias"]


def make_paper():
    batch, out = 4, {}
    p = parameters(PAPER)
    optimizer = torch.optim.Adam(p.values(), lr=single(1e-4), betas=BETAS)
    for step in range(STEPS):
        logits = paper_logits(p, values((batch, 1, 48, 48), 1000 + step, 3))
        loss = F.cross_entropy(logits, labels(batch, 7, 2000 + step))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        out[f"loss.{step}"] = np.array([loss.item()])
        out[f"logits.{step}"] = logits.detach().numpy()
        if step == 0:
            for name, value in p.items():
                out[f"gradient.{name}"] = summary(value.grad)
        optimizer.step()
    for seed, (name, shape, exponent) in enumerate(PAPER, 1):
        out[f"moved.{name}"] = summary(p[name].detach() - values(shape, seed, exponent))
        out[f"m.{name}"] = summary(optimizer.state[p[name]]["exp_avg"])
        out[f"v.{name}"] = summary(optimizer.state[p[name]]["exp_avg_sq"])
    write_safetensors("paper.safetensors", out)


# ---- a small network with what the paper's lacks -------------------------------------------------

SMALL = [("conv1.weight", (5, 2, 3, 3), -1),
         ("batchnorm1.weight", (5,), None), ("batchnorm1.bias", (5,), -1),
         ("conv2.weight", (6, 5, 2, 2), -1), ("conv2.bias", (6,), -1),
         ("batchnorm2.weight", (6,), None), ("batchnorm2.bias", (6,), -1),
         ("dense1.weight", (6, 4), 0), ("dense1.bias", (4,), -1)]


class SmallNetwork:
    """input 2 17 16 | conv 5 3 same stride 2 nobias | batchnorm | relu | avgpool 3 2 same |
    conv 6 2 valid stride 2 | relu | globalpool | batchnorm 0.01 0.3 | dense 4"""

    def __init__(self):
        self.p = parameters(SMALL)
        one, zero = torch.ones, torch.zeros
        self.running = {f"batchnorm{i}.{key}": make(n, dtype=torch.float64)
                        for i, n in ((1, 5), (2, 6)) for key, make in (("running_mean", zero), ("running_var", one))}

    def batch_norm(self, x, name, epsilon, momentum, training):
        return F.batch_norm(x, self.running[name + ".running_mean"], self.running[name + ".running_var"],
                            self.p[name + ".weight"], self.p[name + ".bias"], training,
                            single(momentum), single(epsilon))

    def logits(self, x, training):
        p = self.p
        x = F.conv2d(F.pad(x, same_pads(17, 16, 3, 2)), p["conv1.weight"], stride=2)
        x = F.relu(self.batch_norm(x, "batchnorm1", 1e-5, 0.1, training))
        pads = same_pads(x.shape[2], x.shape[3], 3, 2)
        x = F.avg_pool2d(F.pad(x, pads), 3, 2) / F.avg_pool2d(F.pad(torch.ones_like(x), pads), 3, 2)
        x = F.relu(F.conv2d(x, p["conv2.weight"], p["conv2.bias"], stride=2)).mean((2, 3))
        x = self.batch_norm(x, "batchnorm2", 0.01, 0.3, training)
        return x @ p["dense1.weight"] + p["dense1.bias"]


def small_optimizer(kind, p):
    decay = single(0.1)
    groups = [{"params": [t for t in p.values() if t.dim() >= 2], "weight_decay": decay},
              {"params": [t for t in p.values() if t.dim() < 2], "weight_decay": 0.0}]
    rate = single(0.02)
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=single(0.9), nesterov=True)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind](groups, lr=rate, betas=BETAS)


def make_small():
    batch, out = 6, {}
    for kind in ("sgd", "adam", "adamw"):
        network = SmallNetwork()
        optimizer = small_optimizer(kind, network.p)
        for step in range(STEPS):
            logits = network.logits(values((batch, 2, 17, 16), 3000 + step, 1), training=True)
            loss = F.cross_entropy(logits, labels(batch, 4, 4000 + step), label_smoothing=single(0.1))
            optimizer.zero_grad()
            loss.backward()
            out[f"{kind}.loss.{step}"] = np.array([loss.item()])
            out[f"{kind}.logits.{step}"] = logits.detach().numpy()
            if step == 0:
                for name, value in network.p.items():
                    out[f"{kind}.gradient.{name}"] = value.grad.numpy().copy()
            optimizer.step()
        for name, value in {**network.p, **network.running}.items():
            out[f"{kind}.after.{name}"] = value.detach().numpy()
        out[f"{kind}.evaluated"] = network.logits(values((batch, 2, 17, 16), 5000, 1), False).detach().numpy()
    write_safetensors("small.safetensors", out)


# ---- networks with branches ----------------------------------------------------------------------

class Layers:
    """A network's layers, named and numbered as mien does; its parameters come into being in the first pass. A
    weight is uniform with a bound of 2^-k, about He's, and what starts at a constant gets an eighth of noise."""

    def __init__(self):
        self.p, self.running = {}, {}

    def begin(self, training):
        self.training, self.numbers = training, {}
        return self

    def name(self, kind):
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return f"{kind}{self.numbers[kind]}"

    def weight(self, name, shape, inputs):
        if name not in self.p:
            k = 0
            while inputs >= 6 * 4**(k + 1):
                k += 1
            self.p[name] = values(shape, len(self.p) + 1, -k).requires_grad_(True)
        return self.p[name]

    def near(self, start, name, count):
        if name not in self.p:
            self.p[name] = (start + values((count,), len(self.p) + 1, -3)).requires_grad_(True)
        return self.p[name]

    def conv(self, x, out, kernel, stride=1, bias=False, depthwise=False):
        name = self.name("dwconv" if depthwise else "conv")
        channels = 1 if depthwise else x.shape[1]
        w = self.weight(name + ".weight", (out, channels, kernel, kernel), channels * kernel * kernel)
        b = self.near(0, name + ".bias", out) if bias else None
        return F.conv2d(F.pad(x, same_pads(x.shape[2], x.shape[3], kernel, stride)), w, b, stride=stride,
                        groups=x.shape[1] if depthwise else 1)

    def dwconv(self, x, kernel, stride=1, bias=False):
        return self.conv(x, x.shape[1], kernel, stride, bias, depthwise=True)

    def batchnorm(self, x):
        name, count = self.name("batchnorm"), x.shape[1]
        for key, make in (("running_mean", torch.zeros), ("running_var", torch.ones)):
            if f"{name}.{key}" not in self.running:
                self.running[f"{name}.{key}"] = make(count, dtype=torch.float64)
        return F.batch_norm(x, self.running[name + ".running_mean"], self.running[name + ".running_var"],
                            self.near(1, name + ".weight", count), self.near(0, name + ".bias", count),
                            self.training, single(0.1), single(1e-5))

    def dense(self, x, out):
        name = self.name("dense")
        w = self.weight(name + ".weight", (x.shape[1], out), x.shape[1])
        return x @ w + self.near(0, name + ".bias", out)

    def prelu(self, x):
        return F.prelu(x, self.near(0.25, self.name("prelu") + ".weight", x.shape[1]))

    def conv_bn(self, x, out, kernel, stride=1):
        return self.batchnorm(self.conv(x, out, kernel, stride))

    def dwconv_bn(self, x, kernel, stride=1):
        return self.batchnorm(self.dwconv(x, kernel, stride))


def resnet_logits(n, x):
    """kResnetSpec of tests/support/branched.hpp"""
    def squeezed(y, inner):
        gate = torch.sigmoid(n.dense(F.relu(n.dense(y.mean((2, 3)), inner)), y.shape[1]))
        return y * gate[:, :, None, None]

    x = F.relu(n.conv_bn(x, 8, 3, 2))
    x = F.max_pool2d(x, 3, 2, ceil_mode=True)  # 24 is even: SAME pads below and right
    x = F.relu(x + squeezed(n.conv_bn(F.relu(n.conv_bn(x, 8, 3)), 8, 3), 4))
    y = squeezed(n.conv_bn(F.relu(n.conv_bn(x, 16, 3, 2)), 16, 3), 4)
    x = F.relu(n.conv_bn(x, 16, 1, 2) + y)
    return n.dense(x.mean((2, 3)), 7)


def mobilenet_logits(n, x):
    """kMobilenetSpec of tests/support/branched.hpp"""
    x = F.hardswish(n.conv_bn(x, 8, 3, 2))
    y = F.silu(n.conv_bn(x, 16, 1))
    x = n.conv_bn(F.silu(n.dwconv_bn(y, 3)), 8, 1) + x
    y = F.leaky_relu(n.conv(x, 24, 1, bias=True), single(0.1))
    x = n.conv_bn(F.hardswish(n.dwconv_bn(y, 3, 2)), 12, 1)
    y = F.hardswish(n.conv(x, 24, 1, bias=True))
    fine = n.conv(n.prelu(n.dwconv(y, 5, bias=True)), 12, 1, bias=True) + x
    x = F.hardswish(n.conv_bn(F.hardswish(n.dwconv_bn(fine, 3, 2)), 16, 1))
    x = torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), fine], 1)
    x = n.prelu(n.conv_bn(x, 16, 1))
    return n.dense(x.mean((2, 3)), 7)


def make_branched(name, logits_of):
    # With this seed no value comes so near to where a derivative jumps that rounding could push it across.
    batch, seed, out, n = 4, 7672, {}, Layers()
    logits_of(n.begin(training=False), torch.zeros((1, 1, 48, 48), dtype=torch.float64))  # makes the parameters
    optimizer = small_optimizer("sgd", n.p)
    for step in range(STEPS):
        logits = logits_of(n.begin(training=True), values((batch, 1, 48, 48), seed + step, 1))
        loss = F.cross_entropy(logits, labels(batch, 7, seed + 1000 + step), label_smoothing=single(0.1))
        optimizer.zero_grad()
        loss.backward()
        out[f"loss.{step}"] = np.array([loss.item()])
        out[f"logits.{step}"] = logits.detach().numpy()
        if step == 0:
            for key, value in n.p.items():
                out[f"gradient.{key}"] = value.grad.numpy().copy()
        optimizer.step()
    for key, value in {**n.p, **n.running}.items():
        out[f"after.{key}"] = value.detach().numpy()
    evaluated = logits_of(n.begin(training=False), values((batch, 1, 48, 48), seed + 2000, 1))
    out["evaluated"] = evaluated.detach().numpy()
    write_safetensors(f"{name}.safetensors", out)


# ---- forms of the loss ---------------------------------------------------------------------------

def loss_case(out, name, z, function):
    z = z.clone().requires_grad_(True)
    loss = function(z)
    loss.backward()
    out[name + ".loss"] = np.array([loss.item()], dtype=z.detach().numpy().dtype)
    out[name + ".gradient"] = z.grad.numpy()


def make_loss():
    out = {}
    z, y = values((8, 7), 6000, 4), labels(8, 7, 6001)
    hot = F.one_hot(y, 7).double()
    loss_case(out, "naive_sum", z, lambda z: -(hot * torch.log(torch.softmax(z, 1))).sum())
    loss_case(out, "fused_sum", z, lambda z: F.cross_entropy(z, y, reduction="sum"))
    loss_case(out, "fused_mean", z, lambda z: F.cross_entropy(z, y))
    loss_case(out, "smoothed_mean", z, lambda z: F.cross_entropy(z, y, label_smoothing=single(0.2)))
    # In float32, exp(-200) is 0. One row of logits (0, -200), the label either of the two.
    far = torch.tensor([[0.0, -200.0]], dtype=torch.float32)
    for label in (0, 1):
        one = F.one_hot(torch.tensor([label]), 2).float()
        loss_case(out, f"naive_far{label}", far, lambda z: -(one * torch.log(torch.softmax(z, 1))).sum())
        loss_case(out, f"fused_far{label}", far, lambda z: F.cross_entropy(z, torch.tensor([label])))
    write_safetensors("loss.safetensors", out)


if __name__ == "__main__":
    torch.set_num_threads(2)
    TASKS = {"paper": make_paper, "small": make_small, "loss": make_loss,
             "resnet": lambda: make_branched("resnet", resnet_logits),
             "mobilenet": lambda: make_branched("mobilenet", mobilenet_logits)}
    for task in sys.argv[1:] or TASKS:
        TASKS[task]()
