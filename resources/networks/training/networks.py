# SPDX-License-Identifier: Apache-2.0
"""The architectures. Module names become node names in the ONNX files, so they are chosen to be read."""
import torch
from torch import nn


def mlp(*sizes, activation=nn.ReLU):
    """A chain of fully connected layers fc1, fc2, ... with ReLU, or another activation, between them."""
    net = nn.Sequential()
    for i in range(1, len(sizes)):
        net.add_module(f"fc{i}", nn.Linear(sizes[i - 1], sizes[i]))
        if i + 1 < len(sizes):
            net.add_module(f"{activation.__name__.lower()}{i}", activation())
    return net


class E4m3Rounding(nn.Module):
    """Rounds to 8-bit floats e4m3 that top out at 240, ties to even; the gradient passes as if it did not."""

    def forward(self, x):
        step = torch.exp2(torch.floor(torch.log2(x.abs().clamp(min=2.0 ** -6))) - 3)
        rounded = (torch.round(x / step) * step).clamp(-240, 240)
        return x + (rounded - x).detach()


def lenet5(normalised=False):
    """LeNet-5 with ReLU and max pooling, 28x28 grey in; optionally with batch normalisation after each convolution."""
    net = nn.Sequential()
    for i, (inputs, outputs, padding) in enumerate([(1, 6, 2), (6, 16, 0)], 1):
        net.add_module(f"conv{i}", nn.Conv2d(inputs, outputs, 5, padding=padding))
        if normalised:
            net.add_module(f"norm{i}", nn.BatchNorm2d(outputs))
        net.add_module(f"relu{i}", nn.ReLU())
        net.add_module(f"pool{i}", nn.MaxPool2d(2))
    net.add_module("flatten", nn.Flatten())
    for i, (inputs, outputs) in enumerate([(400, 120), (120, 84), (84, 10)], 1):
        net.add_module(f"fc{i}", nn.Linear(inputs, outputs))
        if i < 3:
            net.add_module(f"relu{i + 2}", nn.ReLU())
    return net


class Add(nn.Module):
    """A sum with a name."""

    def forward(self, a, b):
        return a + b


class MatMul(nn.Module):
    """A product of two activations with a name."""

    def forward(self, a, b):
        return a @ b


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut (1x1 where the shape changes), as in ResNet-8 of MLPerf Tiny."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else None
        self.add = Add()
        self.relu2 = nn.ReLU()

    def forward(self, x):
        y = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        return self.relu2(self.add(y, self.shortcut(x) if self.shortcut else x))


def resnet8(channels, classes):
    """ResNet-8 with 16, 32 and 64 channels."""
    net = nn.Sequential()
    net.add_module("conv1", nn.Conv2d(channels, 16, 3, 1, 1, bias=False))
    net.add_module("norm1", nn.BatchNorm2d(16))
    net.add_module("relu1", nn.ReLU())
    net.add_module("block1", ResidualBlock(16, 16, 1))
    net.add_module("block2", ResidualBlock(16, 32, 2))
    net.add_module("block3", ResidualBlock(32, 64, 2))
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("flatten", nn.Flatten())
    net.add_module("fc", nn.Linear(64, classes))
    return net


def dscnn(classes, width=64, blocks=4):
    """DS-CNN: one convolution, then depthwise and pointwise ones in turn, all with ReLU6; 40x49 log-mel in."""
    net = nn.Sequential()
    net.add_module("conv1", nn.Conv2d(1, width, (10, 4), 2, (4, 1), bias=False))
    net.add_module("norm1", nn.BatchNorm2d(width))
    net.add_module("relu1", nn.ReLU6())
    for i in range(1, blocks + 1):
        block = nn.Sequential()
        for word, kernel, padding, groups in (("depthwise", 3, 1, width), ("pointwise", 1, 0, 1)):
            block.add_module(word, nn.Conv2d(width, width, kernel, 1, padding, groups=groups, bias=False))
            block.add_module(f"{word}_norm", nn.BatchNorm2d(width))
            block.add_module(f"{word}_relu", nn.ReLU6())
        net.add_module(f"block{i}", block)
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("flatten", nn.Flatten())
    net.add_module("dropout", nn.Dropout(0.1))
    net.add_module("fc", nn.Linear(width, classes))
    return net


