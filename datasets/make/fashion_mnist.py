# SPDX-License-Identifier: Apache-2.0
"""Fashion-MNIST: the first 2,000 of train are committed, and the whole test set."""
import hashlib

from common import describe, read_idx, write_images

CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
IMAGES_MD5 = {"train": "f4a8712d7a061bf5bd6d2ca38dc4d50a", "t10k": "8181f5470baa50b63fa0f6fddb340f0a"}


def read(sources, prefix):
    """Returns the images and labels of one split, after checking that the images are the canonical ones."""
    folder = sources / "dataset-fashion-mnist" / "usr" / "share" / "datasets" / "fashion-mnist"
    images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz")
    head = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in images.shape)
    if hashlib.md5(head + images.tobytes()).hexdigest() != IMAGES_MD5[prefix]:
        raise SystemExit(f"{folder}: the {prefix} images are not the canonical ones")
    return images, read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz")


def make(sources, out, full):
    """Writes datasets/fashion-mnist."""
    folder = out / "fashion-mnist"
    images, labels = read(sources, "train")
    count = len(images) if full else 2000
    splits = {"train": write_images(folder, "train", "images", images[:count], labels[:count]),
              "test": write_images(folder, "t10k", "images", *read(sources, "t10k"))}
    describe(folder, {
        "name": "fashion-mnist", "title": "Fashion-MNIST articles of clothing", "kind": "image", "classes": CLASSES,
        "format": "idx", "layout": "hw", "rows": 28, "columns": 28, "channels": 1, "splits": splits,
        "source": "Debian package dataset-fashion-mnist 0.0~git20200523.55506a9 (image MD5 checked); "
                  "train = the first 2,000 of 60,000, test = all 10,000",
        "licence": "MIT", "attribution": ["Copyright 2017 Zalando SE; Han Xiao, Kashif Rasul, Roland Vollgraf"]})
