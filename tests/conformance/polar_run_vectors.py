#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives ONNX's own backend tests to `polar run`, as a person would, and compares the .npy files with the right answers.

tst_onnx_conformance asks the reader and the scalar reference; this asks the whole program: the command line, the engine
that `run` uses, the files it writes. Wants the packages libonnx-testdata, python3-onnx and python3-numpy.

    tests/conformance/polar_run_vectors.py build/release/bin/polar
    tests/conformance/polar_run_vectors.py build/release/bin/polar node --only softmax --show refused

Every case ends as `passed`, `refused` (exit code 1 and a message that names an operator of the file, or the input whose
data contradict the file) or `wrong` (anything else: another number, a crash, another exit code, a message that names none).
Exit code 1 where any is wrong, or fewer pass than ought to.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
from onnx import numpy_helper

DATA = pathlib.Path("/usr/share/libonnx-testdata/data")
WANTED = {"node": 430, "pytorch-converted": 82, "pytorch-operator": 35, "simple": 0}  # cases that must pass
RELATIVE, ABSOLUTE = 1e-3, 1e-5
SLOW_SECONDS = 2.0

Case = collections.namedtuple("Case", "name verdict words seconds")


def tensor(file):
    proto = onnx.TensorProto()
    proto.ParseFromString(file.read_bytes())
    return numpy_helper.to_array(proto)


def operations(graph):
    """Every operator of the file as polar names it: the domain in front where it is not ONNX's own."""
    return {node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}" for node in graph.node}


def difference(found, wanted, element_type):
    """Empty where the arrays agree, else what is wrong."""
    if element_type == onnx.TensorProto.BFLOAT16 and wanted.dtype == numpy.uint16 and found.dtype == numpy.float32:
        # NumPy has no bfloat16: the test data holds its bits, polar writes the same value as float32.
        if numpy.any(found.view(numpy.uint32) & 0xFFFF):
            return "holds numbers that are no bfloat16"
        found = (found.view(numpy.uint32) >> 16).astype(numpy.uint16)
        if found.shape == wanted.shape and numpy.array_equal(found, wanted):
            return ""
        return "the bits of bfloat16 differ"
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return f"is {found.dtype} {found.shape}; {wanted.dtype} {wanted.shape} is wanted"
    if wanted.dtype.kind == "f":
        near = numpy.isclose(found.astype(float), wanted.astype(float), RELATIVE, ABSOLUTE, equal_nan=True)
    else:
        near = found == wanted
    if numpy.all(near):
        return ""
    first = numpy.argwhere(~near)[0]
    return f"element {list(first)} is {found[tuple(first)]}; {wanted[tuple(first)]} is wanted"


def input_file(file, element_type, output):
    """The file as it is; where the test data holds the bits of bfloat16 as uint16, the same bits by their right name."""
    proto = onnx.TensorProto()
    if element_type == onnx.TensorProto.BFLOAT16:
        proto.ParseFromString(file.read_bytes())
    if proto.data_type != onnx.TensorProto.UINT16:
        return file
    proto.data_type = onnx.TensorProto.BFLOAT16
    renamed = pathlib.Path(output) / file.name
    renamed.write_bytes(proto.SerializeToString())
    return renamed


def contradicts(file, declared):
    """True where the data's shape is not what the model declares (four CastLike cases): refusing such an input is right."""
    sizes = [axis.dim_value if axis.HasField("dim_value") else None for axis in declared.shape.dim]
    proto = onnx.TensorProto()
    proto.ParseFromString(file.read_bytes())
    found = list(proto.dims)
    return declared.HasField("shape") and (
        len(sizes) != len(found) or any(size not in (None, axis) for size, axis in zip(sizes, found)))


def run_set(polar, folder, data, graph, output):
    """(verdict, words) of one set of inputs and outputs."""
    initializers = {value.name for value in graph.initializer}
    inputs = [value for value in graph.input if value.name not in initializers]
    command = [polar, "run", str(folder / "model.onnx"), "--output", output, "--json"]
    contradicted = []
    for i, value in enumerate(inputs):
        file = data / f"input_{i}.pb"
        if file.exists():
            command += ["--input", f"{value.name}={input_file(file, value.type.tensor_type.elem_type, output)}"]
            if value.type.HasField("tensor_type") and contradicts(file, value.type.tensor_type):
                contradicted.append(value.name)
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    words = run.stderr.strip()
    if run.returncode == 1 and words.startswith("polar: "):
        named = any(operation in words for operation in operations(graph)) or any(f"input {name} wants" in words for name in contradicted)
        return ("refused" if named else "wrong"), words
    if run.returncode != 0:
        return "wrong", f"exit code {run.returncode}; {words}"
    outputs = json.loads(run.stdout)["outputs"]
    if [found["name"] for found in outputs] != [value.name for value in graph.output]:
        return "wrong", f"outputs are {[found['name'] for found in outputs]}"
    for i, (found, declared) in enumerate(zip(outputs, graph.output)):
        array = numpy.load(found["file"])
        if list(array.shape) != found["shape"]:
            return "wrong", f"output {found['name']}: the file is {array.shape}, the document says {found['shape']}"
        text = difference(array, tensor(data / f"output_{i}.pb"), declared.type.tensor_type.elem_type)
        if text:
            return "wrong", f"output {found['name']}: {text}"
    return "passed", ""


def run_case(polar, folder):
    began = time.monotonic()
    verdict, words = "wrong", "there is no data set"
    try:
        graph = onnx.load(str(folder / "model.onnx"), load_external_data=False).graph
        for data in sorted(folder.glob("test_data_set_*")):
            with tempfile.TemporaryDirectory() as output:
                verdict, words = run_set(polar, folder, data, graph, output)
            if verdict != "passed":
                break
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError) as error:
        verdict, words = "wrong", repr(error)
    return Case(folder.name, verdict, words, time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("polar", help="the program to ask")
    parser.add_argument("group", nargs="*", default=list(WANTED), help=f"of {', '.join(WANTED)}; all where none is named")
    parser.add_argument("--only", default="", help="only cases whose name holds this")
    parser.add_argument("--show", choices=["passed", "refused"], action="append", default=[], help="also list these cases")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    good = True
    for group in options.group:
        folders = sorted(file.parent for file in (DATA / group).glob("*/model.onnx") if options.only in file.parent.name)
        if not folders:
            print(f"{group}: no case below {DATA}")
            good = bool(options.only) and good
            continue
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            cases = list(pool.map(lambda folder: run_case(options.polar, folder), folders))
        for case in cases:
            if case.verdict == "wrong" or case.verdict in options.show:
                print(f"{case.verdict:8} {case.name}: {case.words}")
            if case.seconds > SLOW_SECONDS:
                print(f"slow     {case.name}: {case.seconds:.1f} s")
        count = collections.Counter(case.verdict for case in cases)
        print(f"{group}: {count['passed']} passed, {count['refused']} refused, {count['wrong']} wrong, of {len(cases)}")
        good = good and count["wrong"] == 0 and (bool(options.only) or count["passed"] >= WANTED[group])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
