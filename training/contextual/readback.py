"""Read the reader back out of the files that the program reads, so that its training can go on without a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.pieces import PieceVectors
from training.contextual.network import ReaderNetwork
from training.contextual.weights import build_network

# The matrices of a layer in the order in which the network needs them, then those of the heads.
_MATRICES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_HEADS = ("of_piece", "of_pair")
_PREFIX = "reader."  # of the names of what is not in 8 bits


def read_back(folder: Path, *, head_width: int = 32) -> tuple[Tokenizer, ReaderNetwork]:
    """Return tokenizer and reader of a folder that `training/contextual/export.py` wrote; the weights are as 8 bits hold them.

    Args: head_width: numbers of a head of attention, which no weight tells.
    """
    import onnx  # of requirements-train.txt
    from onnx.numpy_helper import to_array

    graph = onnx.load(folder / "reader.onnx").graph
    numbers = {one.name: to_array(one) for one in graph.initializer}
    found = {name.removeprefix(_PREFIX): value for name, value in numbers.items() if name.startswith(_PREFIX)}
    matrices = list(_matrices(graph.node, numbers))
    layers = (len(matrices) - len(_HEADS)) // len(_MATRICES)
    names = [f"encoder.encoder.layer.{layer}.{matrix}" for layer in range(layers) for matrix in _MATRICES]
    found |= {f"{name}.weight": matrix for name, matrix in zip((*names, *_HEADS), matrices, strict=True)}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pieces = tokenizer.get_vocab_size()
    vectors = PieceVectors.from_bytes((folder / "pieces.safetensors").read_bytes())
    found["encoder.embeddings.word_embeddings.weight"] = vectors.of(range(pieces))
    positions, width = found["encoder.embeddings.position_embeddings.weight"].shape
    sizes = {
        "width": width,
        "heads": width // head_width,
        "feed_forward": len(found["encoder.encoder.layer.0.intermediate.dense.bias"]),
        "positions": positions,
        "types": len(found["encoder.embeddings.token_type_embeddings.weight"]),
    }
    network = ReaderNetwork(build_network(sizes, pieces=pieces, layers=layers))
    # A bias of zeros, or a norm of ones, that the export has left out is what a new network has.
    state = network.state_dict()
    network.load_state_dict({name: torch.tensor(found[name].copy()) if name in found else state[name] for name in state})
    return tokenizer, network


def _matrices(nodes: Any, numbers: Mapping[str, NDArray[Any]]) -> Iterator[NDArray[np.float32]]:
    """Yield the weights of the products in 8 bits as torch keeps them, shape (out, in), by the steps of the network."""
    for node in nodes:
        if node.op_type == "MatMulInteger":
            levels, zero = (numbers[name].astype(np.float32) for name in (node.input[1], node.input[3]))
            factor = numbers[node.input[1].removesuffix("_quantized") + "_scale"]
            yield ((levels - zero) * factor).T
