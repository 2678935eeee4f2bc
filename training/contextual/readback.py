"""Read the encoder back out of the files that the program reads, so that the reader can begin as it without a checkpoint."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertModel

from index.pieces import PieceVectors
from training.contextual.weights import build_network

_LAYER = re.compile(r"encoder\.layer\.(\d+)\.")


def read_back(folder: Path, *, head_width: int = 32) -> tuple[Tokenizer, BertModel]:
    """Return tokenizer and encoder of a folder that `training/contextual/export.py` wrote; the weights are as 8 bits hold them.

    Args: head_width: numbers of a head of attention, which no weight tells.
    """
    import onnx  # of requirements-train.txt

    from training.contextual.graph import matrices

    found = matrices(onnx.load(folder / "encoder.onnx").graph)
    layers = 1 + max(int(match[1]) for match in map(_LAYER.match, found) if match)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pieces = tokenizer.get_vocab_size()
    vectors = PieceVectors.from_bytes((folder / "pieces.safetensors").read_bytes())
    found["embeddings.word_embeddings.weight"] = vectors.of(range(pieces))
    positions, width = found["embeddings.position_embeddings.weight"].shape
    sizes = {
        "width": width,
        "heads": width // head_width,
        "feed_forward": len(found["encoder.layer.0.intermediate.dense.bias"]),
        "positions": positions,
        "types": len(found["embeddings.token_type_embeddings.weight"]),
    }
    network = build_network(sizes, pieces=pieces, layers=layers)
    network.load_state_dict({name: torch.tensor(values) for name, values in found.items()})
    return tokenizer, network
