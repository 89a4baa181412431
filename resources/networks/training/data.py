# SPDX-License-Identifier: Apache-2.0
"""Reads a data set folder through its dataset.json, and prepares samples the way network.json records it."""
import csv
import gzip
import json
import struct

import numpy as np


def read_idx(path):
    """Reads a gzip IDX file of unsigned bytes."""
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_csv(path, label, classes):
    """Reads a CSV file with a header line; returns the numbers and the class indices."""
    with gzip.open(path, "rt", newline="") as file:
        header, *rows = csv.reader(file)
    at = header.index(label)
    values = np.array([[float(value) for i, value in enumerate(row) if i != at] for row in rows])
    return values, np.array([classes.index(row[at]) for row in rows])


def load(folder, split):
    """Returns the stored samples and the class indices of one split."""
    record = json.loads((folder / "dataset.json").read_text())
    files = record["splits"][split]
    if record["format"] == "csv":
        return read_csv(folder / files["inputs"], record["csv"]["label"], record["classes"])
    return read_idx(folder / files["inputs"]), read_idx(folder / files["labels"]).astype(np.int64)


def prepare(samples, preprocessing):
    """Stored samples to network inputs: (stored * scale - mean) / std, then the layout."""
    if preprocessing["type"] == "int64":
        return samples.astype(np.int64)
    mean, std = np.float32(preprocessing["mean"]), np.float32(preprocessing["std"])
    x = samples.astype(np.float32) * np.float32(preprocessing["scale"])
    x = (x - mean) / std
    if preprocessing["layout"] == "flat":
        return x.reshape(len(x), -1)
    if preprocessing["layout"] == "chw":
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x[:, None]
    return x
