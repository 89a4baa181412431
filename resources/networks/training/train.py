# SPDX-License-Identifier: Apache-2.0
"""Trains one reference network and writes its ONNX file and network.json.

    OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0 python3 train.py lenet5-mnist --data FOLDER

FOLDER holds the whole train sets, made by datasets/make/make.py --full. The accuracy is filled in by measure.mjs,
which runs the exported file on the committed test split.
"""
import argparse
import hashlib
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrize

import networks
from data import load, prepare
from export import count, export

HOME = Path(__file__).resolve().parent.parent
BYTE = 1 / 255
GREY = {"layout": "chw", "type": "float32", "scale": BYTE}
MNIST = {"mean": [0.1307], "std": [0.3081]}
FASHION = {"mean": [0.286], "std": [0.353]}


def shift(x, most):
    """Moves the images of a batch by up to `most` pixels, the same way for all, filling with the border value."""
    dy, dx = (int(torch.randint(-most, most + 1, ())) for _ in range(2))
    height, width = x.shape[2:]
    padded = functional.pad(x, (most,) * 4, mode="replicate")
    return padded[:, :, most + dy:most + dy + height, most + dx:most + dx + width]


def flip(x):
    """Mirrors about half of the images of a batch left to right."""
    chosen = torch.rand(len(x), 1, 1, 1) < 0.5
    return torch.where(chosen, x.flip(3), x)


def mask(x):
    """Moves spectrograms in time and blanks a band of mel rows and a stretch of time."""
    x = torch.roll(x, int(torch.randint(-4, 5, ())), 3).clone()
    row, column = int(torch.randint(0, 36, ())), int(torch.randint(0, 43, ()))
    x[:, :, row:row + int(torch.randint(0, 5, ()))] = 0
    x[:, :, :, column:column + int(torch.randint(0, 7, ()))] = 0
    return x


RECIPES = {
    "mlp-mnist": dict(
        title="Multilayer perceptron 784-128-64-10 on MNIST", dataset="mnist",
        net=lambda: networks.mlp(784, 128, 64, 10), preprocessing={**GREY, "layout": "flat", **MNIST},
        epochs=15, rate=2e-3, data="MNIST train, 60,000 samples"),
    "mlp784-mnist": dict(
        title="Multilayer perceptron 784-784-128-10 on MNIST, weights in e4m3", dataset="mnist",
        net=lambda: networks.mlp(784, 784, 128, 10), preprocessing={**GREY, "layout": "flat", **MNIST},
        epochs=10, rate=0.05, momentum=0.9, batch=64, rounded=networks.E4m3Rounding, data="MNIST train, 60,000 samples"),
    "mlp784tanh-mnist": dict(
        title="Multilayer perceptron 784-784-128-10 with tanh on MNIST, weights in e4m3", dataset="mnist",
        net=lambda: networks.mlp(784, 784, 128, 10, activation=nn.Tanh), preprocessing={**GREY, "layout": "flat", **MNIST},
        epochs=10, rate=0.05, momentum=0.9, batch=64, rounded=networks.E4m3Rounding, data="MNIST train, 60,000 samples"),
    "lenet5-mnist": dict(
        title="LeNet-5 on MNIST", dataset="mnist", net=networks.lenet5, preprocessing={**GREY, **MNIST},
        epochs=12, rate=2e-3, augment=lambda x: shift(x, 1), data="MNIST train, 60,000 samples"),
    "lenet5-fashion": dict(
        title="LeNet-5 with batch normalisation on Fashion-MNIST", dataset="fashion-mnist",
        net=lambda: networks.lenet5(normalised=True), preprocessing={**GREY, **FASHION}, keep_batch_norm=True,
        epochs=20, rate=2e-3, augment=lambda x: shift(flip(x), 1), data="Fashion-MNIST train, 60,000 samples"),
    "resnet8-photodigits": dict(
        title="ResNet-8 (16-32-64) on colour digits over photographs", dataset="photo-digits",
        net=lambda: networks.resnet8(3, 10),
        preprocessing={**GREY, "mean": [0.426, 0.361, 0.328], "std": [0.317, 0.258, 0.265]},
        epochs=24, rate=4e-3, augment=lambda x: shift(x, 2), data="photo-digits train, 10,000 samples"),
    "dscnn-voices": dict(
        title="DS-CNN on spoken-language windows", dataset="voices", net=lambda: networks.dscnn(5),
        preprocessing={**GREY, "mean": [0.544], "std": [0.233]},
        epochs=20, rate=4e-3, augment=mask, memory=torch.channels_last, data="voices train, 8,952 windows"),
    "vit-mnist": dict(
        title="Small vision transformer on MNIST", dataset="mnist", net=networks.VisionTransformer,
        preprocessing={**GREY, **MNIST}, opset=17,
        epochs=10, rate=2e-3, augment=lambda x: shift(x, 1), data="MNIST train, 60,000 samples"),
    "transformer-splice": dict(
        title="Token transformer on DNA splice junctions", dataset="dna-splice", net=networks.TokenTransformer,
        preprocessing={"layout": "sequence", "type": "int64"}, opset=17,
        epochs=40, rate=2e-3, batch=32, data="dna-splice train, 2,000 samples"),
    "autoencoder-mnist": dict(
        title="Autoencoder 784-128-64-8-64-128-784 on MNIST", dataset="mnist", net=networks.autoencoder,
        preprocessing={**GREY, "layout": "flat", "mean": [0.0], "std": [1.0]}, reconstruction=True,
        epochs=30, rate=2e-3, data="MNIST train, 60,000 samples"),
    "mlp-letter": dict(
        title="Multilayer perceptron 16-128-64-26 on letter recognition", dataset="letter",
        net=lambda: networks.mlp(16, 128, 64, 26), preprocessing={"layout": "features"},
        epochs=60, rate=3e-3, data="letter train, 16,000 samples"),
    "mlp-satellite": dict(
        title="Multilayer perceptron 36-64-32-6 on Landsat pixels", dataset="satellite",
        net=lambda: networks.mlp(36, 64, 32, 6), preprocessing={"layout": "features"},
        epochs=120, rate=3e-3, batch=64, decay=0.1, smoothing=0.1, data="satellite train, 4,435 samples"),
}


