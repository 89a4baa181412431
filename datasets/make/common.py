# SPDX-License-Identifier: Apache-2.0
"""What every data set needs: IDX files, repeatable gzip, and the dataset.json beside them."""
import gzip
import hashlib
import json
import struct
from pathlib import Path

import numpy as np


def write_gzip(path, data):
    """Writes bytes as gzip without a time stamp, so the same bytes give the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9, mtime=0))


def write_idx(path, array):
    """Writes an array of unsigned bytes, of any rank, as IDX (big endian sizes, then the bytes)."""
    assert array.dtype == np.uint8
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    write_gzip(path, head + array.tobytes())


def read_idx(path):
    """Reads an IDX file of unsigned bytes, plain or gzip."""
    data = Path(path).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def write_csv(path, header, rows):
    """Writes rows of plain values (no commas inside) as CSV with a header line."""
    lines = [",".join(header)] + [",".join(map(str, row)) for row in rows]
    write_gzip(path, ("\n".join(lines) + "\n").encode())


def write_images(folder, prefix, word, samples, labels):
    """Writes one split as two IDX files and returns its entry for dataset.json."""
    inputs = f"{prefix}-{word}-idx{samples.ndim}-ubyte.gz"
    targets = f"{prefix}-labels-idx1-ubyte.gz"
    write_idx(folder / inputs, np.ascontiguousarray(samples))
    write_idx(folder / targets, np.ascontiguousarray(labels))
    return {"samples": len(samples), "inputs": inputs, "labels": targets}


def write_table(folder, prefix, header, rows):
    """Writes one split as one CSV file and returns its entry for dataset.json."""
    inputs = f"{prefix}.csv.gz"
    write_csv(folder / inputs, header, rows)
    return {"samples": len(rows), "inputs": inputs}


def describe(folder, record, others=()):
    """Writes dataset.json with the size and SHA-256 of every file named in the splits, and of the others."""
    names = [split[key] for split in record["splits"].values() for key in ("inputs", "labels") if key in split]
    names += others
    files = {}
    for name in names:
        data = (folder / name).read_bytes()
        files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    whole = {"schema": "polarizer.dataset/1", **record, "files": files}
    (folder / "dataset.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
