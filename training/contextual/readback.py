"""Read the reader back out of the files that the program reads, so that its training can go on without a checkpoint."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from tokenizers import Tokenizer

from index.pieces import PieceVectors
from training.contextual.network import ReaderNetwork
from training.contextual.weights import build_network

_LAYER = re.compile(r"encoder\.encoder\.layer\.(\d+)\.")


def read_back(folder: Path, *, head_width: int = 32) -> tuple[Tokenizer, ReaderNetwork]:
    """Return tokenizer and reader of a folder that `training/contextual/export.py` wrote; the weights are as 8 bits hold them.

    Args: head_width: numbers of a head of attention, which no weight tells.
    """
    import onnx  # of requirements-train.txt

    from training.contextual.graph import matrices

    found = matrices(onnx.load(folder / "reader.onnx").graph)
    layers = 1 + max(int(match[1]) for match in map(_LAYER.match, found) if match)
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
    network.load_state_dict({name: torch.tensor(values) for name, values in found.items()})
    return tokenizer, network