def complete(preprocessing, samples):
    """Adds scale, mean and std to a table's preprocessing, from its train split, rounded so that JSON holds them exactly."""
    if preprocessing["layout"] != "features":
        return preprocessing
    return {**preprocessing, "type": "float32", "scale": 1.0, "mean": [round(v, 4) for v in samples.mean(0).tolist()],
            "std": [round(v, 4) for v in samples.std(0).tolist()]}


def round_parameters(net, rounding):
    """Weights and biases of linear layers are rounded wherever they are used."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear):
            for name in ("weight", "bias"):
                parametrize.register_parametrization(layer, name, rounding())


def keep_rounded(net):
    """Ends that: the rounded values stay as the parameters."""
    for layer in net.modules():
        if parametrize.is_parametrized(layer):
            for name in ("weight", "bias"):
                parametrize.remove_parametrizations(layer, name)


def optimizer_of(recipe, net, steps):
    """AdamW with one warm cycle; where the recipe has a momentum, plain gradient descent at a constant rate."""
    if "momentum" in recipe:
        optimizer = torch.optim.SGD(net.parameters(), recipe["rate"], momentum=recipe["momentum"])
        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": recipe.get("decay", 1e-2)},
                                   {"params": others, "weight_decay": 0.0}], lr=recipe["rate"])
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe["rate"], steps, pct_start=0.15)


def train(recipe, x, y, seed):
    """Trains as the recipe says; the sample order follows the seed."""
    torch.manual_seed(seed)
    memory = recipe.get("memory", torch.contiguous_format)  # channels last: the depthwise network trains twice as fast
    net = recipe["net"]().to(memory_format=memory)
    epochs, batch = recipe["epochs"], recipe.get("batch", 128)
    augment = recipe.get("augment", lambda images: images)
    if "rounded" in recipe:
        round_parameters(net, recipe["rounded"])
    optimizer, schedule = optimizer_of(recipe, net, epochs * math.ceil(len(x) / batch))
    for epoch in range(1, epochs + 1):
        net.train()
        start, total = time.time(), 0.0
        for chosen in torch.randperm(len(x)).split(batch):
            inputs = augment(x[chosen]).contiguous(memory_format=memory)
            outputs = net(inputs)
            if recipe.get("reconstruction"):
                loss = functional.mse_loss(outputs, inputs)
            else:
                loss = functional.cross_entropy(outputs, y[chosen], label_smoothing=recipe.get("smoothing", 0.0))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch:2}: loss {total / len(x):.4f}, {time.time() - start:.1f} s", flush=True)
    keep_rounded(net)
    return net.to(memory_format=torch.contiguous_format).eval()


@torch.no_grad()
def outputs_of(net, x):
    """The outputs of all samples, a thousand at a time."""
    return torch.cat([net(part) for part in x.split(1000)])


def main():
    """Trains what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(RECIPES))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HOME)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    recipe = RECIPES[given.name]

    samples, labels = load(given.data / recipe["dataset"], "train")
    preprocessing = complete(recipe["preprocessing"], samples)
    x, y = torch.from_numpy(prepare(samples, preprocessing)), torch.from_numpy(labels)
    net = train(recipe, x, y, given.seed)

    path = given.out / given.name / "model.onnx"
    model = export(net, x[:2], path, recipe.get("opset", 13), recipe.get("keep_batch_norm", False))
    parameters, macs = count(model)
    task = {"kind": "classification"}
    if recipe.get("reconstruction"):
        errors = ((outputs_of(net, x) - x) ** 2).mean(1).numpy()
        task = {"kind": "reconstruction", "threshold": round(float(np.quantile(errors, 0.99)), 6)}
    record = {
        "schema": "polarizer.network/1", "name": given.name, "title": recipe["title"], "model": "model.onnx",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "dataset": recipe["dataset"], "task": task,
        "preprocessing": preprocessing, "parameters": parameters, "macs": macs,
        "training": {"script": "resources/networks/training/train.py", "arguments": given.name, "seed": given.seed,
                     "epochs": recipe["epochs"], "data": recipe["data"]},
        "source": "trained by this project", "licence": "Apache-2.0 (weights)",
        "attribution": json.loads((given.data / recipe["dataset"] / "dataset.json").read_text())["attribution"]}
    (path.parent / "network.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    test, truth = load(given.data / recipe["dataset"], "test")
    outputs = outputs_of(net, torch.from_numpy(prepare(test, preprocessing)))
    if not recipe.get("reconstruction"):
        print(f"{given.name}: {int((outputs.argmax(1).numpy() == truth).sum())} of {len(truth)} right, before export")


if __name__ == "__main__":
    main()
