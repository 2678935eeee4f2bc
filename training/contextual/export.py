"""Write trained networks as the files that the program reads: ONNX with 8-bit weights, vectors of pieces, tokenizer, hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from index.contextual import question_ids, windows_of
from index.pieces import PieceVectors
from index.reader import encode_pair
from training.contextual.examples import Example
from training.contextual.network import ReaderNetwork
from training.contextual.smoothing import find_smoothing
from training.data import DataError

if TYPE_CHECKING:
    from training.contextual.graph import Graph, Shape

FILES = ("encoder.onnx", "reader.onnx", "pieces.safetensors", "tokenizer.json")


def export(encoder: BertModel, reader: ReaderNetwork, tokenizer: Tokenizer, folder: Path, samples: Sequence[Example]) -> None:
    """Write both networks, the vectors of pieces that they share, the tokenizer and SHA256SUMS into a folder.

    Args: samples: such as the networks will read; how large the numbers of their states are is seen on these.
    Raises: DataError: the networks start from different vectors, or from such as four bits do not hold.
    """
    words = encoder.embeddings.word_embeddings.weight.detach()
    pieces = PieceVectors.quantize(words.numpy())
    for of in (words, reader.encoder.embeddings.word_embeddings.weight.detach()):
        if not np.array_equal(pieces.of(range(len(words))), of.numpy()):
            raise DataError("the vectors of pieces were trained, or are of another vocabulary")
    folder.mkdir(parents=True, exist_ok=True)
    _write_encoder(encoder, tokenizer, folder / FILES[0], samples)
    (folder / FILES[2]).write_bytes(pieces.to_bytes())
    tokenizer.save(str(folder / FILES[3]), pretty=False)
    export_reader(reader, tokenizer, folder, samples)


def export_reader(reader: ReaderNetwork, tokenizer: Tokenizer, folder: Path, samples: Sequence[Example]) -> None:
    """Write the reader into a folder in which the other files lie, and SHA256SUMS anew. Args: samples: as for `export`."""
    _write_reader(reader, tokenizer, folder / FILES[1], samples)
    sums = [f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def _write_encoder(encoder: BertModel, tokenizer: Tokenizer, path: Path, samples: Sequence[Example]) -> None:
    """Write the encoder, which gives the last states of pieces, shape (texts, pieces, d)."""
    texts = [
        ids
        for sample in samples
        for ids in (
            question_ids(tokenizer, sample.question),
            *(window.ids for window in windows_of(tokenizer, sample.passage)),
        )
    ]
    graph = _graph(encoder, encoder, texts, lambda vectors: encoder(inputs_embeds=vectors))
    width = encoder.config.hidden_size
    path.write_bytes(graph.model({"states": graph.encoder()}, [("texts", "pieces", width)], width=width).SerializeToString())


def _write_reader(reader: ReaderNetwork, tokenizer: Tokenizer, path: Path, samples: Sequence[Example]) -> None:
    """Write the reader, which gives what it says of a pair, of its sentences and of its pieces; see `ReaderNetwork`."""
    texts = [encode_pair(tokenizer, sample.question, sample.passage).ids for sample in samples]
    graph = _graph(reader, reader.encoder, texts, lambda vectors: reader.encoder(inputs_embeds=vectors))
    outputs = graph.reader()
    shapes: list[Shape] = [(1, 2), (1, "sentences"), (1, "pieces", 2)]
    path.write_bytes(graph.model(outputs, shapes, width=reader.encoder.config.hidden_size).SerializeToString())


def _graph(network: nn.Module, encoder: BertModel, texts: Sequence[Sequence[int]], read: Callable[[Tensor], object]) -> Graph:
    """Return the graph of a network with nothing in it yet. Args: encoder: its own; texts: in pieces; read: runs it."""
    from training.contextual.graph import Graph  # needs onnx, of requirements-train.txt

    network.eval()
    words = encoder.embeddings.word_embeddings.weight.detach()
    smoothing = find_smoothing(network, (words[list(ids)][None] for ids in texts), read)
    weights = {name: values.numpy() for name, values in network.state_dict().items() if values.is_floating_point()}
    sizes = encoder.config
    return Graph(weights, smoothing, heads=sizes.num_attention_heads, epsilon=sizes.layer_norm_eps)
