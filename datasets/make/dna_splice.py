# SPDX-License-Identifier: Apache-2.0
"""DNA splice junctions: sixty nucleotides as tokens; is there a junction in the middle, and of which kind?"""
import numpy as np

import rda
from common import describe, write_table

SEED = 60
CLASSES = ["ei", "ie", "n"]
FEATURES = [f"base{place}" for place in range(1, 61)]


def make(sources, out, full):
    """Writes datasets/dna-splice; it is always whole."""
    folder = out / "dna-splice"
    table = rda.read(sources, "DNA")
    # Three indicator columns per nucleotide: 100 = A, 010 = C, 001 = G, 000 = T; tokens 0 = T, 1 = A, 2 = C, 3 = G.
    indicators = table.iloc[:, :180].to_numpy().astype(int).reshape(-1, 60, 3)
    tokens = indicators @ [1, 2, 3]
    assert indicators.sum(2).max() == 1 and len(tokens) == 3186
    order = np.random.default_rng(SEED).permutation(len(tokens))
    rows = [[*tokens[i], table["Class"].iloc[i]] for i in order]
    header = [*FEATURES, "junction"]
    splits = {"train": write_table(folder, "train", header, rows[:2000]),
              "test": write_table(folder, "test", header, rows[2000:])}
    describe(folder, {
        "name": "dna-splice", "title": "DNA splice junctions", "kind": "sequence", "classes": CLASSES,
        "format": "csv", "csv": {"label": "junction", "header": True}, "layout": "sequence", "features": FEATURES,
        "splits": splits,
        "source": "Debian package r-cran-mlbench 2.1-3, DNA.rda (UCI Molecular Biology, Splice-junction Gene "
                  "Sequences); shuffled with a fixed seed; train = 2,000, test = 1,186; tokens 0 = T, 1 = A, 2 = C, 3 = G",
        "licence": "CC-BY-4.0",
        "attribution": ["G. Towell, M. Noordewier, J. Shavlik: Molecular Biology (Splice-junction Gene Sequences), "
                        "UCI Machine Learning Repository, 1991, from GenBank 64.1; StatLog version by Ross King"]})
