# SPDX-License-Identifier: Apache-2.0
"""Writes unclean-export.onnx: a small network exported carelessly, so that importing such files can be tested.

Its shapes are computed while it runs (Shape, Gather, Unsqueeze, Concat, Reshape), its constants are nodes, some behind
a Cast, its batch normalisation is not folded, and its output has a number for a name. The weights are
trained for one epoch on MNIST: python3 unclean.py --data FOLDER
"""
import argparse
from pathlib import Path

import onnx
import torch
from torch import nn

import train
from data import load, prepare


class Careless(nn.Module):
    """A little convolutional network that asks its input for its shape again and again."""

    def __init__(self):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.BatchNorm2d(8)
        self.conv2, self.norm2 = nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16)
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        x = nn.functional.relu6(self.norm1(self.conv1(x)))
        x = nn.functional.relu(self.norm2(self.conv2(x)))
        batch, channels, height, width = x.shape
        x = x.view(batch, channels, height * width).permute(0, 2, 1)
        return self.fc(x.contiguous().view(x.size(0), -1))


def main():
    """Trains, exports as it comes, and takes out only the notes that name files of the machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    recipe = {**train.RECIPES["lenet5-mnist"], "net": Careless, "epochs": 1}
    samples, labels = load(given.data / "mnist", "train")
    x = torch.from_numpy(prepare(samples, recipe["preprocessing"]))
    net = train.train(recipe, x, torch.from_numpy(labels), 1)
    path = Path(__file__).parent / "unclean-export.onnx"
    torch.onnx.export(net, x[:2], str(path), opset_version=11, training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False, input_names=["image"], dynamic_axes={"image": {0: "batch"}})
    model = onnx.load(str(path))
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, str(path))
    test, truth = load(given.data / "mnist", "test")
    outputs = train.outputs_of(net, torch.from_numpy(prepare(test, recipe["preprocessing"])))
    print(f"unclean-export: {int((outputs.argmax(1).numpy() == truth).sum())} of {len(truth)} right")


if __name__ == "__main__":
    main()