class Attention(nn.Module):
    """Multi-head self-attention over a fixed number of tokens, with separate query, key and value layers."""

    def __init__(self, tokens, width, heads):
        super().__init__()
        self.shape, self.tokens, self.width = (-1, tokens, heads, width // heads), tokens, width
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.scores, self.softmax, self.mix = MatMul(), nn.Softmax(-1), MatMul()
        self.output = nn.Linear(width, width)

    def forward(self, x):
        q = self.query(x).reshape(self.shape).transpose(1, 2)
        k = self.key(x).reshape(self.shape).permute(0, 2, 3, 1)
        v = self.value(x).reshape(self.shape).transpose(1, 2)
        weights = self.softmax(self.scores(q * self.shape[3] ** -0.5, k))
        return self.output(self.mix(weights, v).transpose(1, 2).reshape(-1, self.tokens, self.width))


class Mlp(nn.Module):
    """The two layers after the attention, with GELU between them."""

    def __init__(self, width, hidden, dropout):
        super().__init__()
        self.fc1, self.gelu, self.fc2 = nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.fc2(self.gelu(self.fc1(x))))


class TransformerBlock(nn.Module):
    """Attention and MLP, each after a layer normalisation and with a shortcut (pre-norm)."""

    def __init__(self, tokens, width, heads, hidden, dropout):
        super().__init__()
        self.norm1, self.attention, self.add1 = nn.LayerNorm(width), Attention(tokens, width, heads), Add()
        self.norm2, self.mlp, self.add2 = nn.LayerNorm(width), Mlp(width, hidden, dropout), Add()

    def forward(self, x):
        x = self.add1(x, self.attention(self.norm1(x)))
        return self.add2(x, self.mlp(self.norm2(x)))


class Transformer(nn.Module):
    """What the two transformers share: learned positions, blocks, the mean over tokens, one last layer."""

    def __init__(self, tokens, width, blocks, heads, hidden, classes, dropout, spread=0.02):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(tokens, width) * spread)
        self.place = Add()
        self.dropout = nn.Dropout(dropout)
        self.blocks = blocks
        for i in range(1, blocks + 1):
            self.add_module(f"block{i}", TransformerBlock(tokens, width, heads, hidden, dropout))
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, classes)

    def classify(self, tokens):
        """From embedded tokens to class scores."""
        x = self.dropout(self.place(tokens, self.positions))
        for i in range(1, self.blocks + 1):
            x = getattr(self, f"block{i}")(x)
        return self.fc(self.norm(x).mean(1))


class VisionTransformer(Transformer):
    """A small ViT: a 28x28 image is cut into 16 patches of 7x7."""

    def __init__(self, width=48, blocks=3, heads=4, hidden=96, classes=10, dropout=0.05):
        super().__init__(16, width, blocks, heads, hidden, classes, dropout)
        self.patches = nn.Conv2d(1, width, 7, 7)
        self.width = width

    def forward(self, x):
        return self.classify(self.patches(x).reshape(-1, self.width, 16).transpose(1, 2))


class TokenTransformer(Transformer):
    """A transformer over integer tokens; places and tokens start with equal weight, since here the place matters most."""

    def __init__(self, tokens=60, vocabulary=4, width=32, blocks=2, heads=4, hidden=64, classes=3, dropout=0.1):
        super().__init__(tokens, width, blocks, heads, hidden, classes, dropout, spread=0.5)
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=0.5)

    def forward(self, x):
        return self.classify(self.embedding(x))


def autoencoder():
    """784-128-64-8-64-128-784, ReLU between, the code linear and the output a sigmoid."""
    sizes = [784, 128, 64, 8, 64, 128, 784]
    net = mlp(*sizes)
    renamed = nn.Sequential()
    for name, module in net.named_children():
        if name != "relu3":
            renamed.add_module(name, module)
    renamed.add_module("sigmoid", nn.Sigmoid())
    return renamed
