"""A trained network as a graph of ONNX, with its weights in 8 bits, made of few large steps.

A step of onnxruntime multiplies states by a matrix of 8 bits and adds a bias, another does all of attention: half the time, and
a fifth of the memory, of the many small steps that torch exports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
Shape = tuple[str | int, ...]

# Of a matrix: whole numbers, shape (in, out); a factor a column; and what its rows were multiplied by, and states are, so that
# the product stays the same (`training/contextual/smoothing.py`).
LEVELS, FACTORS, SMOOTHING = ".levels", ".factors", ".smoothing"
_OWN = "com.microsoft"  # the operators that onnxruntime has beside those of ONNX
_OPSETS = {"": 20, _OWN: 1}
_IR = 10  # of files that onnxruntime 1.20 reads
# Half the range of 8 bits: on processors without VNNI the sum of two products would not fit, and be cut off.
_HIGHEST = 64


class Graph:
    """A network as it is being written, step by step, each by the name of what it gives."""

    def __init__(self, weights: Mapping[str, Floats], smoothing: Mapping[str, Floats], *, heads: int, epsilon: float) -> None:
        """Take the weights of a network by their names in torch, the heads of its attention, and what its norms add.

        Args: smoothing: by the names of linear layers, what the states before each are divided by, shapes (in,).
        """
        self._weights, self._smoothing, self._heads, self._epsilon = weights, smoothing, heads, epsilon
        self._inputs: list[onnx.ValueInfoProto] = []
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def encoder(self, prefix: str = "") -> str:
        """Write an encoder (a BERT), which is given the vectors of pieces. Args: prefix: of the names of its weights."""
        states = self._embed(f"{prefix}embeddings.")
        layer = 0
        while f"{prefix}encoder.layer.{layer}.output.dense.weight" in self._weights:
            states = self._layer(f"{prefix}encoder.layer.{layer}.", states)
            layer += 1
        return states

    def product(self, name: str, states: str) -> str:
        """Write a linear layer: its matrix in 8 bits with a factor a column, the states rounded to 8 bits as they come."""
        divisors = self._smoothing[name]
        smooth = self._step("Mul", [states, self._constant(name + SMOOTHING, 1 / divisors)], f"{name}.smooth")
        matrix = self._weights[f"{name}.weight"].T * divisors[:, None]
        factors = np.maximum(np.abs(matrix).max(0) / _HIGHEST, np.finfo(np.float32).tiny).astype(np.float32)
        levels = self._constant(name + LEVELS, np.rint(matrix / factors).astype(np.int8))
        no_zero = ""  # levels count from 0
        inputs = [smooth, levels, self._constant(name + FACTORS, factors), no_zero, self._weight(f"{name}.bias")]
        return self._step("DynamicQuantizeMatMul", inputs, name, of=_OWN)

    def reader(self) -> dict[str, str]:
        """Write a reader (`ReaderNetwork`), which is given `marks` and `means` of one pair besides; return what it gives."""
        marks = self._input("marks", TensorProto.INT64, (1, "sentences"))
        means = self._input("means", TensorProto.FLOAT, (1, "question and sentences", "pieces"))
        states = self.encoder("encoder.")
        pooled = self._step("MatMul", [means, states], "pooled")
        pooled = self._step("LpNormalization", [pooled], "directions", axis=-1, p=2)
        zero, one, last = self._numbers("zero", 0), self._numbers("one", 1), self._numbers("last", np.iinfo(np.int64).max)
        asked = self._step("Transpose", [self._step("Slice", [pooled, zero, one, one], "asked")], "across", perm=[0, 2, 1])
        said = self._step("Slice", [pooled, one, last, one], "said")
        cosines = self._step("Squeeze", [self._step("MatMul", [said, asked], "near"), self._numbers("two", 2)], "cosines")
        nearest = self._step("ReduceMax", [cosines, one], "nearest")
        marked = self._step("Gather", [self._step("Squeeze", [states, zero], "alone"), marks], "marked")
        first = self._step("Squeeze", [self._step("Slice", [states, zero, one, one], "first"), one], "begin")
        of_sentences = self._step("Squeeze", [self._head("of_sentence", marked), self._numbers("two", 2)], "sentences")
        return {
            "of_pair": self._nearer(self._head("of_pair", first), nearest, "pair", slice(1, None)),
            "of_sentences": self._nearer(of_sentences, cosines, "sentence", slice(0, 1)),
            "of_ends": self._head("of_ends", states),
        }

    def _head(self, name: str, states: str) -> str:
        """Write a head, in 32 bits: its matrix is small."""
        matrix = self._constant(f"{name}.matrix", self._weights[f"heads.{name}.weight"].T)
        return self._step(
            "Add", [self._step("MatMul", [states, matrix], f"{name}.raw"), self._weight(f"heads.{name}.bias")], name
        )

    def _nearer(self, said: str, cosines: str, name: str, numbers: slice) -> str:
        """Write log-odds with what cosines add to them. Args: numbers: which of the numbers of nearness these are."""
        scales, biases = (
            self._constant(f"{name}.{which}", self._weights[f"nearness.{which}"][numbers]) for which in ("scales", "biases")
        )
        near = self._step("Add", [self._step("Mul", [cosines, scales], f"{name}.scaled"), biases], f"{name}.near")
        return self._step("Add", [said, near], f"{name}.said")

    def model(self, outputs: Mapping[str, str], shapes: Sequence[Shape], *, width: int) -> onnx.ModelProto:
        """Return the file. Args: outputs: names of what it gives, and of the steps they are taken from; shapes: theirs."""
        self._nodes += [helper.make_node("Identity", [step], [name]) for name, step in outputs.items()]
        given = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ("texts", "pieces", width))
        found = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in zip(outputs, shapes, strict=True)
        ]
        graph = helper.make_graph(self._nodes, "network", [given, *self._inputs], found, list(self._constants.values()))
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)

    def _embed(self, prefix: str) -> str:
        """Write what the first layer is given: vectors of pieces, with those of their places, all in the first of two texts."""
        zero, one = self._numbers("zero", 0), self._numbers("one", 1)
        pieces = self._step("Shape", ["vectors"], "pieces", start=1, end=2)
        places = self._step("Slice", [self._weight(f"{prefix}position_embeddings.weight"), zero, pieces], "places")
        text = self._step("Slice", [self._weight(f"{prefix}token_type_embeddings.weight"), zero, one], "text")
        states = self._step("Add", ["vectors", self._step("Add", [places, text], "placed")], "summed")
        return self._step(
            "LayerNormalization", [states, *self._norm(f"{prefix}LayerNorm")], "embedded", axis=-1, epsilon=self._epsilon
        )

    def _layer(self, prefix: str, states: str) -> str:
        parts = [self.product(f"{prefix}attention.self.{part}", states) for part in ("query", "key", "value")]
        attended = self._step("MultiHeadAttention", parts, f"{prefix}attended", of=_OWN, num_heads=self._heads)
        states = self._added(f"{prefix}attention.output.", attended, states)
        inner = self._step("Gelu", [self.product(f"{prefix}intermediate.dense", states)], f"{prefix}inner")
        return self._added(f"{prefix}output.", inner, states)

    def _added(self, prefix: str, states: str, before: str) -> str:
        """Write a linear layer, to which what was before it is added, and a norm."""
        inputs = [self.product(f"{prefix}dense", states), before, *self._norm(f"{prefix}LayerNorm")]
        return self._step("SkipLayerNormalization", inputs, f"{prefix}states", of=_OWN, epsilon=self._epsilon)

    def _norm(self, name: str) -> tuple[str, str]:
        return self._weight(f"{name}.weight"), self._weight(f"{name}.bias")

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _numbers(self, name: str, *numbers: int) -> str:
        return self._constant(name, np.array(numbers, np.int64))

    def _input(self, name: str, kind: int, shape: Shape) -> str:
        """Let the network be given something beside the vectors of pieces. Args: kind: of its numbers."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def _constant(self, name: str, values: NDArray[np.generic]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def _step(self, operator: str, inputs: Sequence[str], name: str, *, of: str = "", **options: Any) -> str:
        output = f"{name}.given"
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=of, **options))
        return output


def matrices(graph: onnx.GraphProto) -> dict[str, Floats]:
    """Return the weights of a graph that was written here by their names in torch, matrices as 8 bits hold them, (out, in)."""
    held = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    others = (FACTORS, SMOOTHING)
    found = {name: values for name, values in held.items() if values.dtype == np.float32 and not name.endswith(others)}
    for name, levels in held.items():
        if name.endswith(LEVELS):
            own = name.removesuffix(LEVELS)
            found[f"{own}.weight"] = (levels * held[own + FACTORS] * held[own + SMOOTHING][:, None]).T
    return found
