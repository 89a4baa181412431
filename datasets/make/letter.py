# SPDX-License-Identifier: Apache-2.0
"""Letter recognition: sixteen numbers measured on distorted capital letters."""
from common import describe, write_table

FEATURES = ["x_box", "y_box", "width", "height", "on_pixels", "x_bar", "y_bar", "x2_bar", "y2_bar", "xy_bar",
            "x2y_bar", "xy2_bar", "x_edges", "x_edges_by_y", "y_edges", "y_edges_by_x"]


def make(sources, out, full):
    """Writes datasets/letter; it is always whole."""
    folder = out / "letter"
    examples = sources / "opencv-doc" / "usr" / "share" / "doc" / "opencv-doc" / "examples" / "data"
    rows = [line.split(",") for line in (examples / "letter-recognition.data").read_text().split()]
    assert len(rows) == 20000
    header = ["letter", *FEATURES]
    splits = {"train": write_table(folder, "train", header, rows[:16000]),
              "test": write_table(folder, "test", header, rows[16000:])}
    describe(folder, {
        "name": "letter", "title": "Letter recognition", "kind": "table",
        "classes": [chr(ord("A") + i) for i in range(26)],
        "format": "csv", "csv": {"label": "letter", "header": True}, "layout": "features", "features": FEATURES,
        "splits": splits,
        "source": "Debian package opencv-doc 4.6.0, examples/data/letter-recognition.data (UCI Letter Recognition); "
                  "train = the first 16,000 rows, test = the last 4,000",
        "licence": "CC-BY-4.0",
        "attribution": ["David J. Slate: Letter Recognition, UCI Machine Learning Repository, 1991 "
                        "(P. W. Frey and D. J. Slate, Machine Learning 6(2), 1991)"]})
