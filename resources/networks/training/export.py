# SPDX-License-Identifier: Apache-2.0
"""From a trained module to a small, readable ONNX file: one name per node, no constants as nodes, no tool traces."""
import io

import onnx
import torch
from onnx import numpy_helper

WEIGHTED = ("Conv", "Gemm", "MatMul")


def export(net, example, path, opset, keep_batch_norm=False):
    """Exports a module in evaluation mode, tidies the graph, checks it and writes it."""
    mode = torch.onnx.TrainingMode.PRESERVE if keep_batch_norm else torch.onnx.TrainingMode.EVAL
    buffer = io.BytesIO()
    torch.onnx.export(net.eval(), example, buffer, opset_version=opset, input_names=["input"],
                      output_names=["output"], dynamic_axes={"input": {0: "N"}, "output": {0: "N"}},
                      training=mode, do_constant_folding=not keep_batch_norm)
    model = onnx.load_from_string(buffer.getvalue())
    tidy(model, path.parent.name)
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return model


def tidy(model, name):
    """Gives the graph a name and its nodes and tensors readable ones."""
    graph = model.graph
    graph.name, graph.doc_string, model.doc_string = name, "", ""
    del graph.value_info[:]
    constants_to_initializers(graph)
    drop_identities(graph)
    drop_unused(graph)
    rename_nodes(graph)
    rename_tensors(graph)


def constants_to_initializers(graph):
    """Turns every Constant node into an initializer."""
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        tensor = numpy_helper.from_array(numpy_helper.to_array(node.attribute[0].t), node.output[0])
        graph.initializer.append(tensor)
        graph.node.remove(node)


def drop_identities(graph):
    """Removes Identity nodes; who read their output reads their input."""
    for node in [node for node in graph.node if node.op_type == "Identity"]:
        for reader in graph.node:
            for i, value in enumerate(reader.input):
                if value == node.output[0]:
                    reader.input[i] = node.input[0]
        graph.node.remove(node)


def drop_unused(graph):
    """Removes initializers nobody reads."""
    read = {value for node in graph.node for value in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in read]:
        graph.initializer.remove(tensor)


def rename_nodes(graph):
    """Names nodes by module path: the weighted node has the path itself, its helpers the path and their operation."""
    weights = {tensor.name for tensor in graph.initializer}
    scopes = {}
    for node in graph.node:
        node.doc_string = ""
        scopes.setdefault(".".join(node.name.strip("/").split("/")[:-1]), []).append(node)
    taken = set()
    for scope, nodes in scopes.items():
        leaders = [node for node in nodes if node.op_type in WEIGHTED and weights & set(node.input)]
        for node in nodes:
            if scope and (leaders[:1] == [node] or len(nodes) == 1):
                name = scope
            elif leaders and node.op_type == "Add":
                name = f"{scope}.add"
            else:
                base = f"{scope}.{node.op_type.lower()}".lstrip(".")
                alike = sum(other.op_type == node.op_type for other in nodes)
                numbers = (base if alike == 1 else f"{base}{i}" for i in range(1, alike + 1))
                name = next(word for word in numbers if word not in taken)
            assert name not in taken, name
            taken.add(name)
            node.name = name


def rename_tensors(graph):
    """Names each value after the node that makes it, and each initializer after the node that reads it."""
    roles = {"Conv": ["weight", "bias"], "Gemm": ["weight", "bias"], "Clip": ["low", "high"], "Reshape": ["shape"],
             "BatchNormalization": ["scale", "shift", "mean", "variance"], "LayerNormalization": ["scale", "shift"]}
    initializers = {tensor.name: tensor for tensor in graph.initializer}
    weighted = {node.name for node in graph.node if node.op_type in WEIGHTED}
    new = {}
    for node in graph.node:
        if node.output[0] != "output":
            new[node.output[0]] = node.name
        for i, value in enumerate(node.input):
            if value not in initializers or value in new:
                continue
            words = roles.get(node.op_type, [])
            if node.op_type == "Gather":
                word = "table" if i == 0 else "indices"
            elif node.op_type == "MatMul":
                word = "weight"
            elif node.op_type == "Add" and node.name == "place":
                word = "positions"
            elif node.op_type == "Add" and node.name[:-len(".add")] in weighted:
                word = "bias"
            else:
                word = words[i - 1] if 0 < i <= len(words) else "constant"
            owner = node.name[:-len(".add")] if word == "bias" and node.op_type == "Add" else node.name
            new[value] = f"{owner}.{word}"
    for node in graph.node:
        for values in (node.input, node.output):
            for i, value in enumerate(values):
                values[i] = new.get(value, value)
    for tensor in graph.initializer:
        tensor.name = new[tensor.name]
    names = [tensor.name for tensor in graph.initializer]
    assert len(set(names)) == len(names), names


def count(model, batch=1):
    """Returns trainable parameters and multiply-accumulates of one sample, read from the exported graph."""
    inferred = onnx.shape_inference.infer_shapes(model)
    shapes = {}
    for value in [*inferred.graph.value_info, *inferred.graph.output, *inferred.graph.input]:
        shapes[value.name] = [axis.dim_value or batch for axis in value.type.tensor_type.shape.dim]
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    parameters = sum(size(tensor.dims) for tensor in weights.values() if counts_as_parameter(tensor.name))
    macs = 0
    for node in model.graph.node:
        if node.op_type not in WEIGHTED:
            continue
        outputs = size(shapes[node.output[0]])
        if node.op_type == "Conv":
            macs += outputs * size(weights[node.input[1]].dims[1:])
        else:
            macs += outputs * (shapes.get(node.input[0]) or list(weights[node.input[0]].dims))[-1]
    return parameters, macs


def counts_as_parameter(name):
    """Weights, biases, normalisation scales and shifts, tables and positions count; shapes and statistics do not."""
    return name.rsplit(".", 1)[-1] in ("weight", "bias", "scale", "shift", "table", "positions")


def size(dims):
    """The product of the dimensions."""
    product = 1
    for dim in dims:
        product *= dim
    return product
