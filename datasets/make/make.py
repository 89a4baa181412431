# SPDX-License-Identifier: Apache-2.0
"""Makes the data sets of this folder from their source packages.

    sh fetch.sh /tmp/sources
    python3 make.py --sources /tmp/sources                          # what is committed, into datasets/
    python3 make.py --sources /tmp/sources --full --out /tmp/full   # whole train sets, for training

Names after the options choose some of them: mnist fashion-mnist photo-digits voices letter satellite dna-splice.
"""
import argparse
from pathlib import Path

MODULES = {"mnist": "mnist", "fashion-mnist": "fashion_mnist", "photo-digits": "photo_digits", "voices": "voices",
           "letter": "letter", "satellite": "satellite", "dna-splice": "dna_splice"}


def main():
    """Reads the arguments and makes one data set after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(MODULES), metavar="NAME")
    parser.add_argument("--sources", type=Path, required=True, help="the folder fetch.sh filled")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--full", action="store_true", help="write the whole train split")
    given = parser.parse_args()
    for name in given.names:
        __import__(MODULES[name]).make(given.sources, given.out, given.full)
        size = sum(file.stat().st_size for file in (given.out / name).iterdir())
        print(f"{name}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
