# SPDX-License-Identifier: Apache-2.0
"""Landsat satellite: 3x3 pixels in four bands, and the kind of ground under the middle one."""
import rda
from common import describe, write_table

CLASSES = ["red soil", "cotton crop", "grey soil", "damp grey soil", "vegetation stubble", "very damp grey soil"]
FEATURES = [f"pixel{pixel}_band{band}" for pixel in range(1, 10) for band in range(1, 5)]


def make(sources, out, full):
    """Writes datasets/satellite; it is always whole."""
    folder = out / "satellite"
    table = rda.read(sources, "Satellite")
    rows = [[int(value) for value in row[:36]] + [row[36]] for row in table.values.tolist()]
    assert len(rows) == 6435
    header = [*FEATURES, "ground"]
    splits = {"train": write_table(folder, "train", header, rows[:4435]),
              "test": write_table(folder, "test", header, rows[4435:])}
    describe(folder, {
        "name": "satellite", "title": "Landsat satellite pixels", "kind": "table", "classes": CLASSES,
        "format": "csv", "csv": {"label": "ground", "header": True}, "layout": "features", "features": FEATURES,
        "splits": splits,
        "source": "Debian package r-cran-mlbench 2.1-3, Satellite.rda (UCI Statlog Landsat Satellite); the original "
                  "split: train = the first 4,435 rows, test = the last 2,000",
        "licence": "CC-BY-4.0",
        "attribution": ["Ashwin Srinivasan: Statlog (Landsat Satellite), UCI Machine Learning Repository, 1993"]})
