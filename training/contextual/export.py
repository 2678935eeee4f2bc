"""Write trained networks as the files that the program reads: ONNX with 8-bit weights, vectors of pieces, tokenizer, hashes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from index.pieces import PieceVectors
from training.contextual.network import ReaderNetwork
from training.data import DataError

FILES = ("encoder.onnx", "reader.onnx", "pieces.safetensors", "tokenizer.json")


class _States(nn.Module):
    """The encoder, of which only the last states are wanted."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, vectors: Tensor) -> Tensor:
        states: Tensor = self.encoder(inputs_embeds=vectors).last_hidden_state
        return states


class _Readings(nn.Module):
    """The reader, given the vectors of pieces."""

    def __init__(self, reader: ReaderNetwork) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        of_pair, of_pieces = self.reader(vectors=vectors)
        return of_pair, of_pieces


def export(encoder: BertModel, reader: ReaderNetwork, tokenizer: Tokenizer, folder: Path) -> None:
    """Write both networks, the vectors of pieces that they share, the tokenizer and SHA256SUMS into a folder.

    Raises: DataError: the networks start from different vectors, or from such as four bits do not hold.
    """
    words = encoder.embeddings.word_embeddings.weight.detach().numpy()
    pieces = PieceVectors.quantize(words)
    for of in (words, reader.encoder.embeddings.word_embeddings.weight.detach().numpy()):
        if not np.array_equal(pieces.of(range(len(words))), of):
            raise DataError("the vectors of pieces were trained, or are of another vocabulary")
    folder.mkdir(parents=True, exist_ok=True)
    write_network(_States(encoder), encoder.config, ["states"], folder / FILES[0])
    (folder / FILES[2]).write_bytes(pieces.to_bytes())
    tokenizer.save(str(folder / FILES[3]), pretty=False)
    export_reader(reader, folder)


def export_reader(reader: ReaderNetwork, folder: Path) -> None:
    """Write the reader into a folder in which the other files lie, and SHA256SUMS anew."""
    write_network(_Readings(reader), reader.encoder.config, ["of_pair", "of_pieces"], folder / FILES[1])
    sums = [f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def write_network(network: nn.Module, sizes: BertConfig, outputs: list[str], path: Path) -> None:
    """Write a network that is given the vectors of pieces, in 8 bits.

    Steps that follow each other become one: half the time and a third of the memory.
    """
    # Both need onnx, of requirements-train.txt.
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    network.eval()
    for module in network.modules():
        if isinstance(module, BertModel):
            module.set_attn_implementation("sdpa")  # of which the steps below make one
    with tempfile.TemporaryDirectory() as scratch:
        whole, fused = Path(scratch) / "whole.onnx", Path(scratch) / "fused.onnx"
        torch.onnx.export(
            network,
            (torch.randn(2, 24, sizes.hidden_size),),
            whole,
            input_names=["vectors"],
            output_names=outputs,
            dynamic_shapes={"vectors": {0: torch.export.Dim("texts"), 1: torch.export.Dim("pieces", min=4, max=512)}},
            external_data=False,
            dynamo=True,
        )
        optimize_model(
            str(whole), "bert", num_heads=sizes.num_attention_heads, hidden_size=sizes.hidden_size, opt_level=0
        ).save_model_to_file(str(fused))
        # Half the range of 8 bits: on processors without VNNI the sum of two products would not fit, and be cut off.
        quantize_dynamic(
            fused,
            path,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
        )
    _forget_origin(path)


def _forget_origin(path: Path) -> None:
    """Take out of a file what the export notes in it of the code and the folders of this machine."""
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)
